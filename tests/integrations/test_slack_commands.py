"""Commands from Slack: over a real WebSocket, once, answered in words, and again after the line was lost."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from ims.integrations import registry
from ims.integrations.frame import Handler
from ims.integrations.slack import commands
from ims.integrations.slack.settings import SlackSettings
from ims.integrations.slack.socket import CommandListener, check_app_token
from ims.ports import Command, DeliveryError
from tests.fakes.slack_socket import PATIENCE, SlackSocket, person
from tests.mutation import assert_every_mutant_dies


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def slack() -> Iterator[SlackSocket]:
    with SlackSocket() as server:
        yield server
    assert server.complaints == []


@contextmanager
def listening(
    slack: SlackSocket, handler: Handler, *, within: float = 2.0, **changes: object
) -> Iterator[CommandListener]:
    settings = SlackSettings.model_validate(slack.settings | changes)
    listener = CommandListener(settings, handler, ping_seconds=0.1, acknowledge_within=within)
    listener.start()
    yield listener
    listener.stop()


def echo(command: Command) -> str:
    return f"{command.person_email}: {command.text}"


def late(_command: Command) -> str:
    time.sleep(0.3)
    return "late"


def slow(text: str, go: threading.Event) -> Handler:
    """A handler that answers when it may."""

    def handler(_command: Command) -> str:
        go.wait(PATIENCE)
        return text

    return handler


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_a_command_reaches_the_portal_and_its_answer_the_person(slack: SlackSocket) -> None:
    heard: list[Command] = []

    def handler(command: Command) -> str:
        heard.append(command)
        return "Done."

    with listening(slack, handler):
        assert slack.ask("note it is slow", channel_id="CINC7", trigger_id="t-1") == "Done."
        time.sleep(0.2)  # less than the patience with the handler, which nobody needs any more
        assert not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())
    assert heard == [Command("note it is slow", "ada@example.com", "ada", "CINC7", "t-1")]
    assert slack.answers == {}, "there was time to answer with the acknowledgement"


def test_what_takes_long_is_acknowledged_at_once_and_answered_later(slack: SlackSocket) -> None:
    go = threading.Event()

    with listening(slack, slow("That took a while.", go), within=0.1):
        envelope = slack.send("resolve")
        slack.wait(lambda: envelope in slack.acknowledged)
        assert slack.acknowledged[envelope] == {"envelope_id": envelope}
        go.set()
        assert slack.seen(envelope) == "That took a while."


def test_an_envelope_that_takes_no_answer_is_answered_at_its_address(slack: SlackSocket) -> None:
    with listening(slack, echo):
        first = slack.send("list")
        slack.seen(first)
        payload = slack._sent[first]["payload"]
        again = slack.send_envelope("slash_commands", payload, accepts_response_payload=False)
        slack.wait(lambda: bool(slack.answers))
        assert slack.acknowledged[again] == {"envelope_id": again}
        assert slack.seen(again) == "ada@example.com: list"


def test_a_command_that_is_delivered_again_has_the_same_id(slack: SlackSocket) -> None:
    ids: list[str] = []

    def handler(command: Command) -> str:
        ids.append(command.id)
        return "Done."

    with listening(slack, handler):
        first = slack.send("declare Payments fail")
        slack.seen(first)
        slack.seen(slack.send_again(first))
    assert len(ids) == 2
    assert len(set(ids)) == 1


@pytest.mark.parametrize("typed", ["<!channel> *b* & <b>x</b>", "a &amp; b", "<script>alert(1)</script> \u202e <@U1>"])
def test_what_people_type_is_shown_letter_by_letter(slack: SlackSocket, typed: str) -> None:
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    with listening(slack, lambda command: command.text):
        assert slack.ask(escaped) == typed
        said = slack.acknowledged[next(iter(slack.acknowledged))]["payload"]["text"]
    assert "<" not in said


def test_a_very_long_answer_arrives_cut_and_says_so(slack: SlackSocket) -> None:
    with listening(slack, lambda _command: "🔥<" * 20_000):
        assert slack.ask("list").endswith("[…] The rest is in the portal.")


def test_people_are_asked_about_once(slack: SlackSocket) -> None:
    with listening(slack, echo):
        for _ in range(3):
            slack.ask("list")
    assert slack.calls.count("users.info") == 1


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (person("UX", "ada@example.com", is_stranger=True), "only people of this workspace"),
        (person("UX", "ada@example.com", deleted=True), "only people of this workspace"),
        (person("UX", "ada@example.com", is_bot=True), "only people of this workspace"),
        (person("UX", "ada@example.com", is_email_confirmed=False), "not confirmed"),
        (person("UX", ""), "users:read.email"),
    ],
)
def test_whom_slack_does_not_vouch_for_commands_nothing(slack: SlackSocket, who: dict[str, object], why: str) -> None:
    slack.people["UX"] = who
    heard: list[Command] = []

    def handler(command: Command) -> str:
        heard.append(command)
        return "Done."

    with listening(slack, handler):
        assert why in slack.ask("resolve", user_id="UX")
    assert heard == []


def test_a_failed_look_up_is_told_and_not_remembered(slack: SlackSocket) -> None:
    slack.fail_next("users.info", 503, "<html>")
    with listening(slack, echo):
        assert slack.ask("list").startswith("The portal cannot tell who you are: Slack answered 503")
        assert slack.ask("list") == "ada@example.com: list"


def test_a_fault_in_the_portal_is_told_and_logged(slack: SlackSocket, caplog: pytest.LogCaptureFixture) -> None:
    def handler(_command: Command) -> str:
        raise RuntimeError("the database is on fire")

    with listening(slack, handler):
        assert slack.ask("list").startswith("Something went wrong in the portal")
    assert "the database is on fire" in caplog.text


def test_the_line_is_called_again_when_it_is_cut(slack: SlackSocket) -> None:
    with listening(slack, echo) as listener:
        assert slack.ask("list") == "ada@example.com: list"
        slack.drop()
        slack.wait(lambda: slack.lines == 2)
        assert slack.ask("status") == "ada@example.com: status"
        assert listener.trouble == ""


def test_slack_may_ask_for_a_new_line(slack: SlackSocket) -> None:
    with listening(slack, echo):
        slack.ask("list")
        slack.refresh()
        slack.wait(lambda: slack.lines == 2)
        assert slack.ask("status") == "ada@example.com: status"


def test_a_line_that_is_cut_meanwhile_does_not_lose_the_answer(slack: SlackSocket) -> None:
    go = threading.Event()
    with listening(slack, slow("Done all the same.", go), within=PATIENCE) as listener:
        envelope = slack.send("resolve")
        slack.wait(lambda: "users.info" in slack.calls)
        for _ in range(20):
            slack.fail_next("apps.connections.open", 503, "<html>")
        slack.drop()
        until(lambda: bool(listener.trouble))
        go.set()
        assert slack.seen(envelope) == "Done all the same."


def test_a_command_that_is_under_way_when_the_portal_stops_is_answered(slack: SlackSocket) -> None:
    go = threading.Event()
    with listening(slack, slow("Done.", go), within=PATIENCE) as listener:
        envelope = slack.send("resolve")
        slack.wait(lambda: "users.info" in slack.calls)
        stopping = threading.Thread(target=listener.stop)
        stopping.start()
        slack.wait(lambda: slack._line is None)
        go.set()
        stopping.join()
        assert slack.seen(envelope) == "Done."


def test_what_is_no_command_is_acknowledged_and_left_alone(slack: SlackSocket) -> None:
    heard: list[Command] = []

    def handler(command: Command) -> str:
        heard.append(command)
        return "Done."

    with listening(slack, handler):
        envelope = slack.send_envelope("events_api", {"event": {"type": "message"}}, accepts_response_payload=False)
        slack.wait(lambda: envelope in slack.acknowledged)
    assert heard == []


def test_an_answer_goes_to_slack_s_own_addresses_only() -> None:
    api = "https://slack.com/api/"
    for address in ("https://hooks.slack.com/commands/T1/2/x", "https://slack.com/x"):
        assert commands.answered_at({"response_url": address}, api) == address
    for address in (
        "http://hooks.slack.com/x",
        "https://slack.com.evil.example/x",
        "https://evilslack.com/x",
        "",
        "://",
    ):
        assert commands.answered_at({"response_url": address}, api) == ""


def test_a_foreign_address_gets_nothing(slack: SlackSocket, caplog: pytest.LogCaptureFixture) -> None:
    with listening(slack, late, within=0.1):
        slack.send("list", response_url="http://169.254.169.254/latest")
        until(lambda: "names no address of Slack's" in caplog.text)


def test_a_late_answer_that_fails_is_logged_without_its_address(
    slack: SlackSocket, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail_next("respond", 404, "used_url")
    with listening(slack, late, within=0.1):
        slack.send("list")
        until(lambda: "its address said 404" in caplog.text)
    assert "/commands/" not in caplog.text


def test_a_wrong_app_token_is_told_once(slack: SlackSocket, caplog: pytest.LogCaptureFixture) -> None:
    with listening(slack, echo, app_token="xapp-wrong") as listener:
        until(lambda: slack.calls.count("apps.connections.open") >= 2)
        assert "IMS_SLACK_APP_TOKEN" in listener.trouble
    assert caplog.text.count("No commands come from Slack") == 1
    assert "xapp-wrong" not in caplog.text


def test_slack_that_is_down_is_called_again(slack: SlackSocket, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    slack.fail_next("apps.connections.open", 503, "<html>")
    with listening(slack, echo) as listener:
        assert slack.ask("list") == "ada@example.com: list"
        assert listener.trouble == ""
    assert "Slack answered 503" in caplog.text
    assert "Commands come from Slack again" in caplog.text


def test_slack_that_wants_to_be_left_alone_is(slack: SlackSocket) -> None:
    slack.fail_next("apps.connections.open", 429, "ratelimited", Retry_After="3")
    began = time.monotonic()
    with listening(slack, echo):
        slack.wait(lambda: slack.lines == 1)
    assert time.monotonic() - began > 2.9


def test_stopping_ends_every_thread(slack: SlackSocket) -> None:
    before = set(threading.enumerate())
    with listening(slack, echo):
        slack.ask("list")
    ours = [thread for thread in set(threading.enumerate()) - before if "process_request_thread" not in thread.name]
    until(lambda: not [thread for thread in ours if thread.is_alive() and "handler" not in thread.name])


def test_without_an_app_token_nothing_is_started(slack: SlackSocket) -> None:
    before = threading.active_count()
    with listening(slack, echo, app_token=None):
        assert threading.active_count() == before
    assert slack.calls == []


def test_the_app_token_can_be_checked(slack: SlackSocket) -> None:
    right = SlackSettings.model_validate(slack.settings)
    assert check_app_token(right) == "Slack lets the portal listen to commands."
    assert "No app-level token" in check_app_token(right.model_copy(update={"app_token": None}))
    wrong = right.model_copy(update={"app_token": SecretStr("xapp-wrong")})
    with pytest.raises(DeliveryError, match="IMS_SLACK_APP_TOKEN: give an app-level token") as caught:
        check_app_token(wrong)
    assert caught.value.permanent
    assert slack.lines == 0


@pytest.mark.parametrize("body", ["<html>", '{"ok": true}', '{"ok": true, "url": "http://evil.example"}', "[]"])
def test_rubbish_is_no_line(slack: SlackSocket, body: str) -> None:
    slack.fail_next("apps.connections.open", 200, body)
    with pytest.raises(DeliveryError, match="is not Slack, or not well") as caught:
        check_app_token(SlackSettings.model_validate(slack.settings))
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("handover <mailto:bob@example.com|bob@example.com> now", "handover bob@example.com now"),
        ("note see <https://status.example/?a=1|status>", "note see https://status.example/?a=1"),
        ("handover <@U2|bob>", "handover @bob"),
        ("note <b>a</b> <i>", "note <b>a</b> <i>"),
        ("note a &lt;b&gt; &amp;lt; &copy;", "note a <b> &lt; &copy;"),
    ],
)
def test_slack_s_markup_becomes_what_was_typed(sent: str, typed: str) -> None:
    assert commands.as_typed(sent) == typed


def exercise() -> None:
    """Call everything of the payload module against the fake, and look at what came of it."""
    heard: list[Command] = []

    def handler(command: Command) -> str:
        heard.append(command)
        return "Done."

    with SlackSocket() as slack:
        settings = SlackSettings.model_validate(slack.settings)
        listener = CommandListener(settings, handler, ping_seconds=0.1)
        assert check_app_token(settings)
        payload = {"text": "a", "user_name": "ada", "channel_id": "C1", "trigger_id": "t", "user_id": "UADA"}
        address = f"{slack.url.removesuffix('api/')}commands/T1/9"
        assert commands.answered_at({"response_url": address}, slack.url) == address
        assert listener._answer(payload, "e") == "Done."
        assert slack._late("9", commands.only_to_them("Done."))
        for record in (
            person("U", "a@b", is_stranger=True),
            person("U", "a@b", is_bot=True),
            person("U", "a@b", deleted=True),
            person("U", "a@b", is_email_confirmed=False),
            person("U", ""),
        ):
            with pytest.raises(DeliveryError):
                commands.email_of({"user": record})
        assert slack.complaints == []
    assert heard == [Command("a", "ada@example.com", "ada", "C1", "t")]


def test_no_field_name_can_be_wrong_unseen() -> None:
    assert_every_mutant_dies(commands, exercise)


def test_without_an_app_level_token_nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_SLACK_TOKEN", "xoxb-of-the-test")
    assert list(registry.listeners(echo)) == []
    monkeypatch.setenv("IMS_SLACK_APP_TOKEN", "xapp-of-the-test")
    assert [system.name for system, _ in registry.listeners(echo)] == ["slack"]
