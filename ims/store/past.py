"""Questions about earlier incidents, asked by what is written of a new one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from ims.model import UNFINISHED, FollowUp, Incident, IncidentState, Severity


def of_severity(
    session: Session, severity: Severity, before: datetime, *, excluding: int, limit: int = 200
) -> Sequence[Incident]:
    """Return the newest incidents of a severity declared before a moment; drills, cancelled and planned ones aside."""
    statement = select(Incident).where(
        Incident.severity == severity,
        col(Incident.declared_at) < before,
        col(Incident.id) != excluding,
        col(Incident.drill).is_(False),
        col(Incident.planned).is_(False),
        col(Incident.state) != IncidentState.CANCELLED,
    )
    return session.exec(statement.order_by(col(Incident.declared_at).desc()).limit(limit)).all()


def unfinished_follow_ups(session: Session, incident_ids: Iterable[int]) -> Sequence[FollowUp]:
    """Return the follow-ups of some incidents that nobody has finished, by incident and number."""
    statement = select(FollowUp).where(
        col(FollowUp.incident_id).in_(list(incident_ids)), col(FollowUp.state).in_(UNFINISHED)
    )
    return session.exec(statement.order_by(col(FollowUp.incident_id), col(FollowUp.number))).all()
