"""People's own lists: whatever columns they keep, recognised by the names they usually give them."""

from collections.abc import Sequence

from ims.errors import BadFile
from ims.intake.history.content import Content, Row
from ims.intake.history.format import Format
from ims.intake.history.found import RawIncident
from ims.intake.history.words import present, severity_of, state_of, truth_of

_NAMES: dict[str, tuple[str, ...]] = {
    "key": ("id", "key", "number", "incidentid", "incidentnumber", "incidentno", "ticket", "ticketid", "no", "nr"),
    "title": (
        *("title", "name", "subject", "shortdescription", "summary", "headline", "message", "what", "incident"),
        *("problem", "description"),
    ),
    "opened": (
        *("openedat", "opened", "startedat", "started", "start", "startdate", "startdatetime", "incidentstart"),
        *("beganat", "began", "begin", "from", "detectedat", "detected", "reportedat", "reported", "createdat"),
        *("created", "createdon", "declaredat", "declared", "openeddate", "opendate", "datetime", "timestamp"),
    ),
    "resolved": (
        *("resolvedat", "resolved", "resolvedon", "endedat", "ended", "end", "enddate", "enddatetime", "incidentend"),
        *("restored", "restoredat", "fixed", "fixedat", "finished", "until", "to", "closedat", "closed", "closedon"),
    ),
    "acknowledged": ("acknowledgedat", "acknowledged", "ackat", "ack"),
    "date": ("date", "day", "incidentdate"),
    "start_hour": ("starttime", "timestarted", "timestart", "time"),
    "end_hour": ("endtime", "timeended", "timeend", "resolvedtime"),
    "severity": ("severity", "sev", "priority", "prio", "level", "impact"),
    "state": ("state", "status"),
    "service": ("service", "services", "servicename", "system", "component", "components", "application", "product"),
    "sla": ("slamet", "madesla", "sla"),
}
_COMMON = ("service", "affectedservice", "affectedsystem", "category", "area", "team")


def _recognises(content: Content) -> bool:
    has_start = bool(content.columns & {*_NAMES["opened"], *_NAMES["date"], *_NAMES["start_hour"]})
    return bool(content.rows) and has_start and bool(content.columns & {*_NAMES["title"], *_NAMES["key"]})


def _find(content: Content) -> Sequence[RawIncident]:
    if not _recognises(content):
        raise BadFile(
            "The table needs a column for the start (like “Started at”) and one for what happened (like “Title”)."
        )
    return [_incident(row) for row in content.rows]


def _incident(row: Row) -> RawIncident:
    cells = {what: row.get(*names) for what, names in _NAMES.items()}
    service = present(cells["service"] or row.get(*_COMMON))
    return RawIncident(
        row=row.number,
        # Two lists of one team both count from 1, so a number alone does not name an incident.
        key=f"{cells['key']} {cells['title']}".strip() if cells["key"] else "",
        title=cells["title"] or cells["key"],
        times={
            "opened_at": cells["opened"] or _joined(cells["date"], cells["start_hour"]),
            "acknowledged_at": cells["acknowledged"],
            "resolved_at": cells["resolved"] or _joined(cells["date"] or cells["opened"], cells["end_hour"], end=True),
        },
        severity=severity_of(cells["severity"]),
        state=state_of(cells["state"]),
        services=tuple(name.strip() for name in service.split(",") if name.strip()),
        sla_met=truth_of(cells["sla"]),
    )


def _joined(day: str, hour: str, *, end: bool = False) -> str:
    """Put a day and an hour from two columns together; a column of hours may hold whole times as well."""
    if end and not present(hour):
        return ""
    if len(hour) > len("11:50:00 am"):
        return hour
    return f"{day} {hour}".strip()


FORMAT = Format("list", "A list of your own", _recognises, _find)
