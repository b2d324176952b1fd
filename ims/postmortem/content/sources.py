"""Where the portal has a fact from: an alert, or who declared, decided or corrected it."""

from collections.abc import Mapping, Sequence

from ims.model import EntryKind, EntrySource, TimelineEntry
from ims.postmortem.content.facts import RcaFacts

COUNTED = "Counted by IMS"
_DECLARED, _CORRECTED, _IMPORTED, _ALERT = "Declared", "Corrected", "Imported", "An alert"
_DONE: Mapping[EntryKind, str] = {
    EntryKind.TIME_CORRECTED: _CORRECTED,
    EntryKind.SCOPE_CHANGED: "Changed",
    EntryKind.IMPACT_SET: "Decided",
    EntryKind.FREQUENCY_SET: "Decided",
    EntryKind.ACKNOWLEDGED: "Acknowledged",
    EntryKind.UPDATE_WRITTEN: "Written",
}
_EXPLAINING: Mapping[str, Sequence[EntryKind]] = {
    "began_at": (EntryKind.ALERT_ATTACHED,),
    "detected_at": (EntryKind.ALERT_ATTACHED,),
    "declared_at": (EntryKind.DECLARED,),
    "acknowledged_at": (EntryKind.ACKNOWLEDGED,),
    "first_update_at": (EntryKind.UPDATE_WRITTEN,),
    "mitigated_at": (EntryKind.MITIGATED, EntryKind.RESOLVED),
    "resolved_at": (EntryKind.RESOLVED,),
}


def of_declaration(facts: RcaFacts) -> str:
    """Return who declared the incident, or brought it in from elsewhere."""
    return _said(list(facts.case.of_kind(EntryKind.DECLARED)), facts)


def of_decision(facts: RcaFacts, kind: EntryKind) -> str:
    """Return who decided it last; empty where nobody did."""
    found = list(facts.case.of_kind(kind))
    return _said(found, facts) if found else ""


def of_scope(facts: RcaFacts) -> str:
    """Return who said last which customers and services are affected."""
    return of_decision(facts, EntryKind.SCOPE_CHANGED) or of_declaration(facts)


def of_time(facts: RcaFacts, name: str) -> str:
    """Return where one of the incident's times is from; empty for one that is not known."""
    at = getattr(facts.incident, name)
    if at is None:
        return ""
    corrections = [entry for entry in facts.case.of_kind(EntryKind.TIME_CORRECTED) if entry.data.get("time") == name]
    explaining = [entry for entry in facts.case.of_kind(*_EXPLAINING[name]) if entry.occurred_at == at]
    return _said(corrections or explaining, facts) if corrections or explaining else of_declaration(facts)


def _said(entries: Sequence[TimelineEntry], facts: RcaFacts) -> str:
    """Say who made the last of some entries; where there is none, who declared the incident."""
    if not entries:
        who = facts.incident.declared_by
        return f"{_DECLARED} by {who}" if who else _DECLARED
    last = entries[-1]
    if last.source is EntrySource.ALERTMANAGER:
        return _ALERT
    done = _CORRECTED if "correction" in last.data else _DONE.get(last.kind, _DECLARED)
    return f"{_IMPORTED if last.source is EntrySource.IMPORT else done} by {last.author}"
