"""Each format of past incidents, on small files of our own."""

from datetime import UTC, datetime, timedelta

import pytest

from ims.errors import BadFile, Refusal
from ims.intake.history.found import Choices, DayOrder, Decision, PastIncident, Preview, ProblemKind
from ims.intake.history.registry import read_history
from ims.model import IncidentState, Severity

EVENT_LOG = """number,incident_state,active,made_sla,opened_at,category,cmdb_ci,priority,resolved_at,closed_at\r
INC1,New,TRUE,TRUE,28-02-2016 01:16,Mail,?,3 - Moderate,?,?\r
INC1,Resolved,TRUE,TRUE,28-02-2016 01:16,Mail,?,1 - Critical,29-02-2016 11:29,?\r
INC2,New,TRUE,TRUE,01-03-2016 10:00,Net,router 7,2 - High,?,?\r
INC1,Closed,FALSE,FALSE,28-02-2016 01:16,Mail,?,1 - Critical,29-02-2016 11:29,05-03-2016 12:00\r
"""


def read(text: str, choices: Choices | None = None) -> Preview:
    return read_history(text.encode(), choices or Choices())


def only(text: str) -> PastIncident:
    [incident] = read(text).incidents
    return incident


def test_the_last_row_of_a_number_is_the_incident() -> None:
    preview = read(EVENT_LOG)
    first, second = preview.incidents
    assert (preview.format, preview.rows) == ("servicenow", 4)
    assert (first.key, first.state, first.severity) == ("INC1", IncidentState.CLOSED, Severity.SEV1)
    assert first.resolved_at == datetime(2016, 2, 29, 11, 29, tzinfo=UTC)
    assert (first.sla_met, first.services) == (False, ("Mail",))
    assert (second.state, second.resolved_at, second.services) == (IncidentState.OPEN, None, ("router 7",))


def test_raw_codes_of_a_servicenow_dump_are_understood() -> None:
    text = "short_description,number,sys_id,incident_state,priority,made_sla,opened_at,resolved_at\n"
    text += "Mail is down,INC9,abc,7,5,true,2016-12-12 15:19:57,2016-12-13 21:43:14\n"
    incident = only(text)
    assert (incident.state, incident.severity, incident.sla_met) == (IncidentState.CLOSED, Severity.SEV4, True)


def test_maintenance_is_told_apart_and_may_stay_out() -> None:
    lines = [
        '{"id": "1", "title": "Pages are slow", "impact": "major", "started_at": "2024-01-01T10:00:00Z",'
        ' "resolved_at": "2024-01-01T11:00:00Z", "status_sequence": ["Investigating", "Resolved"],'
        ' "components": ["Pages", "API"],'
        ' "updates": [{"at": "2024-01-01T10:00:00Z", "status": "Investigating", "message": "We look"}]}',
        '{"id": "2", "title": "Maintenance", "impact": "maintenance", "started_at": "2024-01-02T10:00:00Z",'
        ' "resolved_at": "2024-01-04T10:00:00Z", "status_sequence": ["Scheduled", "Completed"], "updates": []}',
    ]
    preview = read("\n".join(lines))
    assert [incident.planned for incident in preview.incidents] == [False, True]
    assert [incident.key for incident in preview.decided(with_planned=False)] == ["1"]
    first = preview.incidents[0]
    assert (first.severity, first.services) == (Severity.SEV2, ("Pages", "API"))
    assert first.notes == ((datetime(2024, 1, 1, 10, tzinfo=UTC), "Investigating: We look"),)


def test_an_aws_event_has_no_end_and_none_is_guessed() -> None:
    text = """{"current": [], "archive": [{"service_name": "Cloud (Ohio)", "summary": "[RESOLVED] Errors",
        "date": "1624564393", "status": "3", "service": "cloud", "description":
        "<div><span>12:53 PM</span>&nbsp;Between &lt;a&gt; and b.</div><div>Over.</div>"}]}"""
    incident = only(text)
    assert incident.opened_at == datetime(2021, 6, 24, 19, 53, 13, tzinfo=UTC)
    assert (incident.resolved_at, incident.closed_at) == (None, None)
    assert (incident.state, incident.title) == (IncidentState.RESOLVED, "Cloud (Ohio): Errors")
    assert "<div>" not in incident.summary
    assert "Between <a> and b." in incident.summary


