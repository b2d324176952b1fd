"""What the portal needs from outside systems, by ability. Each has a built-in twin that needs no account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ims.model.message import (
    CustomerMail,
    CustomerPost,
    Invitation,
    Nudge,
    Page,
    SubTaskRequest,
    TeamMessage,
    TicketRequest,
)


class DeliveryError(Exception):
    """The only error that an adapter raises.

    ``permanent`` ones stop and ask a person; the others are tried again, not before ``retry_after`` if it is given.
    """

    def __init__(self, reason: str, *, permanent: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True)
class Receipt:
    """What the other side answered: which system, the proof in words, its own reference (a ticket's key), a link."""

    system: str
    proof: str
    reference: str = ""
    url: str = ""


class Pager(Protocol):
    """Wakes people."""

    def page(self, page: Page, key: str) -> Receipt:
        """Page a person. The same ``key`` must not page twice where the system lets us prevent it."""


class Messenger(Protocol):
    """Posts to channels; the two methods keep what the team reads away from what customers read."""

    def nudge(self, nudge: Nudge, key: str) -> Receipt:
        """Remind one person, in a direct message."""

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        """Post to the response team."""

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        """Post to a customer's own channel."""


class Mailer(Protocol):
    """Sends e-mail."""

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        """Send a customer update."""


class MeetingHost(Protocol):
    """Invites people to a meeting."""

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        """Send, change or call off an invitation."""


class TicketSystem(Protocol):
    """Keeps tickets."""

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        """Open the ``Incident`` ticket; ``Receipt.reference`` is its key."""

    def open_sub_task(self, request: SubTaskRequest, key: str) -> Receipt:
        """Open a sub-task of the ticket ``request.parent_key``; ``Receipt.reference`` is its key."""


class OnCallSchedule(Protocol):
    """Knows who is on call."""

    def on_call(self, at: datetime) -> Sequence[str]:
        """Return the e-mail addresses of whom to page at a moment, in order."""


@dataclass(frozen=True)
class Ports:
    """The adapters in use, one for each ability."""

    pager: Pager
    messenger: Messenger
    mailer: Mailer
    meetings: MeetingHost
    tickets: TicketSystem
