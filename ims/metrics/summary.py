"""The figures as one answer, for ``ims figures`` and for scripts."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ims.metrics.definitions import Definition
from ims.metrics.durations import Durations, measure
from ims.metrics.frequency import by_month, by_severity

RESOLVE = "time_to_resolve"


def sla(frame: pd.DataFrame) -> dict[str, Any]:
    """Return how many incidents met their SLA, of how many that say so, and the share (0 to 1)."""
    known = frame["sla_met"].dropna().astype(bool)
    met = int(known.sum())
    return {"n": len(known), "met": met, "share": met / len(known) if len(known) else None}


def summary(frame: pd.DataFrame, definitions: Mapping[str, Definition]) -> dict[str, Any]:
    """Return the figures of the selected incidents, and the same for each severity. Times are in minutes."""
    severities = {
        str(severity): _figures(group, definitions[RESOLVE]) for severity, group in frame.groupby("severity", sort=True)
    }
    return _figures(frame, definitions[RESOLVE]) | {"severities": severities}


def _figures(frame: pd.DataFrame, resolve: Definition) -> dict[str, Any]:
    durations = measure(frame, resolve)
    return {
        "incidents": len(frame),
        "missing": durations.missing,
        "negative": durations.negative,
        "by_month": by_month(frame),
        "by_severity": by_severity(frame),
        "time_to_resolve": _times(durations),
        "sla": sla(frame),
    }


def _times(durations: Durations) -> dict[str, float | int | None]:
    return {"n": durations.n, "mean": durations.mean, "median": durations.median, "p90": durations.p90}
