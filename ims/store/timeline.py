"""Questions about single entries of a timeline, answered without reading the whole of it."""

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
