"""Customers are never left waiting: who is reminded when, holds with their reason and end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ims.errors import Refusal
from ims.model import EntryKind, Incident, IncidentRole, IncidentState, Person
from ims.response.handover import nudge
from ims.response.wording import needed
from ims.store import deliveries, incidents, on_call
from ims.store.work import Work

EARLY = timedelta(minutes=10)
LATE = timedelta(minutes=10)
LONGEST_HOLD = timedelta(hours=24)


@dataclass(frozen=True)
class DueNudge:
    """Whom to remind of a customer update, and in which of the three stages: ``early``, ``due`` or ``late``."""

    stage: str
    person_id: int
    text: str


def stage_at(due_at: datetime, now: datetime) -> str | None:
    """Return the stage of a moment: from T−10 ``early``, from T ``due``, from T+10 ``late``; before that none."""
    if now >= due_at + LATE:
        return "late"
    if now >= due_at:
        return "due"
    return "early" if now >= due_at - EARLY else None


def due_nudge(work: Work, incident: Incident) -> DueNudge | None:
    """Return who is to be reminded now, or ``None``.

    The CL ten minutes before, the IC when it is due, the next on the list ten minutes after: each stage of each due
    time once, also where roles or the list change meanwhile. A stage that passed while nothing ran is not made up for.
    """
    due_at = incident.next_update_due_at
    stage = stage_at(due_at, work.now) if due_at and not is_held(incident, work.now) else None
    if due_at is None or stage is None:
        return None
    person_id = _whom(work, incident, stage)
    if person_id is None or deliveries.any_for_slot(
        work.session, incident.id, f"nudge:{incident.id}:{_slot(due_at, stage)}:"
    ):
        return None
    what = "the last word to customers" if incident.state is IncidentState.RESOLVED else "the customer update"
    words = {"early": "is due in ten minutes", "due": "is due now", "late": "is ten minutes late"}
    return DueNudge(stage, person_id, f"{incident.key}: {what} {words[stage]}.")


def remind(work: Work, incident: Incident, due: DueNudge) -> None:
    """Remind somebody, and write it down."""
    person = work.get(Person, due.person_id)
    nudge(work, incident, person, due.text, _slot(incident.next_update_due_at or work.now, due.stage))
    work.record(incident, EntryKind.NUDGED, f"Reminded {person.name}: {due.text}", stage=due.stage)


def hold(work: Work, incident_id: int, until: datetime, reason: str) -> None:
    """Pause the updates for a while; the next one is due at the end of the hold.

    Raises:
        Refusal: no reason, no customer waits, or the end is past or more than a day away.
    """
    incident = work.incident(incident_id)
    reason = needed(reason, "Say why customers need not hear for a while")
    if incident.next_update_due_at is None:
        raise Refusal("No customer waits for an update; there is nothing to hold.")
    if not work.now < until <= work.now + LONGEST_HOLD:
        raise Refusal("A hold ends in the next 24 hours; choose such a time.")
    due_at = until if is_held(incident, work.now) else max(incident.next_update_due_at, until)
    incident.updates_held_until, incident.updates_hold_reason = until, reason
    incident.next_update_due_at = due_at
    text = f"Customer updates held until {until:%Y-%m-%d %H:%M} UTC: {reason}"
    work.record(incident, EntryKind.UPDATES_HELD, text, until=until.isoformat())


def resume(work: Work, incident_id: int) -> None:
    """End a hold before its time; the next update is due now.

    Raises:
        Refusal: nothing is held.
    """
    incident = work.incident(incident_id)
    if not is_held(incident, work.now):
        raise Refusal("Customer updates are not held.")
    incident.updates_held_until, incident.updates_hold_reason = None, ""
    incident.next_update_due_at = work.now
    work.record(incident, EntryKind.UPDATES_RESUMED, "Customer updates resumed")


def is_held(incident: Incident, now: datetime) -> bool:
    """Return whether updates are on hold at a moment."""
    return incident.updates_held_until is not None and now < incident.updates_held_until


def _whom(work: Work, incident: Incident, stage: str) -> int | None:
    roles = {role: held.person_id for role, held in incidents.current_roles(work.session, incident.id).items()}
    commander = roles.get(IncidentRole.COMMANDER)
    if stage == "early":
        return roles.get(IncidentRole.COMMUNICATIONS, commander)
    if stage == "due":
        return commander
    reminded = {roles.get(IncidentRole.COMMUNICATIONS), commander}
    order = on_call.escalation_list(work.session, work.now)
    return next((person for person in order if person not in reminded), next(iter(order), commander))


def _slot(due_at: datetime, stage: str) -> str:
    return f"update:{due_at:%Y%m%dT%H%M%S}:{stage}"