def test_python_dictionaries_in_cells_are_read_but_never_run() -> None:
    text = (
        "incident_number,title,created_at,status,service,acknowledgements,escalation_policy,id\n"
        "1,Disk,2021-05-23T23:31:41Z,acknowledged,\"{'id': 'P1', 'summary': 'User Database'}\","
        "\"[{'at': '2021-05-23T23:41:28Z'}]\",{},PA8\n"
        "2,Evil,2021-05-23T23:31:41Z,triggered,\"__import__('os').abort()\",[],{},PA9\n"
    )
    acknowledged, evil = read(text).incidents
    assert acknowledged.services == ("User Database",)
    assert acknowledged.acknowledged_at == acknowledged.opened_at + timedelta(minutes=9, seconds=47)
    assert evil.services == ("__import__('os').abort()",)


def test_seconds_in_a_pagerduty_report_become_times() -> None:
    text = "id,description,service_name,created_on,resolved_on,seconds_to_first_ack,seconds_to_resolve\n"
    text += "Q1,Disk full,db,2024-05-01 10:00:00,,90,3600\nQ2,Disk full,db,2024-05-01 11:00:00,,soon,\n"
    preview = read(text)
    first, second = preview.incidents
    assert first.acknowledged_at == first.opened_at + timedelta(seconds=90)
    assert first.resolved_at == first.opened_at + timedelta(hours=1)
    assert second.acknowledged_at is None
    assert [(problem.row, problem.kind) for problem in preview.problems] == [(3, ProblemKind.UNREADABLE_TIME)]


def test_opsgenie_says_that_it_knows_no_closing_time() -> None:
    preview = read("Alert ID,Message,Status,CreatedAt,Count,Owner\na1,CPU is hot,closed,2024-05-01T10:00:00Z,3,ann\n")
    assert preview.format == "opsgenie"
    assert preview.incidents[0].resolved_at is None
    assert any("no closing time" in remark for remark in preview.remarks)


def test_jira_with_repeated_columns_a_mark_and_cells_of_several_lines() -> None:
    text = (
        "\ufeffIssue key,Summary,Created,Resolved,Priority,Status,Labels,Labels,Component/s,Component/s,Description\r\n"
        "OPS-1,Mail is down,14/Jul/25 3:42 PM,14/Jul/25 5:00 PM,Highest,Done,a,b,Mail,Auth,"
        '"first line\r\nsecond, line"\r\n'
        "OPS-2,Slow,15/Jul/25 9:00 AM,,Low,To Do,a,,Mail,,\r\n"
    )
    first, second = read(text).incidents
    assert first.resolved_at == datetime(2025, 7, 14, 17, tzinfo=UTC)
    assert (first.severity, first.state, first.services) == (Severity.SEV1, IncidentState.CLOSED, ("Mail", "Auth"))
    assert first.summary == "first line\nsecond, line"
    assert (second.state, second.row) == (IncidentState.OPEN, 3)


OWN_LIST = """Incident title;Started;Ended;Sev
Mail;2025-01-14 10:00;2025-01-14 12:00;2
Year;22025-03-18 10:00;2025-03-18 12:00;2
Colon;2025-01-14 09:00;2025-01-14 1600;2
Backwards;2025-01-15 12:00;2025-01-15 10:00;2
Month;2025-01-14 10:00;2025-03-17 12:00;2
""".replace("Incident title", "Title")


def test_every_doubt_in_a_hand_kept_list_is_said_row_by_row() -> None:
    preview = read(OWN_LIST)
    assert {problem.row: problem.kind for problem in preview.problems} == {
        3: ProblemKind.NO_START,
        4: ProblemKind.UNREADABLE_TIME,
        5: ProblemKind.BACKWARDS,
        6: ProblemKind.UNLIKELY,
    }
    assert [incident.title for incident in preview.incidents] == ["Mail", "Colon", "Backwards", "Month"]
    assert "62 days" in preview.problems[-1].sentence


