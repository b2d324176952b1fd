"""Drills: the whole procedure rehearsed from a scenario; no effect leaves the portal, no figure counts it."""

from collections.abc import Sequence
from datetime import timedelta

from ims.errors import Refusal
from ims.model import EntryKind, Incident, IncidentDraft, IncidentRole, IncidentState, TimelineEntry
from ims.model.drill import DrillEvent
from ims.model.handover import HandoverState
from ims.response.command import assign_role
from ims.response.coordination import join
from ims.response.declare import declare
from ims.response.scenarios import Scenario
from ims.response.wording import needed
from ims.sop.procedure import Procedure
from ims.sop.rehearsal import questions
from ims.store import coordination, incidents
from ims.store.work import Work

SLOWEST, FASTEST = 0.5, 10.0


def start(
    work: Work,
    scenario: Scenario,
    procedure: Procedure,
    *,
    service_ids: Sequence[int] = (),
    customer_ids: Sequence[int] = (),
    person_ids: Sequence[int] = (),
    speed: float = 1.0,
    request_key: str | None = None,
) -> Incident:
    """Declare a rehearsal and plan its events; ``speed`` 2.0 plays them in half the time.

    Only the events are played faster: due times, pages and reminders keep the procedure's own minutes. Whoever is on
    call leads; where others take part without them, the first of those does.

    Raises:
        Refusal: the speed is out of range, or what ``declare`` refuses.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise Refusal(f"Play it at {SLOWEST:g} to {FASTEST:g} times the ordinary speed.")
    draft = IncidentDraft(
        title=scenario.title,
        summary=scenario.summary,
        affects_customers=True,
        affects_sla=scenario.affects_sla,
        service_ids=list(service_ids),
        customer_ids=list(customer_ids),
    )
    incident = declare(work, draft, procedure, drill=True, request_key=request_key)
    if coordination.drill_events(work.session, incident.id):  # the same request again
        return incident
    for event in scenario.in_order:
        due_at = work.now + timedelta(minutes=event.minute) / speed
        work.add(DrillEvent(incident_id=incident.id, kind=event.kind, text=event.text, due_at=due_at))
    _bring_in(work, incident, person_ids)
    return incident


def play(work: Work, incident: Incident, event: DrillEvent) -> None:
    """Let one event happen. The worker's clock calls this when it is due."""
    event.played_at = work.now
    work.record(incident, EntryKind.DRILL_EVENT, event.text, occurred_at=event.due_at, event=event.kind.value)


def answer(work: Work, incident_id: int, entry_id: int, text: str) -> TimelineEntry:
    """Answer a question that the drill has put.

    Raises:
        Refusal: no words, no such question, it is answered already, or the drill is over.
    """
    incident = _running_drill(work, incident_id)
    asked = {question.entry_id: question for question in questions(incidents.timeline(work.session, incident_id))}
    question = asked.get(entry_id)
    if question is None:
        raise Refusal("There is no such question in this drill; look at it again.")
    if question.answer:
        raise Refusal(f"{question.answer.author} has answered this already.")
    words = needed(text, "Write what you answer")
    return work.record(incident, EntryKind.NOTE, f"Answered “{question.text}”: {words}", answers=entry_id)


def end(work: Work, incident_id: int, sentence: str) -> Incident:
    """End a drill, from whatever state it is in: nothing blocks, what was left undone is on the score card.

    Raises:
        Refusal: it is no drill, it is over already, or nobody says how it went.
    """
    incident = _running_drill(work, incident_id)
    said = needed(sentence, "Say in a sentence how it went")
    for role in IncidentRole:
        offered = coordination.unsettled_handover(work.session, incident_id, role)
        if offered:  # whoever ends the drill, not only the one whose role it is
            offered.state, offered.settled_at = HandoverState.WITHDRAWN, work.now
            offered.reason = "the drill has ended"
    incident.state, incident.closed_at, incident.next_update_due_at = IncidentState.CLOSED, work.now, None
    incident.updates_held_until, incident.updates_hold_reason = None, ""
    work.record(incident, EntryKind.CLOSED, f"The drill has ended: {said}")
    return incident


def _bring_in(work: Work, incident: Incident, person_ids: Sequence[int]) -> None:
    if person_ids and incident.owner_id not in person_ids:
        assign_role(work, incident.id, IncidentRole.COMMANDER, person_ids[0])
    for person_id in dict.fromkeys(person_ids):
        join(work, incident.id, person_id)


def _running_drill(work: Work, incident_id: int) -> Incident:
    incident = work.incident(incident_id)
    if not incident.drill:
        raise Refusal(f"{incident.key} is no drill.")
    if incident.state in (IncidentState.CLOSED, IncidentState.CANCELLED):
        raise Refusal(f"This drill has ended; {incident.key} is {incident.state.value}.")
    return incident
