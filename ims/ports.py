"""What the portal needs from outside systems, by ability. Each has a built-in twin that needs no account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from ims.model import TicketState
from ims.model.message import (
    ChannelClosing,
    ChannelInvitation,
    ChannelStatus,
    CustomerMail,
    CustomerPost,
    DocumentRefresh,
    DocumentRequest,
    DocumentShare,
    Invitation,
    Nudge,
    Opening,
    Page,
    RoomRequest,
    SilenceEnd,
    SilenceRequest,
    StandDown,
    SubTaskRequest,
    TeamMail,
    TeamMessage,
    TicketComment,
    TicketMove,
    TicketRequest,
)
from ims.model.outline import Grid, Text


class DeliveryError(Exception):
    """The only error that an adapter raises.

    ``permanent`` ones stop and ask a person; the others are tried again, not before ``retry_after`` if it is given,
    for which everything of its ability then waits.
    """

    def __init__(self, reason: str, *, permanent: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after


PORTAL_ITSELF = "portal"  # as which system the built-in twins sign: the message is kept and shown, nobody carries it


@dataclass(frozen=True)
class Receipt:
    """What the other side answered: which system, the proof in words, its own reference (a ticket's key), a link.

    ``references`` are what later messages of the incident need: the channel and thread that were opened, the room.
    ``refused`` are those of its readers who did not get it, each with why; ``later`` those of them who may get it yet.
    """

    system: str
    proof: str
    reference: str = ""
    url: str = ""
    references: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    later: Sequence[str] = ()

    @property
    def is_only_kept(self) -> bool:
        """Whether no system carries the message, so that a person must."""
        return self.system == PORTAL_ITSELF

    @property
    def problem(self) -> str:
        """Who did not get it and why, in words; empty where everybody did."""
        fate = dict.fromkeys(self.later, "is to get it later")
        return "; ".join(f"{each} {fate.get(each, 'did not get it')} ({why})" for each, why in self.refused.items())


class Pager(Protocol):
    """Wakes people."""

    def page(self, page: Page, key: str) -> Receipt:
        """Page a person. The same ``key`` must not page twice where the system lets us prevent it."""

    def stand_down(self, message: StandDown, key: str) -> Receipt:
        """Say that nobody needs to be woken for the incident any more; where that is known already, say so."""


class Answer(StrEnum):
    """What somebody did about a page, in the pager."""

    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class PageAnswer:
    """Somebody answered a page in the pager, not in the portal. ``person_email`` is empty where it is not known.

    ``incident`` is what the page called it.
    """

    incident: str
    answer: Answer
    at: datetime
    person_email: str = ""
    url: str = ""


class Switchboard(Protocol):
    """Tells who answered a page in the pager itself."""

    def answers(self, incidents: Sequence[str]) -> Sequence[PageAnswer]:
        """Return what people did about the pages of some incidents, named as the pages call them, oldest first."""


class Messenger(Protocol):
    """Posts to channels; the methods keep what the team reads away from what customers read."""

    def nudge(self, nudge: Nudge, key: str) -> Receipt:
        """Remind one person, in a direct message."""

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        """Post to the response team."""

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        """Post to a customer's own channel."""


class ChannelHost(Protocol):
    """Keeps the response team's channel of an incident."""

    def open_channel(self, opening: Opening, key: str) -> Receipt:
        """Open it, or find the one that is there; ``references`` hold its ``channel`` and ``thread``."""

    def show_status(self, status: ChannelStatus, key: str) -> Receipt:
        """Rewrite the message at its head."""

    def bring_in(self, invitation: ChannelInvitation, key: str) -> Receipt:
        """Bring a responder in; somebody who is there already stays there."""

    def close_channel(self, closing: ChannelClosing, key: str) -> Receipt:
        """Archive it; a shared channel stays open."""


class Mailer(Protocol):
    """Sends e-mail."""

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        """Send a customer update."""

    def mail_team(self, mail: TeamMail, key: str) -> Receipt:
        """Send a word to one of the team's own people."""


class MeetingHost(Protocol):
    """Invites people to a meeting."""

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        """Send, change or call off an invitation; ``references`` hold the ``meeting`` link where it gave one."""


class RoomHost(Protocol):
    """Opens rooms to talk in."""

    def open_room(self, request: RoomRequest, key: str) -> Receipt:
        """Open the war room; ``references`` hold its ``room`` link."""


class Silencer(Protocol):
    """Keeps alerts quiet for a while."""

    def silence(self, request: SilenceRequest, key: str) -> Receipt:
        """Silence them; ``Receipt.reference`` is the silence's id."""

    def end_silence(self, end: SilenceEnd, key: str) -> Receipt:
        """Let them speak again; a silence that is over already stays so."""


@dataclass(frozen=True)
class TicketStatus:
    """How a ticket stands in the ticket system, and in its words: ``status`` as people there call it."""

    key: str
    state: TicketState
    status: str
    assignee: str = ""
    assignee_email: str = ""


class TicketSystem(Protocol):
    """Keeps tickets."""

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        """Open the ``Incident`` ticket; ``Receipt.reference`` is its key."""

    def open_sub_task(self, request: SubTaskRequest, key: str) -> Receipt:
        """Open a sub-task of the ticket ``request.parent_key``; ``Receipt.reference`` is its key."""

    def comment(self, comment: TicketComment, key: str) -> Receipt:
        """Say something on the ``Incident`` ticket."""

    def move(self, move: TicketMove, key: str) -> Receipt:
        """Move the ``Incident`` ticket to where the incident is."""

    def states(self, keys: Sequence[str]) -> Sequence[TicketStatus]:
        """Return how some tickets stand; those that are not there any more are left out."""


@dataclass(frozen=True)
class DocumentCopy:
    """A document as it was read: its blocks in order, and which ``revision`` that was."""

    outline: Sequence[Text | Grid]
    revision: str
    title: str = ""


class DocumentHost(Protocol):
    """Keeps root-cause documents in which people write together."""

    def create(self, request: DocumentRequest, key: str) -> Receipt:
        """Make it, or find the one that is there; ``references`` hold its id as ``document``."""

    def share(self, share: DocumentShare, key: str) -> Receipt:
        """Let people write in it; whoever may already stays."""

    def refresh(self, refresh: DocumentRefresh, key: str) -> Receipt:
        """Write the portal's blocks anew; ``Receipt.reference`` is the revision after it, empty for no change."""

    def read(self, document: str) -> DocumentCopy:
        """Return what stands in it now.

        Raises:
            DeliveryError: it cannot be read.
        """

    def download(self, document: str) -> bytes:
        """Return it as ``.docx``.

        Raises:
            DeliveryError: it cannot be had.
        """


@dataclass(frozen=True)
class OnCallShift:
    """Somebody is on call from ``starts_at`` (included) to ``ends_at`` (not)."""

    person_email: str
    starts_at: datetime
    ends_at: datetime


class OnCallSchedule(Protocol):
    """Knows who is on call."""

    def shifts(self, starts_at: datetime, ends_at: datetime) -> Sequence[OnCallShift]:
        """Return the shifts that touch a span of time, by their start."""


@dataclass(frozen=True)
class Command:
    """What somebody typed to the portal in a chat: the words after ``/incident``, who, and in which channel.

    ``id`` is the same where the chat delivers a command again; empty where it does not say.
    """

    text: str
    person_email: str
    person_name: str
    channel: str = ""
    id: str = ""


@dataclass(frozen=True)
class Ports:
    """The adapters in use, one for each ability; ``None`` where nothing can stand in for an outside system.

    ``configured`` names the abilities that a real system serves, or should: ``unusable`` are the titles of those whose
    settings do not suffice, each with what is wrong.
    """

    pager: Pager
    messenger: Messenger
    channels: ChannelHost
    mailer: Mailer
    meetings: MeetingHost
    rooms: RoomHost
    silences: Silencer
    tickets: TicketSystem
    documents: DocumentHost
    schedule: OnCallSchedule | None = None
    switchboard: Switchboard | None = None
    configured: frozenset[str] = frozenset()
    unusable: Mapping[str, str] = field(default_factory=dict)
