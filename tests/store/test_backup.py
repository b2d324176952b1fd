"""Backup and restore: what comes back is what was there, on either database."""

import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.errors import BadFile, Refusal
from ims.model import Actor, Customer, Incident, IncidentDraft, Service
from ims.response.declare import declare
from ims.store import schema
from ims.store.backup import back_up, restore
from ims.store.database import Database
from tests.conftest import START, HandClock, make_team


def fill(portal: Portal) -> None:
    """Declare an incident that touches most tables, with text that is hard to carry."""
    team = make_team(portal)
    draft = {"title": "\u202eZahlung 💳 fällt aus", "summary": 'a\n"b" \\ {"json": 1}', "affects_customers": True}
    draft |= {"service_ids": [team.payments.id], "customer_ids": [team.acme.id, team.globex.id]}
    with portal.work(team.as_ada) as work:
        declare(work, IncidentDraft.model_validate(draft), portal.procedure)
    portal.worker.run_due()


def contents(database: Database) -> dict[str, list[dict[str, object]]]:
    with database.snapshot() as connection:
        return {
            each.name: [dict(row) for row in connection.execute(select(each).order_by(*each.primary_key)).mappings()]
            for each in SQLModel.metadata.sorted_tables
        }


@pytest.fixture
def backup(both_portals: Portal, tmp_path: Path) -> Path:
    fill(both_portals)
    back_up(both_portals.database, tmp_path / "ims.backup", START)
    return tmp_path / "ims.backup"


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'restored.db'}")


def test_restoring_a_backup_gives_everything_back(both_portals: Portal, backup: Path, empty: Database) -> None:
    rows = restore(empty, backup)
    assert contents(empty) == contents(both_portals.database)
    assert rows["incident"] == 1
    assert rows["timeline_entry"] > 3


def test_a_backup_moves_between_databases(portal: Portal, tmp_path: Path, database_url: str, clock: HandClock) -> None:
    fill(portal)
    back_up(portal.database, tmp_path / "b", START)
    target = build(Settings(database_url=database_url.replace("ims.db", "next.db")), clock)
    restore(target.database, tmp_path / "b")
    assert contents(target.database) == contents(portal.database)
    with target.work(Actor("Setup")) as work:
        assert work.add(Customer(name="new")).id == 3
    target.database.close()


def test_a_full_database_is_never_overwritten(both_portals: Portal, backup: Path) -> None:
    before = contents(both_portals.database)
    with pytest.raises(Refusal, match="not empty"):
        restore(both_portals.database, backup)
    assert contents(both_portals.database) == before


def damage(source: Path, target: Path, name: str, change: bytes) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.namelist():
            new.writestr(member, change if member == name else old.read(member))


def test_a_damaged_backup_is_refused_and_nothing_is_written(backup: Path, empty: Database, tmp_path: Path) -> None:
    damage(backup, tmp_path / "bad", "tables/incident.jsonl", b'{"id": 7}\n')
    with pytest.raises(BadFile, match="table incident is not what was written"):
        restore(empty, tmp_path / "bad")
    assert schema.current_revision(empty) is None


def test_a_backup_of_a_newer_version_is_refused(backup: Path, empty: Database, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    damage(backup, tmp_path / "bad", "manifest.json", json.dumps(manifest | {"schema": "9999"}).encode())
    with pytest.raises(BadFile, match="A newer IMS wrote this backup"):
        restore(empty, tmp_path / "bad")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 truncated"])
def test_what_is_no_backup_is_refused(empty: Database, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(BadFile, match="not a whole backup"):
        restore(empty, tmp_path / "bad")


def test_a_truncated_backup_is_refused(backup: Path, empty: Database, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(backup.read_bytes()[:-200])
    with pytest.raises(BadFile):
        restore(empty, tmp_path / "bad")


def test_a_database_of_the_first_schema_is_brought_up_to_date_with_its_rows(database_url: str) -> None:
    old = Database(database_url)
    schema.migrate(old, "0001")
    with old.writing() as session:
        session.execute(Service.__table__.insert().values(name="payments", description="", active=True))  # type: ignore[attr-defined]
    schema.migrate(old)
    assert schema.differences(old) == []
    with old.snapshot() as connection:
        assert connection.execute(select(func.count()).select_from(Incident.__table__)).scalar() == 0  # type: ignore[attr-defined]
        assert connection.exec_driver_sql("SELECT name FROM service").scalar() == "payments"
    old.close()
