"""Adapters that need no account.

The delivery row already holds every word of a message, so keeping it takes nothing more than saying so.
"""

from collections.abc import Sequence

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
from ims.ports import PORTAL_ITSELF, DeliveryError, DocumentCopy, Receipt, TicketStatus


class KeptPager:
    """Shows the page to whoever looks at the portal."""

    def page(self, page: Page, key: str) -> Receipt:
        return Receipt(
            PORTAL_ITSELF,
            f"Kept in the portal: no pager is configured, so tell {page.person_name} yourself.",
        )

    def stand_down(self, message: StandDown, key: str) -> Receipt:
        return Receipt(PORTAL_ITSELF, "Kept in the portal: no pager is configured.")


class KeptMessenger:
    """Keeps posts for the team and for customers, to be copied by hand."""

    def nudge(self, nudge: Nudge, key: str) -> Receipt:
        return Receipt(
            PORTAL_ITSELF, f"Kept in the portal: no Slack is configured, so tell {nudge.person_name} yourself."
        )

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        return _no_slack()

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        return Receipt(
            PORTAL_ITSELF,
            f"Kept in the portal: no Slack is configured. Copy it to {post.channel} for {post.customer}.",
        )


class KeptChannels:
    """Keeps what a channel of the incident would show; the timeline holds it all."""

    def open_channel(self, opening: Opening, key: str) -> Receipt:
        return _no_slack()

    def show_status(self, status: ChannelStatus, key: str) -> Receipt:
        return _no_slack()

    def bring_in(self, invitation: ChannelInvitation, key: str) -> Receipt:
        return _no_slack()

    def close_channel(self, closing: ChannelClosing, key: str) -> Receipt:
        return _no_slack()


class KeptMailer:
    """Keeps e-mails, to be sent by hand."""

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        return Receipt(
            PORTAL_ITSELF,
            f"Kept in the portal: no e-mail is configured. Send it to {mail.recipient}.",
        )

    def mail_team(self, mail: TeamMail, key: str) -> Receipt:
        return Receipt(PORTAL_ITSELF, f"Kept in the portal: no e-mail is configured, so tell {mail.to} yourself.")


class KeptCalendar:
    """Keeps invitations; the meeting's .ics file is downloaded from its page."""

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        return Receipt(
            PORTAL_ITSELF,
            "Kept in the portal: download the .ics file and send it to the attendees.",
        )


class KeptRooms:
    """Asks for a room that people open themselves; its link is typed on the incident's page."""

    def open_room(self, request: RoomRequest, key: str) -> Receipt:
        return Receipt(
            PORTAL_ITSELF, "Kept in the portal: open a room yourself and put its link on the incident's page."
        )


class KeptSilences:
    """Keeps what should be silenced, to be done by hand."""

    def silence(self, request: SilenceRequest, key: str) -> Receipt:
        return Receipt(PORTAL_ITSELF, f"Kept in the portal: silence {request.recipient} in your Alertmanager yourself.")

    def end_silence(self, end: SilenceEnd, key: str) -> Receipt:
        return Receipt(PORTAL_ITSELF, "Kept in the portal: end the silence in your Alertmanager yourself.")


class OwnTickets:
    """The portal's own tickets, ``T-1`` and on."""

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        return _own(request.ticket_id)

    def open_sub_task(self, request: SubTaskRequest, key: str) -> Receipt:
        return _own(request.ticket_id)

    def comment(self, comment: TicketComment, key: str) -> Receipt:
        return _own_ticket_says_it()

    def move(self, move: TicketMove, key: str) -> Receipt:
        return _own_ticket_says_it()

    def states(self, keys: Sequence[str]) -> Sequence[TicketStatus]:
        return []


class KeptDocuments:
    """Has no home for documents: the root-cause page writes the file anew for each download."""

    def create(self, request: DocumentRequest, key: str) -> Receipt:
        return Receipt(PORTAL_ITSELF, "Kept in the portal: download the document on its page and pass it on.")

    def share(self, share: DocumentShare, key: str) -> Receipt:
        return Receipt(PORTAL_ITSELF, f"Kept in the portal: send the document to {share.recipient} yourself.")

    def refresh(self, refresh: DocumentRefresh, key: str) -> Receipt:
        return Receipt(PORTAL_ITSELF, "Kept in the portal: each download is written anew.")

    def read(self, document: str) -> DocumentCopy:
        raise _elsewhere()

    def download(self, document: str) -> bytes:
        raise _elsewhere()


def _elsewhere() -> DeliveryError:
    return DeliveryError(
        "The document lives in a system that is not configured here any more; download it there and upload it here.",
        permanent=True,
    )


def _no_slack() -> Receipt:
    return Receipt(PORTAL_ITSELF, "Kept in the portal: no Slack is configured.")


def _own_ticket_says_it() -> Receipt:
    return Receipt(PORTAL_ITSELF, "The portal's own ticket: its incident's timeline says it.")


def _own(ticket_id: int) -> Receipt:
    return Receipt(PORTAL_ITSELF, f"The portal's own ticket T-{ticket_id}", reference=f"T-{ticket_id}")
