"""Frames for the figures: one query each, one row for each incident, step or follow-up. Drills are never in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Executable
from sqlalchemy import select as select_columns  # SQLModel's own select takes four columns at most
from sqlmodel import Session, SQLModel, col, func, select

from ims.model import (
    Customer,
    FollowUp,
    Incident,
    IncidentCustomer,
    IncidentService,
    IncidentState,
    Person,
    Service,
    TimelineEntry,
)

_INCIDENT_COLUMNS = (
    *("id", "origin", "origin_key", "title", "state", "severity", "affects_customers", "planned", "sla_met"),
    *("time_zone", "began_at", "detected_at", "declared_at", "acknowledged_at"),
    *("first_update_at", "mitigated_at", "resolved_at", "closed_at"),
)
_IN_ONE_STATEMENT = 500


@dataclass(frozen=True)
class Version:
    """A cheap mark of many rows: it is another one whenever one of them, or one of the names beside them, changed."""

    count: int
    highest_id: int
    sum_of_versions: int
    names: tuple[str, ...]


def incident_version(session: Session) -> Version:
    """Return the mark of all incidents and the names of services."""
    return _version(session, Incident, Service)


def follow_up_version(session: Session) -> Version:
    """Return the mark of all follow-ups and the names of people."""
    return _version(session, FollowUp, Person)


def _version(session: Session, model: type[Incident | FollowUp], named: type[Service | Person]) -> Version:
    count, highest, versions = session.exec(
        select(func.count(), func.max(col(model.id)), func.sum(col(model.version)))
    ).one()
    names = session.exec(select(named.name).order_by(col(named.id)))
    return Version(count, highest or 0, int(versions or 0), tuple(names))


def incidents(session: Session) -> pd.DataFrame:
    """Return every incident, oldest first: key, origin, words and times in UTC, services as a tuple of names."""
    table = SQLModel.metadata.tables["incident"]
    statement = (
        select_columns(*(table.c[name] for name in _INCIDENT_COLUMNS))
        .where(table.c.drill.is_(False))
        .order_by(table.c.declared_at, table.c.id)
    )
    frame = _frame(session, statement, _INCIDENT_COLUMNS)
    names = _service_names(session)
    keys = [f"INC-{each}" for each in frame["id"]]
    services = pd.Series([names.get(each, ()) for each in frame["id"]], index=frame.index, dtype=object)
    return frame.assign(key=keys, services=services)


def _frame(session: Session, statement: Executable, columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(session.execute(statement).all(), columns=list(columns))
    for name in columns:
        if name.endswith("_at"):
            frame[name] = pd.to_datetime(frame[name], utc=True)
        elif name in ("state", "severity"):
            frame[name] = [str(word) if isinstance(word, str) else None for word in frame[name]]
    return frame.astype({name: "bool" for name in ("planned", "affects_customers") if name in columns})


def _service_names(session: Session) -> dict[int, tuple[str, ...]]:
    statement = (
        select(IncidentService.incident_id, Service.name)
        .join(Service, col(Service.id) == col(IncidentService.service_id))
        .order_by(col(Service.name))
    )
    found: dict[int, list[str]] = {}
    for incident_id, name in session.exec(statement):
        found.setdefault(incident_id, []).append(name)
    return {incident_id: tuple(names) for incident_id, names in found.items()}


def follow_ups(session: Session) -> pd.DataFrame:
    """Return every follow-up with its incident's key and its owner's name."""
    columns = ("incident_id", "number", "text", "owner_name", "person", "state", "due_on", "created_at", "finished_at")
    statement = (
        select_columns(
            col(FollowUp.incident_id),
            col(FollowUp.number),
            col(FollowUp.text),
            col(FollowUp.owner_name),
            col(Person.name),
            col(FollowUp.state),
            col(FollowUp.due_on),
            col(FollowUp.created_at),
            col(FollowUp.finished_at),
        )
        .join(Incident, col(Incident.id) == col(FollowUp.incident_id))
        .join(Person, col(Person.id) == col(FollowUp.owner_id), isouter=True)
        .where(col(Incident.drill).is_(False))
        .order_by(col(FollowUp.created_at), col(FollowUp.id))
    )
    frame = _frame(session, statement, columns)
    keys = [f"INC-{each}" for each in frame["incident_id"]]
    return frame.assign(key=keys, owner=frame["person"].fillna(frame["owner_name"])).drop(
        columns=["person", "owner_name"]
    )


def run_by_the_procedure(session: Session, limit: int) -> Sequence[Incident]:
    """Return the newest incidents that ran by a procedure here, drills and cancelled ones aside."""
    statement = (
        select(Incident)
        .where(
            col(Incident.procedure_digest).is_not(None),
            col(Incident.drill).is_(False),
            Incident.state != IncidentState.CANCELLED,
        )
        .order_by(col(Incident.declared_at).desc())
        .limit(limit)
    )
    return session.exec(statement).all()


def timelines(session: Session, incident_ids: Iterable[int]) -> dict[int, list[TimelineEntry]]:
    """Return the timelines of many incidents, each oldest first."""
    found: dict[int, list[TimelineEntry]] = {}
    for some in _portions(incident_ids):
        statement = select(TimelineEntry).where(col(TimelineEntry.incident_id).in_(some))
        for entry in session.exec(statement.order_by(col(TimelineEntry.occurred_at), col(TimelineEntry.id))):
            found.setdefault(entry.incident_id, []).append(entry)
    return found


def customers(session: Session, incident_ids: Iterable[int]) -> dict[int, list[Customer]]:
    """Return the customers of many incidents."""
    found: dict[int, list[Customer]] = {}
    for some in _portions(incident_ids):
        statement = (
            select(IncidentCustomer.incident_id, Customer)
            .join(Customer, col(Customer.id) == col(IncidentCustomer.customer_id))
            .where(col(IncidentCustomer.incident_id).in_(some))
        )
        for incident_id, customer in session.exec(statement):
            found.setdefault(incident_id, []).append(customer)
    return found


def _portions(ids: Iterable[int]) -> Iterable[list[int]]:
    every = list(ids)
    return (every[start : start + _IN_ONE_STATEMENT] for start in range(0, len(every), _IN_ONE_STATEMENT))
