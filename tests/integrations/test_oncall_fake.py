"""The fake answers as the recorded engine did, field by field, and refuses what that one refuses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import START, HandClock
from tests.fakes.oncall import FakeOnCall

CONTRACTS = Path(__file__).parents[1] / "contracts"
ANSWERS: list[Any] = json.loads((CONTRACTS / "grafana_oncall_answers.json").read_text(encoding="utf-8"))
WEBHOOKS: list[Any] = json.loads((CONTRACTS / "grafana_oncall_webhooks.json").read_text(encoding="utf-8"))
ALERT = {
    "alert_uid": "inc-42",
    "title": "INC-42 Payments 5xx",
    "message": "customer impact",
    "state": "alerting",
    "link_to_upstream_details": "http://portal.example.com/INC-42",
}


@pytest.fixture
def oncall() -> Iterator[FakeOnCall]:
    with FakeOnCall(now=HandClock(START)) as oncall:
        oncall.add_user("alice", "alice@example.com")
        oncall.put_on_call("payments", "alice", START.replace(day=22), START.replace(day=24))
        oncall.put_on_call("payments", "alice", START.replace(day=24), START.replace(day=26))
        yield oncall


def ask(oncall: FakeOnCall, verb: str, path: str, sent: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": oncall.token if key is None else key}
    with requests.request(verb, f"{oncall.url}/api/v1{path}", json=sent, headers=headers, timeout=5) as answer:
        return answer.status_code, answer.json()


def post_alert(oncall: FakeOnCall, alert: object) -> int:
    with requests.post(oncall.integration_url, json=alert, timeout=5) as answer:
        return answer.status_code


def recorded(verb: str, path: str, status: int = 200) -> Any:
    for each in ANSWERS:
        request = each["request"]
        if (request["method"], each["status"]) == (verb, status) and path in request["path"]:
            return each["answer"]
    raise LookupError(path)


def shape(value: Any) -> Any:
    """Return the names and types in a value; a list is as its first item."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_lists_and_things_look_as_they_were_recorded(oncall: FakeOnCall) -> None:
    schedule = oncall.schedules[0]["id"]
    post_alert(oncall, ALERT)
    group = oncall.groups[0]["id"]
    oncall.schedules[0]["shifts"] = ["OQZ28B1AE1C84"]
    days = "start_date=2026-11-23&end_date=2026-11-25"
    for path, like in (
        ("/users/?username=alice", "/users/?username=alice"),
        (f"/schedules/{schedule}/", "/schedules/SAK3AQBUFDGD7/"),
        (f"/schedules/{schedule}/final_shifts?{days}", "/final_shifts?"),
        (f"/alert_groups/?integration_id={oncall.integration_id}", "/alert_groups/?integration_id="),
    ):
        status, answer = ask(oncall, "GET", path)
        assert status == 200
        assert shape(answer) == shape(recorded("GET", like)), path
    ask(oncall, "POST", f"/alert_groups/{group}/acknowledge")
    ask(oncall, "POST", f"/alert_groups/{group}/resolve")
    assert shape(ask(oncall, "GET", f"/alert_groups/{group}/")[1]) == shape(recorded("GET", "/alert_groups/I523"))


def test_an_integration_looks_as_it_was_recorded(oncall: FakeOnCall) -> None:
    made = recorded("POST", "/integrations/", 201)
    made["default_route"]["escalation_chain_id"] = "FYLCTNUSNXJXE"  # the recording sets it one step later
    assert shape(ask(oncall, "GET", f"/integrations/{oncall.integration_id}/")[1]) == shape(made)


def test_shifts_are_cut_where_the_asked_days_end(oncall: FakeOnCall) -> None:
    path = f"/schedules/{oncall.schedules[0]['id']}/final_shifts?start_date=2026-11-23&end_date=2026-11-25"
    cut = [(each["shift_start"], each["shift_end"]) for each in ask(oncall, "GET", path)[1]["results"]]
    assert cut == [
        ("2026-11-23T00:00:00Z", "2026-11-24T03:00:00Z"),
        ("2026-11-24T03:00:00Z", "2026-11-25T00:00:00Z"),
    ]


def test_acknowledging_and_resolving_answer_as_recorded(oncall: FakeOnCall) -> None:
    post_alert(oncall, ALERT)
    path = f"/alert_groups/{oncall.groups[0]['id']}"
    assert ask(oncall, "POST", f"{path}/acknowledge") == (200, recorded("POST", "/acknowledge"))
    assert ask(oncall, "POST", f"{path}/resolve") == (200, recorded("POST", "/resolve"))
    assert ask(oncall, "POST", f"{path}/resolve") == (400, recorded("POST", "/resolve", 400))


