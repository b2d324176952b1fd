"""``ims export``: one object with a list for each noun, whole or not at all."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from ims.bootstrap import Portal
from ims.model import Actor, Alert, Delivery, InboxMessage, InboxState, Incident, Person
from ims.store import export
from tests.cli.conftest import RunIms
from tests.conftest import START, make_team


def exported(run_ims: RunIms, out: Path) -> dict[str, list[dict[str, Any]]]:
    result = run_ims("export", "--format", "json", "--out", str(out))
    assert result.exit_code == 0, result.output
    answer: dict[str, list[dict[str, Any]]] = json.loads(out.read_text(encoding="utf-8"))
    return answer


def test_every_table_is_exported() -> None:
    assert {noun.__tablename__ for noun in export.NOUNS.values()} == set(SQLModel.metadata.tables)


def test_an_incident_is_exported_with_all_that_belongs_to_it(
    run_ims: RunIms, incident: Incident, tmp_path: Path
) -> None:
    nouns = exported(run_ims, tmp_path / "ims.json")
    assert [(each["key"], each["state"]) for each in nouns["incidents"]] == [(incident.key, "open")]
    assert {person["name"] for person in nouns["people"]} == {"Ada Lovelace", "Bob Kahn"}
    assert nouns["deliveries"][0]["state"] == "sent"
    assert nouns["timeline_entries"]
    assert nouns["tickets"][0]["key"] == "T-1"
    assert nouns["role_assignments"][0]["role"] == "incident_commander"
    assert nouns["procedures"][0]["digest"] == incident.procedure_digest


def test_times_are_utc_and_bytes_are_base64(run_ims: RunIms, portal: Portal, tmp_path: Path) -> None:
    body = b'{"status": "\xff"}'
    with portal.work(Actor("Test")) as work:
        work.add(InboxMessage(source="alertmanager", received_at=START, body=body, state=InboxState.UNREADABLE))
    message = exported(run_ims, tmp_path / "ims.json")["inbox_messages"][0]
    assert message["received_at"] == "2026-11-23T03:00:00Z"
    assert base64.b64decode(message["body"]) == body


def test_text_comes_out_as_it_was_typed(run_ims: RunIms, portal: Portal, tmp_path: Path) -> None:
    name = 'Zoë "<script>" \u202e\u2400 =1+1'
    with portal.work(Actor("Test")) as work:
        work.add(Person(name=name, email="zoe@example.com"))
    assert exported(run_ims, tmp_path / "ims.json")["people"][0]["name"] == name


def test_the_standard_output_can_take_it(run_ims: RunIms) -> None:
    result = run_ims("export", "--out", "-")
    assert json.loads(result.stdout)["incidents"] == []


def test_a_file_that_cannot_be_written_is_a_sentence_and_leaves_nothing(run_ims: RunIms, tmp_path: Path) -> None:
    result = run_ims("export", "--out", str(tmp_path / "nowhere" / "ims.json"))
    assert result.exit_code == 1
    assert re.fullmatch(r"There is no folder .*nowhere.*\n", result.stderr)
    assert list(tmp_path.glob("*.json")) == []


def test_an_export_that_fails_half_way_keeps_the_old_file(
    run_ims: RunIms, incident: Incident, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "ims.json"
    out.write_text("old")
    monkeypatch.setattr(Delivery, "model_dump", lambda _self: 1 / 0)
    result = run_ims("export", "--out", str(out))
    assert isinstance(result.exception, ZeroDivisionError)
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".ims-")] == []


def test_an_export_sees_one_moment(both_portals: Portal) -> None:
    with export.snapshot(both_portals.database) as session:
        assert list(export.rows(session, "people")) == []
        make_team(both_portals)
        assert list(export.rows(session, "people")) == []
        assert list(export.rows(session, "services")) == []
    with export.snapshot(both_portals.database) as session:
        assert len(list(export.rows(session, "people"))) == 2


def test_thousands_of_rows_are_exported_in_the_order_of_their_ids(both_portals: Portal) -> None:
    with both_portals.work(Actor("Test")) as work:
        work.session.add_all(
            Alert(fingerprint=str(n), starts_at=START, last_received_at=START, status="firing", name="a")  # type: ignore[arg-type]
            for n in range(export.AT_ONCE * 2 + 1)
        )
    with export.snapshot(both_portals.database) as session:
        ids = [row["id"] for row in export.rows(session, "alerts")]
    assert len(ids) == export.AT_ONCE * 2 + 1
    assert ids == sorted(ids)
