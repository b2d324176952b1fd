"""Questions about single entries of a timeline, answered without reading the whole of it."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from ims.model import EntryKind, TimelineEntry


def has_entry(session: Session, incident_id: int, kind: EntryKind) -> bool:
    """Return whether an incident's timeline has an entry of a kind."""
    return last_entry(session, incident_id, kind) is not None


def last_entry(session: Session, incident_id: int, kind: EntryKind) -> TimelineEntry | None:
    """Return the entry of a kind that was written last; a correction is newer than what it replaces."""
    statement = select(TimelineEntry).where(TimelineEntry.incident_id == incident_id, TimelineEntry.kind == kind)
    return session.exec(statement.order_by(col(TimelineEntry.id).desc()).limit(1)).first()


def correction_of(session: Session, entry_id: int) -> TimelineEntry | None:
    """Return the entry that replaces another."""
    return session.exec(select(TimelineEntry).where(TimelineEntry.supersedes_id == entry_id)).first()


def last_change(session: Session, incident_id: int, name: str, value: object = None) -> tuple[str, datetime | None]:
    """Return who wrote the newest entry whose data has a name (with a value, where one is given), and when.

    It reads the timeline backwards: only a conflict asks this.
    """
    entries = select(TimelineEntry).where(TimelineEntry.incident_id == incident_id)
    for entry in session.exec(entries.order_by(col(TimelineEntry.id).desc())):
        if name in entry.data and value in (None, entry.data[name]):
            return entry.author, entry.recorded_at
    return "Somebody", None


def entries_since(session: Session, incident_id: int, moment: datetime) -> int:
    """Return how many entries of an incident were written down after a moment."""
    statement = (
        select(func.count())
        .select_from(TimelineEntry)
        .where(TimelineEntry.incident_id == incident_id, col(TimelineEntry.recorded_at) > moment)
    )
    return session.exec(statement).one()