def test_a_resolution_before_the_start_is_kept_unless_somebody_decides_otherwise() -> None:
    preview = read(OWN_LIST)
    backwards = next(each for each in preview.decided() if each.title == "Backwards")
    assert backwards.resolved_at is not None
    assert backwards.resolved_at < backwards.opened_at


def test_a_person_may_leave_a_row_out_or_only_its_time() -> None:
    decided = read(OWN_LIST).decided({5: Decision.WITHOUT_TIME, 6: Decision.SKIP})
    assert [(each.title, each.resolved_at is None) for each in decided] == [
        ("Mail", False),
        ("Colon", True),
        ("Backwards", True),
    ]


def test_day_and_hours_from_separate_columns_belong_together() -> None:
    text = "Date,Start time,End time,Description\n14/01/2025,11:50,13:05,Mail\n15/01/2025,11.50,13:05,Mail\n"
    preview = read(text)
    assert preview.incidents[0].opened_at == datetime(2025, 1, 14, 11, 50, tzinfo=UTC)
    assert preview.incidents[0].resolved_at == datetime(2025, 1, 14, 13, 5, tzinfo=UTC)
    assert [(problem.row, problem.kind) for problem in preview.problems] == [(3, ProblemKind.NO_START)]
    assert "was 15/01/2025 11:50 meant?" in preview.problems[0].sentence


def test_when_nothing_shows_the_order_of_day_and_month_the_person_is_asked() -> None:
    text = "Title,Started,Ended\nMail,03/04/2025 10:00,03/04/2025 11:00\n"
    asked = read(text)
    assert asked.order_is_guessed
    assert any("Please choose" in remark for remark in asked.remarks)
    chosen = read(text, Choices(order=DayOrder.MONTH_FIRST))
    assert not chosen.order_is_guessed
    assert chosen.incidents[0].opened_at.month == 3


def test_a_column_without_evidence_takes_the_order_of_its_neighbour() -> None:
    preview = read("Title,Started,Ended\nMail,03/04/2025 10:00,13/04/2025 11:00\n")
    assert not preview.order_is_guessed
    assert preview.incidents[0].opened_at.month == 4


def test_the_zone_of_times_without_one_is_chosen_and_said() -> None:
    preview = read(OWN_LIST, Choices(zone="Europe/Berlin"))
    assert preview.incidents[0].opened_at == datetime(2025, 1, 14, 9, tzinfo=UTC)
    assert preview.incidents[0].time_zone == "Europe/Berlin"
    assert "Times without a zone are read as Europe/Berlin." in preview.remarks


def test_the_same_number_twice_is_said_and_the_last_one_counts() -> None:
    preview = read("Issue key,Summary,Created\nOPS-1,Old,2025-01-01 10:00\nOPS-1,New,2025-01-02 10:00\n")
    assert [incident.title for incident in preview.incidents] == ["New"]
    assert [(problem.row, problem.kind) for problem in preview.problems] == [(2, ProblemKind.REPEATED)]


@pytest.mark.parametrize(
    ("choices", "word"),
    [
        (Choices(zone="Mars/Base"), "no time zone"),
        (Choices(zone="../etc/passwd"), "no time zone"),
        (Choices("x"), "no format"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(choices: Choices, word: str) -> None:
    with pytest.raises(Refusal, match=word):
        read(OWN_LIST, choices)


def test_a_file_read_as_a_format_it_is_not_is_refused() -> None:
    with pytest.raises(BadFile, match=r"shape|no incidents"):
        read(OWN_LIST, Choices("aws_health"))


def test_text_is_kept_literally_and_control_characters_do_not_reach_the_database() -> None:
    incident = only('Title,Started\n"=1+1 <b>x</b> \u202e",2025-01-14 10:00\n')
    assert incident.title == "=1+1 <b>x</b> \u202e"
