"""Questions about documents on their way to being published, their frozen copies, and their place in the library."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Subquery, union
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, or_, select

from ims.model import Incident, IncidentState, LibraryEntry, PublishedCopy, RcaDocument, RcaState

_OVER = (IncidentState.RESOLVED, IncidentState.CLOSED)
MOST_AWAITED = 500


def unpublished(session: Session, since: datetime) -> list[tuple[Incident, RcaDocument | None]]:
    """Return the newest incidents that are over, whose document is not published or not even started.

    They were resolved ``since`` a moment, or somebody gave their document another deadline after it.

    Drills are not among them, nor what was imported: nobody owes a document for those. The documents come without
    their files.
    """
    heard_of = _heard_of(since)
    statement = (
        select(Incident, RcaDocument)
        .join(heard_of, heard_of.c.id == col(Incident.id))
        .join(RcaDocument, col(RcaDocument.incident_id) == col(Incident.id), isouter=True)
        .where(col(Incident.state).in_(_OVER), col(Incident.origin) == "portal", col(Incident.drill).is_(False))
        .where(or_(col(RcaDocument.id).is_(None), col(RcaDocument.state) != RcaState.PUBLISHED))
        .order_by(col(Incident.resolved_at).desc())
        .options(defer(col(RcaDocument.file)))  # type: ignore[arg-type]  # SQLModel hands out the attribute
    )
    return [(incident, document) for incident, document in session.exec(statement.limit(MOST_AWAITED))]


def _heard_of(since: datetime) -> Subquery:
    """Ask for incidents by their end, and by their document's own deadline: each half has an index, an OR has none."""
    ended = select(Incident.id).where(col(Incident.resolved_at) >= since)
    own = select(RcaDocument.incident_id).where(col(RcaDocument.due_at) >= since)
    return union(ended, own).subquery()


def is_awaited(incident: Incident, document: RcaDocument | None) -> bool:
    """Return whether the document of an incident is still owed; ``unpublished`` asks the same in SQL."""
    is_open = document is None or document.state is not RcaState.PUBLISHED
    return is_open and incident.state in _OVER and incident.origin == "portal" and not incident.drill


def copies(session: Session, document_id: int) -> Sequence[PublishedCopy]:
    """Return the published copies without their content, the newest edition first, each edition by format."""
    statement = select(PublishedCopy).where(PublishedCopy.document_id == document_id)
    statement = statement.options(defer(col(PublishedCopy.content)))  # type: ignore[arg-type]
    return session.exec(statement.order_by(col(PublishedCopy.edition).desc(), col(PublishedCopy.format))).all()


def copy_of(session: Session, document_id: int, edition: int, format_: str) -> PublishedCopy | None:
    """Return one copy, or ``None`` if that edition has none in the format."""
    statement = select(PublishedCopy).where(PublishedCopy.document_id == document_id, PublishedCopy.edition == edition)
    return session.exec(statement.where(PublishedCopy.format == format_)).first()


def last_edition(session: Session, document_id: int) -> int:
    """Return how often a document was published."""
    newest = session.exec(select(func.max(PublishedCopy.edition)).where(PublishedCopy.document_id == document_id))
    return newest.one() or 0


def library_entry(session: Session, incident_id: int) -> LibraryEntry | None:
    """Return the entry of an incident in the library."""
    return session.exec(select(LibraryEntry).where(LibraryEntry.incident_id == incident_id)).first()
