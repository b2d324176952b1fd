"""``ims demo``: a month of a small team, on an empty portal only."""

import json

from ims.bootstrap import Portal
from tests.cli.conftest import RunIms
from tests.conftest import Team


def test_the_demo_is_loaded_once_and_left_as_it_is_the_second_time(run_ims: RunIms, portal: Portal) -> None:
    first = run_ims("demo", "--json")
    assert first.exit_code == 0, first.output
    loaded = json.loads(first.stdout)
    assert loaded["incidents"] >= 22
    assert len(loaded["active"]) == 2
    again = run_ims("demo", "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout) == loaded
    assert "loaded already" in again.stderr


def test_a_portal_in_use_is_refused_with_a_sentence_on_stderr(run_ims: RunIms, team: Team) -> None:
    refused = run_ims("demo")
    assert refused.exit_code == 1
    assert "in use" in refused.stderr
    assert refused.stdout == ""


def test_a_wrong_option_is_wrong_usage(run_ims: RunIms, portal: Portal) -> None:
    assert run_ims("demo", "--twice").exit_code == 2
