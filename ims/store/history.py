"""Statements that bring in past incidents by the thousand, and questions they need answered first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, SQLModel, col, delete, func, select

from ims.model import EntrySource, Incident, IncidentService, Service, TimelineEntry

IN_ONE_STATEMENT = 500
_ADVISORY_LOCK = 0x1A6  # any number that only imports and the demo use


def one_at_a_time(session: Session) -> None:
    """Wait until no other import or demo runs, and keep others waiting until the end of this transaction.

    Two people may import the same file at once; the second then finds what the first brought in. SQLite has one writer.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))


def imported(session: Session, origin: str) -> dict[str, dict[str, Any]]:
    """Return the incidents that came from a format, by their key there: every column, by its name."""
    table = SQLModel.metadata.tables["incident"]
    rows = session.execute(select(*table.columns).where(table.c.origin == origin)).mappings()
    return {str(row["origin_key"]): dict(row) for row in rows}


def worked_on(session: Session, origin: str) -> set[int]:
    """Return the ids of the incidents of a format that people or the portal have written to since."""
    statement = (
        select(TimelineEntry.incident_id)
        .join(Incident, col(Incident.id) == col(TimelineEntry.incident_id))
        .where(Incident.origin == origin, TimelineEntry.source != EntrySource.IMPORT)
        .distinct()
    )
    return set(session.exec(statement))


def services_of(session: Session, origin: str) -> dict[int, set[int]]:
    """Return the ids of the services of each incident of a format."""
    statement = (
        select(IncidentService)
        .join(Incident, col(Incident.id) == col(IncidentService.incident_id))
        .where(Incident.origin == origin)
    )
    found: dict[int, set[int]] = {}
    for link in session.exec(statement):
        found.setdefault(link.incident_id, set()).add(link.service_id)
    return found


def insert_rows(session: Session, noun: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows of one noun, all with the same columns."""
    if rows:
        session.execute(insert(noun), [dict(row) for row in rows])


def insert_incidents(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert incidents and return their ids in the same order."""
    if not rows:
        return []
    statement = insert(Incident).returning(col(Incident.id), sort_by_parameter_order=True)
    return list(session.execute(statement, [dict(row) for row in rows]).scalars())


def update_incidents(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change many incidents; each row has its ``id`` and the columns to change, the same in all of them."""
    if rows:
        session.execute(update(Incident), [dict(row) for row in rows])


def unlink_services(session: Session, incident_ids: Sequence[int]) -> None:
    """Take every service off some incidents."""
    for start in range(0, len(incident_ids), IN_ONE_STATEMENT):
        some = incident_ids[start : start + IN_ONE_STATEMENT]
        session.exec(delete(IncidentService).where(col(IncidentService.incident_id).in_(some)))


def service_ids(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Return the id of the service of each name, whatever its case; unknown ones are added, not in use.

    They are for the figures: a service that nobody set up is not offered when an incident is declared.
    """
    known = {name.casefold(): each for each, name in session.exec(select(Service.id, Service.name))}
    wanted = sorted({name for name in names if name.casefold() not in known})
    for name in wanted:
        if name.casefold() not in known:
            service = Service(name=name, description="Named in imported incidents", active=False)
            session.add(service)
            session.flush()
            known[name.casefold()] = service.id
    return {name: known[name.casefold()] for name in names}


def origins(session: Session) -> dict[str, int]:
    """Return how many incidents came from where, drills aside."""
    statement = select(Incident.origin, func.count()).where(col(Incident.drill).is_(False)).group_by(Incident.origin)
    return dict(session.exec(statement).all())
