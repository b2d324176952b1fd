"""Questions about handovers, asks, decisions, temporary changes, responders and drills."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from ims.model.coordination import Ask, AskState, Decision, Responder, TemporaryChange
from ims.model.drill import DrillEvent
from ims.model.handover import Handover
from ims.model.incident import Incident, IncidentRole, IncidentState

UNSETTLED_ASKS = (AskState.ASKED, AskState.ACKNOWLEDGED)


def handovers(session: Session, incident_id: int) -> Sequence[Handover]:
    """Return the handovers of an incident, oldest first."""
    return session.exec(select(Handover).where(Handover.incident_id == incident_id).order_by(col(Handover.id))).all()


def unsettled_handover(session: Session, incident_id: int, role: IncidentRole) -> Handover | None:
    """Return the handover of a role that is under way."""
    statement = select(Handover).where(
        Handover.incident_id == incident_id, Handover.role == role, col(Handover.settled_at).is_(None)
    )
    return session.exec(statement).first()


def handovers_under_way(session: Session, incident_ids: Iterable[int]) -> Sequence[Handover]:
    """Return the handovers of some incidents that are not settled, oldest first."""
    statement = select(Handover).where(
        col(Handover.incident_id).in_(list(incident_ids)), col(Handover.settled_at).is_(None)
    )
    return session.exec(statement.order_by(col(Handover.id))).all()


def expired_handovers(session: Session, incident_id: int, now: datetime) -> Sequence[Handover]:
    """Return the handovers of an incident whose offer has run out."""
    return session.exec(
        select(Handover).where(
            Handover.incident_id == incident_id, col(Handover.settled_at).is_(None), col(Handover.expires_at) <= now
        )
    ).all()


def asks(session: Session, incident_id: int) -> Sequence[Ask]:
    """Return the asks of an incident, oldest first."""
    return session.exec(select(Ask).where(Ask.incident_id == incident_id).order_by(col(Ask.id))).all()


def overdue_asks(session: Session, incident_id: int, now: datetime) -> Sequence[Ask]:
    """Return the asks of an incident whose time box has ended without an outcome."""
    return session.exec(
        select(Ask)
        .where(Ask.incident_id == incident_id, col(Ask.state).in_(UNSETTLED_ASKS), col(Ask.due_at) <= now)
        .order_by(col(Ask.id))
    ).all()


def decisions(session: Session, incident_id: int) -> Sequence[Decision]:
    """Return the decisions of an incident, oldest first."""
    return session.exec(select(Decision).where(Decision.incident_id == incident_id).order_by(col(Decision.id))).all()


def temporary_changes(session: Session, incident_id: int, *, unsettled_only: bool = False) -> Sequence[TemporaryChange]:
    """Return the temporary changes of an incident, oldest first."""
    statement = select(TemporaryChange).where(TemporaryChange.incident_id == incident_id)
    if unsettled_only:
        statement = statement.where(col(TemporaryChange.settled_at).is_(None))
    return session.exec(statement.order_by(col(TemporaryChange.id))).all()


def responders(session: Session, incident_id: int) -> Sequence[Responder]:
    """Return who works on an incident now, in the order they joined."""
    statement = select(Responder).where(Responder.incident_id == incident_id, col(Responder.left_at).is_(None))
    return session.exec(statement.order_by(col(Responder.id))).all()


def present_responder(session: Session, incident_id: int, person_id: int) -> Responder | None:
    """Return somebody's place on an incident while they work on it."""
    return next((each for each in responders(session, incident_id) if each.person_id == person_id), None)


def due_drill_events(session: Session, incident_id: int, now: datetime) -> Sequence[DrillEvent]:
    """Return the events of a drill whose time has come, in their order."""
    return session.exec(
        select(DrillEvent)
        .where(
            DrillEvent.incident_id == incident_id, col(DrillEvent.played_at).is_(None), col(DrillEvent.due_at) <= now
        )
        .order_by(col(DrillEvent.due_at), col(DrillEvent.id))
    ).all()


def drill_events(session: Session, incident_id: int) -> Sequence[DrillEvent]:
    """Return every event of a drill, played or not, in their order."""
    statement = select(DrillEvent).where(DrillEvent.incident_id == incident_id)
    return session.exec(statement.order_by(col(DrillEvent.due_at), col(DrillEvent.id))).all()


def drills(session: Session, *, active: bool, limit: int = 50) -> Sequence[Incident]:
    """Return the newest drills: those that run, or those that have ended."""
    over = col(Incident.state).in_((IncidentState.CLOSED, IncidentState.CANCELLED))
    statement = select(Incident).where(col(Incident.drill).is_(True), ~over if active else over)
    newest_first = (col(Incident.declared_at).desc(), col(Incident.id).desc())
    return session.exec(statement.order_by(*newest_first).limit(limit)).all()


def open_asks_of(session: Session, person_id: int) -> Sequence[Ask]:
    """Return what a person is asked for and has not settled, in incidents that are not over, the most urgent first."""
    over = (IncidentState.CLOSED, IncidentState.CANCELLED)
    return session.exec(
        select(Ask)
        .join(Incident, col(Incident.id) == col(Ask.incident_id))
        .where(Ask.person_id == person_id, col(Ask.state).in_(UNSETTLED_ASKS), col(Incident.state).not_in(over))
        .order_by(col(Ask.due_at), col(Ask.id))
    ).all()
