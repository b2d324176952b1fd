"""Which incidents a figure is about. A frame of incidents has one row each; see ``COLUMNS``."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from ims.metrics.definitions import Population

TIMES = (
    *("began_at", "detected_at", "declared_at", "acknowledged_at"),
    *("first_update_at", "mitigated_at", "resolved_at", "closed_at"),
)
COLUMNS = (
    *("id", "key", "origin", "origin_key", "title", "state", "severity", "services", "affects_customers"),
    *("planned", "sla_met", "time_zone", *TIMES),
)
UNKNOWN = "unknown"
CANCELLED = "cancelled"
PORTAL = "portal"


@dataclass(frozen=True)
class Selection:
    """What a person asked to see. Days are those of the declaration, ``until`` included; empty means everything."""

    since: date | None = None
    until: date | None = None
    severities: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    with_planned: bool = True


@dataclass(frozen=True)
class Selected:
    """The incidents that count, and how many were left aside because they were cancelled: there was none."""

    frame: pd.DataFrame
    cancelled: int


def prepare(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with ``opened``, the declaration as a clock showed it where the incident was written down.

    The month of an incident is the month its own file says: 00:30 on 1 March in Berlin is March, not February.
    """
    opened = frame["declared_at"].dt.tz_localize(None)
    for zone in frame["time_zone"].unique():
        if zone != "UTC":
            there = frame["time_zone"] == zone
            opened = opened.where(~there, frame["declared_at"].dt.tz_convert(zone).dt.tz_localize(None))
    return frame.assign(opened=opened, severity=frame["severity"].fillna(UNKNOWN))


def select(frame: pd.DataFrame, selection: Selection) -> Selected:
    """Return the incidents of a prepared frame that a person asked for."""
    mask = pd.Series(data=True, index=frame.index)
    if selection.since:
        mask &= frame["opened"] >= pd.Timestamp(selection.since)
    if selection.until:
        mask &= frame["opened"] < pd.Timestamp(selection.until) + pd.Timedelta(days=1)
    if selection.severities:
        mask &= frame["severity"].isin(selection.severities)
    if selection.origins:
        mask &= frame["origin"].isin(selection.origins)
    if selection.services:
        mask &= frame["services"].map(lambda names: not selection.services.isdisjoint(names)).astype(bool)
    if not selection.with_planned:
        mask &= ~frame["planned"]
    asked = frame[mask]
    counted = asked["state"] != CANCELLED
    return Selected(asked[counted], int((~counted).sum()))


def population(frame: pd.DataFrame, which: Population) -> pd.DataFrame:
    """Return the incidents that a definition is about."""
    if which is Population.DECLARED_HERE:
        return frame[frame["origin"] == PORTAL]
    if which is Population.AFFECTS_CUSTOMERS:
        return frame[frame["affects_customers"]]
    return frame
