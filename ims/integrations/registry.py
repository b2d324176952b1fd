"""Which adapter serves which ability. A new system costs its folder and a line here."""

from ims.integrations.builtin.rehearsed import Rehearsed
from ims.integrations.builtin.twins import (
    KeptCalendar,
    KeptMailer,
    KeptMessenger,
    KeptPager,
    OwnTickets,
)
from ims.ports import Ports


def ports() -> Ports:
    """Return the adapters in use; what is not configured is served by the portal itself."""
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
