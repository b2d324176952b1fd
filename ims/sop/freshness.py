"""How fresh customers' knowledge was: the share of the time in which they did not wait too long for an update. Pure."""

from datetime import datetime, timedelta
from itertools import pairwise

from ims.model import EntryKind
from ims.sop.case import Case

GRACE = timedelta(minutes=1)  # the way from the button to the channel
Span = tuple[datetime, datetime]


def freshness(case: Case, interval: timedelta, now: datetime) -> float | None:
    """Return 1 − Σ max(0, silence − interval − grace) / duration, from 0 to 1; ``None`` where no customer waits.

    A silence lies between two words to customers; the first begins with the declaration, the last ends with the
    resolution or now. Time on hold, and time after a resolution that was taken back, counts neither as silence nor as
    duration. The formula is that of the design; ``interval`` is how often customers are to hear.
    """
    if not case.customers:
        return None
    told = silences(case, now)
    duration = sum(told, timedelta())
    if not duration:
        return 1.0
    return 1 - sum(overruns(told, interval), timedelta()) / duration


def silences(case: Case, now: datetime) -> list[timedelta]:
    """Return each time without a word to customers, in order, what was paused left out."""
    start = case.incident.declared_at
    end = max(case.incident.resolved_at or case.incident.closed_at or now, start)
    written = sorted(entry.occurred_at for entry in case.of_kind(EntryKind.UPDATE_WRITTEN))
    paused = _joined([*holds(case, end), *_thought_over(case)])
    edges = [start, *(at for at in written if start <= at <= end), end]
    return [later - earlier - _within((earlier, later), paused) for earlier, later in pairwise(edges)]


def overruns(told: list[timedelta], interval: timedelta) -> list[timedelta]:
    """Return by how much each silence was longer than the interval and its grace; zero where it was not."""
    return [max(silence - interval - GRACE, timedelta()) for silence in told]


def holds(case: Case, end: datetime) -> list[Span]:
    """Return when updates were on hold: until the end that was said, the resumption, the next update, or ``end``."""
    enders = (EntryKind.UPDATES_HELD, EntryKind.UPDATES_RESUMED, EntryKind.UPDATE_WRITTEN)
    marks = sorted(case.of_kind(*enders), key=lambda entry: (entry.occurred_at, entry.id))
    found = []
    for number, mark in enumerate(marks):
        if mark.kind is EntryKind.UPDATES_HELD:
            following = marks[number + 1].occurred_at if number + 1 < len(marks) else end
            until = datetime.fromisoformat(mark.data["until"]) if "until" in mark.data else end
            found.append((mark.occurred_at, max(mark.occurred_at, min(until, following, end))))
    return found


def _thought_over(case: Case) -> list[Span]:
    """Return when the incident was taken for resolved and was not: customers had their last word then."""
    marks = sorted(case.of_kind(EntryKind.RESOLVED, EntryKind.REOPENED), key=lambda entry: entry.id)
    return [
        (earlier.occurred_at, max(earlier.occurred_at, later.occurred_at))
        for earlier, later in pairwise(marks)
        if earlier.kind is EntryKind.RESOLVED and later.kind is EntryKind.REOPENED
    ]


def _joined(spans: list[Span]) -> list[Span]:
    """Return the spans in order, those that overlap made one, so that no minute is left out twice."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _within(span: Span, paused: list[Span]) -> timedelta:
    """Return how much of a span was paused."""
    shared = [min(span[1], end) - max(span[0], start) for start, end in paused]
    return sum((each for each in shared if each > timedelta()), timedelta())
