"""Questions about silences."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from ims.model import Silence


def of_incident(session: Session, incident_id: int) -> Sequence[Silence]:
    """Return the silences of an incident, oldest first."""
    return session.exec(select(Silence).where(Silence.incident_id == incident_id).order_by(col(Silence.id))).all()
