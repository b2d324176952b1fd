"""Questions about the references of incidents in outside systems."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from ims.model import Incident, Reference


def of_incident(session: Session, incident_id: int) -> Mapping[str, Reference]:
    """Return the references of an incident, by name."""
    found = session.exec(select(Reference).where(Reference.incident_id == incident_id))
    return {reference.name: reference for reference in found}


def keep(session: Session, wanted: Reference) -> Reference:
    """Keep a reference; a newer one of the same name takes the place of the older."""
    return session.merge(wanted)


def by_value(session: Session, name: str, value: str) -> int | None:
    """Return the newest incident with a reference, for a channel that serves one incident after another."""
    statement = select(Reference.incident_id).where(Reference.name == name, Reference.value == value)
    return session.exec(statement.order_by(col(Reference.incident_id).desc()).limit(1)).first()


def holders(session: Session, name: str, *, active_in: Sequence[str]) -> Sequence[Incident]:
    """Return the incidents in some states that have a reference of a name."""
    statement = select(Incident).join(Reference, col(Reference.incident_id) == col(Incident.id))
    return session.exec(statement.where(Reference.name == name, col(Incident.state).in_(active_in))).all()
