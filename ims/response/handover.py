"""Handing a role over: offered, briefed, read back, accepted. Only acceptance moves the role."""

from datetime import datetime, timedelta

from ims.delivery.queue import enqueue
from ims.errors import Refusal
from ims.model import EntryKind, Incident, IncidentRole, Person
from ims.model.handover import Handover, HandoverState
from ims.model.message import Nudge
from ims.response.briefing import Briefing, brief, meeting_places
from ims.response.command import ROLE_NAMES, assign_role
from ims.response.states import case_of
from ims.response.wording import needed, prose
from ims.sop.evaluation import evaluate
from ims.sop.procedure import Procedure
from ims.store import catalogue, coordination, incidents, references
from ims.store.work import Work

OFFER_STANDS_FOR = timedelta(minutes=30)
READ_BACK_TOLERANCE = timedelta(minutes=1)  # people read a clock without seconds


def offer(work: Work, incident_id: int, role: IncidentRole, to_person_id: int, note: str = "") -> Handover:
    """Offer a role that is held to somebody else; the holder keeps it until the other accepts.

    Raises:
        Refusal: the incident is over, nobody holds the role, it would be offered to its holder, or another handover
            of it is under way.
    """
    incident = work.incident(incident_id)
    holder_id = _holder(work, incident, role)
    incomer = work.get(Person, to_person_id)
    if not incomer.active:
        raise Refusal(f"{incomer.name} is no longer active; choose somebody else.")
    if to_person_id == holder_id:
        raise Refusal(f"{incomer.name} holds this role already.")
    if coordination.unsettled_handover(work.session, incident_id, role):
        raise Refusal("A handover of this role is under way; let it be accepted or withdraw it first.")
    handover = work.add(
        Handover(
            incident_id=incident_id,
            role=role,
            from_person_id=holder_id,
            to_person_id=to_person_id,
            note=prose(note),
            offered_at=work.now,
            expires_at=work.now + OFFER_STANDS_FOR,
        )
    )
    text = f"{ROLE_NAMES[role]} offered to {incomer.name}"
    work.record(incident, EntryKind.HANDOVER_OFFERED, text, handover_id=handover.id, role=role.value)
    nudge(work, incident, incomer, f"{text}: read the briefing, read it back, accept.", f"handover:{handover.id}")
    return handover


def read_briefing(work: Work, handover_id: int, procedure: Procedure) -> Handover:
    """Give the incomer the briefing of this moment and keep it as they saw it.

    Raises:
        Refusal: somebody else asks, or the handover is settled.
    """
    handover, incident = _under_way(work, handover_id)
    _must_be(work, handover.to_person_id, "read the briefing")
    briefing = write_briefing(work, incident, procedure)
    handover.briefing, handover.briefed_at = briefing.as_json(), work.now
    handover.state = HandoverState.BRIEFED
    return handover


def write_briefing(work: Work, incident: Incident, procedure: Procedure) -> Briefing:
    """Return the briefing of this moment; it changes nothing."""
    case, asks = case_of(work, incident), coordination.asks(work.session, incident.id)
    names = {
        row.id: row.name for row in catalogue.people_by_id(work.session, {each.person_id for each in asks}).values()
    }
    changes = coordination.temporary_changes(work.session, incident.id)
    statuses = evaluate(procedure, case, work.now)
    places = meeting_places(incident, references.of_incident(work.session, incident.id))
    return brief(case, statuses, holders(work, incident), asks, changes, names, places, work.now)


def read_back(work: Work, handover_id: int, impact: str, next_update_at: datetime | None) -> Handover:
    """Let the incomer say, in their own words, the current impact and when customers hear next.

    Raises:
        Refusal: they have not read the briefing, say nothing, or name another time than the one that is promised.
    """
    handover, incident = _under_way(work, handover_id)
    _must_be(work, handover.to_person_id, "read it back")
    if handover.briefed_at is None:
        raise Refusal("Read the briefing first.")
    if not impact.strip():
        raise Refusal("Say the current impact in your own words.")
    _check_time(incident, next_update_at)
    handover.read_back_impact, handover.read_back_next_update_at = impact.strip(), next_update_at
    handover.read_back_at, handover.state = work.now, HandoverState.READ_BACK
    return handover


