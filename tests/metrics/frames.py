"""Small frames of incidents for the tests of the figures."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from ims.metrics.population import COLUMNS, TIMES, prepare

START = datetime(2024, 3, 1, 10, tzinfo=UTC)


def incident(number: int, minutes: float | None = None, **fields: object) -> dict[str, object]:
    """An incident that took some minutes to resolve, ``None`` for one without an end."""
    times: dict[str, object] = dict.fromkeys(TIMES, START) | dict.fromkeys(TIMES[3:])
    opened = fields.pop("opened", START)
    assert isinstance(opened, datetime)
    times |= dict.fromkeys(TIMES[:3], opened)
    times["resolved_at"] = None if minutes is None else opened + timedelta(minutes=minutes)
    row: dict[str, object] = {
        "id": number,
        "key": f"INC-{number}",
        "origin": "portal",
        "origin_key": None,
        "title": f"Incident {number}",
        "state": "open" if minutes is None else "closed",
        "severity": "sev3",
        "services": (),
        "affects_customers": True,
        "planned": False,
        "sla_met": None,
        "time_zone": "UTC",
    }
    return row | times | fields


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    """A prepared frame."""
    made = pd.DataFrame(list(rows), columns=list(COLUMNS))
    for name in TIMES:
        made[name] = pd.to_datetime(made[name], utc=True)
    return prepare(made.astype({"planned": bool, "affects_customers": bool}))
