"""What did we know at 14:20? An incident as its timeline tells it at a moment. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from ims.model import (
    Customer,
    EntryKind,
    Frequency,
    Impact,
    Incident,
    IncidentRole,
    IncidentState,
    Severity,
    TimelineEntry,
)
from ims.sop.case import Case

Chosen = TypeVar("Chosen", Impact, Frequency, Severity)
Times = dict[str, datetime | None]

_MOVES = {
    EntryKind.DECLARED: IncidentState.OPEN,
    EntryKind.REOPENED: IncidentState.OPEN,
    EntryKind.MITIGATED: IncidentState.MITIGATED,
    EntryKind.RESOLVED: IncidentState.RESOLVED,
    EntryKind.CLOSED: IncidentState.CLOSED,
    EntryKind.CANCELLED: IncidentState.CANCELLED,
}
_EXPLAINED_BY = {
    "declared_at": (EntryKind.DECLARED,),
    "acknowledged_at": (EntryKind.ACKNOWLEDGED,),
    "mitigated_at": (EntryKind.MITIGATED,),
    "resolved_at": (EntryKind.RESOLVED,),
    "closed_at": (EntryKind.CLOSED, EntryKind.CANCELLED),
}
_OF_A_ROUND = ("mitigated_at", "resolved_at", "closed_at")  # a reopening empties them


def known_at(case: Case, moment: datetime) -> Case:
    """Return the case as it was known at a moment: only what had been written down by then.

    The incident in it is a copy; its state, times, owner, promise to the customers, impact, frequency and severity are
    those that the entries explain.
    """
    entries = [entry for entry in case.entries if entry.recorded_at <= moment]
    earlier = replace(case, entries=entries)
    return Case(_explained(case.incident, earlier.valid_entries), entries, _affected(case.customers, earlier))


def explained_state(entries: Sequence[TimelineEntry]) -> IncidentState:
    """Return the state that valid entries explain, in the order in which they were recorded."""
    last = _last(entry for entry in entries if entry.kind in _MOVES)
    return _MOVES[last.kind] if last else IncidentState.OPEN


def explained_times(incident: Incident, entries: Sequence[TimelineEntry]) -> Times:
    """Return the times of an incident that valid entries explain."""
    times: Times = {name: _time(explaining(entries, name)) for name in _EXPLAINED_BY}
    times["declared_at"] = times["declared_at"] or incident.declared_at
    times["mitigated_at"] = times["mitigated_at"] or times["resolved_at"]
    times["first_update_at"] = _time(_first_told(entries))
    return times | _beginning(incident, entries) | _corrected(entries)


def explaining(entries: Sequence[TimelineEntry], name: str) -> TimelineEntry | None:
    """Return the valid entry that explains one of an incident's times; ``None`` where there is no such entry."""
    kinds = _EXPLAINED_BY.get(name, ())
    found = current_round(entries) if name in _OF_A_ROUND else entries
    return next((entry for entry in found if entry.kind in kinds), None)


def current_round(entries: Sequence[TimelineEntry]) -> Sequence[TimelineEntry]:
    """Return the valid entries written since the last reopening, all of them where there was none."""
    reopened = _last(entry for entry in entries if entry.kind is EntryKind.REOPENED)
    return [entry for entry in entries if _written(entry) > _written(reopened)] if reopened else entries


def roles_at(case: Case) -> dict[IncidentRole, int]:
    """Return who holds which role by name, as the valid entries tell it; the rest is the Incident Commander's."""
    holders = {
        IncidentRole(entry.data["role"]): entry.data.get("person_id")
        for entry in sorted(case.of_kind(EntryKind.ROLE_ASSIGNED), key=_written)
    }
    return {role: person_id for role, person_id in holders.items() if person_id is not None}


def _last_said(case: Case, kind: EntryKind) -> TimelineEntry | None:
    """Return the valid entry of a kind that was written last."""
    return _last(case.of_kind(kind))


