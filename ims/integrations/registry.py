"""Which adapter serves which ability. A new system costs its folder and a line here."""

from dataclasses import replace
from typing import Any

from ims.clock import Clock, utc_now
from ims.config import try_read
from ims.integrations import smtp
from ims.integrations.builtin.rehearsed import Rehearsed
from ims.integrations.builtin.twins import (
    KeptCalendar,
    KeptMailer,
    KeptMessenger,
    KeptPager,
    OwnTickets,
)
from ims.integrations.frame import Adapter, System
from ims.ports import Ports

SYSTEMS: tuple[System, ...] = (smtp.SYSTEM,)


def ports(clock: Clock = utc_now) -> Ports:
    """Return the adapters in use; what is not configured is served by the portal itself.

    Raises:
        SettingProblem: a system is configured by half; the sentence names the setting.
    """
    chosen = twins()
    for system in SYSTEMS:
        adapter = configured(system, clock)
        if adapter is not None:
            serving: dict[str, Any] = dict.fromkeys(system.abilities, adapter)
            chosen = replace(chosen, **serving)
    return chosen


def configured(system: System, clock: Clock = utc_now) -> Adapter | None:
    """Return the adapter of a system, or ``None`` where it is not configured.

    Raises:
        SettingProblem: it is configured by half.
    """
    settings, problems = try_read(system.settings)
    if settings is None:
        raise problems[0]
    return system.build(settings, clock) if settings.is_configured else None


def twins() -> Ports:
    """Return the portal's own twin of every system."""
    return Ports(
        pager=KeptPager(),
        messenger=KeptMessenger(),
        mailer=KeptMailer(),
        meetings=KeptCalendar(),
        tickets=OwnTickets(),
    )


def rehearsal() -> Ports:
    """Return what carries the messages of drills: nothing leaves the house, whatever is configured."""
    rehearsed = Rehearsed()
    return Ports(rehearsed, rehearsed, rehearsed, rehearsed, rehearsed)
