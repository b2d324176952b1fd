"""Durations in minutes: their statistics, and what was left out of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import comb

import pandas as pd

from ims.metrics.definitions import Definition
from ims.metrics.frequency import Step, every_period, periods
from ims.metrics.population import population

FEWEST_FOR_P90 = 36
_COVERAGE = 0.95
_LARGEST_EXACT = 1000  # beyond it the normal approximation of the binomial differs by less than one rank


@dataclass(frozen=True)
class Durations:
    """The statistics of one duration, in minutes, ``None`` where nothing was measured.

    ``missing`` and ``negative`` are left out of them: no end is written down, or it lies before the start. ``open`` of
    the missing ones have not ended yet. ``outside`` is how many incidents the definition is not about. The interval
    covers the median of all such incidents with at least 95 %.
    """

    n: int
    missing: int
    open: int
    negative: int
    outside: int
    mean: float | None = None
    median: float | None = None
    p90: float | None = None
    median_interval: tuple[float, float] | None = None

    @property
    def p90_is_sound(self) -> bool:
        """Whether there are enough values for a 90th percentile: below 36, no interval around it holds 95 %."""
        return self.n >= FEWEST_FOR_P90


def minutes(frame: pd.DataFrame, definition: Definition) -> pd.Series:
    """Return a duration for every incident of a frame, in minutes; missing ones are NaN, negative ones negative."""
    if definition.end is None:
        raise ValueError("a duration has an end")
    end = frame[definition.end]
    if definition.fallback:
        end = end.fillna(frame[definition.fallback])
    return (end - frame[definition.start]).dt.total_seconds() / 60


def measure(frame: pd.DataFrame, definition: Definition) -> Durations:
    """Measure a duration over the incidents that its definition is about.

    Percentiles are linear-interpolated (Hyndman and Fan 1996, type 7).
    """
    about = population(frame, definition.population)
    spans = minutes(about, definition)
    missing = spans.isna()
    negative = spans < 0
    counted = spans[~missing & ~negative]
    still_open = missing & about["state"].isin(("open", "mitigated"))
    left_out = Durations(
        n=len(counted),
        missing=int(missing.sum()),
        open=int(still_open.sum()),
        negative=int(negative.sum()),
        outside=len(frame) - len(about),
    )
    if counted.empty:
        return left_out
    return replace(
        left_out,
        mean=float(counted.mean()),
        median=float(counted.median()),
        p90=float(counted.quantile(0.9)),
        median_interval=median_interval(counted),
    )


def median_interval(values: pd.Series) -> tuple[float, float] | None:
    """Return two of the values between which the median lies with at least 95 %, ``None`` under six values.

    The order-statistic interval: the number of values below the median is binomial(n, 1/2), whatever the distribution
    (Conover 1999, section 3.2).
    """
    ranked = values.sort_values().to_numpy()
    lowest = _rank(len(ranked))
    return (float(ranked[lowest - 1]), float(ranked[len(ranked) - lowest])) if lowest else None


def _rank(n: int) -> int:
    """Return the highest rank that at most 2.5 % of samples place above the median, 0 where none does."""
    if n > _LARGEST_EXACT:
        return int((n - 1.959964 * n**0.5) / 2)
    tail, rank = 0, 0
    allowed = (1 - _COVERAGE) / 2 * 2**n
    while tail + comb(n, rank) <= allowed:
        tail += comb(n, rank)
        rank += 1
    return rank


def medians_over_time(frame: pd.DataFrame, definition: Definition, step: Step) -> pd.DataFrame:
    """Return ``median`` (minutes) and ``n`` by week or month of declaration; a period without any has no median."""
    about = population(frame, definition.population)
    spans = minutes(about, definition)
    counted = spans[spans >= 0]
    if counted.empty:
        return pd.DataFrame()
    groups = counted.groupby(periods(about.loc[counted.index], step))
    medians = pd.DataFrame({"median": groups.median(), "n": groups.size()})
    every = every_period(medians.index, step)
    return medians.reindex(every).fillna({"n": 0}).astype({"n": int})


def rows_of(frame: pd.DataFrame, definitions: Mapping[str, Definition]) -> pd.DataFrame:
    """Return each incident with its durations in minutes, newest first; those out of a definition have none."""
    rows = frame[["key", "title", "severity", "declared_at", "resolved_at"]]
    for key, definition in definitions.items():
        about = population(frame, definition.population)
        rows = rows.assign(**{f"{key}_minutes": minutes(about, definition).reindex(frame.index).round(2)})
    return rows.sort_values("declared_at", ascending=False, kind="stable")
