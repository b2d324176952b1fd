"""The times in which an incident seemed to be over: from when it was mitigated or resolved until it was reopened."""

from collections.abc import Sequence
from datetime import datetime

from ims.model import EntryKind, TimelineEntry

_EASED = (EntryKind.MITIGATED, EntryKind.RESOLVED)


def lulls(timeline: Sequence[TimelineEntry]) -> Sequence[tuple[datetime, datetime]]:
    """Return the start and end of each, in order; the last mitigation, which held, is none."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for entry in sorted(timeline, key=lambda each: each.occurred_at):
        if entry.kind in _EASED:
            since = since or entry.occurred_at
        elif entry.kind is EntryKind.REOPENED and since:
            found.append((since, entry.occurred_at))
            since = None
    return found
