"""How many incidents, by time, severity and service."""

from enum import StrEnum

import pandas as pd


class Step(StrEnum):
    """How long one bar of a chart is."""

    WEEK = "week"
    MONTH = "month"


_PERIODS = {Step.WEEK: "W-SUN", Step.MONTH: "M"}  # ISO weeks: Monday to Sunday


def periods(frame: pd.DataFrame, step: Step) -> pd.Series:
    """Return the first day of the week or month in which each incident was declared."""
    starts: pd.Series = frame["opened"].dt.to_period(_PERIODS[step]).dt.start_time
    return starts


def over_time(frame: pd.DataFrame, step: Step) -> pd.DataFrame:
    """Count by period (rows, none left out between the first and the last) and severity (columns)."""
    if frame.empty:
        return pd.DataFrame()
    counts = pd.crosstab(periods(frame, step), frame["severity"])
    return counts.reindex(every_period(counts.index, step), fill_value=0).rename_axis("period")


def every_period(starts: pd.Index, step: Step) -> pd.DatetimeIndex:
    """Return the first day of every week or month from the first to the last of some."""
    return pd.period_range(starts.min(), starts.max(), freq=_PERIODS[step]).start_time


def by_month(frame: pd.DataFrame) -> dict[str, int]:
    """Count by month, like ``{"2016-02": 207}``; a month without incidents is not among them."""
    counts = frame["opened"].dt.strftime("%Y-%m").value_counts().sort_index()
    return {str(month): int(count) for month, count in counts.items()}


def by_severity(frame: pd.DataFrame) -> dict[str, int]:
    """Count by severity, the worst first."""
    counts = frame["severity"].value_counts().sort_index()
    return {str(severity): int(count) for severity, count in counts.items()}


def by_service(frame: pd.DataFrame) -> pd.DataFrame:
    """Count by service (rows, most first) and severity (columns). An incident counts once for each of its services."""
    exploded = frame[["services", "severity"]].explode("services").dropna(subset="services")
    if exploded.empty:
        return pd.DataFrame()
    counts = pd.crosstab(exploded["services"], exploded["severity"]).rename_axis("service")
    return counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index]
