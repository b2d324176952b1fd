"""Completions that need more than the presence of an entry. Each is pure: (procedure, case, now) to a standing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ims.model import (
    Customer,
    EntryKind,
    IncidentRole,
    TimelineEntry,
    UpdatePhase,
)
from ims.sop.case import Case
from ims.sop.freshness import overruns, silences
from ims.sop.procedure import Procedure, Rule


@dataclass(frozen=True)
class Standing:
    """What a rule found. Not done while ``done_at`` is ``None``; ``due_at`` and ``late_by`` override the step's own."""

    done_at: datetime | None = None
    done_by: str = ""
    evidence: str = ""
    due_at: datetime | None = None
    late_by: timedelta = timedelta()
    not_needed: bool = False


def roles_held(_procedure: Procedure, case: Case, _now: datetime) -> Standing:
    """Every role is held by somebody who knows: delegated by name, or confirmed by the Incident Commander."""
    confirmed = case.first(EntryKind.ROLES_CONFIRMED)
    delegated: dict[object, TimelineEntry] = {}
    for entry in case.of_kind(EntryKind.ROLE_ASSIGNED):
        delegated.setdefault(entry.data.get("role"), entry)
    both = [delegated.get(role.value) for role in (IncidentRole.COMMUNICATIONS, IncidentRole.OPERATIONS)]
    complete = [entry for entry in both if entry is not None]
    latest = max(complete, key=lambda entry: entry.occurred_at) if len(complete) == len(both) else None
    found = [entry for entry in (confirmed, latest) if entry is not None]
    if not found:
        return Standing(evidence="The Incident Commander has not confirmed who holds what.")
    entry = min(found, key=lambda entry: entry.occurred_at)
    return Standing(entry.occurred_at, entry.author, entry.text)


def ways_to_reach(customer: Customer) -> set[str]:
    """Return the kinds of delivery by which a customer can be told."""
    ways = {"customer_post": customer.slack_channel, "customer_mail": customer.contacts}
    return {kind for kind, address in ways.items() if address}


def first_update_due_at(procedure: Procedure, since: datetime) -> datetime | None:
    """Return when the first customer update is due after a declaration or reopening, by the step that asks for it."""
    return _due_by_rule(procedure, Rule.CUSTOMERS_UPDATED, since)


def last_update_due_at(procedure: Procedure, since: datetime) -> datetime | None:
    """Return when customers must have the last word after a resolution, by the step that asks for it."""
    return _due_by_rule(procedure, Rule.CUSTOMERS_TOLD_RESOLVED, since)


def _due_by_rule(procedure: Procedure, rule: Rule, since: datetime) -> datetime | None:
    steps = (step for step in procedure.steps if step.done_when and step.done_when.rule is rule and step.due)
    return next((step.due.within.after(since) for step in steps if step.due), None)


def customers_updated(procedure: Procedure, case: Case, _now: datetime) -> Standing:
    """Each affected customer was told by every way they can be reached, with no gap over the interval."""
    if not case.customers:
        if case.incident.affects_customers or case.incident.affects_sla:
            return Standing(evidence="Name the affected customers, so that they can be told.")
        return Standing(not_needed=True, evidence="No customer is affected.")
    missing = _not_told(case, None)
    if case.incident.is_active or missing:
        evidence = "Not yet told: " + ", ".join(missing) if missing else _how_far(case)
        return Standing(due_at=case.incident.next_update_due_at, evidence=evidence)
    last = (list(case.of_kind(EntryKind.UPDATE_WRITTEN)) or list(case.of_kind(EntryKind.UPDATE_DELIVERED)))[-1]
    late_by = _longest_overrun(procedure, case)
    evidence = "Every customer told, no gap over the interval" if not late_by else "Every customer told, but with a gap"
    done_at = case.incident.resolved_at or last.occurred_at
    # The step lasts until the resolution, so its own clock, which is for the first update, does not judge its end.
    return Standing(done_at, last.author, evidence, due_at=done_at, late_by=late_by)


def customers_told_resolved(_procedure: Procedure, case: Case, _now: datetime) -> Standing:
    """Each affected customer got the message that it is resolved, by every way they can be reached."""
    if not case.customers:
        affected = case.incident.affects_customers or case.incident.affects_sla
        return Standing(
            not_needed=not affected,
            evidence="No customer is named." if affected else "No customer is affected.",
        )
    missing = _not_told(case, UpdatePhase.RESOLVED)
    if missing:
        return Standing(evidence="Not yet told: " + ", ".join(missing))
    entry = max(
        _deliveries(case, UpdatePhase.RESOLVED),
        key=lambda entry: entry.occurred_at,
        default=None,
    )
    if entry is None:
        return Standing(evidence="No affected customer can be reached: add a channel or an e-mail address.")
    return Standing(entry.occurred_at, _writer(case, entry), "Every customer told")


RULES: Mapping[Rule, Callable[[Procedure, Case, datetime], Standing]] = {
    Rule.ROLES_HELD: roles_held,
    Rule.CUSTOMERS_UPDATED: customers_updated,
    Rule.CUSTOMERS_TOLD_RESOLVED: customers_told_resolved,
}


def _deliveries(case: Case, phase: UpdatePhase | None) -> list[TimelineEntry]:
    entries = case.since_reopened if phase else case.valid_entries
    return [
        entry
        for entry in entries
        if entry.kind is EntryKind.UPDATE_DELIVERED and (phase is None or entry.data.get("phase") == phase.value)
    ]


def _writer(case: Case, delivered: TimelineEntry) -> str:
    """Return who wrote the update that was delivered: a person told the customers, the portal only carried it."""
    update_id = delivered.data.get("update_id")
    written = case.of_kind(EntryKind.UPDATE_WRITTEN)
    return next((entry.author for entry in written if entry.data.get("update_id") == update_id), delivered.author)


def _how_far(case: Case) -> str:
    """Say how many updates were sent, or whom the newest has not reached."""
    written = list(case.of_kind(EntryKind.UPDATE_WRITTEN))
    newest = written[-1].data.get("update_id") if written else None
    missing = _lacking(case, [each for each in _deliveries(case, None) if each.data.get("update_id") == newest])
    if written and missing:
        return f"The newest update has not reached everybody: {', '.join(missing)}"
    return f"{len(written)} sent, the next is promised"


def _not_told(case: Case, phase: UpdatePhase | None) -> list[str]:
    """Name the customers that were not told; one that nobody can reach is always among them."""
    return _lacking(case, _deliveries(case, phase))


def _lacking(case: Case, deliveries: Iterable[TimelineEntry]) -> list[str]:
    """Name the customers for whom some way to reach them is not among the deliveries."""
    told: dict[int, set[str]] = {}
    for entry in deliveries:
        told.setdefault(int(entry.data["customer_id"]), set()).add(str(entry.data["way"]))
    return [
        customer.name
        for customer in case.customers
        if not ways_to_reach(customer) or ways_to_reach(customer) - told.get(customer.id, set())
    ]


def _longest_overrun(procedure: Procedure, case: Case) -> timedelta:
    """Return by how much the first update was late, or the longest silence before the resolution over the interval."""
    written = [entry.occurred_at for entry in case.of_kind(EntryKind.UPDATE_WRITTEN)]
    end = case.incident.resolved_at or max(written, default=case.incident.declared_at)
    interval = procedure.update_interval(case.incident.severity)
    late = overruns(silences(case, end)[1:], interval)  # the first silence has its own due time
    first_due_at = first_update_due_at(procedure, case.incident.declared_at)
    if written and first_due_at:
        late.append(written[0] - first_due_at)
    return max([*late, timedelta()])
