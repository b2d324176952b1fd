"""Opsgenie's alert export, which does not say when an alert was closed."""

from collections.abc import Sequence

from ims.intake.history.content import Content, Row
from ims.intake.history.format import Format
from ims.intake.history.found import RawIncident
from ims.intake.history.words import present, severity_of, state_of


def _recognises(content: Content) -> bool:
    return content.has("alertid", "message", "createdat")


def _find(content: Content) -> Sequence[RawIncident]:
    return [_incident(row) for row in content.rows]


def _incident(row: Row) -> RawIncident:
    service = present(row.get("entity", "service", "source"))
    return RawIncident(
        row=row.number,
        key=row.get("alertid"),
        title=row.get("message"),
        times={"opened_at": row.get("createdat"), "resolved_at": row.get("closedat")},
        severity=severity_of(row.get("priority")),
        state=state_of(row.get("status")),
        services=(service,) if service else (),
    )


FORMAT = Format(
    "opsgenie",
    "Opsgenie alerts",
    _recognises,
    _find,
    ("Opsgenie's export holds no closing time, so the time to resolve stays unknown where there is no such column.",),
)
