"""Transactions: whole or not at all, many at once, times with their zone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import func, select

from ims.bootstrap import Portal
from ims.errors import NotFound, SettingProblem
from ims.model import Actor, Customer, Incident, IncidentRole, RoleAssignment, RotaMember, Service
from ims.store import schema
from ims.store.database import Database
from tests.conftest import START, make_team

SETUP = Actor("Setup")


def test_nothing_is_kept_of_a_work_that_fails(both_portals: Portal) -> None:
    with pytest.raises(NotFound), both_portals.work(SETUP) as work:  # noqa: PT012  the write before matters
        work.add(Service(name="payments"))
        work.incident(999)
    with both_portals.reading() as session:
        assert session.exec(select(func.count()).select_from(Service)).one() == 0


def test_times_come_back_in_utc(both_portals: Portal) -> None:
    in_berlin = datetime(2026, 11, 23, 4, 0, tzinfo=timezone(timedelta(hours=1)))
    with both_portals.work(SETUP) as work:
        kept = work.add(Incident(title="x", began_at=in_berlin, detected_at=in_berlin, declared_at=in_berlin))
    with both_portals.reading() as session:
        loaded = session.get(Incident, kept.id)
    assert loaded
    assert loaded.began_at == START
    assert loaded.began_at.tzinfo is UTC


def test_durations_and_lists_come_back_as_they_were(both_portals: Portal) -> None:
    with both_portals.work(SETUP) as work:
        acme = work.add(Customer(name="Acme", contacts=["a@x.example"], update_every=timedelta(minutes=30)))
    with both_portals.reading() as session:
        loaded = session.get(Customer, acme.id)
    assert loaded
    assert (loaded.contacts, loaded.update_every) == (["a@x.example"], timedelta(minutes=30))


def test_a_time_without_a_zone_is_never_stored(both_portals: Portal) -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(Exception, match="without a zone"), both_portals.work(SETUP) as work:
        work.add(Incident(title="x", began_at=naive, detected_at=START, declared_at=START))


def test_what_a_row_names_must_exist(both_portals: Portal) -> None:
    with pytest.raises(IntegrityError), both_portals.work(SETUP) as work:
        work.add(RotaMember(rota_id=1, position=0, person_id=999))


def test_one_incident_has_one_commander_on_every_database(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(SETUP) as work:
        incident = work.add(Incident(title="x", began_at=START, detected_at=START, declared_at=START))
        work.add(_command(incident.id, team.ada.id, until_at=START))
        work.add(_command(incident.id, team.ada.id))
    with pytest.raises(IntegrityError), both_portals.work(SETUP) as work:
        work.add(_command(incident.id, team.bob.id))


def _command(incident_id: int, person_id: int, until_at: datetime | None = None) -> RoleAssignment:
    return RoleAssignment(
        incident_id=incident_id, role=IncidentRole.COMMANDER, person_id=person_id, from_at=START, until_at=until_at
    )


def test_many_writers_at_once_lose_nothing_and_are_never_locked_out(both_portals: Portal) -> None:
    with both_portals.work(SETUP) as work:
        incident = work.add(Incident(title="x", began_at=START, detected_at=START, declared_at=START))

    def count_up(_: int) -> None:
        with both_portals.work(SETUP) as work:
            work.incident(incident.id).version += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(200)))
    with both_portals.reading() as session:
        loaded = session.get(Incident, incident.id)
    assert loaded
    assert loaded.version == 201


def test_a_reader_cannot_write(both_portals: Portal) -> None:
    with both_portals.reading() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.exec(text("DELETE FROM service"))  # type: ignore[call-overload]


def test_a_database_written_by_a_newer_version_is_refused(both_portals: Portal) -> None:
    with both_portals.database.writing() as session:
        session.exec(text("UPDATE alembic_version SET version_num = '9999'"))  # type: ignore[call-overload]
    with pytest.raises(SettingProblem, match="written by a newer IMS"):
        schema.migrate(both_portals.database)


def test_an_unknown_kind_of_database_is_refused_in_words() -> None:
    with pytest.raises(SettingProblem, match="SQLite or PostgreSQL, not in mysql"):
        Database("mysql://x/y")


def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'ims.db'}")
    with database.engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    database.close()
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}
