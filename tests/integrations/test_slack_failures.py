"""Slack fails: what is tried again, what asks a person, and that nothing is said twice."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from ssl import SSLCertVerificationError
from typing import Any
from urllib.error import URLError

import pytest

from ims.ports import DeliveryError, Receipt
from tests.conftest import HandClock
from tests.fakes.slack import SCOPES, TOKEN, FakeSlack
from tests.fakes.slack_contract import errors_of
from tests.integrations.slack_world import ADA, nudge, opening, post, status, team_message, workspace

PASSING = {
    "fatal_error",
    "internal_error",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
    "external_channel_migrating",
    "update_failed",
}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def slack(clock: HandClock) -> Iterator[FakeSlack]:
    with FakeSlack(clock) as slack:
        slack.add_person(ADA)
        slack.add_channel("acme", external=True)
        yield slack


def tell_acme(slack: FakeSlack, key: str = "k", **settings: Any) -> None:
    workspace(slack, **settings).tell_customer(post(slack.called("acme").id), key)


def failure(slack: FakeSlack, **settings: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        tell_acme(slack, **settings)
    assert TOKEN not in str(caught.value)
    return caught.value


# Once


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_customer_reads_it_once_when_the_answer_was_lost(slack: FakeSlack, drop: str) -> None:
    slack.fail_next("chat.postMessage", drop=drop)
    assert not failure(slack).permanent
    tell_acme(slack)  # another process may do it: the adapter is a new one
    assert [message.text for message in slack.called("acme").messages] == ["Payments\nOn it."]


def test_the_client_itself_does_not_try_again(slack: FakeSlack) -> None:
    slack.fail_next("chat.postMessage", drop="after")
    failure(slack)
    assert len(slack.made("chat.postMessage")) == 1


def test_a_post_that_came_through_after_all_has_its_proof(slack: FakeSlack) -> None:
    slack.fail_next("chat.postMessage", drop="after")
    failure(slack)
    channel = slack.called("acme")
    receipt = workspace(slack).tell_customer(post(channel.id), "k")
    assert receipt.reference == channel.messages[0].ts
    assert receipt.url


def test_the_team_reads_it_once_when_the_answer_was_lost(slack: FakeSlack) -> None:
    adapter = workspace(slack)
    message = team_message(adapter.open_channel(opening(), "k").references, broadcast=True)
    slack.fail_next("chat.postMessage", drop="after")
    with pytest.raises(DeliveryError):
        adapter.tell_team(message, "k2")
    adapter.tell_team(message, "k2")
    assert len(slack.called("inc-42-payments-down").messages) == 2


def test_a_reminder_comes_once_when_the_answer_was_lost(slack: FakeSlack) -> None:
    slack.fail_next("chat.postMessage", drop="after")
    with pytest.raises(DeliveryError):
        workspace(slack).nudge(nudge(), "k")
    workspace(slack).nudge(nudge(), "k")
    assert len(slack.made("chat.postMessage")) == 1


@pytest.mark.parametrize("method", ["conversations.create", "chat.postMessage", "pins.add", "conversations.setTopic"])
def test_an_incident_has_one_channel_and_one_head_wherever_the_answer_was_lost(slack: FakeSlack, method: str) -> None:
    slack.fail_next(method, drop="after")
    try:
        workspace(slack).open_channel(opening(), "k")
    except DeliveryError as error:
        assert not error.permanent  # noqa: PT017  only some of the calls may fail it
    receipt = workspace(slack).open_channel(opening(), "k")
    channel = slack.called("inc-42-payments-down")
    assert receipt.references == {"channel": channel.id, "thread": channel.messages[0].ts}
    assert len(channel.messages) == 1
    assert channel.pins == [channel.messages[0].ts]
    assert len(slack.channels) == 2


def test_a_busy_channel_is_looked_through_page_by_page(slack: FakeSlack) -> None:
    slack.page = 10
    slack.fail_next("chat.postMessage", drop="after")
    failure(slack)
    for number in range(35):
        slack.say(slack.called("acme"), f"thanks {number}")
    tell_acme(slack)
    assert len(slack.made("chat.postMessage")) == 1
    assert [call.get("cursor") for call in slack.made("conversations.history")] == [None, None, "10", "20", "30"]


def test_what_was_said_long_ago_is_said_again(slack: FakeSlack, clock: HandClock) -> None:
    tell_acme(slack)
    clock.forward(timedelta(hours=25))
    tell_acme(slack)
    assert len(slack.made("chat.postMessage")) == 2


def test_two_deliveries_with_the_same_words_are_two_posts(slack: FakeSlack) -> None:
    tell_acme(slack, "k1")
    tell_acme(slack, "k2")
    assert len(slack.made("chat.postMessage")) == 2


def test_another_portals_delivery_of_the_same_number_is_not_ours(slack: FakeSlack) -> None:
    channel = slack.called("acme").id
    workspace(slack).tell_customer(post(channel, text="From the rehearsal stage."), "customer_post:1:1")
    workspace(slack).tell_customer(post(channel, text="For real."), "customer_post:1:1")
    assert len(slack.called("acme").messages) == 2


def test_customers_cannot_read_our_keys(slack: FakeSlack) -> None:
    tell_acme(slack, "customer_post:17:3")
    assert "customer_post" not in str(slack.called("acme").messages[0].metadata)


# What each failure means


@pytest.mark.parametrize("method", ["conversations.history", "chat.postMessage"])
def test_every_word_of_slack_is_either_waited_out_or_told_to_a_person(slack: FakeSlack, method: str) -> None:
    for code in errors_of(method):
        slack.fail_next(method, error=code)
        error = failure(slack)
        assert error.permanent is (code not in PASSING), code
        assert str(error).endswith(f"({method}: {code}).") or code == "missing_scope"
    assert slack.called("acme").messages == []


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("not_in_channel", "invite it there"),
        ("channel_not_found", "invite the app there"),
        ("is_archived", "The channel is archived"),
        ("invalid_auth", "bot token into IMS_SLACK_TOKEN"),
        ("token_revoked", "bot token into IMS_SLACK_TOKEN"),
        ("restricted_action", "ask an administrator of Slack"),
        ("message_limit_exceeded", "plan takes no more messages"),
        ("invalid_blocks", "Slack refused it"),
    ],
)
def test_a_person_is_told_what_to_do(slack: FakeSlack, code: str, advice: str) -> None:
    slack.fail_next("chat.postMessage", error=code)
    assert advice in str(failure(slack))


def test_the_missing_scope_is_named(slack: FakeSlack) -> None:
    slack.scopes = SCOPES.replace("chat:write,", "")
    error = failure(slack)
    assert "add the scope chat:write to it in Slack" in str(error)
    assert error.permanent


def test_a_missing_scope_that_slack_does_not_name_is_told_too(slack: FakeSlack) -> None:
    slack.fail_next("chat.postMessage", error="missing_scope")
    assert "add the scope that this needs to it in Slack" in str(failure(slack))


def test_a_wrong_token_stops(slack: FakeSlack) -> None:
    error = failure(slack, token="xoxb-somebody-elses")
    assert error.permanent
    assert "xoxb-somebody-elses" not in str(error)


def test_slack_says_how_long_to_wait(slack: FakeSlack) -> None:
    slack.fail_next("chat.postMessage", status=429, error="ratelimited", retry_after=37)
    error = failure(slack)
    assert (error.permanent, error.retry_after) == (False, timedelta(seconds=37))
    slack.fail_next("chat.postMessage", status=429, body="Too many requests")
    error = failure(slack)
    assert (error.permanent, error.retry_after) == (False, None)


@pytest.mark.parametrize(
    ("status", "body", "permanent", "sentence"),
    [
        (500, "<html>Oops</html>", False, "Slack answered 500 to chat.postMessage"),
        (503, '{"ok": false, "error": "service_unavailable"}', False, "Slack asks for time"),
        (404, "<html>Not here</html>", True, "check IMS_SLACK_API_URL"),
        (403, '{"ok": false, "error": "access_denied"}', True, "ask an administrator of Slack"),
        (200, "<html>Sign in to the hotel's network</html>", False, "is not Slack"),
        (200, "", False, "is not Slack"),
        (200, "{}", False, "is not Slack"),
        (200, "[1]", False, "is not Slack"),
        (200, '{"ok": true}', False, "is not Slack"),
        (200, '{"ok": true, "ts": 7}', False, "is not Slack"),
        (200, '{"ok": true, "ts": "soon"}', False, "is not Slack"),
        (200, '{"ok": true, "ts": "99999999999999999999.000000"}', False, "is not Slack"),
        (200, '{"ok": true, "ts"', False, "is not Slack"),
    ],
)
def test_what_is_no_answer_of_slack_is_told_apart(
    slack: FakeSlack, status: int, body: str, permanent: bool, sentence: str
) -> None:
    slack.fail_next("chat.postMessage", status=status, body=body)
    error = failure(slack)
    assert sentence in str(error)
    assert error.permanent is permanent


@pytest.mark.parametrize(
    "body",
    ['{"ok": true, "messages": null}', '{"ok": true, "messages": [7], "response_metadata": "x"}', '{"ok": true}'],
)
def test_a_history_that_makes_no_sense_holds_nothing(slack: FakeSlack, body: str) -> None:
    slack.fail_next("conversations.history", body=body)
    tell_acme(slack)
    assert len(slack.called("acme").messages) == 1


def test_a_slow_slack_is_tried_again(slack: FakeSlack) -> None:
    slack.fail_next("chat.postMessage", seconds=30)
    error = failure(slack)
    assert not error.permanent
    assert "cannot be reached (TimeoutError)" in str(error)


def test_a_slack_that_is_away_is_tried_again(clock: HandClock) -> None:
    with FakeSlack(clock) as slack:
        adapter = workspace(slack)
    for ask in (adapter.ping, lambda: adapter.tell_customer(post("C000000001"), "k")):
        with pytest.raises(DeliveryError, match="Slack cannot be reached") as caught:
            ask()
        assert not caught.value.permanent


def test_an_untrusted_certificate_stops(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise URLError(SSLCertVerificationError("self-signed"))

    monkeypatch.setattr("slack_sdk.web.base_client.urlopen", refuse)
    error = failure(slack)
    assert error.permanent
    assert "cannot be trusted" in str(error)


def test_a_head_that_is_gone_asks_a_person(slack: FakeSlack) -> None:
    references = workspace(slack).open_channel(opening(), "k").references
    slack.called("inc-42-payments-down").messages.clear()
    adapter = workspace(slack)
    asks: list[Callable[[], Receipt]] = [
        lambda: adapter.show_status(status(references), "k2"),
        lambda: adapter.tell_team(team_message(references), "k3"),
    ]
    for ask in asks:
        with pytest.raises(DeliveryError, match="the head of the channel is gone") as caught:
            ask()
        assert caught.value.permanent


def test_neither_the_token_nor_what_is_said_gets_into_a_log(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    slack.fail_next("chat.postMessage", body="<html>")
    slack.fail_next("chat.postMessage", drop="after")
    failure(slack)
    failure(slack)
    tell_acme(slack)
    assert caplog.text == ""
