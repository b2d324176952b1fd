"""Tickets in a Jira that takes what Jira's published contract takes: opened once, commented, moved, read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ims.integrations.jira.settings import JiraSettings
from ims.integrations.jira.tickets import JiraTickets
from ims.model import TicketState
from ims.model.message import SubTaskRequest, TicketComment, TicketMove, TicketRequest
from ims.ports import DeliveryError
from tests.fakes.jira import EMAIL, TOKEN, FakeJira, text_of

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PORTAL = "https://ims.example/incident?id=42"
HOSTILE = (
    '<script>alert(1)</script> {code} [~admin] !http://evil.example/x.png! @here "\\u0000" \'; DROP 💥'
    "\n\n\n * one\r\n# two"
)


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with FakeJira() as server:
        yield server


def tickets(jira: FakeJira, **settings: Any) -> JiraTickets:
    who = "" if jira.data_center else EMAIL
    known = {"url": jira.url, "email": who, "token": TOKEN, "project": jira.project, "timeout_seconds": 5}
    return JiraTickets(JiraSettings.model_validate(known | settings), lambda: NOW)


def request(number: int = 7, **changes: Any) -> TicketRequest:
    known = {
        "ticket_id": number,
        "incident_key": "INC-42",
        "title": "INC-42: Payments fail",
        "description": "Cards are refused.\nSince 02:50.\n\nRegion: EU",
        "portal": PORTAL,
    }
    return TicketRequest.model_validate(known | changes)


def sub_task(parent: str, number: int = 8, **changes: Any) -> SubTaskRequest:
    known = {
        "ticket_id": number,
        "parent_key": parent,
        "incident_key": "INC-42",
        "title": "Alert on refused cards",
        "description": "",
        "portal": PORTAL,
    }
    return SubTaskRequest.model_validate(known | changes)


def comment(ticket: str, text: str = "Mitigated: rolled back.") -> TicketComment:
    return TicketComment(incident_key="INC-42", text=text, ticket=ticket)


def move(ticket: str, state: str) -> TicketMove:
    return TicketMove(incident_key="INC-42", state=state, ticket=ticket)


def test_the_incident_gets_a_ticket_that_leads_back_to_the_portal(jira: FakeJira) -> None:
    receipt = tickets(jira, labels="payments, on-call").open_ticket(request(), "ticket:7")
    issue = jira.issues["OPS-1"]
    assert (receipt.reference, receipt.references) == ("OPS-1", {"ticket": "OPS-1"})
    assert receipt.url == f"{jira.url}/browse/OPS-1"
    assert receipt.proof == "Opened OPS-1."
    assert issue.fields["issuetype"] == {"id": "10002"}
    assert issue.fields["summary"] == "INC-42: Payments fail"
    assert text_of(issue.fields["description"]) == (
        "Cards are refused.\nSince 02:50.\n\nRegion: EU\n\nThe incident in the portal"
    )
    assert PORTAL in str(issue.fields["description"])
    assert issue.labels[:3] == ["payments", "on-call", "ims-inc-42"]
    assert issue.labels[3].startswith("ims-t-7-")
    assert [link["object"] for link in issue.links.values()] == [{"url": PORTAL, "title": "INC-42: Payments fail"}]


def test_a_ticket_asked_for_again_is_the_one_that_is_there(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(), "ticket:7")
    again = adapter.open_ticket(request(), "ticket:7")
    assert (again.reference, again.proof) == ("OPS-1", "OPS-1 was there already.")
    assert again.references == {"ticket": "OPS-1"}
    assert len(jira.issues) == 1
    assert len(jira.issues["OPS-1"].links) == 1


def test_two_tickets_of_an_incident_are_two(jira: FakeJira) -> None:
    adapter = tickets(jira)
    assert adapter.open_ticket(request(7), "ticket:7").reference == "OPS-1"
    assert adapter.open_ticket(request(9), "ticket:9").reference == "OPS-2"


def test_a_portal_set_up_anew_does_not_take_an_old_ticket_for_its_own(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(1, title="INC-1: last year"), "ticket:1")
    assert adapter.open_ticket(request(1, title="INC-1: today"), "ticket:1").reference == "OPS-2"


def test_a_created_ticket_whose_answer_was_lost_is_found_by_its_label(jira: FakeJira) -> None:
    adapter = tickets(jira)
    jira.fail_next("dropped", "POST", "/issue")
    with pytest.raises(DeliveryError, match="may be there all the same") as caught:
        adapter.open_ticket(request(), "ticket:7")
    assert not caught.value.permanent
    assert adapter.open_ticket(request(), "ticket:7").proof == "OPS-1 was there already."
    assert len(jira.issues) == 1


def test_the_next_try_waits_until_the_search_knows_a_ticket_whose_answer_was_lost(jira: FakeJira) -> None:
    adapter = tickets(jira)
    jira.search_lags = True
    jira.fail_next("dropped", "POST", "/issue")
    with pytest.raises(DeliveryError) as caught:
        adapter.open_ticket(request(), "ticket:7")
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 60
    jira.search_catches_up()  # "within seconds"
    assert adapter.open_ticket(request(), "ticket:7").reference == "OPS-1"
    assert len(jira.issues) == 1


def test_of_two_tickets_with_our_label_the_older_one_counts(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(), "ticket:7")
    jira.person_creates("a clone, labels and all", labels=jira.issues["OPS-1"].labels)
    assert adapter.open_ticket(request(), "ticket:7").reference == "OPS-1"


@pytest.mark.parametrize("failure", ["dropped", "away", "refused", "rubbish"])
def test_a_link_that_fails_does_not_open_the_ticket_again(jira: FakeJira, failure: Any) -> None:
    jira.fail_next(failure, "POST", "/issue/OPS-1/remotelink")
    receipt = tickets(jira).open_ticket(request(), "ticket:7")
    assert receipt.reference == "OPS-1"
    assert "The link back to the portal is missing: 127.0.0.1" in receipt.proof
    assert len(jira.issues) == 1


def test_without_an_address_of_the_portal_there_is_no_link(jira: FakeJira) -> None:
    tickets(jira).open_ticket(request(portal=""), "ticket:7")
    assert jira.issues["OPS-1"].links == {}
    assert "portal" not in text_of(jira.issues["OPS-1"].fields["description"])


def test_more_fields_are_those_of_the_settings(jira: FakeJira) -> None:
    jira.required = ["components"]
    adapter = tickets(
        jira,
        fields='{"components": [{"name": "Payments"}], "priority": {"name": "High"}}',
        sub_task_fields='{"components": []}',
    )
    adapter.open_ticket(request(), "ticket:7")
    adapter.open_sub_task(sub_task("OPS-1"), "sub_task:8")
    assert jira.issues["OPS-1"].fields["components"] == [{"name": "Payments"}]
    assert jira.issues["OPS-1"].fields["priority"] == {"name": "High"}
    assert jira.issues["OPS-2"].fields["components"] == []


def test_a_follow_up_is_a_sub_task_of_the_type_that_the_project_has(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(), "ticket:7")
    receipt = adapter.open_sub_task(sub_task("OPS-1"), "sub_task:8")
    issue = jira.issues[receipt.reference]
    assert receipt.proof == "Sub-task OPS-2 opened below OPS-1."
    assert receipt.url == f"{jira.url}/browse/OPS-2"
    assert (issue.fields["parent"], issue.fields["issuetype"]) == ({"key": "OPS-1"}, {"id": "10003"})
    assert adapter.open_sub_task(sub_task("OPS-1"), "sub_task:8").proof == "Sub-task OPS-2 was there already."
    assert len(jira.issues) == 2


def test_a_sub_task_whose_answer_was_lost_is_found_by_its_label(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(), "ticket:7")
    jira.fail_next("dropped", "POST", "/issue")
    with pytest.raises(DeliveryError, match="may be there all the same"):
        adapter.open_sub_task(sub_task("OPS-1"), "sub_task:8")
    assert adapter.open_sub_task(sub_task("OPS-1"), "sub_task:8").reference == "OPS-2"
    assert len(jira.issues) == 2


def test_the_settings_choose_among_several_types_of_sub_task(jira: FakeJira) -> None:
    jira.types["10004"] = ("Nacharbeit", True)
    adapter = tickets(jira, sub_task_type="nacharbeit")
    parent = jira.person_creates("INC-42")
    adapter.open_sub_task(sub_task(parent), "sub_task:8")
    assert jira.issues["OPS-2"].fields["issuetype"] == {"id": "10004"}


def test_a_type_of_sub_task_is_not_taken_for_the_ticket_s(jira: FakeJira) -> None:
    jira.types = {"10000": ("Incident", True), **jira.types}
    tickets(jira).open_ticket(request(), "ticket:7")
    assert jira.issues["OPS-1"].fields["issuetype"] == {"id": "10002"}


def test_issue_types_are_asked_for_once_page_by_page(jira: FakeJira) -> None:
    jira.page = 1
    adapter = tickets(jira)
    adapter.open_ticket(request(), "ticket:7")
    adapter.open_sub_task(sub_task("OPS-1"), "sub_task:8")
    assert jira.calls.count(("GET", "/issue/createmeta/OPS/issuetypes")) == 3


def test_issue_types_are_asked_for_again_after_a_refusal(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(7), "ticket:7")
    del jira.types["10002"]
    jira.types["10020"] = ("Incident", False)
    with pytest.raises(DeliveryError, match="issuetype: Specify a valid issue type"):
        adapter.open_ticket(request(9), "ticket:9")
    assert adapter.open_ticket(request(9), "ticket:9").reference == "OPS-2"


def test_what_people_typed_stays_text(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(title=f"INC-42: {HOSTILE}", description=HOSTILE), "ticket:7")
    adapter.comment(comment("OPS-1", HOSTILE), "comment:1")
    issue = jira.issues["OPS-1"]
    assert issue.fields["summary"] == "INC-42: " + " ".join(HOSTILE.split())
    for body in (issue.fields["description"], issue.comments[0]["body"]):
        assert [line.strip() for line in text_of(body).split("\n") if line][:3] == [
            line.strip() for line in HOSTILE.splitlines() if line
        ]
        assert "\r" not in text_of(body)


def test_text_that_is_too_long_is_cut_and_says_so(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(title="INC-42: " + "long " * 80, description="line\n" * 20_000), "ticket:7")
    issue = jira.issues["OPS-1"]
    assert len(issue.fields["summary"]) == 250
    assert issue.fields["summary"].endswith("…")
    assert "longer than Jira takes" in text_of(issue.fields["description"])
    assert text_of(issue.fields["description"]).endswith("The incident in the portal")


def test_no_text_changes_a_query_or_a_path(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.open_ticket(request(incident_key='x" OR labels != "', title='" OR 1=1 \\'), "ticket:7")
    assert jira.issues["OPS-1"].labels[0] == "ims-x-or-labels-"
    for name in ("../../myself", "OPS-1?x=", "OPS-1/../OPS-2", 'OPS-1") OR (key != "', "ops-1\r\nX: y"):
        with pytest.raises(DeliveryError, match="is no ticket of Jira") as caught:
            adapter.comment(comment(name), "comment:1")
        assert caught.value.permanent
        assert adapter.states([name]) == []
    assert len(jira.issues) == 1


def test_a_comment_is_made_once(jira: FakeJira) -> None:
    adapter = tickets(jira)
    ticket = jira.person_creates("INC-42")
    jira.fail_next("dropped", "POST", f"/issue/{ticket}/comment")
    with pytest.raises(DeliveryError):
        adapter.comment(comment(ticket), "comment:1")
    receipt = adapter.comment(comment(ticket), "comment:1")
    number = jira.issues[ticket].comments[0]["id"]
    assert receipt.proof == "OPS-1 had the comment already."
    assert (receipt.reference, receipt.url) == (number, f"{jira.url}/browse/OPS-1?focusedCommentId={number}")
    assert len(jira.issues[ticket].comments) == 1
    assert text_of(jira.issues[ticket].comments[0]["body"]).startswith("Mitigated: rolled back.\n\nINC-42 · ims-c-")


def test_the_same_words_said_twice_are_two_comments(jira: FakeJira) -> None:
    adapter = tickets(jira)
    ticket = jira.person_creates("INC-42")
    for key in ("comment:1", "comment:2"):
        assert adapter.comment(comment(ticket), key).proof == "Commented on OPS-1."
    assert len(jira.issues[ticket].comments) == 2


def test_a_comment_of_ours_is_found_among_many(jira: FakeJira) -> None:
    adapter = tickets(jira)
    ticket = jira.person_creates("INC-42")
    for number in range(50):
        adapter.comment(comment(ticket, f"Note {number}"), f"note:{number}")
    adapter.comment(comment(ticket), "comment:1")
    for number in range(50, 95):
        adapter.comment(comment(ticket, f"Note {number}"), f"note:{number}")
    assert "already" in adapter.comment(comment(ticket), "comment:1").proof
    assert len(jira.issues[ticket].comments) == 96


def test_without_a_ticket_nothing_can_be_said_or_moved(jira: FakeJira) -> None:
    adapter = tickets(jira)
    attempts: list[Callable[[], object]] = [
        lambda: adapter.comment(comment(""), "k"),
        lambda: adapter.move(move("", "resolved"), "k"),
        lambda: adapter.open_sub_task(sub_task(""), "k"),
    ]
    for attempt in attempts:
        with pytest.raises(DeliveryError, match="There is no ticket yet: retry the ticket first") as caught:
            attempt()
        assert caught.value.permanent
    assert jira.calls == []


def test_the_portal_s_own_tickets_are_none_of_jira_s(jira: FakeJira) -> None:
    with pytest.raises(DeliveryError, match="“T-7” is no ticket of Jira: it may be older") as caught:
        tickets(jira).comment(comment("T-7"), "k")
    assert caught.value.permanent
    assert tickets(jira).states(["T-7"]) == []
    assert jira.calls == []


def test_a_ticket_follows_its_incident_by_the_kind_of_status(jira: FakeJira) -> None:
    adapter = tickets(jira)
    ticket = jira.person_creates("INC-42")
    proofs = [
        adapter.move(move(ticket, state), "k").proof for state in ("open", "mitigated", "resolved", "closed", "open")
    ]
    assert proofs == [
        "OPS-1 is in To Do already.",
        "Moved OPS-1 from To Do to In Progress.",
        "Moved OPS-1 from In Progress to Done.",
        "OPS-1 is in Done already.",
        "Moved OPS-1 from Done to In Progress.",
    ]
    assert jira.issues[ticket].status == "In Progress"


def test_a_ticket_goes_to_the_status_that_the_settings_name(jira: FakeJira) -> None:
    adapter = tickets(jira, statuses='{"cancelled": "won\'t DO", "open": "In Progress"}')
    ticket = jira.person_creates("INC-42")
    assert adapter.move(move(ticket, "open"), "k").proof == "Moved OPS-1 from To Do to In Progress."
    assert adapter.move(move(ticket, "cancelled"), "k").proof == "Moved OPS-1 from In Progress to Won't do."
    assert adapter.move(move(ticket, "cancelled"), "k").proof == "OPS-1 is in Won't do already."


def test_where_the_named_status_cannot_be_reached_one_of_its_kind_will_do(jira: FakeJira) -> None:
    adapter = tickets(jira, statuses={"resolved": "Solved"})
    ticket = jira.person_creates("INC-42")
    proof = adapter.move(move(ticket, "resolved"), "k").proof
    assert proof == "Moved OPS-1 from To Do to Done: there was no way to Solved."
    assert adapter.move(move(ticket, "resolved"), "k").proof == "OPS-1 stays in Done: there is no way to Solved."


def test_a_workflow_without_a_way_says_what_it_offers(jira: FakeJira) -> None:
    jira.workflow["To Do"] = ["In Progress"]
    ticket = jira.person_creates("INC-42")
    with pytest.raises(DeliveryError) as caught:
        tickets(jira).move(move(ticket, "resolved"), "k")
    assert caught.value.permanent
    assert str(caught.value) == (
        "OPS-1 is in To Do, from where Jira offers In Progress, but not a status that suits “resolved”. "
        "Move it there by hand."
    )


def test_a_move_whose_answer_was_lost_is_not_made_again(jira: FakeJira) -> None:
    adapter = tickets(jira)
    ticket = jira.person_creates("INC-42")
    jira.fail_next("dropped", "POST", f"/issue/{ticket}/transitions")
    with pytest.raises(DeliveryError):
        adapter.move(move(ticket, "resolved"), "k")
    assert adapter.move(move(ticket, "resolved"), "k").proof == "OPS-1 is in Done already."


def test_a_move_that_asks_for_more_fields_names_them(jira: FakeJira) -> None:
    jira.required_on_transition = ["root cause"]
    ticket = jira.person_creates("INC-42")
    with pytest.raises(DeliveryError, match="root cause: Root Cause is required") as caught:
        tickets(jira).move(move(ticket, "resolved"), "k")
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("state", "settings", "resolution"),
    [
        ("resolved", {}, "Fixed"),
        ("resolved", {"resolution": "rolled BACK"}, "Rolled back"),
        ("resolved", {"resolution": "Unheard of"}, "Fixed"),
        ("cancelled", {"resolution": "Rolled back"}, "Duplicate"),
        ("resolved", {"dropped": "Duplicate, Fixed, Rolled back"}, "Duplicate"),
        ("cancelled", {"dropped": "Nothing of these"}, "Duplicate"),
        ("mitigated", {}, ""),
    ],
)
def test_a_way_that_asks_for_a_resolution_gets_one_that_fits(
    jira: FakeJira, state: str, settings: dict[str, str], resolution: str
) -> None:
    jira.resolutions = ["Duplicate", "Fixed", "Rolled back"]
    ticket = jira.person_creates("INC-42")
    tickets(jira, **settings).move(move(ticket, state), "k")
    assert jira.issues[ticket].resolution == resolution


def test_a_way_that_asks_for_no_resolution_gets_none(jira: FakeJira) -> None:
    ticket = jira.person_creates("INC-42")
    tickets(jira, resolution="Fixed").move(move(ticket, "resolved"), "k")
    assert (jira.issues[ticket].status, jira.issues[ticket].resolution) == ("Done", "")


def test_tickets_are_read_as_people_left_them(jira: FakeJira) -> None:
    keys = [jira.person_creates(f"Ticket {number}") for number in range(4)]
    jira.person_moves(keys[1], "In Progress")
    jira.person_assigns(keys[1], "Ada Lovelace", "ada@example.com")
    jira.person_moves(keys[2], "Done")
    jira.person_assigns(keys[2], "Bob Kahn")
    jira.person_moves(keys[3], "Won't do")
    read = tickets(jira).states(keys)
    assert [(each.key, each.state, each.status) for each in read] == [
        ("OPS-1", TicketState.OPEN, "To Do"),
        ("OPS-2", TicketState.IN_PROGRESS, "In Progress"),
        ("OPS-3", TicketState.DONE, "Done"),
        ("OPS-4", TicketState.DROPPED, "Won't do"),
    ]
    assert [(each.assignee, each.assignee_email) for each in read] == [
        ("", ""),
        ("Ada Lovelace", "ada@example.com"),
        ("Bob Kahn", ""),
        ("", ""),
    ]


def test_a_resolution_can_mean_that_it_will_not_be_done(jira: FakeJira) -> None:
    ticket = jira.person_creates("A duplicate")
    jira.person_moves(ticket, "Done", "Abgelehnt")
    assert [each.state for each in tickets(jira).states([ticket])] == [TicketState.DONE]
    assert [each.state for each in tickets(jira, dropped="abgelehnt").states([ticket])] == [TicketState.DROPPED]


def test_a_resolution_left_over_on_a_ticket_that_was_reopened_means_nothing(jira: FakeJira) -> None:
    ticket = jira.person_creates("Not a duplicate after all")
    jira.person_moves(ticket, "In Progress", "Duplicate")
    assert [each.state for each in tickets(jira).states([ticket])] == [TicketState.IN_PROGRESS]


def test_a_ticket_asked_for_twice_is_read_once(jira: FakeJira) -> None:
    ticket = jira.person_creates("One")
    assert [each.key for each in tickets(jira).states([ticket, ticket])] == [ticket]


def test_deleted_tickets_are_left_out_and_cost_the_others_nothing(jira: FakeJira) -> None:
    keys = [jira.person_creates(f"Ticket {number}") for number in range(60)]
    for key in (keys[3], keys[57]):
        jira.person_deletes(key)
    read = tickets(jira).states([*keys, "GONE-1"])
    assert [each.key for each in read] == [key for key in keys if key not in (keys[3], keys[57])]
    assert len(jira.calls) < 40


def test_a_ticket_that_moved_to_another_project_is_read_under_its_old_key(jira: FakeJira) -> None:
    ticket = jira.person_creates("Moved")
    jira.person_moves(ticket, "Done")
    jira.person_moves_to_project(ticket, "INFRA-9")
    assert [(each.key, each.state) for each in tickets(jira).states([ticket])] == [(ticket, TicketState.DONE)]


def test_a_ticket_too_new_for_the_search_is_read_all_the_same(jira: FakeJira) -> None:
    jira.search_lags = True
    adapter = tickets(jira)
    key = adapter.open_ticket(request(), "ticket:7").reference
    assert [each.key for each in adapter.states([key])] == [key]


def test_a_long_answer_is_read_page_by_page(jira: FakeJira) -> None:
    jira.page = 2
    keys = [jira.person_creates(f"Ticket {number}") for number in range(5)]
    assert [each.key for each in tickets(jira).states(keys)] == keys
    assert jira.calls == [("POST", "/search/jql")] * 3


def test_no_tickets_are_read_without_asking(jira: FakeJira) -> None:
    assert tickets(jira).states([]) == []
    assert jira.calls == []


def test_ping_says_who_answers_and_what_the_project_takes(jira: FakeJira) -> None:
    said = tickets(jira).ping()
    host = jira.url.removeprefix("http://")
    assert said == f"{host} answers to Incident Portal; OPS takes Incident and Unteraufgabe."
    assert jira.issues == {}


def test_ping_sees_what_was_mended_meanwhile(jira: FakeJira) -> None:
    adapter = tickets(jira)
    adapter.ping()
    jira.types["10003"] = ("Subtask", True)
    assert adapter.ping().endswith("OPS takes Incident and Subtask.")
