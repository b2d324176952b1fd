"""Which incidents a figure is about, and in which month they were."""

from datetime import UTC, date, datetime

from ims.metrics.frequency import Step, by_month, by_service, by_severity, over_time
from ims.metrics.population import Selection, select
from ims.metrics.summary import sla, summary
from tests.metrics.frames import frame, incident
from tests.metrics.test_durations import DEFINITIONS

LATE = datetime(2024, 2, 29, 23, 30, tzinfo=UTC)


def keys(selection: Selection, *rows: dict[str, object]) -> list[str]:
    return list(select(frame(*rows), selection).frame["key"])


def test_the_month_is_the_one_that_the_file_says() -> None:
    rows = frame(incident(1, opened=LATE), incident(2, opened=LATE, time_zone="Europe/Berlin"))
    assert by_month(rows) == {"2024-02": 1, "2024-03": 1}


def test_days_are_chosen_with_both_ends_included() -> None:
    march = Selection(since=date(2024, 3, 1), until=date(2024, 3, 1))
    rows = (incident(1, opened=LATE), incident(2), incident(3, opened=datetime(2024, 3, 2, tzinfo=UTC)))
    assert keys(march, *rows) == ["INC-2"]


def test_severity_service_and_origin_are_chosen_together() -> None:
    rows = (
        incident(1, severity="sev1", services=("mail", "web"), origin="jira"),
        incident(2, severity="sev1", services=("web",), origin="jira"),
        incident(3, severity=None, services=("mail",), origin="jira"),
        incident(4, severity="sev1", services=("mail",)),
    )
    chosen = Selection(severities=frozenset({"sev1"}), services=frozenset({"mail"}), origins=frozenset({"jira"}))
    assert keys(chosen, *rows) == ["INC-1"]
    assert keys(Selection(severities=frozenset({"unknown"})), *rows) == ["INC-3"]


def test_cancelled_incidents_are_left_out_and_counted() -> None:
    selected = select(frame(incident(1), incident(2, state="cancelled")), Selection())
    assert (list(selected.frame["key"]), selected.cancelled) == (["INC-1"], 1)


def test_maintenance_may_be_left_out() -> None:
    assert keys(Selection(with_planned=False), incident(1), incident(2, planned=True)) == ["INC-1"]


def test_a_month_without_incidents_stands_in_the_chart_with_nothing() -> None:
    rows = frame(incident(1), incident(2, severity="sev1", opened=datetime(2024, 5, 1, tzinfo=UTC)))
    counts = over_time(rows, Step.MONTH)
    assert counts["sev3"].tolist() == [1, 0, 0]
    assert counts["sev1"].tolist() == [0, 0, 1]
    assert over_time(frame(), Step.MONTH).empty


def test_weeks_begin_on_monday() -> None:
    counts = over_time(frame(incident(1)), Step.WEEK)
    assert [str(start.date()) for start in counts.index] == ["2024-02-26"]


def test_an_incident_of_two_services_counts_for_both() -> None:
    rows = frame(incident(1, services=("mail", "web")), incident(2, services=("web",)), incident(3))
    assert by_service(rows)["sev3"].to_dict() == {"web": 2, "mail": 1}
    assert list(by_service(rows).index) == ["web", "mail"]
    assert by_service(frame(incident(1))).empty


def test_the_sla_share_counts_only_incidents_that_say_so() -> None:
    rows = frame(incident(1, sla_met=True), incident(2, sla_met=False), incident(3))
    assert sla(rows) == {"n": 2, "met": 1, "share": 0.5}
    assert sla(frame())["share"] is None


def test_the_summary_says_the_same_for_all_and_for_each_severity() -> None:
    answer = summary(frame(incident(1, 10), incident(2, None, severity="sev1"), incident(3, -1)), DEFINITIONS)
    assert (answer["incidents"], answer["missing"], answer["negative"]) == (3, 1, 1)
    assert answer["by_severity"] == {"sev1": 1, "sev3": 2}
    assert answer["by_month"] == {"2024-03": 3}
    assert answer["time_to_resolve"] == {"n": 1, "mean": 10.0, "median": 10.0, "p90": 10.0}
    assert answer["severities"]["sev1"]["time_to_resolve"] == {"n": 0, "mean": None, "median": None, "p90": None}
    assert set(answer["severities"]["sev3"]) == set(answer) - {"severities"}


def test_severities_are_counted_the_worst_first() -> None:
    rows = frame(incident(1, severity=None), incident(2), incident(3, severity="sev1"))
    assert list(by_severity(rows)) == ["sev1", "sev3", "unknown"]
