"""Questions about incidents."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, delete, or_, select

from ims.errors import NotFound
from ims.model import (
    ACTIVE_STATES,
    Alert,
    Customer,
    CustomerUpdate,
    Incident,
    IncidentCustomer,
    IncidentRole,
    IncidentService,
    IncidentState,
    Meeting,
    RcaDocument,
    RoleAssignment,
    Service,
    Ticket,
    TimelineEntry,
)

# A plain comparison would let SQLite go through every incident by the index on origin.
_OWN = func.coalesce(Incident.origin, "") == "portal"


def by_key(session: Session, key: str) -> Incident:
    """Return an incident by what people call it: ``INC-42``, ``inc-42`` or ``42``.

    Raises:
        NotFound: there is no such incident.
    """
    number = re.fullmatch(r"\s*(?:inc-)?(\d{1,9})\s*", key, re.IGNORECASE)
    incident = session.get(Incident, int(number[1])) if number else None
    if incident is None:
        raise NotFound(f"There is no incident “{key[:40]}”. Keys look like INC-42.")
    return incident


def active(session: Session) -> Sequence[Incident]:
    """Return the incidents somebody still fights here, newest first; no drills, and none open in an imported file."""
    statement = select(Incident).where(col(Incident.state).in_(ACTIVE_STATES), _OWN, col(Incident.drill).is_(False))
    return session.exec(statement.order_by(col(Incident.declared_at).desc())).all()


def watched(session: Session) -> Sequence[Incident]:
    """Return the incidents that the clock can demand something for: active, or with customers still waiting.

    Those imported are not among them: nobody is to be woken for what was open in a file.
    """
    waited_for = or_(col(Incident.state).in_(ACTIVE_STATES), col(Incident.next_update_due_at).is_not(None))
    return session.exec(select(Incident).where(waited_for, _OWN).order_by(col(Incident.id))).all()


def services_of(session: Session, incident_id: int) -> Sequence[Service]:
    """Return the services an incident affects."""
    ids = select(IncidentService.service_id).where(IncidentService.incident_id == incident_id)
    return session.exec(select(Service).where(col(Service.id).in_(ids)).order_by(col(Service.name))).all()


def customers_of(session: Session, incident_id: int) -> Sequence[Customer]:
    """Return the customers an incident affects."""
    ids = select(IncidentCustomer.customer_id).where(IncidentCustomer.incident_id == incident_id)
    return session.exec(select(Customer).where(col(Customer.id).in_(ids)).order_by(col(Customer.name))).all()


def set_scope(
    session: Session,
    incident_id: int,
    service_ids: Iterable[int],
    customer_ids: Iterable[int],
) -> None:
    """Replace the services and customers an incident affects."""
    session.exec(delete(IncidentService).where(col(IncidentService.incident_id) == incident_id))
    session.exec(delete(IncidentCustomer).where(col(IncidentCustomer.incident_id) == incident_id))
    session.add_all(IncidentService(incident_id=incident_id, service_id=each) for each in set(service_ids))
    session.add_all(IncidentCustomer(incident_id=incident_id, customer_id=each) for each in set(customer_ids))
    session.flush()


def current_roles(session: Session, incident_id: int) -> dict[IncidentRole, RoleAssignment]:
    """Return the current holder of each delegated role; the Incident Commander is always among them."""
    statement = select(RoleAssignment).where(
        RoleAssignment.incident_id == incident_id,
        col(RoleAssignment.until_at).is_(None),
    )
    return {assignment.role: assignment for assignment in session.exec(statement)}


def role_history(session: Session, incident_id: int) -> Sequence[RoleAssignment]:
    """Return every assignment of an incident, oldest first."""
    statement = select(RoleAssignment).where(RoleAssignment.incident_id == incident_id)
    return session.exec(statement.order_by(col(RoleAssignment.from_at), col(RoleAssignment.id))).all()


def timeline(session: Session, incident_id: int) -> Sequence[TimelineEntry]:
    """Return the timeline of an incident, oldest first."""
    statement = select(TimelineEntry).where(TimelineEntry.incident_id == incident_id)
    return session.exec(statement.order_by(col(TimelineEntry.occurred_at), col(TimelineEntry.id))).all()


def updates(session: Session, incident_id: int) -> Sequence[CustomerUpdate]:
    """Return the customer updates of an incident, oldest first."""
    statement = select(CustomerUpdate).where(CustomerUpdate.incident_id == incident_id)
    return session.exec(statement.order_by(col(CustomerUpdate.number))).all()


def tickets(session: Session, incident_id: int) -> Sequence[Ticket]:
    """Return the ticket of an incident, then its sub-tasks."""
    return session.exec(select(Ticket).where(Ticket.incident_id == incident_id).order_by(col(Ticket.id))).all()


def main_ticket(session: Session, incident_id: int) -> Ticket | None:
    """Return the ``Incident`` ticket, if it was asked for."""
    return next(
        (ticket for ticket in tickets(session, incident_id) if ticket.parent_id is None),
        None,
    )


def rca_document(session: Session, incident_id: int) -> RcaDocument | None:
    """Return the root-cause document of an incident."""
    return session.exec(select(RcaDocument).where(RcaDocument.incident_id == incident_id)).first()


def meetings(session: Session, incident_id: int) -> Sequence[Meeting]:
    """Return the RCA meetings of an incident, the newest last."""
    return session.exec(select(Meeting).where(Meeting.incident_id == incident_id).order_by(col(Meeting.id))).all()


def by_origin(session: Session, origin: str, origin_key: str) -> Incident | None:
    """Return the incident that came from somewhere under a key there."""
    return session.exec(select(Incident).where(Incident.origin == origin, Incident.origin_key == origin_key)).first()


def holders(session: Session, incident_ids: Iterable[int], role: IncidentRole) -> dict[int, int]:
    """Return, by incident id, the id of the person who holds a role now."""
    statement = select(RoleAssignment).where(
        col(RoleAssignment.incident_id).in_(list(incident_ids)),
        RoleAssignment.role == role,
        col(RoleAssignment.until_at).is_(None),
    )
    return {assignment.incident_id: assignment.person_id for assignment in session.exec(statement)}


def titles_between(session: Session, start: datetime, end: datetime, *, limit: int = 2000) -> Sequence[tuple[int, str]]:
    """Return id and title of the newest incidents declared from ``start`` up to ``end``, drills and cancelled aside."""
    statement = select(Incident.id, Incident.title).where(
        col(Incident.declared_at) >= start,
        col(Incident.declared_at) < end,
        col(Incident.drill).is_(False),
        col(Incident.state) != IncidentState.CANCELLED,
    )
    rows = session.exec(statement.order_by(col(Incident.declared_at).desc()).limit(limit))
    return [(incident_id, title) for incident_id, title in rows]


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Incident]:
    """Return the incidents with one of the ids."""
    found = session.exec(select(Incident).where(col(Incident.id).in_(list(ids))))
    return {incident.id: incident for incident in found}


def latest(session: Session, *, limit: int = 10) -> Sequence[Incident]:
    """Return the incidents declared last, newest first."""
    return session.exec(select(Incident).order_by(col(Incident.declared_at).desc()).limit(limit)).all()


def alerts_of(session: Session, incident_id: int) -> Sequence[Alert]:
    """Return the alerts of an incident, the earliest first."""
    statement = select(Alert).where(Alert.incident_id == incident_id)
    return session.exec(statement.order_by(col(Alert.starts_at), col(Alert.id))).all()
