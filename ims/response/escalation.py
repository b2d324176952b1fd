"""Pages that do not give up: until somebody acknowledges *and* the Communications Lead is held, the next is paged."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ims.model import EntryKind, Incident, IncidentRole, IncidentState, Person
from ims.response.declare import page
from ims.sop.procedure import Procedure
from ims.store import deliveries, incidents, on_call, timeline
from ims.store.work import Work


@dataclass(frozen=True)
class DuePage:
    """Whom to page for the current slot. Slot 1 is the declaration's own page, slot 2 the next, and so on."""

    slot: int
    person_id: int


@dataclass(frozen=True)
class Outlook:
    """Who is paged next and when, and what would end the paging: a few words for each thing that is missing."""

    person_id: int | None
    at: datetime
    missing: list[str]


def outlook(work: Work, incident: Incident, procedure: Procedure) -> Outlook | None:
    """Return what comes next, or ``None`` once nobody is paged any more. Without a list, nobody can be paged."""
    if is_answered(work, incident):
        return None
    every, order = procedure.page_again_every, on_call.escalation_list(work.session, work.now)
    slot = slot_at(incident, every, work)
    if deliveries.by_key(work.session, page_key(incident, slot)):
        slot += 1
    at = max(incident.declared_at + (slot - 1) * every, work.now)
    missing = ["nobody has acknowledged"] if incident.acknowledged_at is None else []
    if IncidentRole.COMMUNICATIONS not in incidents.current_roles(work.session, incident.id):
        missing.append("nobody has taken the Communications Lead role")
    return Outlook(order[(slot - 1) % len(order)] if order else None, at, missing)


def slot_at(incident: Incident, every: timedelta, work: Work) -> int:
    """Return the number of the slot that a moment falls into."""
    return int((work.now - incident.declared_at) / every) + 1


def is_answered(work: Work, incident: Incident) -> bool:
    """Return whether somebody is here and customers have a voice: delegated, or kept knowingly by the commander."""
    if incident.state is not IncidentState.OPEN:
        return True
    if incident.acknowledged_at is None:
        return False
    if IncidentRole.COMMUNICATIONS in incidents.current_roles(work.session, incident.id):
        return True
    return timeline.has_entry(work.session, incident.id, EntryKind.ROLES_CONFIRMED)


def due_page(work: Work, incident: Incident, procedure: Procedure) -> DuePage | None:
    """Return whom to page now, or ``None``. Slots that passed while nothing ran are not made up for."""
    if is_answered(work, incident):
        return None
    order = on_call.escalation_list(work.session, work.now)
    slot = slot_at(incident, procedure.page_again_every, work)
    if not order or deliveries.by_key(work.session, page_key(incident, slot)):
        return None
    return DuePage(slot, order[(slot - 1) % len(order)])


def page_key(incident: Incident, slot: int) -> str:
    """Return the idempotency key of the page of a slot, so that no slot is paged twice."""
    return f"page:{incident.id}:{slot}"


def escalate(work: Work, incident: Incident, due: DuePage) -> None:
    """Page the next person of the list."""
    page(work, incident, work.get(Person, due.person_id), str(due.slot))