def test_a_note_is_kept_and_answers_as_recorded(oncall: FakeOnCall) -> None:
    post_alert(oncall, ALERT)
    group = oncall.groups[0]["id"]
    status, answer = ask(oncall, "POST", "/resolution_notes/", {"alert_group_id": group, "text": "root cause found"})
    assert (status, shape(answer)) == (201, shape(recorded("POST", "/resolution_notes/", 201)))
    assert ask(oncall, "GET", f"/resolution_notes/?alert_group_id={group}")[1]["results"] == [answer]
    wrongs: list[object] = [{"alert_group_id": group}, {"alert_group_id": group, "text": " "}, {"text": "x"}, []]
    for wrong in wrongs:
        assert ask(oncall, "POST", "/resolution_notes/", wrong)[0] == 400
    assert ask(oncall, "POST", "/resolution_notes/", {"alert_group_id": "INONE", "text": "x"})[0] == 404


def test_an_escalation_answers_as_recorded(oncall: FakeOnCall) -> None:
    alice = oncall.users[1]["id"]
    sent = next(each["request"]["json"] for each in ANSWERS if each["request"]["path"] == "/escalation/")
    status, answer = ask(oncall, "POST", "/escalation/", sent | {"users": [{"id": alice, "important": True}]})
    assert status == 200
    assert shape(answer) == shape(recorded("POST", "/escalation/"))


def test_a_person_that_there_is_not_is_refused_as_recorded(oncall: FakeOnCall) -> None:
    sent = {"title": "x", "users": [{"id": "NOPE", "important": True}]}
    assert ask(oncall, "POST", "/escalation/", sent) == (400, recorded("POST", "/escalation/", 400))


@pytest.mark.parametrize(
    "change",
    [
        {"users": [{"id": "alice's"}]},
        {"users": [{"id": "alice's", "important": "yes"}]},
        {"users": [{"id": "alice's", "important": True, "loud": True}]},
        {"users": []},
        {"source_url": "http://portal/INC-42"},
        {"source_url": ""},
        {"title": 7},
        {"text": "misspelt"},
    ],
)
def test_a_wrong_escalation_is_refused(oncall: FakeOnCall, change: dict[str, Any]) -> None:
    alice = oncall.users[1]["id"]
    right: dict[str, Any] = {"title": "x", "message": "y", "users": [{"id": alice, "important": True}]}
    sent = right | change
    for user in sent["users"]:
        user["id"] = alice
    assert ask(oncall, "POST", "/escalation/", sent)[0] == 400
    assert ask(oncall, "POST", "/escalation/", right)[0] == 200


@pytest.mark.parametrize(
    "alert",
    [
        ALERT | {"state": "firing"},
        ALERT | {"titel": "x"},
        ALERT | {"title": 7},
        {name: value for name, value in ALERT.items() if name != "message"},
        [],
    ],
)
def test_a_wrong_alert_is_refused(oncall: FakeOnCall, alert: object) -> None:
    assert post_alert(oncall, alert) == 400
    assert oncall.alerts == []


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/user/", 404),
        ("GET", "/users", 404),
        ("POST", "/users/", 404),
        ("GET", "/users/UNONE/", 404),
        ("GET", "/users/?mail=a", 400),
        ("GET", "/users/?page=2", 404),
        ("GET", "/alert_groups/?integration=C1", 400),
        ("GET", "/schedules/SNONE/final_shifts?start_date=2026-11-23&end_date=2026-11-25", 404),
        ("POST", "/alert_groups/INONE/resolve", 404),
    ],
)
def test_an_unknown_path_or_argument_is_refused(oncall: FakeOnCall, verb: str, path: str, status: int) -> None:
    assert ask(oncall, verb, path)[0] == status


@pytest.mark.parametrize(
    "days",
    [
        "",
        "start_date=2026-11-23",
        "start_date=2026-11-25&end_date=2026-11-23",
        "start_date=2026-11-23T00:00:00Z&end_date=soon",
        "start_date=2025-11-23&end_date=2026-11-24",
    ],
)
def test_days_that_make_no_sense_are_refused(oncall: FakeOnCall, days: str) -> None:
    assert ask(oncall, "GET", f"/schedules/{oncall.schedules[0]['id']}/final_shifts?{days}")[0] == 400


@pytest.mark.parametrize("key", ["", "wrong", "Bearer 0ncall-key"])
def test_a_wrong_key_is_refused(oncall: FakeOnCall, key: str) -> None:
    assert ask(oncall, "GET", "/users/", key=key)[0] == 403


def test_webhooks_look_as_they_were_recorded(oncall: FakeOnCall) -> None:
    post_alert(oncall, ALERT)
    oncall.acknowledge("inc-42", "alice")
    oncall.resolve("inc-42", "alice")
    for said, like in zip(oncall.webhooks, WEBHOOKS, strict=True):
        body = {name: value for name, value in like["body"].items() if name != "responses"}
        assert said["event"]["type"] == body["event"]["type"]
        assert shape(said | {"users_to_be_notified": []}) == shape(body | {"users_to_be_notified": []})


def test_webhooks_are_posted_where_they_should_go(oncall: FakeOnCall) -> None:
    post_alert(oncall, ALERT)
    with FakeOnCall() as portal:  # any server that keeps what it is sent
        oncall.webhook_url = portal.url
        said = oncall.acknowledge("inc-42", "alice")
        assert portal.requests == [("POST", "/", said)]
