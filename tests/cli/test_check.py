"""``ims check``: every problem has a code, a sentence and a hint."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from ims import check
from ims.bootstrap import Portal, build
from ims.cli import main
from ims.config import ROOT, Settings
from ims.delivery.queue import enqueue
from ims.integrations import smtp
from ims.model import Actor, DeliveryState, Person, PersonDraft
from tests.cli.conftest import RunIms
from tests.conftest import Team
from tests.integrations.samples import SAMPLES


def codes(problems: list[check.Problem]) -> set[str]:
    return {problem.code for problem in problems}


def test_an_empty_portal_can_start_and_hears_what_to_fill_in(run_ims: RunIms) -> None:
    result = run_ims("check")
    assert result.exit_code == 0
    for code in ("IMS-301", "IMS-304", "IMS-305", "IMS-306", "IMS-307"):
        assert code in result.stdout


def test_a_customer_that_cannot_be_told_is_named(run_ims: RunIms, team: Team) -> None:
    result = run_ims("check")
    assert "Globex cannot be told as the procedure asks: no manager for the CC" in result.stdout
    assert "Acme" not in result.stdout


def test_a_team_without_a_rota_hears_that_nobody_is_paged(portal: Portal) -> None:
    with portal.work(Actor("Setup")) as work:
        work.add(Person(**PersonDraft(name="Ada", email="ada@example.com").model_dump()))
    assert "IMS-302" in codes(check.of_portal(portal))


def test_a_portal_in_order_is_silent(portal: Portal, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    with portal.work(Actor("Setup")) as work:
        globex = work.get(type(team.globex), team.globex.id)
        globex.manager_email = "boss@globex.example"
    monkeypatch.setenv("IMS_BASE_URL", "https://ims.example.com")
    monkeypatch.setenv("IMS_ALERTMANAGER_TOKEN", "a-long-random-word")
    result = CliRunner().invoke(main, ["check"])
    assert (result.exit_code, result.stdout) == (0, "Everything is in order.\n")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data"))


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("sop.yaml", "title: [", "IMS-201"),
        ("severity.yaml", "matrix: {}", "IMS-202"),
        ("templates/customer_updates.yaml", "- nothing", "IMS-203"),
        ("causes.yaml", "causes: []", "IMS-209"),
        ("deadlines.yaml", "remind: {}", "IMS-210"),
    ],
)
def test_a_bad_data_file_is_an_error_that_names_the_file(data_dir: Path, file: str, text: str, code: str) -> None:
    (data_dir / file).write_text(text)
    portal = build(Settings(data_dir=data_dir, database_url=f"sqlite:///{data_dir / 'ims.db'}"))
    problems = [problem for problem in check.of_portal(portal) if problem.level is check.Level.ERROR]
    assert [problem.code for problem in problems] == [code]
    assert Path(file).name in problems[0].sentence


def test_several_bad_files_are_all_named(data_dir: Path) -> None:
    for file in ("sop.yaml", "severity.yaml"):
        (data_dir / file).unlink()
    portal = build(Settings(data_dir=data_dir, database_url=f"sqlite:///{data_dir / 'ims.db'}"))
    missing = [problem.sentence for problem in check.of_portal(portal) if problem.code == "IMS-105"]
    assert len(missing) == 2


def test_every_bad_setting_is_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_BASE_URL", "ims")
    monkeypatch.setenv("IMS_LARGEST_WEBHOOK_BYTES", "1")
    monkeypatch.setenv("IMS_ALERTMANAGER_TOKEN_FILE", "/nowhere/token")
    result = CliRunner().invoke(main, ["check", "--json"])
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert answer["ok"] is False
    assert [problem["code"] for problem in answer["problems"]] == ["IMS-104", "IMS-101", "IMS-101"]
    assert all(problem["hint"] for problem in answer["problems"])


def stop_a_mail(portal: Portal) -> None:
    with portal.work(Actor("Setup")) as work:
        row = enqueue(work, SAMPLES["customer_mail"], key="k")
        row.state, row.problem = DeliveryState.STOPPED, "550 no such user"


def test_what_a_system_refused_for_good_is_named_with_its_words(
    run_ims: RunIms, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_a_mail(portal)
    monkeypatch.setenv("IMS_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("IMS_SMTP_SENDER", "a@b.example")
    said = run_ims("check").stdout
    assert "IMS-310 warning: E-mail (SMTP) has refused a delivery, the last one with: 550 no such user" in said
    assert "IMS-308" not in said


def test_what_stopped_without_a_system_is_counted(run_ims: RunIms, portal: Portal) -> None:
    stop_a_mail(portal)
    assert "IMS-308 warning: 1 delivery has stopped" in run_ims("check").stdout


def test_every_system_that_is_configured_by_half_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    again = replace(smtp.SYSTEM, name="post")
    monkeypatch.setattr(check, "SYSTEMS", (smtp.SYSTEM, again))
    monkeypatch.setenv("IMS_SMTP_HOST", "127.0.0.1")
    problems = check.installation()
    assert check.any_error(problems)
    sentences = [problem.sentence for problem in problems if problem.code == "IMS-101"]
    assert sentences == ["IMS_SMTP_SENDER is missing: give the address that customers answer to."] * 2


def test_settings_that_are_not_enough_to_use_a_system_are_named(
    run_ims: RunIms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMS_SMTP_PORT", "25")
    said = run_ims("check").stdout
    assert "IMS-309 warning: IMS_SMTP_PORT is set, but E-mail (SMTP) is not used: IMS_SMTP_HOST is missing." in said
    assert "ims/integrations/smtp/README.md says what it needs." in said


def test_a_misspelt_setting_is_noticed(monkeypatch: pytest.MonkeyPatch, run_ims: RunIms) -> None:
    monkeypatch.setenv("IMS_ALERTMANAGER_TOKN", "x")
    assert "Did you mean IMS_ALERTMANAGER_TOKEN?" in run_ims("check").stdout


def test_a_database_that_does_not_answer_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_DATABASE_URL", "postgresql://ims:hunter2@127.0.0.1:1/ims")
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 1
    assert "IMS-106" in result.stdout
    assert "hunter2" not in result.output


def test_looking_at_a_database_that_is_not_there_yet_does_not_make_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "ims.db"
    monkeypatch.setenv("IMS_DATABASE_URL", f"sqlite:///{file}")
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 0
    assert "IMS-108" in result.stdout
    assert not file.exists()
