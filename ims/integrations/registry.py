"""Which adapter serves which ability. A new system costs its folder and a line here."""

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
    return rehearsal()


def rehearsal() -> Ports:
    """Return the portal's own twins: nothing leaves the house."""
    return Ports(
        pager=KeptPager(),
        messenger=KeptMessenger(),
        mailer=KeptMailer(),
        meetings=KeptCalendar(),
        tickets=OwnTickets(),
    )
