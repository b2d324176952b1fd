"""Correcting what was written: the old entry stays readable, the new one says why, and the figures follow."""

from datetime import datetime
from itertools import pairwise

from ims.errors import Refusal
from ims.model import EntryKind, Incident, TimelineEntry
from ims.response.declare import FUTURE_GRACE
from ims.store import timeline
from ims.store.work import Work

# The times of an incident in the order in which they must be, with the entry that explains each.
TIMES: dict[str, EntryKind | None] = {
    "began_at": None,
    "detected_at": None,
    "declared_at": EntryKind.DECLARED,
    "acknowledged_at": EntryKind.ACKNOWLEDGED,
    "mitigated_at": EntryKind.MITIGATED,
    "resolved_at": EntryKind.RESOLVED,
    "closed_at": EntryKind.CLOSED,
}
_ORDERED = ("began_at", "mitigated_at", "resolved_at", "closed_at")
_NAMES = {name: name.removesuffix("_at") for name in TIMES}
_WORDS = {name: "began" if name == "began_at" else f"was {_NAMES[name]}" for name in TIMES}


def correct_entry(work: Work, entry_id: int, *, text: str, occurred_at: datetime, reason: str) -> TimelineEntry:
    """Write an entry anew; the old one stays, marked as replaced.

    Raises:
        Refusal: it was corrected already, no reason is given, nothing changes, or the time is in the future.
    """
    old = work.get(TimelineEntry, entry_id)
    incident = work.incident(old.incident_id)
    if timeline.correction_of(work.session, entry_id):
        raise Refusal("This entry was corrected already; correct the newer one.")
    if not reason.strip():
        raise Refusal("Say why it is corrected.")
    if not text.strip():
        raise Refusal("An entry needs a text; say what happened.")
    if (text.strip(), occurred_at) == (old.text, old.occurred_at):
        raise Refusal("Nothing was changed.")
    if occurred_at > work.now + FUTURE_GRACE:
        raise Refusal("That time is in the future; check it and its zone.")
    _follow(incident, old, occurred_at)
    data = {"corrects": old.id, **old.data, "correction": reason.strip()}
    new = work.record(incident, old.kind, text.strip(), occurred_at=occurred_at, source=old.source, **data)
    new.supersedes_id = old.id
    return new


def correct_time(work: Work, incident_id: int, name: str, at: datetime, reason: str) -> Incident:
    """Correct one of an incident's times; the entry that explains it is corrected too.

    Raises:
        Refusal: there is no such time yet, no reason, or the times would be out of order.
    """
    incident = work.incident(incident_id)
    old: datetime | None = getattr(incident, name) if name in TIMES else None
    if old is None:
        raise Refusal("This incident has no such time yet.")
    if not reason.strip():
        raise Refusal("Say why the time is corrected.")
    entry = _explaining(work, incident, TIMES[name])
    if entry:
        correct_entry(work, entry.id, text=entry.text, occurred_at=at, reason=reason)
        return incident
    if at > work.now + FUTURE_GRACE:
        raise Refusal("That time is in the future; check it and its zone.")
    setattr(incident, name, at)
    _check_order(incident)
    text = (
        f"{_NAMES[name].capitalize()} corrected from {old:%Y-%m-%d %H:%M} to {at:%Y-%m-%d %H:%M} UTC: {reason.strip()}"
    )
    work.record(incident, EntryKind.NOTE, text, time=name, old=old.isoformat(), new=at.isoformat())
    return incident


def _explaining(work: Work, incident: Incident, kind: EntryKind | None) -> TimelineEntry | None:
    return timeline.last_entry(work.session, incident.id, kind) if kind else None


def _follow(incident: Incident, old: TimelineEntry, occurred_at: datetime) -> None:
    """Let the incident's own times follow the entry that explains them."""
    for name, kind in TIMES.items():
        explains = kind is old.kind or (name == "mitigated_at" and old.kind is EntryKind.RESOLVED)
        if explains and getattr(incident, name) == old.occurred_at:
            setattr(incident, name, occurred_at)
    _check_order(incident)


def _check_order(incident: Incident) -> None:
    known = [(each, getattr(incident, each)) for each in _ORDERED if getattr(incident, each) is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if second < first:
            raise Refusal(f"Then it would be {_NAMES[later]} before it {_WORDS[earlier]}; correct that time first.")
