"""Real exports of other people: the figures that a careful reader finds in them, exactly."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from ims.intake.history.found import PastIncident, Preview, ProblemKind
from ims.intake.history.registry import read_history
from ims.model import IncidentState
from tests.conftest import SHARED

DATA = SHARED / "data"
LOG = "servicenow/incident_event_log_5998rows_DDdashMM.csv"


def read(name: str) -> Preview:
    path: Path = DATA / name
    if not path.exists():
        pytest.skip(f"the shared folder with real exports is missing here: {name}")
    return read_history(path.read_bytes())


def minutes(incidents: list[PastIncident]) -> "pd.Series[float]":
    return pd.Series(
        [(each.resolved_at - each.opened_at).total_seconds() / 60 for each in incidents if each.resolved_at]
    )


def statistics(spans: "pd.Series[float]") -> list[float]:
    """Mean, median and p90, as the shared folder's README writes them."""
    return [round(float(value), 4) for value in (spans.mean(), spans.median(), spans.quantile(0.9))]


def test_an_event_log_of_5998_rows_holds_890_incidents() -> None:
    preview = read(LOG)
    incidents = list(preview.incidents)
    spans = minutes(incidents)
    assert (preview.rows, len(incidents), len(spans)) == (5998, 890, 861)
    assert spans.min() > 0
    assert statistics(spans) == [18_952.0058, 3268, 45_723]
    assert sum(bool(each.sla_met) for each in incidents) == 495
    assert Counter(str(each.severity) for each in incidents) == {"sev1": 15, "sev2": 33, "sev3": 757, "sev4": 85}
    assert Counter(each.opened_at.strftime("%m") for each in incidents) == {"02": 207, "03": 683}


def test_the_same_log_in_another_hand() -> None:
    preview = read("servicenow/incident_event_log_198rows_DslashM.csv")
    incidents = list(preview.incidents)
    spans = minutes(incidents)
    assert (preview.rows, len(incidents), len(spans)) == (198, 32, 31)
    assert sum(each.state is IncidentState.OPEN for each in incidents) == 1
    assert statistics(spans)[:2] == [6789.129, 3067]


@pytest.mark.parametrize(("name", "rows"), [("priyaroy_incident_quotedISO.csv", 66), ("IBM_incidents_REST.csv", 67)])
def test_list_exports_hold_an_incident_in_each_row(name: str, rows: int) -> None:
    preview = read(f"servicenow/{name}")
    assert (preview.rows, len(preview.incidents)) == (rows, rows)


def test_githubs_status_history() -> None:
    preview = read("github_status/github_dev.jsonl")
    spans, unplanned = minutes(list(preview.incidents)), minutes(preview.decided(with_planned=False))
    assert (len(preview.incidents), preview.planned) == (399, 10)
    assert (len(spans), statistics(spans)) == (399, [239.8722, 59, 287.2])
    assert (len(unplanned), statistics(unplanned)) == (389, [104.6555, 57, 247.2])
    assert sum(problem.kind is ProblemKind.NO_LENGTH for problem in preview.problems) == 4


def test_aws_says_no_end_and_so_does_the_portal() -> None:
    preview = read("aws/data.json")
    assert len(preview.incidents) == 86
    assert minutes(list(preview.incidents)).empty


def test_a_pagerduty_dump() -> None:
    preview = read("pagerduty/incidents.csv")
    assert preview.incidents[0].services == ("User Database",)
    assert len(preview.incidents) == 3
