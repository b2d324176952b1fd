"""Defining the incident: impact, frequency, severity, and whom it affects."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

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
from ims.model.seen import agreed, merge
from ims.response.wording import prose
from ims.sop.procedure import Procedure
from ims.sop.rules import first_update_due_at
from ims.store import deliveries, incidents, timeline
from ims.store.work import Work

_EXPLAINED_BY = {
    "impact": EntryKind.IMPACT_SET,
    "impact_text": EntryKind.IMPACT_SET,
    "frequency": EntryKind.FREQUENCY_SET,
    "frequency_text": EntryKind.FREQUENCY_SET,
    "severity": EntryKind.SEVERITY_SET,
}


@dataclass(frozen=True)
class Definition:
    """What an incident is: how bad, how often, how urgent."""

    impact: Impact | None = None
    impact_text: str = ""
    frequency: Frequency | None = None
    frequency_text: str = ""
    severity: Severity | None = None

    @classmethod
    def of(cls, incident: Incident) -> Self:
        """Return the definition of an incident as it is now."""
        return cls(
            incident.impact, incident.impact_text, incident.frequency, incident.frequency_text, incident.severity
        )


def define(work: Work, incident_id: int, wanted: Definition, *, seen: Definition, reason: str = "") -> Definition:
    """Define an incident from a form that was opened on ``seen``; return what holds now.

    What the writer left as it was follows what others made of it meanwhile.

    Raises:
        Conflict: somebody else changed a field that the writer changed too, to something else; nothing is written.
        Refusal: the severity changes without a reason, or words describe an impact or frequency that is not chosen.
    """
    incident = work.incident(incident_id)
    mine = asdict(wanted) | {
        "impact_text": prose(wanted.impact_text),
        "frequency_text": prose(wanted.frequency_text),
    }
    merged = agreed(
        asdict(seen), asdict(Definition.of(incident)), mine, lambda name: _last_change(work, incident_id, name)
    )
    kept = Definition(**merged)
    _needs_a_level(kept)
    if kept.impact:
        define_impact(work, incident_id, kept.impact, kept.impact_text)
    if kept.frequency:
        define_frequency(work, incident_id, kept.frequency, kept.frequency_text)
    if kept.severity:
        decide_severity(work, incident_id, kept.severity, reason)
    return kept


def _needs_a_level(wanted: Definition) -> None:
    if wanted.impact_text and not wanted.impact:
        raise Refusal("Choose the impact that you describe.")
    if wanted.frequency_text and not wanted.frequency:
        raise Refusal("Choose the frequency that you describe.")


def _last_change(work: Work, incident_id: int, name: str) -> tuple[str, datetime | None]:
    entry = timeline.last_entry(work.session, incident_id, _EXPLAINED_BY[name])
    return (entry.author, entry.recorded_at) if entry else ("Somebody", None)


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
        raise Refusal(f"Say why the severity changes from {incident.severity.label} to {severity.label}.")
    old = incident.severity
    incident.severity = severity
    _set(work, incident, EntryKind.SEVERITY_SET, "Severity", old, severity, why)


def set_scope(
    work: Work,
    incident_id: int,
    procedure: Procedure,
    service_ids: Sequence[int],
    customer_ids: Sequence[int],
    *,
    seen: tuple[Collection[int], Collection[int]] | None = None,
) -> None:
    """Say which services and customers are affected. A first customer starts the clock of the first update.

    ``seen`` are the services and customers as the writer saw them: what others added or took away meanwhile stays so.
    """
    incident = work.incident(incident_id)
    if seen:
        now = _scope(work, incident_id)
        service_ids = _with_theirs(seen[0], now[0], service_ids)
        customer_ids = _with_theirs(seen[1], now[1], customer_ids)
    services = [work.get(Service, service_id).name for service_id in service_ids]
    customers = [work.get(Customer, customer_id).name for customer_id in customer_ids]
    if _scope(work, incident_id) == (set(service_ids), set(customer_ids)):
        return
    _leave_alone(work, incident_id, _scope(work, incident_id)[1] - set(customer_ids))
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


def _leave_alone(work: Work, incident_id: int, customer_ids: Collection[int]) -> None:
    """Call off what customers who are not affected were to hear and have not yet."""
    for customer_id in customer_ids:
        reason = f"{work.get(Customer, customer_id).name} is not affected."
        for kind in deliveries.TO_CUSTOMERS:
            deliveries.call_off(work.session, incident_id, kind, work.now, reason, customer_id=customer_id)


def _with_theirs(seen: Collection[int], now: Collection[int], mine: Collection[int]) -> list[int]:
    """Keep the writer's own additions and removals, on top of what is there now."""
    return sorted(merge(frozenset(seen), frozenset(now), frozenset(mine)))


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
    change = f"{name}: {_said(old)} → {_said(new)}" if old and old is not new else f"{name}: {_said(new)}"
    work.record(
        incident,
        kind,
        f"{change}. {text}" if text else change,
        old=old.value if old else None,
        new=new.value,
        words=text,
    )


def _said(word: Impact | Frequency | Severity) -> str:
    return word.label if isinstance(word, Severity) else word.value