def accept(work: Work, handover_id: int) -> Handover:
    """Take the role, now. Everyone is told, with the effective time.

    Raises:
        Refusal: it was not read back, somebody else asks, or the one who offered it no longer holds it.
    """
    handover, incident = _under_way(work, handover_id)
    _must_be(work, handover.to_person_id, "accept it")
    if handover.state is not HandoverState.READ_BACK:
        raise Refusal("Read the briefing and read it back before you accept.")
    if _holder(work, incident, handover.role) != handover.from_person_id:
        raise Refusal("The one who offered this role no longer holds it; this handover no longer applies.")
    names = catalogue.people_by_id(work.session, [handover.from_person_id, handover.to_person_id])
    assign_role(work, incident.id, handover.role, handover.to_person_id)
    _settle(handover, HandoverState.ACCEPTED, work.now)
    text = (
        f"{names[handover.to_person_id].name} took over as {ROLE_NAMES[handover.role]} from "
        f"{names[handover.from_person_id].name}, effective {work.now:%H:%M} UTC"
    )
    work.record(incident, EntryKind.HANDED_OVER, text, handover_id=handover.id, role=handover.role.value)
    return handover


def decline(work: Work, handover_id: int, reason: str) -> Handover:
    """Say no, and why; the role stays where it is.

    Raises:
        Refusal: no reason, somebody else asks, or it is settled.
    """
    handover, incident = _under_way(work, handover_id)
    _must_be(work, handover.to_person_id, "decline it")
    reason = needed(reason, "Say why you decline, so that the role finds somebody else")
    return _refused(work, handover, incident, HandoverState.DECLINED, reason)


def withdraw(work: Work, handover_id: int, reason: str) -> Handover:
    """Take an offer back.

    Raises:
        Refusal: no reason, it is settled, or somebody else asks than the one whose role it is or the Incident
            Commander.
    """
    handover, incident = _under_way(work, handover_id)
    _may_withdraw(work, handover, incident)
    reason = needed(reason, "Say why the offer is withdrawn")
    return _refused(work, handover, incident, HandoverState.WITHDRAWN, reason)


def expire(work: Work, handover_id: int) -> Handover:
    """End an offer that nobody took in time; its holder is told. The worker's clock calls this."""
    handover, incident = _under_way(work, handover_id)
    holder = work.get(Person, handover.from_person_id)
    text = f"Nobody took over as {ROLE_NAMES[handover.role]}; you still hold it."
    nudge(work, incident, holder, text, f"handover:{handover.id}:expired")
    return _refused(work, handover, incident, HandoverState.EXPIRED, "nobody accepted it in time")


def end_shift(work: Work, incident_id: int, person_id: int, ended_at: datetime) -> None:
    """Ask a holder whose shift has ended to hand over or to stay on. The worker's clock calls this, once a shift."""
    incident = work.incident(incident_id)
    person = work.get(Person, person_id)
    text = f"The shift of {person.name} has ended: hand over, or stay on"
    work.record(incident, EntryKind.SHIFT_ENDED, text, occurred_at=ended_at, person_id=person_id)
    nudge(work, incident, person, f"{text}.", f"shift:{ended_at.isoformat()}:{person_id}")


