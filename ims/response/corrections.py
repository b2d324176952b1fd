"""Correcting what was written: the old entry stays readable, the new one says why, and the figures follow."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from ims.errors import Refusal
from ims.model import EntryKind, Incident, TimelineEntry
from ims.response.declare import FUTURE_GRACE
from ims.response.states import case_of
from ims.response.wording import needed
from ims.sop.replay import Times, explained_times, explaining
from ims.store import timeline
from ims.store.work import Work

# The times of an incident that people can correct, in words.
TIMES = {
    "began_at": "began",
    "detected_at": "was detected",
    "declared_at": "was declared",
    "acknowledged_at": "was acknowledged",
    "mitigated_at": "was mitigated",
    "resolved_at": "was resolved",
    "closed_at": "was closed",
}
_ORDERS = (
    ("began_at", "detected_at", "declared_at", "acknowledged_at", "closed_at"),
    ("began_at", "mitigated_at", "resolved_at", "closed_at"),
)
_MINUTE = timedelta(minutes=1)


def correct_entry(work: Work, entry_id: int, *, text: str, occurred_at: datetime, reason: str) -> TimelineEntry:
    """Write an entry anew; the old one stays, marked as replaced. The times that it explains follow.

    Raises:
        Refusal: it was corrected already, no reason is given, nothing changes, the time is in the future, or the
            incident's times would be out of order.
    """
    old = work.get(TimelineEntry, entry_id)
    incident = work.incident(old.incident_id)
    if timeline.correction_of(work.session, entry_id):
        raise Refusal("This entry was corrected already; correct the newer one.")
    why, said = needed(reason, "Say why it is corrected"), needed(text, "An entry needs a text; say what happened")
    if (said, occurred_at) == (old.text, old.occurred_at):
        raise Refusal("Nothing was changed.")
    valid, before = _explained(work, incident)
    moved = [name for name in TIMES if explaining(valid, name) is old]
    at = _fitting(incident, moved, _not_in_future(work, occurred_at))
    data = {"corrects": old.id, **old.data, "correction": why}
    new = work.record(incident, old.kind, said, occurred_at=at, source=old.source, **data)
    new.supersedes_id = old.id
    work.session.flush()
    _follow(incident, before, _explained(work, incident)[1])
    return new


def correct_time(work: Work, incident_id: int, name: str, at: datetime, reason: str) -> Incident:
    """Correct one of an incident's times; where an entry explains it, that entry is corrected.

    Raises:
        Refusal: there is no such time yet, no reason, nothing changes, the time is in the future, or the times would
            be out of order.
    """
    incident = work.incident(incident_id)
    old: datetime | None = getattr(incident, name) if name in TIMES else None
    if old is None:
        raise Refusal("This incident has no such time yet.")
    why = needed(reason, "Say why the time is corrected")
    if at == old:
        raise Refusal("Nothing was changed.")
    entry = explaining(_explained(work, incident)[0], name)
    if entry and entry.occurred_at == old:
        correct_entry(work, entry.id, text=entry.text, occurred_at=at, reason=why)
        return incident
    at = _fitting(incident, [name], _not_in_future(work, at))
    setattr(incident, name, at)
    _check_order(incident, [name])
    text = f"Corrected when it {TIMES[name]}, from {_said(old)} to {_said(at)} UTC: {why}"
    work.record(incident, EntryKind.TIME_CORRECTED, text, time=name, old=old.isoformat(), new=at.isoformat())
    return incident


def _explained(work: Work, incident: Incident) -> tuple[list[TimelineEntry], Times]:
    valid = case_of(work, incident).valid_entries
    return valid, explained_times(incident, valid)


def _follow(incident: Incident, before: Times, after: Times) -> None:
    """Let the incident's times follow what explains them; one that had another source stays."""
    followed = [name for name in after if after[name] != before[name] and getattr(incident, name) == before[name]]
    for name in followed:
        setattr(incident, name, after[name])
    _check_order(incident, followed)


def _not_in_future(work: Work, at: datetime) -> datetime:
    if at > work.now + FUTURE_GRACE:
        raise Refusal("That time is in the future; check it and its zone.")
    return at


def _fitting(incident: Incident, names: Iterable[str], at: datetime) -> datetime:
    """Return the time, moved by less than a minute to its neighbour: forms ask for minutes, times have seconds."""
    for name in names:
        for (earlier, first), (later, second) in _neighbours(incident):
            if later == name and timedelta() < first - at < _MINUTE:
                at = first
            elif earlier == name and timedelta() < at - second < _MINUTE:
                at = second
    return at


def _check_order(incident: Incident, changed: Iterable[str]) -> None:
    """Refuse an order turned around by what was changed; one that an import brought along is left as it is."""
    names = set(changed)
    for (earlier, first), (later, second) in _neighbours(incident):
        if second < first and names & {earlier, later}:
            raise Refusal(
                f"Then it {TIMES[later]} ({_said(second)} UTC) before it {TIMES[earlier]} ({_said(first)} UTC); "
                "correct that time first."
            )


def _neighbours(incident: Incident) -> Iterator[tuple[tuple[str, datetime], tuple[str, datetime]]]:
    known = {name: at for name in TIMES if (at := getattr(incident, name)) is not None}
    if known.get("mitigated_at") == known.get("resolved_at"):
        known.pop("mitigated_at", None)  # nobody said it on its own, so no sentence is about it
    for order in _ORDERS:
        yield from pairwise((name, known[name]) for name in order if name in known)


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
