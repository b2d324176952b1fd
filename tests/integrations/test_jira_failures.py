"""What each failure of Jira means: what a person must do, what passes, and that no secret is said."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from ims.integrations.jira.tickets import JiraTickets
from ims.ports import DeliveryError
from tests.fakes.jira import EMAIL, TOKEN, FakeJira
from tests.integrations.test_jira import comment, move, request, sub_task, tickets
from tests.servers import free_port

EVERY_CALL: dict[str, Callable[[JiraTickets], object]] = {
    "ping": lambda adapter: adapter.ping(),
    "open_ticket": lambda adapter: adapter.open_ticket(request(), "k"),
    "open_sub_task": lambda adapter: adapter.open_sub_task(sub_task("OPS-1"), "k"),
    "comment": lambda adapter: adapter.comment(comment("OPS-1"), "k"),
    "move": lambda adapter: adapter.move(move("OPS-1", "resolved"), "k"),
    "states": lambda adapter: adapter.states(["OPS-1"]),
}
every_call = pytest.mark.parametrize("call", EVERY_CALL.values(), ids=EVERY_CALL)


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with FakeJira() as server:
        server.person_creates("INC-42")
        yield server


def failure(attempt: Callable[[JiraTickets], object], adapter: JiraTickets) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        attempt(adapter)
    said = str(caught.value)
    assert TOKEN not in said
    assert base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode() not in said
    return caught.value


@every_call
def test_a_wrong_token_stops_and_names_the_settings(jira: FakeJira, call: Any) -> None:
    error = failure(call, tickets(jira, token="wrong"))
    assert error.permanent
    assert "check IMS_JIRA_EMAIL and IMS_JIRA_TOKEN" in str(error)


@every_call
def test_a_sign_in_that_fails_with_200_is_a_wrong_token_too(jira: FakeJira, call: Any) -> None:
    jira.fail_next("stranger")
    error = failure(call, tickets(jira))
    assert error.permanent
    assert "did not accept the token" in str(error)


@every_call
@pytest.mark.parametrize("kind", ["away", "rubbish", "strange", "dropped"])
def test_a_jira_that_is_not_itself_is_tried_again(jira: FakeJira, call: Any, kind: Any) -> None:
    jira.fail_next(kind)
    assert not failure(call, tickets(jira)).permanent


@every_call
def test_a_jira_that_is_down_is_tried_again(jira: FakeJira, call: Any) -> None:
    error = failure(call, tickets(jira, url=f"http://127.0.0.1:{free_port()}"))
    assert not error.permanent
    assert "cannot be reached (ConnectionError)" in str(error)


def test_a_slow_jira_is_tried_again(jira: FakeJira) -> None:
    jira.fail_next("slow", "GET", "/myself")
    error = failure(EVERY_CALL["ping"], tickets(jira, timeout_seconds=0.2))
    assert not error.permanent
    assert "ReadTimeout" in str(error)


@every_call
def test_a_jira_that_wants_us_to_slow_down_is_left_alone_for_as_long_as_it_says(jira: FakeJira, call: Any) -> None:
    jira.fail_next("limited", headers={"Retry-After": "37"})
    error = failure(call, tickets(jira))
    assert (error.permanent, error.retry_after) == (False, timedelta(seconds=37))


@pytest.mark.parametrize("said", ["soon", "", "-1", "²"])
def test_a_wait_that_is_no_number_of_seconds_is_passed_over(jira: FakeJira, said: str) -> None:
    jira.fail_next("limited", headers={"Retry-After": said.encode().decode("latin-1")})
    error = failure(EVERY_CALL["ping"], tickets(jira))
    assert (error.permanent, error.retry_after) == (False, None)


@pytest.mark.parametrize("status", [408, 409, 500, 502, 504])
def test_what_passes_by_itself_is_tried_again(jira: FakeJira, status: int) -> None:
    jira.fail_next("broken", status=status)
    error = failure(EVERY_CALL["move"], tickets(jira))
    assert not error.permanent
    assert f"answered {status}" in str(error)


@pytest.mark.parametrize("status", [405, 410, 413, 415, 422])
def test_what_waiting_does_not_heal_stops(jira: FakeJira, status: int) -> None:
    jira.fail_next("broken", "POST", "/issue/OPS-1/comment", status=status)
    error = failure(EVERY_CALL["comment"], tickets(jira))
    assert error.permanent
    assert f"refused it for OPS-1 ({status})" in str(error)


def test_a_page_that_asks_for_a_sign_in_is_not_followed(jira: FakeJira) -> None:
    jira.fail_next("broken", status=302, headers={"Location": f"{jira.url}/rest/api/3/myself"})
    error = failure(EVERY_CALL["ping"], tickets(jira))
    assert not error.permanent
    assert jira.calls == []


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_ticket_that_may_have_been_created_is_searched_for_a_minute_later(jira: FakeJira, status: int) -> None:
    jira.fail_next("broken", "POST", "/issue", status=status)
    error = failure(EVERY_CALL["open_ticket"], tickets(jira))
    assert (error.permanent, error.retry_after) == (False, timedelta(minutes=1))


def test_a_ticket_that_jira_had_no_time_for_waits_for_as_long_as_it_says(jira: FakeJira) -> None:
    jira.fail_next("limited", "POST", "/issue", headers={"Retry-After": "37"})
    error = failure(EVERY_CALL["open_ticket"], tickets(jira))
    assert error.retry_after == timedelta(seconds=37)
    assert "may be there" not in str(error)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("comment", "Add Comments"),
        ("move", "Transition Issues"),
    ],
)
def test_a_missing_right_is_named(jira: FakeJira, name: str, right: str) -> None:
    jira.rights.remove(right)
    error = failure(EVERY_CALL[name], tickets(jira))
    assert error.permanent
    assert f"lacks a right for OPS-1, “{right}”" in str(error)


def test_who_may_create_nothing_is_told_so(jira: FakeJira) -> None:
    jira.rights.remove("Create Issues")
    error = failure(EVERY_CALL["open_ticket"], tickets(jira))
    assert error.permanent
    assert "may create, only nothing at all" in str(error)


@pytest.mark.parametrize("name", ["comment", "move"])
def test_a_deleted_ticket_stops_and_is_named(jira: FakeJira, name: str) -> None:
    jira.person_deletes("OPS-1")
    error = failure(EVERY_CALL[name], tickets(jira))
    assert error.permanent
    assert "does not know OPS-1, or the token's user may not see it" in str(error)


def test_fields_that_jira_refuses_are_named_in_one_sentence(jira: FakeJira) -> None:
    jira.required = ["components"]
    adapter = tickets(jira, fields={"severity": "high"})
    error = failure(EVERY_CALL["open_ticket"], adapter)
    assert error.permanent
    assert error.retry_after is None
    assert "components: Components is required." in str(error)
    assert "severity: Field 'severity' cannot be set" in str(error)
    assert len(jira.issues) == 1


def test_a_long_list_of_reasons_is_cut(jira: FakeJira) -> None:
    error = failure(EVERY_CALL["open_ticket"], tickets(jira, fields={f"field_{number}": 1 for number in range(90)}))
    assert "Field 'field_" in str(error)
    assert len(str(error)) < 500


def test_a_deleted_parent_stops_and_says_why(jira: FakeJira) -> None:
    jira.person_deletes("OPS-1")
    error = failure(EVERY_CALL["open_sub_task"], tickets(jira))
    assert error.permanent
    assert "parent: Could not find valid" in str(error)


def test_a_project_without_the_issue_type_says_which_it_has(jira: FakeJira) -> None:
    adapter = tickets(jira, issue_type="Outage")
    for call in ("ping", "open_ticket"):
        error = failure(EVERY_CALL[call], adapter)
        assert error.permanent
        assert str(error) == (
            "Project OPS has no issue type Outage that the token's user may create, only Task, Incident, Unteraufgabe."
            " Add it there, or set IMS_JIRA_ISSUE_TYPE."
        )
    jira.types["10009"] = ("Outage", False)
    assert adapter.open_ticket(request(), "k").reference == "OPS-2"


def test_a_project_without_sub_tasks_says_which_types_it_has(jira: FakeJira) -> None:
    del jira.types["10003"]
    for call in ("ping", "open_sub_task"):
        error = failure(EVERY_CALL[call], tickets(jira))
        assert error.permanent
        assert "Project OPS has no sub-task type that" in str(error)
        assert "only Task, Incident." in str(error)
        assert "set IMS_JIRA_SUB_TASK_TYPE" in str(error)


def test_a_project_that_jira_does_not_know_stops(jira: FakeJira) -> None:
    adapter = tickets(jira, project="NOPE")
    assert "does not know project NOPE" in str(failure(EVERY_CALL["ping"], adapter))
    error = failure(EVERY_CALL["open_ticket"], adapter)
    assert error.permanent
    assert "'NOPE' does not exist for the field 'project'" in str(error)


def test_a_netrc_file_does_not_sign_in_instead_of_us(jira: FakeJira, tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert "answers to" in tickets(jira).ping()
