"""Questions about what comes after incidents: follow-ups, documents, meetings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, or_, select

from ims.model import (
    UNFINISHED,
    EntryKind,
    FollowUp,
    FollowUpState,
    Incident,
    IncidentService,
    IncidentState,
    Meeting,
    Person,
    RcaDocument,
    RoleAssignment,
    TimelineEntry,
)

MOST_LISTED = 1000


@dataclass(frozen=True)
class FollowUpFilter:
    """Which follow-ups a page asks for; an empty field asks nothing. ``overdue_on`` is today."""

    owner_id: int | None = None
    states: Sequence[FollowUpState] = ()
    overdue_on: date | None = None
    service_id: int | None = None
    text: str = ""


def follow_ups(session: Session, incident_id: int) -> Sequence[FollowUp]:
    """Return the follow-ups of an incident by their number."""
    statement = select(FollowUp).where(FollowUp.incident_id == incident_id)
    return session.exec(statement.order_by(col(FollowUp.number))).all()


def follow_ups_across(
    session: Session, wanted: FollowUpFilter, *, limit: int = MOST_LISTED
) -> list[tuple[FollowUp, Incident]]:
    """Return follow-ups with their incidents, drills aside: the earliest due first, those without a date last."""
    statement = select(FollowUp, Incident).join(Incident, col(Incident.id) == FollowUp.incident_id)
    statement = statement.where(col(Incident.drill).is_(False))
    if wanted.owner_id is not None:
        statement = statement.where(FollowUp.owner_id == wanted.owner_id)
    if wanted.states:
        statement = statement.where(col(FollowUp.state).in_(wanted.states))
    if wanted.overdue_on:
        statement = statement.where(col(FollowUp.due_on) < wanted.overdue_on, col(FollowUp.state).in_(UNFINISHED))
    if wanted.service_id is not None:
        affected = select(IncidentService.incident_id).where(IncidentService.service_id == wanted.service_id)
        statement = statement.where(col(FollowUp.incident_id).in_(affected))
    if wanted.text.strip():
        statement = statement.where(
            or_(
                col(FollowUp.text).icontains(wanted.text.strip(), autoescape=True),
                col(Incident.title).icontains(wanted.text.strip(), autoescape=True),
            )
        )
    unfinished_first = col(FollowUp.state).in_(UNFINISHED).desc()
    order = (unfinished_first, col(FollowUp.due_on).is_(None), col(FollowUp.due_on), col(FollowUp.id))
    return [(follow_up, incident) for follow_up, incident in session.exec(statement.order_by(*order).limit(limit))]


def follow_up_counts(session: Session, today: date) -> tuple[int, int, int]:
    """Return how many follow-ups are unfinished, overdue, and done, drills aside."""
    past = func.count().filter(col(FollowUp.due_on) < today)
    statement = select(FollowUp.state, func.count(), past).group_by(col(FollowUp.state))
    statement = statement.join(Incident, col(Incident.id) == FollowUp.incident_id)
    rows = session.exec(statement.where(col(Incident.drill).is_(False))).all()
    unfinished = [row for row in rows if row[0] in UNFINISHED]
    done = sum(count for state, count, _ in rows if state is FollowUpState.DONE)
    return sum(count for _, count, _ in unfinished), sum(late for *_, late in unfinished), done


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
