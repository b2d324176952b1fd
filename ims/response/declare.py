"""Declaring an incident: the on-call becomes owner and Incident Commander, and is paged."""

from collections.abc import Sequence
from datetime import timedelta

from ims.delivery.queue import enqueue
from ims.delivery.tickets import open_ticket
from ims.errors import Refusal
from ims.model import (
    Alert,
    AlertStatus,
    Customer,
    EntryKind,
    EntrySource,
    Incident,
    IncidentDraft,
    IncidentRole,
    Person,
    RoleAssignment,
    Service,
    StoredProcedure,
    TriageState,
)
from ims.model.message import Page
from ims.sop.procedure import Procedure
from ims.sop.rules import first_update_due_at
from ims.store import incidents, on_call
from ims.store.work import Work

FUTURE_GRACE = timedelta(minutes=5)  # clocks of people and machines differ a little


def declare(
    work: Work,
    draft: IncidentDraft,
    procedure: Procedure,
    *,
    request_key: str | None = None,
    drill: bool = False,
) -> Incident:
    """Declare an incident from what was asked.

    A ``drill`` is a rehearsal: the same in everything, but no effect of it leaves the portal.
    The same ``request_key`` again (a double click, a repeated request) returns the incident that is there.

    Raises:
        Refusal: it began in the future, names something that is not in the portal, or nobody can take command.
    """
    present = _declared_before(work, request_key)
    if present:
        return present
    began_at = draft.began_at or work.now
    if began_at > work.now + FUTURE_GRACE:
        raise Refusal("It cannot have begun in the future; check the time and its zone.")
    _check_scope(work, draft)
    commander, is_on_call = _commander(work)
    wanted = Incident(
        **draft.model_dump(include={"title", "summary", "affects_customers", "affects_sla", "precaution"}),
        began_at=min(began_at, work.now),
        detected_at=work.now,
        declared_at=work.now,
        declared_by=work.actor.name,
        owner_id=commander.id,
        procedure_digest=_keep_procedure(work, procedure),
        origin_key=request_key,
        drill=drill,
    )
    incident = work.add_once(wanted, lambda: _declared_before(work, request_key))
    if incident is not wanted:
        return incident
    incidents.set_scope(work.session, incident.id, draft.service_ids, draft.customer_ids)
    incident.next_update_due_at = first_update_due_at(procedure, work.now) if draft.customer_ids else None
    known = draft.model_dump(mode="json", include={"service_ids", "customer_ids", "began_at"})
    work.record(incident, EntryKind.DECLARED, _declared_text(draft), alerts=draft.alert_ids, **known)
    for alert_id in draft.alert_ids:
        attach_alert(work, incident, work.get(Alert, alert_id))
    _put_in_command(work, incident, commander, is_on_call=is_on_call)
    open_ticket(work, incident)
    return incident


def attach_alert(work: Work, incident: Incident, alert: Alert) -> None:
    """Make an alert part of an incident; the earliest start of its alerts is when it was detected.

    One that is resolved already is noted as such, because nobody will send that again.

    Raises:
        Refusal: the alert belongs to another incident, or the incident is a drill.
    """
    if incident.drill:
        raise Refusal(f"{incident.key} is a drill; declare a real incident for a real alert.")
    if alert.incident_id == incident.id:
        return
    if alert.incident_id is not None:
        raise Refusal(f"The alert {alert.name} belongs to INC-{alert.incident_id} already.")
    alert.incident_id, alert.triage, alert.triaged_by = (
        incident.id,
        TriageState.ATTACHED,
        work.actor.name,
    )
    incident.detected_at = min(incident.detected_at, alert.starts_at)
    incident.began_at = min(incident.began_at, alert.starts_at)
    text = f"Alert {alert.name}: {alert.annotations.get('summary') or alert.annotations.get('description') or 'firing'}"
    source = EntrySource.ALERTMANAGER
    work.record(
        incident,
        EntryKind.ALERT_ATTACHED,
        text,
        occurred_at=alert.starts_at,
        source=source,
        alert_id=alert.id,
    )
    if alert.status is AlertStatus.RESOLVED:
        ended_at = min(alert.ends_at or work.now, work.now)
        resolved = f"Alert {alert.name} resolved"
        work.record(
            incident, EntryKind.ALERT_RESOLVED, resolved, occurred_at=ended_at, source=source, alert_ids=[alert.id]
        )


