"""What did we know at 14:20? An incident as its timeline tells it at a moment. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from ims.model import Customer, EntryKind, Frequency, Impact, Incident, IncidentState, Severity, TimelineEntry
from ims.sop.case import Case

Chosen = TypeVar("Chosen", Impact, Frequency, Severity)

_MOVES = {
    EntryKind.DECLARED: IncidentState.OPEN,
    EntryKind.REOPENED: IncidentState.OPEN,
    EntryKind.MITIGATED: IncidentState.MITIGATED,
    EntryKind.RESOLVED: IncidentState.RESOLVED,
    EntryKind.CLOSED: IncidentState.CLOSED,
    EntryKind.CANCELLED: IncidentState.CANCELLED,
}


def known_at(case: Case, moment: datetime) -> Case:
    """Return the case as it was known at a moment: only what had been written down by then.

    The incident in it is a copy; state, times, impact, frequency and severity are those that the entries explain.
    """
    entries = [entry for entry in case.entries if entry.recorded_at <= moment]
    earlier = replace(case, entries=entries)
    return Case(_explained(case.incident, earlier.valid_entries), entries, _affected(case.customers, earlier))


def explained_state(entries: Sequence[TimelineEntry]) -> IncidentState:
    """Return the state that valid entries explain, in the order in which they were recorded."""
    moves = [entry for entry in entries if entry.kind in _MOVES]
    return _MOVES[max(moves, key=_written).kind] if moves else IncidentState.OPEN


def _written(entry: TimelineEntry) -> int:
    """Return the place of an entry in the order of writing; a correction takes the place of what it corrects."""
    return int(entry.data.get("corrects", entry.id))


def _explained(incident: Incident, entries: Sequence[TimelineEntry]) -> Incident:
    known = Incident.model_validate(incident.model_dump())
    known.state = explained_state(entries)
    reopened = max((_written(entry) for entry in entries if entry.kind is EntryKind.REOPENED), default=0)
    current = [entry for entry in entries if _written(entry) > reopened]
    known.acknowledged_at = _time(entries, EntryKind.ACKNOWLEDGED)
    known.mitigated_at = _time(current, EntryKind.MITIGATED) or _time(current, EntryKind.RESOLVED)
    known.resolved_at = _time(current, EntryKind.RESOLVED)
    known.closed_at = _time(current, EntryKind.CLOSED) or _time(current, EntryKind.CANCELLED)
    known.first_update_at = _time(entries, EntryKind.UPDATE_WRITTEN)
    known.impact = _word(entries, EntryKind.IMPACT_SET, Impact)
    known.frequency = _word(entries, EntryKind.FREQUENCY_SET, Frequency)
    known.severity = _word(entries, EntryKind.SEVERITY_SET, Severity)
    return known


def _time(entries: Sequence[TimelineEntry], kind: EntryKind) -> datetime | None:
    return next((entry.occurred_at for entry in entries if entry.kind is kind), None)


def _word(entries: Sequence[TimelineEntry], kind: EntryKind, words: type[Chosen]) -> Chosen | None:
    said = [entry for entry in entries if entry.kind is kind]
    return words(max(said, key=_written).data["new"]) if said else None


def _affected(customers: Sequence[Customer], case: Case) -> list[Customer]:
    """Return the customers named by then: those of the last change of scope, else all."""
    changes = list(case.of_kind(EntryKind.SCOPE_CHANGED))
    if not changes:
        return list(customers)
    ids = max(changes, key=_written).data.get("customer_ids", [])
    return [customer for customer in customers if customer.id in ids]
