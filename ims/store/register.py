"""The list of incidents: filtered, counted and paged by the database, so that a long past stays fast."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, or_, select

from ims.model import (
    Incident,
    IncidentRole,
    IncidentService,
    IncidentState,
    Person,
    RoleAssignment,
    Service,
    Severity,
)


@dataclass(frozen=True)
class Filter:
    """Which incidents are wanted; what is empty does not matter."""

    states: Sequence[IncidentState] = ()
    severity: Severity | None = None
    service_id: int | None = None
    text: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    id: int
    severity: Severity | None
    state: IncidentState
    title: str
    commander: str
    declared_at: datetime
    began_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    services: str
    drill: bool = False

    @property
    def key(self) -> str:
        """What people call the incident, like ``INC-42``."""
        return f"INC-{self.id}"


def count(session: Session, wanted: Filter) -> int:
    """Return how many incidents a filter lets through."""
    return session.exec(select(func.count()).select_from(Incident).where(*_conditions(wanted))).one()


def rows(session: Session, wanted: Filter, *, offset: int = 0, limit: int | None = None) -> list[Row]:
    """Return incidents that a filter lets through, newest first, with their commander and services."""
    statement = (
        select(
            Incident.id,
            Incident.severity,
            Incident.state,
            Incident.title,
            Incident.declared_at,
            Incident.began_at,
            Incident.resolved_at,
            Incident.closed_at,
            Incident.drill,
        )  # type: ignore[call-overload]
        .where(*_conditions(wanted))
        .order_by(col(Incident.declared_at).desc(), col(Incident.id).desc())
        .offset(offset)
        .limit(limit)
    )
    found = session.exec(statement).all()
    ids = [row.id for row in found] if limit is not None else None
    commanders, services = _commanders(session, ids), _services(session, ids)
    return [
        Row(commander=commanders.get(row.id, ""), services=services.get(row.id, ""), **row._mapping) for row in found
    ]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(col(Incident.state).in_(wanted.states))
    if wanted.severity:
        conditions.append(col(Incident.severity) == wanted.severity)
    if wanted.service_id is not None:
        affected = select(IncidentService.incident_id).where(IncidentService.service_id == wanted.service_id)
        conditions.append(col(Incident.id).in_(affected))
    if wanted.since:
        conditions.append(col(Incident.declared_at) >= wanted.since)
    if wanted.text.strip():
        conditions.append(_mentions(wanted.text.strip()))
    return conditions


def _mentions(text: str) -> ColumnElement[bool]:
    """Match the title, the summary or the number that an import kept; ``INC-42`` is a key and nothing else."""
    number = text.upper().removeprefix("INC-")
    if number.isdecimal() and len(number) < 10 and (number != text or len(text) < 4):  # noqa: PLR2004
        return col(Incident.id) == int(number)
    return or_(
        col(Incident.title).icontains(text, autoescape=True),
        col(Incident.summary).icontains(text, autoescape=True),
        col(Incident.origin_key).icontains(text, autoescape=True),
    )


def _commanders(session: Session, ids: Iterable[int] | None) -> dict[int, str]:
    statement = (
        select(RoleAssignment.incident_id, Person.name)
        .join(Person, col(Person.id) == col(RoleAssignment.person_id))
        .where(RoleAssignment.role == IncidentRole.COMMANDER, col(RoleAssignment.until_at).is_(None))
    )
    if ids is not None:
        statement = statement.where(col(RoleAssignment.incident_id).in_(ids))
    return dict(session.exec(statement).all())


def _services(session: Session, ids: Iterable[int] | None) -> dict[int, str]:
    statement = (
        select(IncidentService.incident_id, Service.name)
        .join(Service, col(Service.id) == col(IncidentService.service_id))
        .order_by(col(Service.name))
    )
    if ids is not None:
        statement = statement.where(col(IncidentService.incident_id).in_(ids))
    names: dict[int, list[str]] = {}
    for incident_id, name in session.exec(statement):
        names.setdefault(incident_id, []).append(name)
    return {incident_id: ", ".join(found) for incident_id, found in names.items()}
