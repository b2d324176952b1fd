"""The fake Slack refuses what Slack refuses, and no wrong name in our payloads would get past it."""

import re
from collections.abc import Iterator
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from ims.config import ROOT
from ims.integrations.slack import directory, payloads, wire
from ims.integrations.slack.workspace import SCOPES as NEEDED
from ims.ports import DeliveryError
from tests.conftest import HandClock
from tests.fakes.slack import BOT, SCOPES, TOKEN, FakeSlack
from tests.integrations.slack_world import (
    ADA,
    closing,
    invitation,
    nudge,
    opening,
    post,
    status,
    team_message,
    words,
    workspace,
)
from tests.mutation import assert_every_mutant_dies


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(HandClock()) as slack:
        slack.add_person(ADA)
        slack.add_channel("acme")
        yield slack


def refusal(slack: FakeSlack, method: str, token: str = TOKEN, **arguments: Any) -> str:
    client = WebClient(token, base_url=slack.url, retry_handlers=[])
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method, params=arguments)
    code = str(caught.value.response["error"])
    assert slack.refusals[-1] == (method, code)
    return code


README = ROOT / "ims" / "integrations" / "slack" / "README.md"
HEADER = '[{"type": "header", "text": {"type": "plain_text", "text": "%s"}}]'
RICH = '[{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [%s]}]}]'


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("chat.postMassage", {}, "unknown_method"),
        ("chat.postMessage", {"channel": "acme", "text": "x", "colour": "red"}, "invalid_arg_name"),
        ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "A B", "text": "x"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "acme", "text": "x", "mrkdwn": "maybe"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "acme"}, "no_text"),
        ("chat.postMessage", {"channel": "acme", "text": "x", "metadata": "{}"}, "invalid_metadata_format"),
        ("chat.postMessage", {"channel": "acme", "text": "x", "metadata": "key"}, "invalid_metadata_format"),
        ("chat.postMessage", {"channel": "acme", "text": "x", "blocks": "{}"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": "acme", "blocks": HEADER % ("x" * 151)}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "acme", "blocks": HEADER % ""}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "acme", "blocks": '[{"type": "heading"}]'}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "acme", "blocks": RICH % ""}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "acme", "blocks": RICH % '{"type": "text", "text": ""}'}, "invalid_blocks"),
        (
            "chat.postMessage",
            {"channel": "acme", "blocks": RICH % '{"type": "link", "url": "javascript:0", "text": "x"}'},
            "invalid_blocks",
        ),
        ("chat.postMessage", {"channel": "acme", "text": "x", "thread_ts": "1.0"}, "cannot_reply_to_message"),
        ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ("chat.update", {"channel": "C0NOWHERE", "ts": "soon", "text": "x"}, "invalid_arguments"),
        ("conversations.create", {"name": "Über"}, "invalid_name_specials"),
        ("conversations.create", {"name": "x" * 81}, "invalid_name_maxlength"),
        ("conversations.create", {"name": "acme"}, "name_taken"),
        ("conversations.list", {"types": "channels"}, "invalid_types"),
        ("conversations.list", {"limit": "many"}, "invalid_arguments"),
        ("users.lookupByEmail", {"email": "eve@ims.example"}, "users_not_found"),
        ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    ],
)
def test_the_fake_refuses_what_slack_refuses(
    slack: FakeSlack, method: str, arguments: dict[str, str], code: str
) -> None:
    assert refusal(slack, method, **arguments) == code
    assert slack.called("acme").messages == []


def test_the_fake_asks_for_the_token_and_for_scopes(slack: FakeSlack) -> None:
    assert refusal(slack, "auth.test", "xoxb-another") == "invalid_auth"
    assert refusal(slack, "auth.test", "") == "not_authed"
    slack.scopes = "channels:read"
    assert refusal(slack, "chat.postMessage", channel="acme", text="x") == "missing_scope"
    channel = slack.called("acme").id
    assert refusal(slack, "conversations.history", channel=channel) == "missing_scope"


def test_the_fake_keeps_the_app_out_of_channels_it_is_not_in(slack: FakeSlack) -> None:
    other = slack.add_channel("other", member=False)
    hidden = slack.add_channel("hidden", member=False, private=True)
    assert refusal(slack, "conversations.history", channel=other.id) == "not_in_channel"
    assert refusal(slack, "chat.postMessage", channel=hidden.id, text="x") == "channel_not_found"


def test_the_fake_shows_metadata_only_to_who_asks(slack: FakeSlack) -> None:
    client = WebClient(TOKEN, base_url=slack.url)
    metadata = {"event_type": "x", "event_payload": {"key": "1"}}
    client.chat_postMessage(channel="acme", text="x", metadata=metadata)
    channel = slack.called("acme").id
    plain = client.conversations_history(channel=channel)["messages"]
    asked = client.conversations_history(channel=channel, include_all_metadata=True)["messages"]
    assert [message.get("metadata") for message in (*plain, *asked)] == [None, metadata]


