"""Which adapter serves which ability. A new system costs its folder and a line here."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ims.clock import Clock, utc_now
from ims.config import try_read
from ims.integrations import alertmanager, google, jira, oncall, slack, smtp
from ims.integrations.builtin.rehearsed import Rehearsed
from ims.integrations.builtin.twins import (
    KeptCalendar,
    KeptChannels,
    KeptDocuments,
    KeptMailer,
    KeptMessenger,
    KeptPager,
    KeptRooms,
    KeptSilences,
    OwnTickets,
)
from ims.integrations.builtin.unusable import Unusable
from ims.integrations.frame import Adapter, Handler, Listener, Receiver, System, SystemSettings
from ims.ports import Ports

# Where two systems have an ability, the later line serves it.
SYSTEMS: tuple[System, ...] = (
    smtp.SYSTEM,
    alertmanager.SYSTEM,
    jira.SYSTEM,
    oncall.SYSTEM,
    slack.SYSTEM,
    google.SYSTEM,
)


def ports(clock: Clock = utc_now) -> Ports:
    """Return the adapters in use; what is not configured is served by the portal itself.

    What a system should serve that is configured by half stops and asks a person, unless another system serves it.
    """
    broken = unusable()
    chosen = replace(twins(), unusable={system.title: problem for system, problem in broken.items()})
    for system, problem in broken.items():
        chosen = _served_by(chosen, system, Unusable(system.title, problem))
    for system in SYSTEMS:
        adapter = None if system in broken else configured(system, clock)
        if adapter is not None:
            chosen = _served_by(chosen, system, adapter)
    return chosen


def unusable() -> Mapping[System, str]:
    """Return the systems that are configured by half, each with the sentence that names the setting."""
    return {system: str(problems[0]) for system in SYSTEMS if (problems := try_read(system.settings)[1])}


def configured(system: System, clock: Clock = utc_now) -> Adapter | None:
    """Return the adapter of a system, or ``None`` where it is not configured.

    Raises:
        SettingProblem: it is configured by half.
    """
    settings = _settings(system)
    return system.build(settings, clock) if settings else None


def in_use(ability: str) -> System | None:
    """Return the configured system that serves an ability, or ``None`` where the portal itself does."""
    serving = [system for system in SYSTEMS if ability in system.abilities and _usable(system)]
    return serving[-1] if serving else None


def serving() -> Mapping[str, System]:
    """Return the configured system that serves each ability; those that the portal itself serves are left out."""
    abilities = {ability for system in SYSTEMS for ability in system.abilities}
    return {ability: system for ability in abilities if (system := in_use(ability))}


def receiver(name: str) -> Receiver | None:
    """Return what hears the webhooks of a system, or ``None`` where there is no such system or it is not configured."""
    for system in SYSTEMS:
        settings = _usable(system) if system.name == name else None
        if settings and system.hears:
            return system.hears(settings)
    return None


def listeners(handler: Handler) -> Iterator[tuple[System, Listener]]:
    """Return each configured system through which people can command the portal, and what listens there."""
    for system in SYSTEMS:
        settings = _usable(system)
        listener = system.listens(settings, handler) if settings and system.listens else None
        if listener:
            yield system, listener


def twins() -> Ports:
    """Return the portal's own twin of every system."""
    return Ports(
        pager=KeptPager(),
        messenger=KeptMessenger(),
        channels=KeptChannels(),
        mailer=KeptMailer(),
        meetings=KeptCalendar(),
        rooms=KeptRooms(),
        silences=KeptSilences(),
        tickets=OwnTickets(),
        documents=KeptDocuments(),
    )


def rehearsal() -> Ports:
    """Return what carries the messages of drills: nothing leaves the house, whatever is configured."""
    rehearsed = Rehearsed()
    return Ports(rehearsed, rehearsed, rehearsed, rehearsed, rehearsed, rehearsed, rehearsed, rehearsed, rehearsed)


def _served_by(chosen: Ports, system: System, adapter: object) -> Ports:
    serving: dict[str, Any] = dict.fromkeys(system.abilities, adapter)
    return replace(chosen, **serving, configured=chosen.configured.union(system.abilities))


def _usable(system: System) -> SystemSettings | None:
    """Return the settings of a system that can be used, or ``None`` where it is not configured, or by half."""
    settings, _ = try_read(system.settings)
    return settings if settings and settings.is_configured else None


def _settings(system: System) -> SystemSettings | None:
    settings, problems = try_read(system.settings)
    if settings is None:
        raise problems[0]
    return settings if settings.is_configured else None
