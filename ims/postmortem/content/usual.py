"""How long things took, beside how long they usually take this team for incidents of the same severity.

Each duration is measured between the same two times as the figure of that name in ``data/metrics.yaml``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from ims.model import Incident

FEWEST = 5  # fewer earlier incidents say nothing about what is usual

Ends = tuple[datetime, datetime | None]

DURATIONS: Mapping[str, Callable[[Incident], Ends]] = {
    "Time to detect": lambda each: (each.began_at, each.detected_at),
    "Time to acknowledge": lambda each: (each.declared_at, each.acknowledged_at),
    "Time to first update": lambda each: (each.declared_at, each.first_update_at),
    "Time to mitigate": lambda each: (each.began_at, each.mitigated_at or each.resolved_at),
    "Time to resolve": lambda each: (each.began_at, each.resolved_at),
}
FROM: Mapping[str, str] = {
    "Time to detect": "since it began",
    "Time to acknowledge": "since the declaration",
    "Time to first update": "since the declaration",
    "Time to mitigate": "since it began",
    "Time to resolve": "since it began",
}


@dataclass(frozen=True)
class Usual:
    """The median of a duration over ``n`` earlier incidents; no median where they are too few to say."""

    n: int
    median: timedelta | None = None


def measure(incident: Incident) -> Mapping[str, timedelta | None]:
    """Return each duration of one incident; ``None`` where a time is missing, or lies before its start."""
    found: dict[str, timedelta | None] = {}
    for name, ends in DURATIONS.items():
        start, end = ends(incident)
        found[name] = end - start if end and end >= start else None
    return found


def usual(past: Sequence[Incident]) -> Mapping[str, Usual]:
    """Return what each duration usually is, by the incidents of the past that have it."""
    measured = [measure(each) for each in past]
    return {name: _usual([each[name] for each in measured]) for name in DURATIONS}


def _usual(spans: Sequence[timedelta | None]) -> Usual:
    seconds = [span.total_seconds() for span in spans if span is not None]
    if len(seconds) < FEWEST:
        return Usual(len(seconds))
    return Usual(len(seconds), timedelta(seconds=round(median(seconds))))
