"""GitHub's status history (and other Statuspage exports of that shape): one JSON object a line, updates inside."""

from collections.abc import Sequence
from typing import Any

from ims.intake.history.content import Content, Document
from ims.intake.history.format import Format
from ims.intake.history.found import RawIncident
from ims.model import IncidentState, Severity

_SEVERITY = {
    "critical": Severity.SEV1,
    "major": Severity.SEV2,
    "minor": Severity.SEV3,
    "none": Severity.SEV4,
}
_OVER = ("resolved", "completed")


def _recognises(content: Content) -> bool:
    return bool(content.documents) and {"started_at", "updates"} <= content.documents[0].fields.keys()


def _find(content: Content) -> Sequence[RawIncident]:
    return [_incident(document) for document in content.documents]


def _incident(document: Document) -> RawIncident:
    fields = document.fields
    impact = _text(fields, "impact")
    sequence = [str(word).lower() for word in _list(fields, "status_sequence")]
    return RawIncident(
        row=document.number,
        key=_text(fields, "id") or _text(fields, "url"),
        title=_text(fields, "title"),
        times={"opened_at": _text(fields, "started_at"), "resolved_at": _text(fields, "resolved_at")},
        severity=_SEVERITY.get(impact),
        state=IncidentState.RESOLVED if sequence and sequence[-1] in _OVER else None,
        services=tuple(str(name) for name in _list(fields, "components")),
        summary=_text(fields, "url"),
        planned=impact == "maintenance" or "scheduled" in sequence,
        notes=tuple(_note(update) for update in _list(fields, "updates") if isinstance(update, dict)),
    )


def _note(update: dict[str, Any]) -> tuple[str, str]:
    return _text(update, "at"), f"{_text(update, 'status')}: {_text(update, 'message')}"


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value)


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    return value if isinstance(value, list) else []


FORMAT = Format("github_status", "GitHub status history (JSON Lines)", _recognises, _find)
