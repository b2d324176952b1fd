"""Questions about what the team set up: people, services, customers, the rota."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select

from ims.model import (
    ACTIVE_STATES,
    AccessRole,
    Customer,
    CustomerService,
    Incident,
    IncidentCustomer,
    IncidentService,
    IncidentState,
    Person,
    RoleAssignment,
    Rota,
    RotaMember,
    RotaOverride,
    Service,
    SettingChange,
    Shift,
)
from ims.model.rota import next_shifts


def people(session: Session, *, active_only: bool = True) -> Sequence[Person]:
    """Return the people by name."""
    statement = select(Person).order_by(col(Person.name))
    return session.exec(statement.where(col(Person.active)) if active_only else statement).all()


def person_by_email(session: Session, email: str) -> Person | None:
    """Return the person with an e-mail address, whatever its case."""
    return session.exec(select(Person).where(col(Person.email) == email.strip().lower())).first()


def people_by_id(session: Session, ids: Iterable[int]) -> dict[int, Person]:
    """Return the named people, also those no longer active."""
    found = session.exec(select(Person).where(col(Person.id).in_(set(ids))))
    return {person.id: person for person in found}


def services(session: Session, *, active_only: bool = True) -> Sequence[Service]:
    """Return the services by name."""
    statement = select(Service).order_by(col(Service.name))
    return session.exec(statement.where(col(Service.active)) if active_only else statement).all()


def services_named(session: Session, names: Iterable[str]) -> Sequence[Service]:
    """Return the services with one of the names."""
    return session.exec(select(Service).where(col(Service.name).in_(set(names)))).all()


def customers(session: Session, *, active_only: bool = True) -> Sequence[Customer]:
    """Return the customers by name."""
    statement = select(Customer).order_by(col(Customer.name))
    return session.exec(statement.where(col(Customer.active)) if active_only else statement).all()


def customers_of_services(session: Session, service_ids: Iterable[int]) -> Sequence[Customer]:
    """Return the active customers that use one of the services."""
    using = select(CustomerService.customer_id).where(col(CustomerService.service_id).in_(set(service_ids)))
    return session.exec(
        select(Customer).where(col(Customer.id).in_(using), col(Customer.active)).order_by(col(Customer.name))
    ).all()


def service_ids_of_customer(session: Session, customer_id: int) -> list[int]:
    """Return the ids of the services a customer uses."""
    statement = select(CustomerService.service_id).where(CustomerService.customer_id == customer_id)
    return list(session.exec(statement))


def set_services_of_customer(session: Session, customer_id: int, service_ids: Iterable[int]) -> None:
    """Replace the services a customer uses."""
    session.exec(delete(CustomerService).where(col(CustomerService.customer_id) == customer_id))
    session.add_all(CustomerService(customer_id=customer_id, service_id=each) for each in set(service_ids))
    session.flush()


def rotas(session: Session) -> Sequence[Rota]:
    """Return the rotas; the first one is the one that is paged."""
    return session.exec(select(Rota).order_by(col(Rota.id))).all()


def rota_members(session: Session, rota_id: int) -> list[int]:
    """Return the ids of a rota's people, in order."""
    statement = select(RotaMember.person_id).where(RotaMember.rota_id == rota_id).order_by(col(RotaMember.position))
    return list(session.exec(statement))


def rota_overrides(session: Session, rota_id: int) -> Sequence[RotaOverride]:
    """Return the one-off changes of a rota."""
    return session.exec(select(RotaOverride).where(RotaOverride.rota_id == rota_id)).all()


def administrators(session: Session) -> Sequence[Person]:
    """Return the active administrators by name."""
    statement = select(Person).where(Person.access == AccessRole.ADMINISTRATOR, col(Person.active))
    return session.exec(statement.order_by(col(Person.name))).all()


def first_still_here(
    session: Session, groups: Collection[tuple[int | None, ...]]
) -> dict[tuple[int | None, ...], Person | None]:
    """Return of each group the first who has not left, else the first administrator: somebody must hear of it."""
    here = {
        person.id: person for person in people_by_id(session, filter(None, chain(*groups))).values() if person.active
    }
    otherwise = next(iter(administrators(session)), None)
    return {group: next((here[each] for each in group if each in here), otherwise) for group in groups}


def set_rota_members(session: Session, rota_id: int, person_ids: Sequence[int]) -> None:
    """Replace the people of a rota, in order."""
    session.exec(delete(RotaMember).where(col(RotaMember.rota_id) == rota_id))
    session.add_all(
        RotaMember(rota_id=rota_id, position=position, person_id=each) for position, each in enumerate(person_ids)
    )
    session.flush()


def rotas_with(session: Session, person_id: int, at: datetime) -> Sequence[str]:
    """Return the names of the rotas in which somebody has a turn, or an override that has not ended."""
    member = select(RotaMember.rota_id).where(RotaMember.person_id == person_id)
    override = select(RotaOverride.rota_id).where(RotaOverride.person_id == person_id, col(RotaOverride.ends_at) > at)
    statement = select(Rota.name).where(col(Rota.id).in_(member) | col(Rota.id).in_(override))
    return session.exec(statement.order_by(col(Rota.id))).all()


def incidents_led_by(session: Session, person_id: int) -> Sequence[int]:
    """Return the ids of the incidents that are not over in which somebody holds a role now."""
    over = (IncidentState.CLOSED, IncidentState.CANCELLED)
    statement = (
        select(RoleAssignment.incident_id)
        .join(Incident, col(Incident.id) == col(RoleAssignment.incident_id))
        .where(
            RoleAssignment.person_id == person_id,
            col(RoleAssignment.until_at).is_(None),
            col(Incident.state).not_in(over),
        )
    )
    return session.exec(statement.distinct().order_by(col(RoleAssignment.incident_id))).all()


def active_incidents_of_service(session: Session, service_id: int) -> Sequence[int]:
    """Return the ids of the active incidents that affect a service."""
    ids = select(IncidentService.incident_id).where(IncidentService.service_id == service_id)
    return session.exec(select(Incident.id).where(col(Incident.id).in_(ids), _is_active())).all()


def active_incidents_of_customer(session: Session, customer_id: int) -> Sequence[int]:
    """Return the ids of the active incidents that affect a customer."""
    ids = select(IncidentCustomer.incident_id).where(IncidentCustomer.customer_id == customer_id)
    return session.exec(select(Incident.id).where(col(Incident.id).in_(ids), _is_active())).all()


def services_by_customer(session: Session) -> dict[int, list[int]]:
    """Return the ids of the services that each customer uses."""
    used: dict[int, list[int]] = {}
    for each in session.exec(select(CustomerService)):
        used.setdefault(each.customer_id, []).append(each.service_id)
    return used


def upcoming_shifts(session: Session, at: datetime, count: int) -> list[Shift]:
    """Return who is on call from a moment on, by the portal's own rota with its overrides."""
    rota = next(iter(rotas(session)), None)
    members = rota_members(session, rota.id) if rota else []
    if rota is None or not members:
        return []
    return next_shifts(rota, members, rota_overrides(session, rota.id), at, count)


def setting_changes(session: Session, noun: str, row_id: int) -> Sequence[SettingChange]:
    """Return who changed what of a person, service, customer or rota, the newest first."""
    statement = select(SettingChange).where(SettingChange.noun == noun, SettingChange.row_id == row_id)
    return session.exec(statement.order_by(col(SettingChange.id).desc())).all()


def _is_active() -> ColumnElement[bool]:
    return col(Incident.state).in_(ACTIVE_STATES)
