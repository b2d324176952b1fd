"""Questions about what comes after incidents: the follow-ups of one, documents, meetings."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from ims.model import (
    UNFINISHED,
    EntryKind,
    FollowUp,
    Incident,
    IncidentState,
    Meeting,
    Person,
    RcaDocument,
    RoleAssignment,
    TimelineEntry,
)


def follow_ups(session: Session, incident_id: int) -> Sequence[FollowUp]:
    """Return the follow-ups of an incident by their number."""
    statement = select(FollowUp).where(FollowUp.incident_id == incident_id)
    return session.exec(statement.order_by(col(FollowUp.number))).all()


def involved_ids(session: Session, incident: Incident) -> set[int]:
    """Return the ids of those who held a role, wrote in the timeline, own it or own a follow-up."""
    statements = (
        select(RoleAssignment.person_id).where(RoleAssignment.incident_id == incident.id),
        select(TimelineEntry.author_id).where(TimelineEntry.incident_id == incident.id),
        select(FollowUp.owner_id).where(FollowUp.incident_id == incident.id),
        select(Person.id).where(Person.name == incident.declared_by),
    )
    found = {person_id for statement in statements for person_id in session.exec(statement)}
    return {person_id for person_id in (*found, incident.owner_id) if person_id is not None}


def entries_of_kind(session: Session, incident_id: int, kind: EntryKind) -> Sequence[TimelineEntry]:
    """Return the entries of one kind in an incident's timeline, oldest first."""
    statement = select(TimelineEntry).where(TimelineEntry.incident_id == incident_id, TimelineEntry.kind == kind)
    return session.exec(statement.order_by(col(TimelineEntry.recorded_at), col(TimelineEntry.id))).all()


@dataclass(frozen=True)
class Aftermath:
    """How far an incident is after it was resolved."""

    incident: Incident
    document: RcaDocument | None
    meeting: Meeting | None
    unfinished: int
    follow_ups: int


def aftermaths(session: Session, *, limit: int = 100) -> list[Aftermath]:
    """Return the newest incidents that are over, drills aside, each with its document, last meeting and follow-ups."""
    over = (IncidentState.RESOLVED, IncidentState.CLOSED)
    found = session.exec(
        select(Incident)
        .where(col(Incident.state).in_(over), col(Incident.origin) == "portal", col(Incident.drill).is_(False))
        .order_by(col(Incident.declared_at).desc())
        .limit(limit)
    ).all()
    ids = [incident.id for incident in found]
    documents = session.exec(select(RcaDocument).where(col(RcaDocument.incident_id).in_(ids))).all()
    meetings = session.exec(select(Meeting).where(col(Meeting.incident_id).in_(ids)).order_by(col(Meeting.id))).all()
    tasks = session.exec(select(FollowUp.incident_id, FollowUp.state).where(col(FollowUp.incident_id).in_(ids))).all()
    document_of = {document.incident_id: document for document in documents}
    meeting_of = {meeting.incident_id: meeting for meeting in meetings}
    return [
        Aftermath(
            incident,
            document_of.get(incident.id),
            meeting_of.get(incident.id),
            sum(1 for incident_id, state in tasks if incident_id == incident.id and state in UNFINISHED),
            sum(1 for incident_id, _ in tasks if incident_id == incident.id),
        )
        for incident in found
    ]
