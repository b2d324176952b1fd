"""Questions about tickets that an outside ticket system keeps."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from ims.model import Ticket, TicketState
from ims.ports import TicketStatus

MOST_READ = 500
_OVER = (TicketState.DONE, TicketState.DROPPED)


def keys_outside(session: Session, system: str) -> list[str]:
    """Return the keys of the tickets in a system that are not over there, newest first, at most 500."""
    still_going = or_(col(Ticket.outside_state).is_(None), col(Ticket.outside_state).not_in(_OVER))
    statement = select(Ticket.key).where(Ticket.system == system, Ticket.key != "", still_going)
    return list(session.exec(statement.order_by(col(Ticket.id).desc()).limit(MOST_READ)))


def keep_outside(session: Session, system: str, found: Sequence[TicketStatus], now: datetime) -> None:
    """Keep how tickets stand outside; what the portal itself says of them stays as it is."""
    by_key = {status.key: status for status in found}
    for ticket in session.exec(select(Ticket).where(Ticket.system == system, col(Ticket.key).in_(by_key))):
        status = by_key[ticket.key]
        ticket.outside_state, ticket.outside_status = status.state, status.status
        ticket.outside_assignee, ticket.outside_assignee_email = status.assignee, status.assignee_email
        ticket.outside_read_at = now
