"""The adapter of drills: it takes every message, says so, and lets nothing out."""

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
from ims.ports import DocumentCopy, Receipt, TicketStatus

PROOF = "Rehearsed: nothing left the portal."


class Rehearsed:
    """Every outside system at once, as a drill sees it."""

    def page(self, page: Page, key: str) -> Receipt:
        return _rehearsed()

    def stand_down(self, message: StandDown, key: str) -> Receipt:
        return _rehearsed()

    def nudge(self, nudge: Nudge, key: str) -> Receipt:
        return _rehearsed()

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        return _rehearsed()

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        return _rehearsed()

    def open_channel(self, opening: Opening, key: str) -> Receipt:
        return _rehearsed()

    def show_status(self, status: ChannelStatus, key: str) -> Receipt:
        return _rehearsed()

    def bring_in(self, invitation: ChannelInvitation, key: str) -> Receipt:
        return _rehearsed()

    def close_channel(self, closing: ChannelClosing, key: str) -> Receipt:
        return _rehearsed()

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        return _rehearsed()

    def mail_team(self, mail: TeamMail, key: str) -> Receipt:
        return _rehearsed()

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        return _rehearsed()

    def open_room(self, request: RoomRequest, key: str) -> Receipt:
        return _rehearsed()

    def silence(self, request: SilenceRequest, key: str) -> Receipt:
        return _rehearsed(f"DRILL-{request.silence_id}")

    def end_silence(self, end: SilenceEnd, key: str) -> Receipt:
        return _rehearsed()

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        return _rehearsed(f"DRILL-{request.ticket_id}")

    def open_sub_task(self, request: SubTaskRequest, key: str) -> Receipt:
        return _rehearsed(f"DRILL-{request.ticket_id}")

    def comment(self, comment: TicketComment, key: str) -> Receipt:
        return _rehearsed()

    def move(self, move: TicketMove, key: str) -> Receipt:
        return _rehearsed()

    def states(self, keys: Sequence[str]) -> Sequence[TicketStatus]:
        return []

    def create(self, request: DocumentRequest, key: str) -> Receipt:
        return _rehearsed()

    def share(self, share: DocumentShare, key: str) -> Receipt:
        return _rehearsed()

    def refresh(self, refresh: DocumentRefresh, key: str) -> Receipt:
        return _rehearsed()

    def read(self, document: str) -> DocumentCopy:
        return DocumentCopy([], "")

    def download(self, document: str) -> bytes:
        return b""


def _rehearsed(reference: str = "") -> Receipt:
    return Receipt("rehearsal", PROOF, reference=reference)
