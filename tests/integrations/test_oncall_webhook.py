"""What OnCall's outgoing webhooks say: recorded ones, forged ones, broken ones, and one that never came."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ims.integrations.frame import Unreadable
from ims.integrations.oncall import SYSTEM, webhook
from ims.integrations.oncall.payloads import mark_of
from ims.integrations.oncall.settings import OnCallSettings
from ims.integrations.oncall.webhook import OnCallWebhook
from ims.ports import Answer, PageAnswer
from tests.conftest import START, HandClock
from tests.fakes.oncall import FakeOnCall
from tests.integrations.test_oncall import adapter, page, settings, stand_down
from tests.mutation import assert_every_mutant_dies

RECORDED: list[Any] = json.loads(
    (Path(__file__).parents[1] / "contracts" / "grafana_oncall_webhooks.json").read_text(encoding="utf-8")
)
CREATED, ACKNOWLEDGED, RESOLVED = (each["body"] for each in RECORDED)
WEB = "http://127.0.0.1:13000/a/grafana-oncall-app/alert-groups/IS8AJ9FWR7M1Q"
TOKEN = "portal-secret"


def receiver(token: str | None = TOKEN) -> OnCallWebhook:
    known = {"url": "https://oncall.example.com", "token": "t", "integration_url": "https://oncall.example.com/i/x/"}
    return OnCallWebhook(OnCallSettings.model_validate(known | {"webhook_token": token}))


def read(body: object) -> list[PageAnswer]:
    return list(receiver().read(json.dumps(body).encode()))


def changed(body: Any, *path: str, to: object) -> Any:
    made = copy.deepcopy(body)
    inner = made
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = to
    return made


def without(body: Any, *names: str) -> Any:
    return {name: value for name, value in body.items() if name not in names}


@pytest.mark.parametrize("message", RECORDED, ids=lambda message: message["body"]["event"]["type"])
def test_what_oncall_really_sends_is_let_in(message: Any) -> None:
    headers = {name.lower(): value for name, value in message["headers"].items()}
    assert receiver().why_refused(headers, json.dumps(message["body"]).encode()) == ""


def test_recorded_messages_say_who_answered_and_when() -> None:
    assert read(CREATED) == []
    assert read(ACKNOWLEDGED) == [
        PageAnswer(
            "INC-42",
            Answer.ACKNOWLEDGED,
            datetime(2026, 11, 23, 7, 21, 29, 547176, tzinfo=UTC),
            "alice@example.com",
            WEB,
        )
    ]
    assert read(RESOLVED) == [
        PageAnswer(
            "INC-42", Answer.RESOLVED, datetime(2026, 11, 23, 7, 21, 30, 804278, tzinfo=UTC), "alice@example.com", WEB
        )
    ]


def test_a_message_that_comes_again_says_the_same_of_the_same_moment() -> None:
    assert read(ACKNOWLEDGED) == read(ACKNOWLEDGED)


def test_fields_that_are_new_are_passed_over() -> None:
    assert read(ACKNOWLEDGED | {"brand_new": [{"a": 1}]}) == read(ACKNOWLEDGED)


@pytest.mark.parametrize(
    "offered", ["", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Token {TOKEN}", TOKEN]
)
def test_a_forged_message_is_not_let_in(offered: str) -> None:
    reason = receiver().why_refused({"authorization": offered}, b"{}")
    assert reason == "The token is missing or wrong."
    assert receiver().why_refused({}, b"{}") == reason


def test_letters_that_no_token_has_are_wrong_and_no_error() -> None:
    assert receiver().why_refused({"authorization": "Bearer t\xf6ken\udcff"}, b"{}") == "The token is missing or wrong."


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_nobody_is_heard(token: str | None) -> None:
    for offered in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}"):
        assert "IMS_ONCALL_WEBHOOK_TOKEN" in receiver(token).why_refused({"authorization": offered}, b"{}")


def test_the_system_is_heard_by_this() -> None:
    assert SYSTEM.hears is OnCallWebhook


@pytest.mark.parametrize(
    "kind",
    ["unacknowledge", "unresolve", "silence", "unsilence", "escalation", "status change", "personal notification", ""],
)
def test_what_is_no_answer_is_passed_over(kind: str) -> None:
    assert read(changed(ACKNOWLEDGED, "event", "type", to=kind)) == []


@pytest.mark.parametrize(
    "payload",
    [
        {"alert_uid": "inc-42x"},
        {"alert_uid": "INC-42"},
        {"alert_uid": "inc-42\n"},
        {"alert_uid": "inc-"},
        {"alert_uid": 42},
        {"alert_uid": None},
        {"oncall": {"message": "Reference: INC-42/0123456789abcdef\nand more"}},
        {"oncall": {"message": "Reference: INC-42"}},
        {"oncall": []},
        {},
        [],
        "inc-42",
    ],
)
def test_alerts_that_are_none_of_ours_are_passed_over(payload: object) -> None:
    assert read(changed(ACKNOWLEDGED, "alert_payload", to=payload)) == []


def test_a_page_to_one_person_is_known_by_its_mark() -> None:
    payload = {"oncall": {"message": f"Join us.\n{mark_of('INC-7', 'page:7:2')}", "title": "INC-7 x"}}
    assert [answer.incident for answer in read(changed(ACKNOWLEDGED, "alert_payload", to=payload))] == ["INC-7"]


def test_without_the_alert_s_payload_the_group_s_last_alert_counts() -> None:
    assert read(without(ACKNOWLEDGED, "alert_payload")) == read(ACKNOWLEDGED)


def test_what_oncall_did_by_itself_is_nobody_s_answer() -> None:
    assert read(changed(RESOLVED, "user", to=None)) == []


def test_somebody_without_an_address_answered_all_the_same() -> None:
    assert read(changed(RESOLVED, "user", "email", to=None))[0].person_email == ""


def test_a_link_that_no_browser_should_open_is_left_out() -> None:
    assert read(changed(RESOLVED, "alert_group", "permalinks", "web", to="javascript:alert(1)"))[0].url == ""


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "acknowledge",
        None,
        without(ACKNOWLEDGED, "event"),
        without(ACKNOWLEDGED, "alert_group"),
        changed(ACKNOWLEDGED, "event", to="acknowledge"),
        changed(ACKNOWLEDGED, "event", "type", to=["acknowledge"]),
        changed(ACKNOWLEDGED, "event", "type", to=None),
        changed(ACKNOWLEDGED, "event", "time", to=None),
        changed(ACKNOWLEDGED, "event", "time", to="yesterday"),
        changed(ACKNOWLEDGED, "event", "time", to="2026-11-23T07:21:29"),
        changed(ACKNOWLEDGED, "user", to="alice"),
        changed(ACKNOWLEDGED, "user", "email", to={"a": 1}),
        changed(ACKNOWLEDGED, "alert_group", "permalinks", to=[]),
    ],
)
def test_a_message_of_another_shape_is_refused_in_a_sentence(body: object) -> None:
    with pytest.raises(Unreadable, match=r"^No message of OnCall: .+\.$") as caught:
        read(body)
    assert "alice" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"<html></html>",
        b'{"event": ',
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"event": {"type": "acknowledge", "time": "2026-11-23T07:21:29Z"}, "alert_payload": ' + b"[" * 50_000,
    ],
)
def test_rubbish_however_deep_is_refused_in_a_sentence(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^No message of OnCall: "):
        receiver().read(body)


def test_a_message_that_got_lost_is_made_up_for_by_asking(clock: HandClock) -> None:
    with FakeOnCall(now=clock) as oncall:
        oncall.add_user("bob", "bob@example.com")
        pager, hears = adapter(oncall), OnCallWebhook(settings(oncall))
        pager.page(page(), "1")
        pager.page(page(named=True), "2")
        for group in oncall.groups:
            oncall.acknowledge(group["id"], "bob")
        heard = [answer for said in oncall.webhooks for answer in hears.read(json.dumps(said).encode())]
        assert len(heard) == 2
        assert pager.answers(["INC-42"]) == heard
        assert {answer.at for answer in heard} == {START}


def test_the_portal_s_own_word_that_it_is_over_is_nobody_s_answer(clock: HandClock) -> None:
    with FakeOnCall(now=clock) as oncall:
        pager, hears = adapter(oncall), OnCallWebhook(settings(oncall))
        pager.page(page(), "1")
        pager.stand_down(stand_down(), "d")
        assert [said["event"]["type"] for said in oncall.webhooks] == ["alert group created", "resolve"]
        assert [hears.read(json.dumps(said).encode()) for said in oncall.webhooks] == [[], []]


def test_no_field_name_can_be_wrong_unseen() -> None:
    def exercise() -> None:
        test_recorded_messages_say_who_answered_and_when()
        test_what_oncall_really_sends_is_let_in(RECORDED[1])
        test_a_link_that_no_browser_should_open_is_left_out()
        with pytest.raises(Unreadable, match=r"^No message of OnCall: event: Field required\.$"):
            read({"alert_group": CREATED["alert_group"]})
        with pytest.raises(Unreadable, match="Invalid JSON"):
            receiver().read(b"")

    assert_every_mutant_dies(webhook, exercise)
