"""What waits for one person: the steps of the roles they hold, in the incidents that are not closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ims.model import EntryKind, Incident, IncidentRole, RoleAssignment
from ims.sop.case import Case
from ims.sop.evaluation import StepState, StepStatus

MOST_PER_INCIDENT = 3


@dataclass(frozen=True)
class Task:
    """One step that waits for a person; ``late_by`` is zero while there is time."""

    incident: Incident
    title: str
    hint: str
    due_at: datetime | None
    late_by: timedelta = timedelta()


def roles_by_person(assignments: Iterable[RoleAssignment]) -> Mapping[int, Mapping[int, set[IncidentRole]]]:
    """Return, by person and then incident, the roles somebody answers for: the commander has all not delegated."""
    by_incident: dict[int, dict[IncidentRole, int]] = {}
    for assignment in assignments:
        by_incident.setdefault(assignment.incident_id, {})[assignment.role] = assignment.person_id
    answers: dict[int, dict[int, set[IncidentRole]]] = {}
    for incident_id, holders in by_incident.items():
        for role in IncidentRole:
            person_id = holders.get(role, holders.get(IncidentRole.COMMANDER))
            if person_id is not None:
                answers.setdefault(person_id, {}).setdefault(incident_id, set()).add(role)
    return answers


def tasks(incident: Incident, statuses: Sequence[StepStatus], roles: Iterable[IncidentRole]) -> list[Task]:
    """Return what an incident asks of whoever holds the roles, most urgent first: what is late, then what is due."""
    mine = {role.value for role in roles}
    waiting = [
        status
        for status in statuses
        if status.state in (StepState.LATE, StepState.DUE) and mine & {who.value for who in status.step.who}
    ]
    waiting.sort(key=lambda status: (status.due_at is None, status.due_at))
    return [
        Task(incident, status.step.title, status.step.hint, status.due_at, status.late_by)
        for status in waiting[:MOST_PER_INCIDENT]
    ]


def shift_ended_at(case: Case, person_id: int) -> datetime | None:
    """Return when the shift of somebody ended who was asked to hand over or to stay on, and has done neither yet."""
    asked = [entry for entry in case.of_kind(EntryKind.SHIFT_ENDED) if entry.data.get("person_id") == person_id]
    if not asked or not case.incident.is_active:
        return None
    last = max(asked, key=lambda entry: entry.id)
    stayed = (entry for entry in case.of_kind(EntryKind.STAYED_ON) if entry.data.get("person_id") == person_id)
    return None if any(entry.id > last.id for entry in stayed) else last.occurred_at
