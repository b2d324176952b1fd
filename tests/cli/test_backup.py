"""``ims backup`` and ``ims restore``: the whole portal in one file, and a sentence for every no."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from ims.bootstrap import Portal, build
from ims.cli import main
from ims.config import Settings
from ims.demo.play import load
from ims.model import Incident
from ims.store import export, schema
from tests.cli.conftest import RunIms
from tests.conftest import HandClock, make_team
from tests.servers import fresh_postgres_url


def test_a_backup_is_restored_into_an_empty_database_and_says_what_came_back(
    run_ims: RunIms, incident: Incident, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ims.backup"
    backed_up = run_ims("backup", str(file))
    assert backed_up.exit_code == 0
    assert backed_up.stdout.startswith(f"Backed up to {file}: ")
    monkeypatch.setenv("IMS_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    restored = run_ims("restore", str(file))
    assert (restored.exit_code, restored.stderr) == (0, "")
    assert "among them 1 incidents, " in restored.stdout
    assert restored.stdout.partition(": ")[2] == backed_up.stdout.partition(": ")[2]


def test_scripts_read_the_rows_of_each_table(run_ims: RunIms, incident: Incident, tmp_path: Path) -> None:
    answer = json.loads(run_ims("backup", str(tmp_path / "b"), "--json").stdout)
    assert answer["tables"]["incident"] == 1
    assert answer["rows"] == sum(answer["tables"].values())


def test_only_its_owner_may_read_a_backup(run_ims: RunIms, incident: Incident, tmp_path: Path) -> None:
    run_ims("backup", str(tmp_path / "b"))
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600


def test_a_database_that_holds_anything_is_not_overwritten(run_ims: RunIms, incident: Incident, tmp_path: Path) -> None:
    run_ims("backup", str(tmp_path / "b"))
    result = run_ims("restore", str(tmp_path / "b"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "The database is not empty (table customer); restore into a new one.\n"


def test_each_no_is_a_sentence(run_ims: RunIms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad").write_bytes(b"no backup")
    assert run_ims("restore", str(tmp_path / "bad")).stderr == "bad is not a whole backup of IMS (BadZipFile).\n"
    assert run_ims("restore", str(tmp_path / "none")).stderr == f"{tmp_path / 'none'}: No such file or directory.\n"
    assert "There is no folder" in run_ims("backup", str(tmp_path / "nowhere" / "b")).stderr
    monkeypatch.setenv("IMS_DATABASE_URL", f"sqlite:///{tmp_path / 'nothing.db'}")
    assert run_ims("backup", str(tmp_path / "b")).stderr.startswith("There is no portal in SQLite, ")
    assert not (tmp_path / "b").exists()
    assert run_ims("backup").exit_code == 2


def exported(portal: Portal) -> str:
    with export.snapshot(portal.database) as session:
        return json.dumps({noun: list(export.rows(session, noun)) for noun in export.NOUNS}, indent=0)


@pytest.mark.parametrize("start", ["sqlite", "postgresql"])
def test_the_export_of_a_whole_demo_is_the_same_byte_for_byte_wherever_it_is_restored(
    start: str, tmp_path: Path, clock: HandClock
) -> None:
    with fresh_postgres_url() as first, fresh_postgres_url() as second:
        here = build(Settings(database_url=first if start == "postgresql" else f"sqlite:///{tmp_path / 'a.db'}"), clock)
        here.start()
        load(here, lambda _part, _words: None)
        before = exported(here)
        for number, url in enumerate([second, f"sqlite:///{tmp_path / 'b.db'}"]):
            backup_here_restore_there(here, url, tmp_path / str(number))
            there = build(Settings(database_url=url), clock)
            assert exported(there) == before
            there.database.close()
        here.database.close()
    assert len(json.loads(before)["incidents"]) > 20


def backup_here_restore_there(here: Portal, url: str, file: Path) -> None:
    """Do it by the commands, each with its own database."""
    for words, database in ((("backup", str(file)), here.settings.database_url), (("restore", str(file)), url)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IMS_DATABASE_URL", database)
            result = CliRunner().invoke(main, list(words))
        assert result.exit_code == 0, result.output


def test_a_backup_goes_into_a_database_that_was_only_set_up(
    run_ims: RunIms, tmp_path: Path, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_team(portal)
    run_ims("backup", str(tmp_path / "b"))
    monkeypatch.setenv("IMS_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    assert run_ims("migrate").stdout == f"{schema.newest_revision()}\n"
    assert run_ims("restore", str(tmp_path / "b")).exit_code == 0
