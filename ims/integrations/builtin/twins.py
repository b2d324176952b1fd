"""Adapters that need no account.

The delivery row already holds every word of a message, so keeping it takes nothing more than saying so.
"""

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

PORTAL = "portal"


class KeptPager:
    """Shows the page to whoever looks at the portal."""

    def page(self, page: Page, key: str) -> Receipt:
        return Receipt(
            PORTAL,
            f"Kept in the portal: no pager is configured, so tell {page.person_name} yourself.",
        )


class KeptMessenger:
    """Keeps posts for the team and for customers, to be copied by hand."""

    def nudge(self, nudge: Nudge, key: str) -> Receipt:
        return Receipt(PORTAL, f"Kept in the portal: no Slack is configured, so tell {nudge.person_name} yourself.")

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        return Receipt(PORTAL, "Kept in the portal: no Slack is configured.")

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        return Receipt(
            PORTAL,
            f"Kept in the portal: no Slack is configured. Copy it to {post.channel}.",
        )


class KeptMailer:
    """Keeps e-mails, to be sent by hand."""

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        return Receipt(
            PORTAL,
            f"Kept in the portal: no e-mail is configured. Send it to {mail.recipient}.",
        )


class KeptCalendar:
    """Keeps invitations; the meeting's .ics file is downloaded from its page."""

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        return Receipt(
            PORTAL,
            "Kept in the portal: download the .ics file and send it to the attendees.",
        )


class OwnTickets:
    """The portal's own tickets, ``T-1`` and on."""

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        return _own(request.ticket_id)

    def open_sub_task(self, request: SubTaskRequest, key: str) -> Receipt:
        return _own(request.ticket_id)


def _own(ticket_id: int) -> Receipt:
    return Receipt(PORTAL, f"The portal's own ticket T-{ticket_id}", reference=f"T-{ticket_id}")
