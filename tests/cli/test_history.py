"""``ims import`` and ``ims figures``."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import RunIms
from tests.conftest import SHARED

LOG = SHARED / "data" / "servicenow" / "incident_event_log_5998rows_DDdashMM.csv"
LIST = """Number,Title,Started,Ended,Severity
1,Mail,2025-01-14 10:00,2025-01-14 12:00,1
2,Web,2025-02-14 10:00,2025-02-14 09:00,2
3,Fax,2025-02-14 10:00,,
4,Year,22025-02-14 10:00,,
"""


@pytest.fixture
def own_list(tmp_path: Path) -> str:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    return str(path)


def test_an_import_says_what_it_found_and_every_problem(run_ims: RunIms, own_list: str) -> None:
    result = run_ims("import", own_list)
    assert result.exit_code == 0
    assert "4 rows, 3 incidents" in result.output
    assert "Row 3: It was resolved (2025-02-14 09:00 UTC) before it started" in result.output
    assert "Row 5: Start “22025-02-14 10:00”: the year has too many digits" in result.output
    assert "3 incidents added" in result.output


def test_an_import_answers_scripts_in_json(run_ims: RunIms, own_list: str) -> None:
    answer = json.loads(run_ims("import", own_list, "--json").stdout)
    assert (answer["format"], answer["rows"], answer["incidents"], answer["added"]) == ("list", 4, 3, 3)
    assert [problem["row"] for problem in answer["problems"]] == [3, 5]
    assert json.loads(run_ims("import", own_list, "--json").stdout)["unchanged"] == 3


def test_a_dry_run_writes_nothing(run_ims: RunIms, own_list: str) -> None:
    assert "0 incidents added" in run_ims("import", own_list, "--dry-run").output
    assert json.loads(run_ims("figures", "--json").stdout)["incidents"] == 0


def test_rows_with_a_problem_may_be_left_out(run_ims: RunIms, own_list: str) -> None:
    assert "2 incidents added" in run_ims("import", own_list, "--skip-problems").output


def test_figures_of_an_import(run_ims: RunIms, own_list: str) -> None:
    run_ims("import", own_list)
    answer = json.loads(run_ims("figures", "--json").stdout)
    assert (answer["incidents"], answer["missing"], answer["negative"]) == (3, 1, 1)
    assert answer["by_month"] == {"2025-01": 1, "2025-02": 2}
    assert answer["by_severity"] == {"sev1": 1, "sev2": 1, "unknown": 1}
    assert answer["time_to_resolve"] == {"n": 1, "mean": 120.0, "median": 120.0, "p90": 120.0}
    assert answer["severities"]["sev2"]["negative"] == 1


def test_figures_of_some_days_and_of_one_origin(run_ims: RunIms, own_list: str) -> None:
    run_ims("import", own_list)
    february = ("figures", "--json", "--since", "2025-02-01", "--until", "2025-02-28")
    assert json.loads(run_ims(*february).stdout)["incidents"] == 2
    assert json.loads(run_ims(*february, "--origin", "portal").stdout)["incidents"] == 0


def test_figures_are_printed_for_people(run_ims: RunIms, own_list: str) -> None:
    run_ims("import", own_list)
    output = run_ims("figures").output
    assert "1 without a resolved time, 1 resolved before the start" in output
    assert "sev1: median 120 min, mean 120 min, p90 120 min, n 1" in output


def test_an_empty_portal_has_figures_of_nothing(run_ims: RunIms) -> None:
    answer = json.loads(run_ims("figures", "--json").stdout)
    assert answer["time_to_resolve"] == {"n": 0, "mean": None, "median": None, "p90": None}
    assert answer["severities"] == {}


def test_the_order_of_day_and_month_is_asked_for_and_not_guessed(run_ims: RunIms, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Title,Started\nMail,03/04/2025 10:00\n", encoding="utf-8")
    refused = run_ims("import", str(path))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--day-first or --month-first" in refused.stderr
    assert run_ims("import", str(path), "--month-first").exit_code == 0
    assert json.loads(run_ims("figures", "--json").stdout)["by_month"] == {"2025-03": 1}


@pytest.mark.parametrize(("data", "sentence"), [(b"", "empty"), (b"PK\x03\x04", "zip archive"), (b"x,y\n", "no rows")])
def test_a_file_that_cannot_be_read_is_a_sentence_and_exit_status_1(
    run_ims: RunIms, tmp_path: Path, data: bytes, sentence: str
) -> None:
    path = tmp_path / "broken"
    path.write_bytes(data)
    result = run_ims("import", str(path), "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr


def test_a_file_that_is_not_there_is_a_sentence(run_ims: RunIms, tmp_path: Path) -> None:
    result = run_ims("import", str(tmp_path / "none.csv"))
    assert result.exit_code == 1
    assert "No such file" in result.stderr


def test_a_zone_that_does_not_exist_is_a_sentence(run_ims: RunIms, own_list: str) -> None:
    result = run_ims("import", own_list, "--zone", "Mars/Base")
    assert result.exit_code == 1
    assert "There is no time zone “Mars/Base”" in result.stderr


@pytest.mark.skipif(not LOG.exists(), reason="the shared folder with real exports is missing here")
def test_a_real_event_log_gives_the_figures_of_its_readme_exactly(run_ims: RunIms) -> None:
    assert run_ims("import", str(LOG)).exit_code == 0
    answer = json.loads(run_ims("figures", "--json", "--origin", "servicenow").stdout)
    times = answer["time_to_resolve"]
    assert (answer["incidents"], answer["missing"], answer["negative"]) == (890, 29, 0)
    assert (times["n"], round(times["mean"], 4), times["median"], times["p90"]) == (861, 18_952.0058, 3268, 45_723)
    assert answer["by_month"] == {"2016-02": 207, "2016-03": 683}
    assert answer["by_severity"] == {"sev1": 15, "sev2": 33, "sev3": 757, "sev4": 85}
    assert (answer["sla"]["met"], round(100 * answer["sla"]["share"], 3)) == (495, 55.618)
    means = {severity: round(each["time_to_resolve"]["mean"], 4) for severity, each in answer["severities"].items()}
    assert means == {"sev1": 30_660.4667, "sev2": 6_290.1515, "sev3": 16_216.7723, "sev4": 45_573.4286}