def attach_alerts(work: Work, incident_id: int, alert_ids: Sequence[int]) -> Incident:
    """Make alerts part of a running incident.

    Raises:
        Refusal: the incident is over, or an alert belongs to another one.
    """
    incident = work.incident(incident_id)
    if not incident.is_active:
        raise Refusal(f"{incident.key} is {incident.state.value}; reopen it first, or declare a new incident.")
    for alert_id in alert_ids:
        attach_alert(work, incident, work.get(Alert, alert_id))
    return incident


def page(work: Work, incident: Incident, person: Person, slot: str) -> None:
    """Page a person about an incident; one page for each ``slot``."""
    text = incident.summary or "Open the portal, acknowledge, and take command."
    message = Page(
        incident_key=incident.key,
        title=incident.title,
        text=text,
        person_name=person.name,
        person_email=person.email,
        named=slot != "1",
        room=incident.war_room,
        name=incident.name_everywhere,
    )
    enqueue(
        work,
        message,
        key=f"page:{incident.id}:{slot}",
        stream=f"page:{incident.id}",
        incident_id=incident.id,
    )


def _declared_before(work: Work, request_key: str | None) -> Incident | None:
    return incidents.by_origin(work.session, "portal", request_key) if request_key else None


def _commander(work: Work) -> tuple[Person, bool]:
    """Return who takes command, and whether it is because they are on call.

    Raises:
        Refusal: nobody is on call, and who declares is nobody the portal knows.
    """
    order = on_call.escalation_list(work.session, work.now)
    commander_id = next(iter(order), work.actor.person_id)
    if commander_id is None:
        raise Refusal("Nobody is on call and the portal does not know you: add yourself in the settings first.")
    return work.get(Person, commander_id), bool(order)


def _put_in_command(work: Work, incident: Incident, person: Person, *, is_on_call: bool) -> None:
    """Write down who commands from the first instant on; page the on-call."""
    held = RoleAssignment(incident_id=incident.id, role=IncidentRole.COMMANDER, person_id=person.id, from_at=work.now)
    work.add(held)
    how = "on call, is owner and Incident Commander" if is_on_call else "declared it and is Incident Commander"
    work.record(
        incident,
        EntryKind.ROLE_ASSIGNED,
        f"{person.name}, {how}",
        role=IncidentRole.COMMANDER.value,
        person_id=person.id,
    )
    if is_on_call:
        page(work, incident, person, "1")


def _check_scope(work: Work, draft: IncidentDraft) -> None:
    for noun, ids in (
        (Service, draft.service_ids),
        (Customer, draft.customer_ids),
        (Alert, draft.alert_ids),
    ):
        for row_id in ids:
            work.get(noun, row_id)


def _keep_procedure(work: Work, procedure: Procedure) -> str:
    """Keep the text of the procedure that the incident runs under."""

    def kept() -> StoredProcedure | None:
        return work.session.get(StoredProcedure, procedure.digest)

    if kept() is None:
        row = StoredProcedure(digest=procedure.digest, text=procedure.text, first_used_at=work.now)
        work.add_once(row, kept)
    return procedure.digest


def _declared_text(draft: IncidentDraft) -> str:
    if draft.precaution and not (draft.affects_customers or draft.affects_sla):
        return "Declared as a precaution: no customer is affected so far"
    affected = [
        word
        for word, is_so in (
            ("customers", draft.affects_customers),
            ("their SLA", draft.affects_sla),
        )
        if is_so
    ]
    return f"Declared: it affects {' and '.join(affected)}"