def stay_on(work: Work, incident_id: int, reason: str) -> None:
    """Keep one's roles beyond the end of one's shift.

    Raises:
        Refusal: no reason, or they hold no role in this incident.
    """
    incident = work.incident(incident_id)
    reason = needed(reason, "Say why you stay on, so that the next shift knows")
    if work.actor.person_id not in {
        held.person_id for held in incidents.current_roles(work.session, incident_id).values()
    }:
        raise Refusal(f"You hold no role in {incident.key}; there is nothing to stay on for.")
    text = f"{work.actor.name} stays on beyond the end of the shift: {reason}"
    work.record(incident, EntryKind.STAYED_ON, text, person_id=work.actor.person_id)


def holders(work: Work, incident: Incident) -> dict[IncidentRole, str]:
    """Return who holds each role, by name; one that is not delegated is kept by the Incident Commander."""
    current = incidents.current_roles(work.session, incident.id)
    names = catalogue.people_by_id(work.session, [assignment.person_id for assignment in current.values()])
    commander = current.get(IncidentRole.COMMANDER)
    kept_by = f"{names[commander.person_id].name} (Incident Commander)" if commander else "nobody"
    return {role: names[current[role].person_id].name if role in current else kept_by for role in IncidentRole}


def nudge(work: Work, incident: Incident, person: Person, text: str, slot: str) -> None:
    """Remind a person of something, once for each ``slot``; the incident comes first, as a phone shows little."""
    named = text if text.startswith(incident.key) else f"{incident.key}: {text}"
    message = Nudge(incident_key=incident.key, text=named, person_name=person.name, person_email=person.email)
    key = f"nudge:{incident.id}:{slot}:{person.id}"
    enqueue(work, message, key=key, stream=f"nudge:{incident.id}:{person.id}", incident_id=incident.id)


def _holder(work: Work, incident: Incident, role: IncidentRole) -> int:
    """Return the id of who holds a role, the Incident Commander for one that is not delegated."""
    if not incident.is_active:
        raise Refusal(f"{incident.key} is {incident.state.value}; there is nothing to hand over.")
    current = incidents.current_roles(work.session, incident.id)
    assignment = current.get(role) or current.get(IncidentRole.COMMANDER)
    if assignment is None:
        raise Refusal("Nobody is in command; acknowledge the incident to take it.")
    return assignment.person_id


def _under_way(work: Work, handover_id: int) -> tuple[Handover, Incident]:
    handover = work.get(Handover, handover_id)
    incident = work.incident(handover.incident_id)
    work.session.refresh(handover)  # whoever waited for the incident's lock sees what the other one did
    if handover.settled_at is not None:
        raise Refusal(f"This handover is {handover.state.value.replace('_', ' ')}; look at who holds the role now.")
    return handover, incident


def _must_be(work: Work, person_id: int, what: str) -> None:
    if work.actor.person_id != person_id:
        name = work.get(Person, person_id).name
        raise Refusal(f"Only {name}, to whom the role is offered, can {what}.")


def _may_withdraw(work: Work, handover: Handover, incident: Incident) -> None:
    if work.actor.person_id not in (handover.from_person_id, incident.owner_id):
        name = work.get(Person, handover.from_person_id).name
        raise Refusal(f"Only {name}, whose role it is, or the Incident Commander can withdraw the offer.")


def _check_time(incident: Incident, said: datetime | None) -> None:
    due_at = incident.next_update_due_at
    if due_at is None and said is not None:
        raise Refusal("No customer update is due; leave the time empty.")
    if due_at is not None and (said is None or abs(said - due_at) > READ_BACK_TOLERANCE):
        raise Refusal("That is not when customers hear next; look at the briefing again.")


def _refused(work: Work, handover: Handover, incident: Incident, state: HandoverState, reason: str) -> Handover:
    _settle(handover, state, work.now)
    handover.reason = reason
    text = f"Handover of {ROLE_NAMES[handover.role]} {state.value}: {reason}"
    work.record(incident, EntryKind.HANDOVER_REFUSED, text, handover_id=handover.id, role=handover.role.value)
    return handover


def _settle(handover: Handover, state: HandoverState, now: datetime) -> None:
    handover.state, handover.settled_at = state, now
