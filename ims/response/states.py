"""Moving an incident on: mitigate, resolve, reopen, cancel, close. A move that may not happen refuses in words."""

from datetime import datetime, timedelta

from ims.errors import Refusal
from ims.model import EntryKind, Incident, IncidentState
from ims.response.declare import FUTURE_GRACE
from ims.response.wording import needed, prose
from ims.sop.case import Case
from ims.sop.evaluation import StepStatus, evaluate
from ims.sop.procedure import Procedure, Rule
from ims.sop.rules import first_update_due_at, last_update_due_at
from ims.store import coordination, deliveries, incidents
from ims.store.work import Work

_MINUTE = timedelta(minutes=1)
_CLOSING_KINDS = {EntryKind.MEETING_HELD, EntryKind.FOLLOW_UPS_FILED}


def mitigate(work: Work, incident_id: int, text: str, *, at: datetime | None = None) -> Incident:
    """Say that customers no longer feel it, though its cause may remain.

    Raises:
        Refusal: it is not open, or the time is out of order.
    """
    incident = _in_state(work, incident_id, IncidentState.OPEN)
    moment = _ordered(work, at, incident.began_at, "it began")
    incident.state, incident.mitigated_at = IncidentState.MITIGATED, moment
    work.record(incident, EntryKind.MITIGATED, _said("Mitigated", text), occurred_at=moment)
    return incident


def resolve(work: Work, incident_id: int, text: str, procedure: Procedure, *, at: datetime | None = None) -> Incident:
    """Say that it is over: the cause is gone or cannot come back for now. Customers are owed the last word.

    Raises:
        Refusal: it is over already, or the time is out of order.
    """
    incident = _in_state(work, incident_id, IncidentState.OPEN, IncidentState.MITIGATED)
    earliest = incident.mitigated_at or incident.began_at
    moment = _ordered(work, at, earliest, "it was mitigated" if incident.mitigated_at else "it began")
    incident.state, incident.resolved_at = IncidentState.RESOLVED, moment
    incident.mitigated_at = incident.mitigated_at or moment
    waiting = incidents.customers_of(work.session, incident_id)
    incident.next_update_due_at = last_update_due_at(procedure, moment) if waiting else None
    incident.updates_held_until, incident.updates_hold_reason = None, ""
    work.record(incident, EntryKind.RESOLVED, _said("Resolved", text), occurred_at=moment)
    return incident


def reopen(work: Work, incident_id: int, reason: str, procedure: Procedure) -> Incident:
    """Take an incident up again because it is not over after all; its customers are owed an update as at first.

    Raises:
        Refusal: it is still open, or no reason is given.
    """
    incident = work.incident(incident_id)
    if incident.state is IncidentState.OPEN:
        raise Refusal(f"{incident.key} is open already.")
    why = needed(reason, "Say why it is opened again")
    incident.state = IncidentState.OPEN
    incident.mitigated_at = incident.resolved_at = incident.closed_at = None
    incident.override_reason = ""
    if incidents.customers_of(work.session, incident_id):
        incident.next_update_due_at = first_update_due_at(procedure, work.now)
    work.record(incident, EntryKind.REOPENED, _said("Reopened", why))
    return incident


def cancel(work: Work, incident_id: int, reason: str) -> Incident:
    """Say that it was no incident. What customers were to hear of it and have not yet is called off.

    Raises:
        Refusal: it is over already, or no reason is given.
    """
    incident = _in_state(work, incident_id, IncidentState.OPEN, IncidentState.MITIGATED)
    why = needed(reason, "Say why it was no incident")
    incident.state, incident.closed_at, incident.next_update_due_at = (
        IncidentState.CANCELLED,
        work.now,
        None,
    )
    for kind in deliveries.TO_CUSTOMERS:
        deliveries.call_off(work.session, incident_id, kind, work.now, "The incident was cancelled.")
    work.record(incident, EntryKind.CANCELLED, _said("Cancelled", why))
    return incident


def close(work: Work, incident_id: int, procedure: Procedure, *, override_reason: str = "") -> Incident:
    """Close a resolved incident whose customers were told, whose meeting was held and whose follow-ups are filed.

    Raises:
        Refusal: something still blocks and no reason to override it is given; the sentence lists what.
    """
    incident = _in_state(work, incident_id, IncidentState.RESOLVED)
    blocking = blockers(procedure, case_of(work, incident), work.now) + left_changed(work, incident_id)
    override = prose(override_reason)
    if blocking and not override:
        raise Refusal(f"Not yet: {' '.join(blocking)}")
    incident.state, incident.closed_at = IncidentState.CLOSED, work.now
    incident.override_reason = override if blocking else ""
    incident.next_update_due_at = None
    text = f"Closed although something was left: {incident.override_reason}" if blocking else "Closed"
    work.record(incident, EntryKind.CLOSED, text, left=blocking)
    return incident


def blockers(procedure: Procedure, case: Case, now: datetime) -> list[str]:
    """Say in words what still blocks closing: one sentence a step."""
    return [_blocker(status) for status in evaluate(procedure, case, now) if _closes(status) and not status.is_finished]


def left_changed(work: Work, incident_id: int) -> list[str]:
    """Say in words which temporary changes still wait to be undone."""
    changes = coordination.temporary_changes(work.session, incident_id, unsettled_only=True)
    return [f"“{change.what}” is not undone: undo it, or say why it stays." for change in changes]


def case_of(work: Work, incident: Incident) -> Case:
    """Return what the procedure is evaluated against."""
    return Case(
        incident,
        incidents.timeline(work.session, incident.id),
        incidents.customers_of(work.session, incident.id),
    )


def _closes(status: StepStatus) -> bool:
    done_when = status.step.done_when
    if done_when is None:
        return False
    return done_when.rule is Rule.CUSTOMERS_TOLD_RESOLVED or bool(_CLOSING_KINDS & {*done_when.all, *done_when.any})


def _blocker(status: StepStatus) -> str:
    detail = f" ({status.evidence})" if status.evidence else ""
    return f"“{status.step.title}” is not done{detail}: do it, or waive it with a reason."


def _in_state(work: Work, incident_id: int, *states: IncidentState) -> Incident:
    incident = work.incident(incident_id)
    if incident.state not in states:
        wanted = " or ".join(state.value for state in states)
        raise Refusal(f"{incident.key} is {incident.state.value}, not {wanted}; look at it again.")
    return incident


def _ordered(work: Work, at: datetime | None, earliest: datetime, what: str) -> datetime:
    moment = at or work.now
    if moment > work.now + FUTURE_GRACE:
        raise Refusal("That time is in the future; check it and its zone.")
    if moment < earliest and earliest - moment < _MINUTE:
        return earliest  # forms ask for minutes, the earlier time was kept to the second
    if moment < earliest:
        raise Refusal(f"That time is before {what} ({earliest:%Y-%m-%d %H:%M} UTC); correct one of the two.")
    return min(moment, work.now)


def _said(word: str, text: str) -> str:
    words = prose(text)
    return f"{word}: {words}" if words else word
