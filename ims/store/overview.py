"""Questions of the landing page and of the strip on every page. Each one goes by an index, however long the past is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from ims.model import (
    ACTIVE_STATES,
    UNFINISHED,
    Alert,
    AlertStatus,
    Customer,
    Delivery,
    DeliveryState,
    FollowUp,
    Incident,
    IncidentCustomer,
    IncidentRole,
    IncidentState,
    Person,
    RoleAssignment,
    TimelineEntry,
    TriageState,
)

UNCLOSED_STATES = (*ACTIVE_STATES, IncidentState.RESOLVED)
# A plain comparison would let SQLite find the few unclosed ones through the index on origin: by reading all of them.
_OWN = func.coalesce(Incident.origin, "") == "portal"


@dataclass(frozen=True)
class WaitingAlerts:
    """How many firing alerts nobody has decided about, and the newest of them."""

    count: int
    newest: Alert | None = None


def is_empty(session: Session) -> bool:
    """Return whether nobody has set the portal up: no person and no incident."""
    return all(
        session.exec(statement.limit(1)).first() is None for statement in (select(Person.id), select(Incident.id))
    )


def burning_with_commanders(session: Session) -> Sequence[tuple[Incident, str | None]]:
    """Return the incidents somebody still fights here, newest first, each with the name of its Incident Commander.

    Resolved ones whose customers wait for the last word are among them. Imported ones that were open in their file burn
    elsewhere, if at all.
    """
    last_word_due = (col(Incident.state) == IncidentState.RESOLVED) & col(Incident.next_update_due_at).is_not(None)
    statement = (
        select(Incident, Person.name)
        .outerjoin(
            RoleAssignment,
            (col(RoleAssignment.incident_id) == col(Incident.id))
            & (col(RoleAssignment.role) == IncidentRole.COMMANDER)
            & col(RoleAssignment.until_at).is_(None),
        )
        .outerjoin(Person, col(Person.id) == col(RoleAssignment.person_id))
        .where(or_(col(Incident.state).in_(ACTIVE_STATES), last_word_due), _OWN)
        .order_by(col(Incident.declared_at).desc(), col(Incident.id).desc())
    )
    return [(incident, name) for incident, name in session.exec(statement)]


def unclosed(session: Session, *, limit: int = 30) -> Sequence[Incident]:
    """Return the newest of this portal's own incidents that are not closed: the procedure still asks for something."""
    statement = select(Incident).where(col(Incident.state).in_(UNCLOSED_STATES), _OWN)
    return session.exec(statement.order_by(col(Incident.declared_at).desc()).limit(limit)).all()


def stopped_deliveries(session: Session) -> int:
    """Return how many deliveries stopped and ask a person."""
    statement = select(func.count()).select_from(Delivery).where(col(Delivery.state) == DeliveryState.STOPPED)
    return session.exec(statement).one()


def waiting_alerts(session: Session) -> WaitingAlerts:
    """Return the firing alerts that nobody has declared, attached or dismissed."""
    waits = (col(Alert.triage) == TriageState.WAITING, col(Alert.status) == AlertStatus.FIRING)
    count = session.exec(select(func.count()).select_from(Alert).where(*waits)).one()
    newest = session.exec(select(Alert).where(*waits).order_by(col(Alert.starts_at).desc()).limit(1)).first()
    return WaitingAlerts(count, newest)


def follow_ups_of(session: Session, person_id: int, *, limit: int = 50) -> Sequence[FollowUp]:
    """Return the unfinished follow-ups of a person, the first due first, those without a date last; no drill's."""
    statement = (
        select(FollowUp)
        .join(Incident, col(Incident.id) == col(FollowUp.incident_id))
        .where(col(FollowUp.state).in_(UNFINISHED), FollowUp.owner_id == person_id, col(Incident.drill).is_(False))
        .order_by(col(FollowUp.due_on).is_(None), col(FollowUp.due_on), col(FollowUp.id))
    )
    return session.exec(statement.limit(limit)).all()


def newest_incident(session: Session) -> Incident | None:
    """Return the incident declared last, drills aside."""
    statement = select(Incident).where(col(Incident.drill).is_(False))
    return session.exec(statement.order_by(col(Incident.declared_at).desc()).limit(1)).first()


def roles_in(session: Session, incident_ids: Iterable[int]) -> Sequence[RoleAssignment]:
    """Return who holds which role now in some incidents."""
    statement = select(RoleAssignment).where(
        col(RoleAssignment.incident_id).in_(list(incident_ids)), col(RoleAssignment.until_at).is_(None)
    )
    return session.exec(statement).all()


def timelines(session: Session, incident_ids: Iterable[int]) -> dict[int, list[TimelineEntry]]:
    """Return the timelines of some incidents, each oldest first."""
    statement = select(TimelineEntry).where(col(TimelineEntry.incident_id).in_(list(incident_ids)))
    found: dict[int, list[TimelineEntry]] = {}
    for entry in session.exec(statement.order_by(col(TimelineEntry.occurred_at), col(TimelineEntry.id))):
        found.setdefault(entry.incident_id, []).append(entry)
    return found


def customers_affected(session: Session, incident_ids: Iterable[int]) -> dict[int, list[Customer]]:
    """Return the affected customers of some incidents, by incident."""
    statement = (
        select(IncidentCustomer.incident_id, Customer)
        .join(Customer, col(Customer.id) == col(IncidentCustomer.customer_id))
        .where(col(IncidentCustomer.incident_id).in_(list(incident_ids)))
        .order_by(col(Customer.name))
    )
    found: dict[int, list[Customer]] = {}
    for incident_id, customer in session.exec(statement):
        found.setdefault(incident_id, []).append(customer)
    return found
