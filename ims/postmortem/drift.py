"""Where a follow-up and its sub-task in the ticket system say different things. Neither overwrites the other."""

from ims.model import FollowUp, Person, Ticket, TicketState

_SAID = {
    TicketState.OPEN: "open",
    TicketState.IN_PROGRESS: "in progress",
    TicketState.DONE: "done",
    TicketState.DROPPED: "dropped",
}


def outside(ticket: Ticket | None) -> str:
    """Say how a ticket stands in the ticket system; empty where that was never read."""
    if ticket is None or ticket.outside_state is None:
        return ""
    who = f", {ticket.outside_assignee}" if ticket.outside_assignee else ""
    return f"{ticket.outside_status or _SAID[ticket.outside_state]}{who}"


def drift(follow_up: FollowUp, ticket: Ticket | None, owner: Person | None) -> list[str]:
    """Return in sentences where the two differ; nothing, where they agree or the ticket was never read."""
    if ticket is None or ticket.outside_state is None:
        return []
    found = []
    if ticket.outside_state.value != follow_up.state.value:
        here = _SAID[TicketState(follow_up.state.value)]
        found.append(f"{ticket.key} is {_SAID[ticket.outside_state]} there, and {here} here.")
    if ticket.outside_assignee and not _same_person(ticket, owner):
        here = f"{owner.name} here" if owner else "nobody here"
        found.append(f"{ticket.key} belongs to {ticket.outside_assignee} there, and to {here}.")
    return found


def _same_person(ticket: Ticket, owner: Person | None) -> bool:
    """Ticket systems may hide e-mail addresses; then the name has to do."""
    if owner is None:
        return False
    if ticket.outside_assignee_email:
        return ticket.outside_assignee_email.casefold() == owner.email.casefold()
    return ticket.outside_assignee.casefold() == owner.name.casefold()
