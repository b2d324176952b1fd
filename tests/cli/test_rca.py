"""The root-cause document from the command line, and back."""

import json
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

from ims.bootstrap import Portal
from ims.cli import main
from ims.model import FollowUpDraft, IncidentDraft
from ims.postmortem.following_up import follow_ups
from ims.response.declare import declare
from tests.cli.conftest import RunIms
from tests.conftest import Team


def test_a_document_is_written_and_read_back(run_ims: RunIms, portal: Portal, team: Team, tmp_path: Path) -> None:
    with portal.work(team.as_ada) as work:
        incident = declare(work, IncidentDraft(title="Payments fail", affects_customers=True), portal.procedure)
        follow_ups.add(work, incident.id, FollowUpDraft(text="Add a test", owner_id=team.bob.id))
    file = tmp_path / "rca.docx"
    assert run_ims("rca", "inc-1", "--out", str(file)).exit_code == 0
    read_back = run_ims("read-rca", str(file), "--json")
    assert json.loads(read_back.stdout) == {
        "follow_ups": [{"text": "Add a test", "owner": "Bob Kahn", "due": None, "done": False}],
        "not_understood": [],
    }
    assert run_ims("read-rca", str(file)).stdout == "[ ] Add a test · Bob Kahn · no due date\n"


def test_an_unknown_incident_is_a_no_in_words(run_ims: RunIms, tmp_path: Path) -> None:
    result = run_ims("rca", "INC-9", "--out", str(tmp_path / "rca.docx"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "INC-9" in result.stderr
    assert not (tmp_path / "rca.docx").exists()


def test_reading_needs_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMS_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    document = docx.Document()
    document.add_table(rows=2, cols=3)
    texts = (("Owner", "Due date", "Action"), ("Ada", "01/12/2026", "Add a test"))
    for row, words in zip(document.tables[0].rows, texts, strict=True):
        for cell, word in zip(row.cells, words, strict=True):
            cell.text = word
    document.save(str(tmp_path / "any.docx"))
    result = CliRunner().invoke(main, ["read-rca", str(tmp_path / "any.docx"), "--json"])
    answer = json.loads(result.stdout)
    assert answer["follow_ups"] == [{"text": "Add a test", "owner": "Ada", "due": None, "done": False}]
    assert "01/12/2026" in answer["not_understood"][0]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04"])
def test_a_bad_file_is_a_no_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.docx").write_bytes(content)
    result = CliRunner().invoke(main, ["read-rca", str(tmp_path / "bad.docx"), "--json"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip().endswith(".")


def test_a_missing_file_is_a_no_in_words(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["read-rca", str(tmp_path / "none.docx")])
    assert result.exit_code == 1
    assert "No such file" in result.stderr
