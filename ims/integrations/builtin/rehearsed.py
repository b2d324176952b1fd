"""The adapter of drills: it takes every message, says so, and lets nothing out."""

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
from ims.ports import Receipt

PROOF = "Rehearsed: nothing left the portal."


class Rehearsed:
    """Every outside system at once, as a drill sees it."""

    def page(self, page: Page, key: str) -> Receipt:
        return _rehearsed()

    def nudge(self, nudge: Nudge, key: str) -> Receipt:
        return _rehearsed()

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        return _rehearsed()

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        return _rehearsed()

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        return _rehearsed()

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        return _rehearsed()

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        return _rehearsed(f"DRILL-{request.ticket_id}")

    def open_sub_task(self, request: SubTaskRequest, key: str) -> Receipt:
        return _rehearsed(f"DRILL-{request.ticket_id}")


def _rehearsed(reference: str = "") -> Receipt:
    return Receipt("rehearsal", PROOF, reference=reference)
