"""The commands that run: the portal, the worker, the migrations."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from ims.bootstrap import Portal
from ims.cli import main
from ims.delivery.queue import enqueue
from ims.model import Delivery, DeliveryState
from ims.model.message import TeamMessage
from ims.store import schema
from tests.cli.conftest import RunIms, start_ims
from tests.conftest import Team
from tests.servers import free_port, wait_for_port


@contextmanager
def running(*words: str, **settings: str) -> "Iterator[subprocess.Popen[str]]":
    process = start_ims(*words, **settings)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def answer(port: int, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=90) as response:
        return response.status, response.read().decode()


def test_migrate_prints_the_revision_and_can_be_repeated(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMS_DATABASE_URL", empty_database_url)
    for _ in range(2):
        result = CliRunner().invoke(main, ["migrate"])
        assert (result.exit_code, result.stdout) == (0, f"{schema.newest_revision()}\n")


def test_serve_answers_on_its_port_and_ends_on_sigterm(sqlite_url: str) -> None:
    port = free_port()
    with running("serve", "--port", str(port), IMS_DATABASE_URL=sqlite_url) as process:
        wait_for_port(port, 60)
        assert answer(port, "/readyz")[0] == 200
        assert "<title>" in answer(port, "/")[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)


def test_serve_refuses_a_port_that_is_taken_in_words(run_ims: RunIms) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = run_ims("serve", "--port", str(other.getsockname()[1]))
    assert result.exit_code == 1
    assert "listens on port" in result.stderr
    assert "--port" in result.stderr


def test_serve_refuses_an_address_of_nowhere_in_words(run_ims: RunIms) -> None:
    result = run_ims("serve", "--address", "not an address", "--port", str(free_port()))
    assert result.exit_code == 1
    assert "is not an address of this machine" in result.stderr


def test_a_portal_that_cannot_start_says_why_and_no_traceback(tmp_path: Path) -> None:
    process = start_ims("serve", "--port", str(free_port()), IMS_DATA_DIR=str(tmp_path))
    output, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert error.startswith("IMS-105: ")
    assert "Traceback" not in output + error


def delivered(portal: Portal, delivery_id: int) -> bool:
    with portal.reading() as session:
        delivery = session.get(Delivery, delivery_id)
        return delivery is not None and delivery.state is DeliveryState.SENT


def test_the_worker_alone_carries_out_deliveries_until_it_is_told_to_end(
    portal: Portal, team: Team, sqlite_url: str
) -> None:
    with portal.work(team.as_ada) as work:
        delivery = enqueue(work, TeamMessage(incident_key="INC-1", text="hello"), key="hello")
    with running("worker", IMS_DATABASE_URL=sqlite_url) as process:
        end = time.monotonic() + 60
        while not delivered(portal, delivery.id) and time.monotonic() < end:
            time.sleep(0.1)
        assert delivered(portal, delivery.id)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["export"], ["no-such-command"], ["check", "--what"]])
def test_wrong_usage_is_status_2(words: list[str]) -> None:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "Usage" in result.stderr


def test_a_setting_that_cannot_be_used_is_a_sentence_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_DATABASE_URL", "mysql://root:hunter2@db/ims")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("IMS-102: IMS keeps its data in SQLite or PostgreSQL, not in mysql.")
    assert "hunter2" not in result.output


def test_python_m_ims_is_the_same_command() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "ims", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.strip().count(".") == 2
