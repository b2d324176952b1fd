"""Where a follow-up and its sub-task in the ticket system say different things. Neither overwrites the other.

A person may take over what the ticket system says.
"""

from ims.errors import Refusal
from ims.model import FollowUp, FollowUpDraft, FollowUpState, Person, Ticket, TicketState
from ims.postmortem.following_up import follow_ups
from ims.store import catalogue
from ims.store.work import Work

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
    by_name = owner is None and follow_up.owner_name.casefold() == ticket.outside_assignee.casefold()
    if ticket.outside_assignee and not by_name and not _same_person(ticket, owner):
        here = f"{owner.name if owner else follow_up.owner_name or 'nobody'} here"
        found.append(f"{ticket.key} belongs to {ticket.outside_assignee} there, and to {here}.")
    return found


def take_theirs(work: Work, follow_up_id: int, *, expected_version: int) -> FollowUp:
    """Give a follow-up the state and the owner that its ticket has in the ticket system, as that was last read.

    An owner whom the portal does not know is kept by name. Where the ticket names nobody, the owner stays.

    Raises:
        Conflict: somebody changed the follow-up since it was shown.
        Refusal: the ticket was never read.
    """
    follow_up = work.get(FollowUp, follow_up_id)
    ticket = work.get(Ticket, follow_up.ticket_id) if follow_up.ticket_id else None
    if ticket is None or ticket.outside_state is None:
        raise Refusal(f"Nobody knows how the ticket of {follow_up.row_id} stands; wait until it was read.")
    reason = f"as in {ticket.key}"
    draft = FollowUpDraft.model_validate(follow_up, from_attributes=True)
    owner = _owner_there(work, ticket) if ticket.outside_assignee else {}
    follow_up = follow_ups.change(
        work, follow_up_id, draft.model_copy(update=owner), expected_version=expected_version, reason=reason
    )
    state = FollowUpState(ticket.outside_state.value)
    return follow_up if follow_up.state is state else follow_ups.move_to(work, follow_up_id, state, reason)


def _owner_there(work: Work, ticket: Ticket) -> dict[str, int | str | None]:
    people = catalogue.people(work.session)
    found = next((person for person in people if _same_person(ticket, person)), None)
    return (
        {"owner_id": found.id, "owner_name": ""} if found else {"owner_id": None, "owner_name": ticket.outside_assignee}
    )


def _same_person(ticket: Ticket, owner: Person | None) -> bool:
    """Ticket systems may hide e-mail addresses; then the name has to do."""
    if owner is None:
        return False
    if ticket.outside_assignee_email:
        return ticket.outside_assignee_email.casefold() == owner.email.casefold()
    return ticket.outside_assignee.casefold() == owner.name.casefold()
