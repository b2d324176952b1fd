"""Backup and restore: what comes back is what was there, on either database."""

import hashlib
import json
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from sqlalchemy import func, select, text
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

WRITERS = 3


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


def test_a_backup_moves_between_databases(
    portal: Portal, tmp_path: Path, empty_database_url: str, clock: HandClock
) -> None:
    fill(portal)
    back_up(portal.database, tmp_path / "b", START)
    target = build(Settings(database_url=empty_database_url), clock)
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


def test_a_backup_taken_while_others_write_holds_one_moment(both_portals: Portal, tmp_path: Path) -> None:
    """A transaction that is in the backup is in it whole: foreign keys alone would not show what is missing."""
    team, stop = make_team(both_portals), Event()

    def declare_until_stopped() -> int:
        declared = 0
        draft = IncidentDraft(title="x", affects_customers=True, service_ids=[], customer_ids=[team.acme.id])
        while not stop.is_set():
            with both_portals.work(team.as_ada) as work:
                declare(work, draft, both_portals.procedure)
            declared += 1
        return declared

    with ThreadPoolExecutor(WRITERS) as threads:
        running = [threads.submit(declare_until_stopped) for _ in range(WRITERS)]
        while incidents_in(both_portals.database) < 20:
            sleep(0.01)
        back_up(both_portals.database, tmp_path / "b", START)
        taken = incidents_in(both_portals.database)
        while incidents_in(both_portals.database) < taken + 5:
            sleep(0.01)
        stop.set()
        declared = sum(each.result() for each in running)
    restored = Database(f"sqlite:///{tmp_path / 'restored.db'}")
    restore(restored, tmp_path / "b")
    rows = contents(restored)
    known = {row["id"] for row in rows["incident"]}
    assert 20 <= len(known) < declared
    for name, each_has in (("timeline_entry", 2), ("delivery", 2), ("roleassignment", 1), ("ticket", 1)):
        counted = Counter(row["incident_id"] for row in rows[name])
        assert counted == dict.fromkeys(known, each_has), name
    restored.close()


def incidents_in(database: Database) -> int:
    with database.snapshot() as connection:
        return connection.execute(select(func.count()).select_from(Incident.__table__)).scalar() or 0  # type: ignore[attr-defined]


def test_a_database_of_the_first_schema_is_brought_up_to_date_with_its_rows(empty_database_url: str) -> None:
    old = Database(empty_database_url)
    schema.migrate(old, "0001")
    with old.writing() as session:
        session.execute(Service.__table__.insert().values(name="payments", description="", active=True))  # type: ignore[attr-defined]
    schema.migrate(old)
    assert schema.differences(old) == []
    with old.snapshot() as connection:
        assert connection.execute(select(func.count()).select_from(Incident.__table__)).scalar() == 0  # type: ignore[attr-defined]
        assert connection.exec_driver_sql("SELECT name FROM service").scalar() == "payments"
    old.close()


def fill_first_schema(database: Database) -> None:
    """Write rows as the first version of IMS did."""
    schema.migrate(database, "0001")
    moment = START.replace(tzinfo=None).isoformat(" ") if database.is_sqlite else START.isoformat()
    rows: list[tuple[str, dict[str, object]]] = [
        ("person", {"name": "Ada", "email": "a@example.com", "slack": "", "access": "responder", "active": True}),
        ("service", {"name": "payments", "description": "", "active": True}),
        ("incident", first_incident(moment)),
        ("delivery", first_delivery(moment)),
    ]
    with database.writing() as session:
        for name, row in rows:
            words = f"INSERT INTO {name} ({', '.join(row)}) VALUES ({', '.join(f':{key}' for key in row)})"
            session.execute(text(words), row)


def first_incident(moment: str) -> dict[str, object]:
    times = dict.fromkeys(("began_at", "detected_at", "declared_at", "next_update_due_at"), moment)
    empty = dict.fromkeys(("summary", "impact_text", "frequency_text", "override_reason", "war_room", "time_zone"), "")
    no = dict.fromkeys(("affects_sla", "precaution", "drill", "planned"), False)
    said = {"title": "Old", "state": "open", "affects_customers": True, "declared_by": "Ada", "origin": "portal"}
    return {**times, **empty, **no, **said, "owner_id": 1, "version": 3}


def first_delivery(moment: str) -> dict[str, object]:
    empty = dict.fromkeys(("stream", "claimed_by", "problem", "system", "proof", "url"), "")
    said = {"key": "page:1:1", "kind": "page", "recipient": "Ada", "payload": "{}", "state": "waiting"}
    return {**empty, **said, "incident_id": 1, "created_at": moment, "due_at": moment, "attempts": 0}


@pytest.mark.parametrize("set_up", ["nothing", "today's schema"])
def test_a_backup_of_the_first_schema_is_restored_and_brought_up_to_date(
    empty_database_url: str, tmp_path: Path, set_up: str
) -> None:
    old = Database(empty_database_url)
    fill_first_schema(old)
    rows = back_up(old, tmp_path / "b", START)
    assert schema.current_revision(old) == "0001"
    assert "handover" not in rows
    new = Database(f"sqlite:///{tmp_path / 'new.db'}")
    if set_up != "nothing":
        schema.migrate(new)
    assert restore(new, tmp_path / "b") == rows
    assert schema.current_revision(new) == schema.newest_revision()
    assert schema.differences(new) == []
    schema.migrate(old)
    assert contents(new) == contents(old)
    (kept,) = contents(new)["incident"]
    assert (kept["title"], kept["began_at"], kept["updates_held_until"]) == ("Old", START, None)
    new.close()
    old.close()


def test_a_row_that_does_not_fit_is_refused_and_nothing_is_written(
    backup: Path, empty: Database, tmp_path: Path
) -> None:
    """Somebody changed the file and its checksums."""
    line = b'{"id": 1, "name": null}\n'
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["tables"]["service"] = {"rows": 1, "sha256": hashlib.sha256(line).hexdigest()}
    damage(backup, tmp_path / "half", "manifest.json", json.dumps(manifest).encode())
    damage(tmp_path / "half", tmp_path / "bad", "tables/service.jsonl", line)
    with pytest.raises(BadFile, match="not a whole backup"):
        restore(empty, tmp_path / "bad")
    assert not any(contents(empty).values())


@pytest.mark.parametrize("manifest", [b"[]", b"{", b'{"format": 1}', b'{"format": 1, "schema": "0001", "tables": []}'])
def test_a_manifest_that_makes_no_sense_is_refused(
    backup: Path, empty: Database, tmp_path: Path, manifest: bytes
) -> None:
    damage(backup, tmp_path / "bad", "manifest.json", manifest)
    with pytest.raises(BadFile):
        restore(empty, tmp_path / "bad")
    assert schema.current_revision(empty) is None