def test_a_fault_that_slack_does_not_know_is_the_tests_mistake() -> None:
    slack = FakeSlack().__enter__()
    slack.fail_next("auth.test", error="made_up")
    with pytest.raises(SlackApiError):
        WebClient(TOKEN, base_url=slack.url, retry_handlers=[]).auth_test()
    with pytest.raises(AssertionError, match="knows no error made_up"):
        slack.__exit__()


def exercise() -> None:
    """Call every method of the adapter, and look at what Slack holds afterwards."""
    with FakeSlack(HandClock(), page=2) as slack:
        slack.add_person(ADA)
        acme, hidden = slack.add_channel("acme"), slack.add_channel("hidden", private=True)
        adapter = workspace(slack)
        references = adapter.open_channel(opening(), "k").references
        adapter.show_status(status(references), "k")
        for times in range(2):  # the second time it is found, not posted
            receipts = [
                adapter.tell_team(team_message(references), "k1"),
                adapter.tell_team(team_message(references, text="Mitigated.", broadcast=True), "k2"),
                adapter.nudge(nudge(), "k3"),
                adapter.tell_customer(post(acme.id, text="<On it.>"), "k4"),
                adapter.tell_customer(post("#hidden"), "k5"),
                adapter.bring_in(invitation(references["channel"]), "k6"),
            ]
            assert len(slack.made("chat.postMessage")) == 6, f"posted again, the time after {times}"
        assert all(receipt.url for receipt in receipts[:-1])
        assert slack.refusals == [("conversations.invite", "already_in_channel")]
        _look(slack, references["channel"])
        assert hidden.messages
        assert adapter.close_channel(closing(references["channel"]), "k").proof.endswith("is archived.")
        _refusals(slack)


def _refusals(slack: FakeSlack) -> None:
    """Look at the records of channels in which the team may not speak."""
    slack.add_channel("sold", external=True)
    slack.add_channel("offered", invited=True)
    slack.add_channel("old", archived=True)
    slack.add_channel("foreign", member=False)
    reasons = {
        "sold": "#sold is shared",
        "offered": "#offered is shared",
        "old": "#old is arch",
        "foreign": "not in #fo",
    }
    for name, reason in (reasons | {"none": "sees no channel #none"}).items():
        with pytest.raises(DeliveryError, match=reason) as caught:
            workspace(slack, channel=name).ping()
        assert caught.value.permanent
    with pytest.raises(DeliveryError, match="not in #foreign"):
        workspace(slack, channel=slack.called("foreign").id).ping()
    assert workspace(slack, channel=slack.called("acme").id).ping()
    with pytest.raises(DeliveryError, match="knows nobody") as caught:
        workspace(slack).nudge(nudge(person_email="eve@ims.example"), "k")
    assert caught.value.permanent


def _look(slack: FakeSlack, channel_id: str) -> None:
    channel, acme = slack.channels[channel_id], slack.called("acme")
    direct = next(each for each in slack.channels.values() if each.id.startswith("D"))
    head, quiet, loud = channel.messages
    assert (channel.name, channel.private, channel.members) == ("inc-42-payments-down", False, [BOT, slack.people[ADA]])
    assert channel.pins == [head.ts]
    assert channel.topic.startswith("Payments down https://")
    assert head.blocks[0]["text"]["emoji"] is False
    assert head.blocks[1]["elements"][0]["elements"][0]["style"] == {"bold": True}
    assert words(head.blocks).endswith("\nJoin the room (https://meet.example/abc)")
    assert (quiet.broadcast, loud.broadcast) == (False, True)
    assert (acme.messages[0].text, direct.messages[0].text) == ("Payments\n&lt;On it.&gt;", "An update is due.")
    for message in (head, quiet, loud, *acme.messages, *direct.messages):
        assert (message.sent["unfurl_links"], message.sent["unfurl_media"]) == ("0", "0")
        assert message.metadata["event_type"] == "ims_delivery"
        assert set(message.metadata["event_payload"]) == {"key"}
    for message in (quiet, loud, *acme.messages, *direct.messages):
        assert (message.sent["mrkdwn"], message.sent["link_names"]) == ("0", "0")
        assert "parse" not in message.sent, "“none” would make addresses words that nobody can follow"
    for call in slack.made("conversations.list"):
        assert (call["exclude_archived"], call["limit"]) == ("0", "999")
    for call in slack.made("conversations.history"):
        assert (call["limit"], call["oldest"]) == ("200", "1795316400.000000")


@pytest.mark.parametrize("module", [payloads, directory, wire], ids=lambda module: module.__name__)
def test_no_field_name_can_be_wrong_unseen(module: ModuleType) -> None:
    assert_every_mutant_dies(module, exercise)


def test_the_apps_manifest_asks_for_the_scopes_that_are_used() -> None:
    [manifest] = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    asked = yaml.safe_load(dedent(manifest))["oauth_config"]["scopes"]["bot"]
    assert set(asked) == NEEDED | {"commands"}
    assert set(SCOPES.split(",")) == NEEDED
