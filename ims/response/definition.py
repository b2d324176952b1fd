"""Defining the incident: impact, frequency, severity, and whom it affects."""

from collections.abc import Sequence

from ims.errors import Refusal
from ims.model import (
    Customer,
    EntryKind,
    Frequency,
    Impact,
    Incident,
    Service,
    Severity,
)
from ims.response.wording import prose
from ims.sop.procedure import Procedure
from ims.sop.rules import first_update_due_at
from ims.store import incidents
from ims.store.work import Work


def define_impact(work: Work, incident_id: int, impact: Impact, text: str) -> None:
    """Say what customers feel: how bad, and in words (who, how many, what they cannot do)."""
    incident, text = work.incident(incident_id), prose(text)
    if (incident.impact, incident.impact_text) == (impact, text):
        return
    old = incident.impact
    incident.impact, incident.impact_text = impact, text
    _set(work, incident, EntryKind.IMPACT_SET, "Impact", old, impact, text)


def define_frequency(work: Work, incident_id: int, frequency: Frequency, text: str) -> None:
    """Say how often customers meet it."""
    incident, text = work.incident(incident_id), prose(text)
    if (incident.frequency, incident.frequency_text) == (frequency, text):
        return
    old = incident.frequency
    incident.frequency, incident.frequency_text = frequency, text
    _set(work, incident, EntryKind.FREQUENCY_SET, "Frequency", old, frequency, text)


def decide_severity(work: Work, incident_id: int, severity: Severity, reason: str = "") -> None:
    """Decide the severity; a change needs its reason.

    Raises:
        Refusal: the severity changes without a reason.
    """
    incident = work.incident(incident_id)
    if incident.severity is severity:
        return
    why = prose(reason)
    if incident.severity and not why:
        raise Refusal(f"Say why the severity changes from {incident.severity.value} to {severity.value}.")
    old = incident.severity
    incident.severity = severity
    _set(work, incident, EntryKind.SEVERITY_SET, "Severity", old, severity, why)


def set_scope(
    work: Work,
    incident_id: int,
    procedure: Procedure,
    service_ids: Sequence[int],
    customer_ids: Sequence[int],
) -> None:
    """Say which services and customers are affected. A first customer starts the clock of the first update."""
    incident = work.incident(incident_id)
    services = [work.get(Service, service_id).name for service_id in service_ids]
    customers = [work.get(Customer, customer_id).name for customer_id in customer_ids]
    if _scope(work, incident_id) == (set(service_ids), set(customer_ids)):
        return
    incidents.set_scope(work.session, incident_id, service_ids, customer_ids)
    incident.affects_customers = incident.affects_customers or bool(customer_ids)
    if customer_ids and incident.is_active and incident.next_update_due_at is None:
        incident.next_update_due_at = first_update_due_at(procedure, work.now)
    if not customer_ids:
        incident.next_update_due_at = None
    text = f"Affected services: {', '.join(services) or 'none'}; customers: {', '.join(customers) or 'none'}"
    work.record(
        incident,
        EntryKind.SCOPE_CHANGED,
        text,
        service_ids=list(service_ids),
        customer_ids=list(customer_ids),
    )


def _scope(work: Work, incident_id: int) -> tuple[set[int], set[int]]:
    return (
        {service.id for service in incidents.services_of(work.session, incident_id)},
        {customer.id for customer in incidents.customers_of(work.session, incident_id)},
    )


def _set(
    work: Work,
    incident: Incident,
    kind: EntryKind,
    name: str,
    old: Impact | Frequency | Severity | None,
    new: Impact | Frequency | Severity,
    text: str,
) -> None:
    change = f"{name}: {old.value} → {new.value}" if old and old is not new else f"{name}: {new.value}"
    work.record(
        incident,
        kind,
        f"{change}. {text}" if text else change,
        old=old.value if old else None,
        new=new.value,
    )
