"""ServiceNow: list exports, REST dumps with raw codes, and event logs with many rows for each incident."""

from collections.abc import Sequence

from ims.intake.history.content import Content, Row
from ims.intake.history.format import Format
from ims.intake.history.found import RawIncident
from ims.intake.history.words import present, severity_of, state_of, truth_of


def _recognises(content: Content) -> bool:
    return content.has("number", "openedat") and bool(content.columns & {"incidentstate", "state", "sysid", "callerid"})


def _find(content: Content) -> Sequence[RawIncident]:
    """Read the last row of each number: in an event log it is the incident as it ended, in a list the only one."""
    last = {row.get("number"): row for row in content.rows}
    return [_incident(row) for row in last.values()]


def _incident(row: Row) -> RawIncident:
    category = [present(row.get(name)) for name in ("category", "subcategory")]
    service = present(row.get("businessservice")) or present(row.get("cmdbci")) or category[0]
    return RawIncident(
        row=row.number,
        key=row.get("number"),
        title=present(row.get("shortdescription")) or " · ".join(filter(None, category)) or row.get("number"),
        times={
            "opened_at": row.get("openedat"),
            "resolved_at": row.get("resolvedat"),
            "closed_at": row.get("closedat"),
        },
        severity=severity_of(row.get("priority")),
        state=state_of(row.get("incidentstate", "state")),
        services=(service,) if service else (),
        sla_met=truth_of(row.get("madesla")),
    )


FORMAT = Format(
    "servicenow",
    "ServiceNow",
    _recognises,
    _find,
    ("Where several rows describe one number, the last of them is the incident.",),
)
