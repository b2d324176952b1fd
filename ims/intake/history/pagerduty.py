"""PagerDuty: dumps of its REST API, whose cells hold Python dictionaries, and its incident report."""

import ast
from collections.abc import Sequence
from typing import Any

from ims.intake.history.content import Content, Row
from ims.intake.history.format import Format
from ims.intake.history.found import RawIncident
from ims.intake.history.words import present, severity_of, state_of
from ims.model import IncidentState

LONGEST_CELL = 20_000


def _recognises_dump(content: Content) -> bool:
    return content.has("incidentnumber", "createdat", "status", "escalationpolicy")


def _find_in_dump(content: Content) -> Sequence[RawIncident]:
    return [_from_dump(row) for row in content.rows]


def _from_dump(row: Row) -> RawIncident:
    state = state_of(row.get("status"))
    ended = row.get("resolvedat") or (row.get("laststatuschangeat") if state is IncidentState.RESOLVED else "")
    acknowledgements = literal(row.get("acknowledgements"))
    first = acknowledgements[0] if isinstance(acknowledgements, list) and acknowledgements else {}
    service = _name(row.get("service"))
    return RawIncident(
        row=row.number,
        key=row.get("id", "incidentnumber"),
        title=row.get("title", "summary", "description"),
        times={
            "opened_at": row.get("createdat"),
            "acknowledged_at": str(first.get("at", "")) if isinstance(first, dict) else "",
            "resolved_at": ended,
        },
        severity=severity_of(_name(row.get("priority"))),
        state=state,
        services=(service,) if service else (),
        summary=row.get("htmlurl"),
    )


def literal(cell: str) -> Any:
    """Read a cell that holds a Python literal; ``None`` where it holds none.

    Nothing is run: ``ast.literal_eval`` knows only literals, and over-long cells, which could exhaust it, are not read.
    """
    if len(cell) > LONGEST_CELL:
        return None
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _name(cell: str) -> str:
    """Return the name of what a cell refers to: its ``summary``, or the cell itself where it is plain text."""
    value = literal(cell)
    if isinstance(value, dict):
        return str(value.get("summary") or value.get("name") or "")
    return "" if isinstance(value, list) else present(cell)


def _recognises_report(content: Content) -> bool:
    return content.has("createdon") and bool(content.columns & {"resolvedon", "secondstoresolve", "secondstofirstack"})


def _find_in_report(content: Content) -> Sequence[RawIncident]:
    return [_from_report(row) for row in content.rows]


def _from_report(row: Row) -> RawIncident:
    service = present(row.get("servicename", "service"))
    return RawIncident(
        row=row.number,
        key=row.get("id", "incidentnumber"),
        title=row.get("description", "title", "summary"),
        times={"opened_at": row.get("createdon"), "resolved_at": row.get("resolvedon")},
        seconds={"acknowledged_at": row.get("secondstofirstack"), "resolved_at": row.get("secondstoresolve")},
        severity=severity_of(row.get("priorityname", "priority")),
        state=state_of(row.get("status")),
        services=(service,) if service else (),
    )


DUMP = Format("pagerduty", "PagerDuty REST dump", _recognises_dump, _find_in_dump)
REPORT = Format("pagerduty_report", "PagerDuty incident report", _recognises_report, _find_in_report)
