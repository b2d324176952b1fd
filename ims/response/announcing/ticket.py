"""The ``Incident`` ticket: told the milestones, and moved as the incident moves."""

from collections.abc import Iterable

from ims.model import DeliveryState, Incident, Ticket, TimelineEntry
from ims.model.message import TicketComment, TicketMove, TicketRequest
from ims.ports import PORTAL_ITSELF
from ims.response.announcing.asking import ask, said
from ims.response.announcing.kinds import MILESTONES, STATE_CHANGES
from ims.store import deliveries, incidents
from ims.store.work import Work


def tell(work: Work, incident: Incident, entries: Iterable[TimelineEntry]) -> None:
    """Ask for what the ticket must hear of new entries."""
    ticket = _to_tell(work, incident)
    if ticket is None:
        return
    for entry in entries:
        if entry.kind in MILESTONES:
            _comment(work, incident, ticket, entry, said(entry))
        if entry.kind in STATE_CHANGES:
            move = TicketMove(incident_key=incident.key, state=STATE_CHANGES[entry.kind].value)
            ask(work, incident, move, str(entry.id), f"ticket:{ticket.id}")


def tell_correction(work: Work, incident: Incident, entry: TimelineEntry, text: str) -> None:
    """Say on the ticket that an entry was written anew, if it heard of the entry."""
    ticket = _to_tell(work, incident)
    if ticket and entry.kind in MILESTONES:
        _comment(work, incident, ticket, entry, text)


def _comment(work: Work, incident: Incident, ticket: Ticket, entry: TimelineEntry, text: str) -> None:
    ask(work, incident, TicketComment(incident_key=incident.key, text=text), str(entry.id), f"ticket:{ticket.id}")


def _to_tell(work: Work, incident: Incident) -> Ticket | None:
    """Return the ticket, unless it was opened before another system was connected, or was given up."""
    ticket = incidents.main_ticket(work.session, incident.id)
    if ticket is None or (ticket.key and ticket.system == PORTAL_ITSELF):
        return None
    asked = deliveries.newest_of(work.session, incident.id, TicketRequest.kind)
    return None if asked and asked.state is DeliveryState.GIVEN_UP else ticket
