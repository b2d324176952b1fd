"""Taking command and delegating: who acknowledges, who holds which role."""

from collections.abc import Mapping
from datetime import datetime

from ims.errors import Clash, Refusal
from ims.model import (
    EntryKind,
    EntrySource,
    Incident,
    IncidentRole,
    IncidentState,
    Person,
    RoleAssignment,
)
from ims.model.seen import conflict
from ims.store import incidents, timeline
from ims.store.work import Work

Holders = Mapping[IncidentRole, int | None]
ROLE_NAMES = {
    IncidentRole.COMMANDER: "Incident Commander",
    IncidentRole.COMMUNICATIONS: "Communications Lead",
    IncidentRole.OPERATIONS: "Operations Lead",
}


def acknowledge(
    work: Work,
    incident_id: int,
    *,
    take_communications: bool = False,
    at: datetime | None = None,
    source: EntrySource | None = None,
) -> Incident:
    """Acknowledge the page: somebody is here. The first one counts; repeating it changes nothing.

    ``at`` and ``source`` say when and where it was done, where that was not here and now.

    Raises:
        Refusal: nobody in particular acts, or the incident is over.
    """
    incident = _running(work, incident_id)
    person = _acting_person(work)
    if IncidentRole.COMMANDER not in incidents.current_roles(work.session, incident_id):
        assign_role(work, incident_id, IncidentRole.COMMANDER, person.id)
    if incident.acknowledged_at is None:
        incident.acknowledged_at = at or work.now
        text = f"{person.name} acknowledged the page"
        work.record(incident, EntryKind.ACKNOWLEDGED, text, occurred_at=at, source=source)
    if take_communications:
        assign_role(work, incident_id, IncidentRole.COMMUNICATIONS, person.id)
    return incident


def assign_role(
    work: Work, incident_id: int, role: IncidentRole, person_id: int, *, seen: Holders | None = None
) -> None:
    """Give a role to a person; the one who held it until now loses it in the same moment.

    ``seen`` says who held the roles when the writer looked.

    Raises:
        Conflict: somebody else gave the role to another person since; nothing is written.
        Refusal: the incident is closed or cancelled, or the person is no longer active.
    """
    incident = _unclosed(work, incident_id)
    person = work.get(Person, person_id)
    if not person.active:
        raise Refusal(f"{person.name} is no longer active; choose somebody else.")
    current = incidents.current_roles(work.session, incident_id).get(role)
    if current and current.person_id == person_id:
        return
    _check_seen(work, incident_id, role, seen, wanted=person_id)
    if current:
        current.until_at = work.now
        work.session.flush()
    work.add(RoleAssignment(incident_id=incident_id, role=role, person_id=person_id, from_at=work.now))
    if role is IncidentRole.COMMANDER:
        incident.owner_id = person_id
    text = f"{person.name} is {ROLE_NAMES[role]}"
    work.record(incident, EntryKind.ROLE_ASSIGNED, text, role=role.value, person_id=person_id)


def take_back_role(work: Work, incident_id: int, role: IncidentRole, *, seen: Holders | None = None) -> None:
    """End a delegation: the role falls back to the Incident Commander. ``seen`` is as in ``assign_role``.

    Raises:
        Conflict: somebody else gave the role to another person since; nothing is written.
        Refusal: the role is the Incident Commander's own, which can only be given to somebody.
    """
    incident = _unclosed(work, incident_id)
    if role is IncidentRole.COMMANDER:
        raise Refusal("Somebody must be Incident Commander; assign the role to another person instead.")
    current = incidents.current_roles(work.session, incident_id).get(role)
    if current:
        _check_seen(work, incident_id, role, seen, wanted=None)
        current.until_at = work.now
        text = f"{ROLE_NAMES[role]} is with the Incident Commander again"
        work.record(incident, EntryKind.ROLE_ASSIGNED, text, role=role.value, person_id=None)


def confirm_roles(work: Work, incident_id: int) -> None:
    """Let the Incident Commander say that every role is held: delegated by name, or kept by themselves."""
    incident = _unclosed(work, incident_id)
    holders = incidents.current_roles(work.session, incident_id)
    kept = [ROLE_NAMES[role] for role in IncidentRole if role not in holders]
    text = f"Roles confirmed; the Incident Commander keeps {' and '.join(kept)}" if kept else "Roles confirmed"
    work.record(incident, EntryKind.ROLES_CONFIRMED, text)


def holders_of(work: Work, incident_id: int) -> Holders:
    """Return who holds each role by name, by person id; ``None`` where the Incident Commander keeps it."""
    current = incidents.current_roles(work.session, incident_id)
    return {role: current[role].person_id if role in current else None for role in IncidentRole}


def _check_seen(work: Work, incident_id: int, role: IncidentRole, seen: Holders | None, wanted: int | None) -> None:
    """Refuse to take a role from somebody whom the writer did not see with it."""
    now = holders_of(work, incident_id)[role]
    if seen is None or now == seen.get(role):
        return
    by, at = timeline.last_change(work.session, incident_id, "role", role.value)
    theirs = work.get(Person, now).name if now else "the Incident Commander"
    mine = work.get(Person, wanted).name if wanted else "the Incident Commander"
    raise conflict([Clash(ROLE_NAMES[role], theirs, mine, by, at)])


def _acting_person(work: Work) -> Person:
    if work.actor.person_id is None:
        raise Refusal("Only a person can do this; choose who you are first.")
    return work.get(Person, work.actor.person_id)


def _running(work: Work, incident_id: int) -> Incident:
    incident = work.incident(incident_id)
    if not incident.is_active:
        raise Refusal(f"{incident.key} is {incident.state.value}; there is nothing to take command of.")
    return incident


def _unclosed(work: Work, incident_id: int) -> Incident:
    incident = work.incident(incident_id)
    if incident.state in (IncidentState.CLOSED, IncidentState.CANCELLED):
        raise Refusal(f"{incident.key} is {incident.state.value}; reopen it to change its roles.")
    return incident
