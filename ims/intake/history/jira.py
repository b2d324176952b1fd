"""Jira's CSV export: repeated columns, ``14/Jul/25 3:42 PM``, and cells of several lines."""

from collections.abc import Sequence

from ims.intake.history.content import Content, Row
from ims.intake.history.format import Format
from ims.intake.history.found import RawIncident
from ims.intake.history.words import present, severity_of, state_of


def _recognises(content: Content) -> bool:
    return content.has("issuekey", "summary") or content.has("issuetype", "summary", "created")


def _find(content: Content) -> Sequence[RawIncident]:
    return [_incident(row) for row in content.rows]


def _incident(row: Row) -> RawIncident:
    components = present(row.get("components", "component", "affectedservices"))
    return RawIncident(
        row=row.number,
        key=row.get("issuekey", "key", "issueid"),
        title=row.get("summary"),
        times={"opened_at": row.get("created"), "resolved_at": row.get("resolved", "resolutiondate")},
        severity=severity_of(row.get("priority")),
        state=state_of(row.get("status")),
        services=tuple(name.strip() for name in components.split(",") if name.strip()),
        summary=row.get("description"),
    )


FORMAT = Format("jira", "Jira issues", _recognises, _find)