def _written(entry: TimelineEntry) -> int:
    """Return the place of an entry in the order of writing; a correction takes the place of what it corrects."""
    return int(entry.data.get("corrects", entry.id))


def _last(entries: Iterable[TimelineEntry]) -> TimelineEntry | None:
    return max(entries, key=_written, default=None)


def _explained(incident: Incident, entries: Sequence[TimelineEntry]) -> Incident:
    known = Incident.model_validate(incident.model_dump())
    known.state = explained_state(entries)
    for name, moment in explained_times(incident, entries).items():
        setattr(known, name, moment)
    case = Case(incident, entries)
    known.impact, known.impact_text = _chosen(case, EntryKind.IMPACT_SET, Impact)
    known.frequency, known.frequency_text = _chosen(case, EntryKind.FREQUENCY_SET, Frequency)
    known.severity, _ = _chosen(case, EntryKind.SEVERITY_SET, Severity)
    known.owner_id = roles_at(case).get(IncidentRole.COMMANDER)
    promised = _last(entry for entry in entries if "next_update_due_at" in entry.data)
    known.next_update_due_at = _moment(promised.data["next_update_due_at"]) if promised else None
    return known


def _time(entry: TimelineEntry | None) -> datetime | None:
    return entry.occurred_at if entry else None


def _moment(stored: Any) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def _beginning(incident: Incident, entries: Sequence[TimelineEntry]) -> Times:
    """Return when it began and was detected: as declared, or earlier by an alert attached since, or as corrected."""
    declared = next((entry for entry in entries if entry.kind is EntryKind.DECLARED), None)
    if declared is None or "began_at" not in declared.data:
        return {"began_at": incident.began_at, "detected_at": incident.detected_at}
    began_at = min(_moment(declared.data["began_at"]) or declared.occurred_at, declared.occurred_at)
    times = {"began_at": began_at, "detected_at": declared.occurred_at}
    for entry in sorted(entries, key=_written):
        if entry.kind is EntryKind.ALERT_ATTACHED:
            times = {name: min(moment, entry.occurred_at) for name, moment in times.items()}
        elif entry.kind is EntryKind.TIME_CORRECTED and entry.data["time"] in times:
            times[entry.data["time"]] = datetime.fromisoformat(entry.data["new"])
    return {**times}


def _corrected(entries: Sequence[TimelineEntry]) -> Times:
    """Return the times corrected where no entry explained them; for a time of a round, in that round only."""
    this_round = {entry.id for entry in current_round(entries)}
    corrections = sorted((entry for entry in entries if entry.kind is EntryKind.TIME_CORRECTED), key=_written)
    return {
        entry.data["time"]: datetime.fromisoformat(entry.data["new"])
        for entry in corrections
        if entry.data["time"] not in ("began_at", "detected_at")
        and (entry.data["time"] not in _OF_A_ROUND or entry.id in this_round)
    }


def _first_told(entries: Sequence[TimelineEntry]) -> TimelineEntry | None:
    """Return the entry of the customer update that reached a customer first."""
    told = [entry for entry in entries if entry.kind is EntryKind.UPDATE_DELIVERED]
    first = min(told, key=_written, default=None)
    written = (entry for entry in entries if entry.kind is EntryKind.UPDATE_WRITTEN)
    return next((entry for entry in written if first and entry.data["update_id"] == first.data["update_id"]), None)


def _chosen(case: Case, kind: EntryKind, words: type[Chosen]) -> tuple[Chosen | None, str]:
    said = _last_said(case, kind)
    return (words(said.data["new"]), str(said.data.get("words", ""))) if said else (None, "")


def _affected(customers: Sequence[Customer], case: Case) -> list[Customer]:
    """Return the customers named by then: those of the declaration or of the last change of scope, else all."""
    named = _last_said(case, EntryKind.SCOPE_CHANGED) or _last_said(case, EntryKind.DECLARED)
    if named is None or "customer_ids" not in named.data:
        return list(customers)
    return [customer for customer in customers if customer.id in named.data["customer_ids"]]
