"""Slack: the team's channel of an incident, reminders, and posts to customers' channels."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from pydantic import ValidationError

from ims.integrations.slack import PACE
from ims.integrations.slack.settings import SlackSettings
from ims.ports import DeliveryError, Receipt
from tests.conftest import HandClock
from tests.fakes.slack import APP_TOKEN, BOT, SCOPES, TOKEN, FakeSlack
from tests.integrations.slack_world import (
    ADA,
    HOSTILE,
    PORTAL,
    ROOM,
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


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(HandClock()) as slack:
        slack.add_person(ADA)
        yield slack


# The team's channel


def test_an_incident_gets_a_channel_of_its_own(slack: FakeSlack) -> None:
    receipt = workspace(slack).open_channel(opening(), "k")
    channel = slack.called("inc-42-payments-down")
    [head] = channel.messages
    assert words(head.blocks).split("\n") == [
        "INC-42: Payments down",
        "Severity: SEV1",
        "Commander: Ada",
        "",
        f"Open it in the portal ({PORTAL})",
    ]
    assert head.text == "INC-42: Payments down\nSeverity: SEV1\nCommander: Ada"
    assert channel.pins == [head.ts]
    assert channel.topic == f"Payments down {PORTAL}"
    assert not channel.private
    assert receipt.references == {"channel": channel.id, "thread": head.ts}
    assert receipt.url == f"https://ims.slack.example/archives/{channel.id}/p{head.ts.replace('.', '')}"
    assert receipt.proof == f"Slack accepted it in {channel.id} at 2026-11-23 03:00:00 UTC (ts {head.ts})."
    assert slack.refusals == []


def test_a_shared_channel_holds_every_incident(slack: FakeSlack) -> None:
    shared = slack.add_channel("incidents")
    for named in ("#incidents", shared.id):
        receipt = workspace(slack, channel=named).open_channel(opening(), named)
        assert receipt.references["channel"] == shared.id
    assert [message.text.split("\n")[0] for message in shared.messages] == ["INC-42: Payments down"] * 2
    assert shared.topic == ""
    assert slack.made("conversations.create") == []


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({"external": True}, "#incidents is shared with another company"),
        ({"invited": True}, "#incidents is shared with another company"),
        ({"archived": True}, "#incidents is archived"),
        ({"member": False}, "The app is not in #incidents: invite it"),
    ],
)
def test_the_team_speaks_only_where_it_may_speak_freely(slack: FakeSlack, what: dict[str, bool], sentence: str) -> None:
    shared = slack.add_channel("incidents", **what)
    for named in ("incidents", shared.id):
        with pytest.raises(DeliveryError, match=sentence) as caught:
            workspace(slack, channel=named).open_channel(opening(), "k")
        assert caught.value.permanent
    assert shared.messages == []


@pytest.mark.parametrize("change", ["external", "invited"])
def test_a_channel_that_is_shared_later_hears_nothing_more(slack: FakeSlack, change: str) -> None:
    adapter = workspace(slack)
    references = adapter.open_channel(opening(), "k").references
    channel = slack.called("inc-42-payments-down")
    head = channel.messages[0].text
    setattr(channel, change, True)
    words: list[Callable[[], Receipt]] = [
        lambda: adapter.tell_team(team_message(references), "k2"),
        lambda: adapter.show_status(status(references), "k3"),
    ]
    for tell in words:
        with pytest.raises(DeliveryError, match="is shared with another company: end that") as caught:
            tell()
        assert caught.value.permanent
    assert [message.text for message in channel.messages] == [head]


def test_a_channel_that_is_there_already_is_used(slack: FakeSlack) -> None:
    slack.page = 2  # so that it is found on a later page
    for name in ("general", "random", "lunch"):
        slack.add_channel(name)
    there = slack.add_channel("inc-42-payments-down")
    assert workspace(slack).open_channel(opening(), "k").references["channel"] == there.id
    assert len(there.messages) == 1


def test_an_incident_that_burns_again_gets_another_channel(slack: FakeSlack) -> None:
    title = "Payments down " + "x" * 80
    adapter, ids = workspace(slack), []
    for number in range(9):
        ids.append(adapter.open_channel(opening(title=title), f"k{number}").references["channel"])
        adapter.open_channel(opening(title=title), f"k{number}")  # repeated, it is found
        adapter.close_channel(closing(ids[-1]), f"c{number}")
    assert list(slack.channels) == ids
    names = [channel.name for channel in slack.channels.values()]
    assert {len(name) for name in names} == {80}
    assert [name[-3:] for name in names] == ["xxx", *(f"x-{number}" for number in range(2, 10))]
    with pytest.raises(DeliveryError, match="-9 and those before it are archived") as caught:
        adapter.open_channel(opening(title=title), "k9")
    assert caught.value.permanent


def test_an_incident_that_burns_again_keeps_a_channel_that_is_still_in_use(slack: FakeSlack) -> None:
    adapter = workspace(slack)
    references = adapter.open_channel(opening(), "k").references
    channel = slack.called("inc-42-payments-down")
    channel.pins.clear()
    again = opening(facts={"State": "Open again"}, **references)
    receipt = adapter.open_channel(again, "k2")
    assert (receipt.references, receipt.proof) == ({}, f"{channel.id} is in use again.")
    [head] = channel.messages
    assert "Open again" in head.text
    assert channel.pins == [head.ts]


@pytest.mark.parametrize("gone", ["archived", "deleted"])
def test_an_incident_that_burns_again_leaves_a_channel_that_cannot_be_used(slack: FakeSlack, gone: str) -> None:
    adapter = workspace(slack)
    references = adapter.open_channel(opening(), "k").references
    if gone == "archived":
        slack.called("inc-42-payments-down").archived = True
    else:
        del slack.channels[references["channel"]]
    new = adapter.open_channel(opening(**references), "k2").references
    assert new["channel"] != references["channel"]


def test_a_taken_name_that_the_app_cannot_see_asks_a_person(slack: FakeSlack) -> None:
    slack.add_channel("inc-42-payments-down", private=True, member=False)
    with pytest.raises(DeliveryError, match="invite the app if it is private") as caught:
        workspace(slack).open_channel(opening(), "k")
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Payments DOWN!", "inc-42-payments-down"),
        ("Überweisung schlägt fehl: Straße & Éclair", "inc-42-uberweisung-schlagt-fehl-strasse-eclair"),
        ("日本語", "inc-42"),
        ("<!channel> #x @y", "inc-42-channel-x-y"),
        ("word " * 40, "inc-42-" + "word-" * 14 + "wor"),
    ],
)
def test_a_channel_is_called_what_slack_allows(slack: FakeSlack, title: str, name: str) -> None:
    workspace(slack).open_channel(opening(title=title), "k")
    assert [channel.name for channel in slack.channels.values()] == [name]
    assert len(name) <= 80


def test_a_topic_is_text_and_fits(slack: FakeSlack) -> None:
    workspace(slack).open_channel(opening(title="<!channel> & " + "x" * 300, portal=""), "k")
    [channel] = slack.channels.values()
    assert channel.topic == "&lt;!channel&gt; &amp; " + "x" * 226 + "…"


def test_the_prefix_can_be_chosen(slack: FakeSlack) -> None:
    workspace(slack, channel_prefix="outage").open_channel(opening(), "k")
    assert slack.called("outage-42-payments-down")


def test_what_is_nice_to_have_does_not_fail_the_opening(slack: FakeSlack) -> None:
    slack.fail_next("pins.add", error="too_many_pins")
    slack.fail_next("conversations.setTopic", error="request_timeout")
    slack.fail_next("chat.getPermalink", error="request_timeout")
    receipt = workspace(slack).open_channel(opening(), "k")
    assert receipt.references["thread"]
    assert "as many pinned messages as Slack allows" in receipt.proof
    assert "(conversations.setTopic: request_timeout)" in receipt.proof
    assert receipt.url == ""


def test_words_for_the_team_go_to_the_thread(slack: FakeSlack) -> None:
    references = workspace(slack).open_channel(opening(), "k").references
    receipt = workspace(slack).tell_team(team_message(references), "k2")
    workspace(slack).tell_team(team_message(references, text="Mitigated.", broadcast=True), "k3")
    _, quiet, loud = slack.called("inc-42-payments-down").messages
    assert (quiet.text, quiet.thread, quiet.broadcast) == ("Rolled back.", references["thread"], False)
    assert (loud.text, loud.thread, loud.broadcast) == ("Mitigated.", references["thread"], True)
    assert receipt.url.endswith(quiet.ts.replace(".", ""))


def test_without_a_thread_the_channel_itself_is_told(slack: FakeSlack) -> None:
    channel = slack.add_channel("incidents")
    workspace(slack).tell_team(team_message({"channel": channel.id}, broadcast=True), "k")
    assert [message.thread for message in channel.messages] == [""]


def test_before_there_is_a_channel_a_person_is_asked(slack: FakeSlack) -> None:
    adapter = workspace(slack)
    asks: list[Callable[[], Receipt]] = [
        lambda: adapter.tell_team(team_message({}), "k"),
        lambda: adapter.show_status(status({}), "k"),
        lambda: adapter.bring_in(invitation(""), "k"),
    ]
    for ask in asks:
        with pytest.raises(DeliveryError, match="has no channel yet: retry its channel first") as caught:
            ask()
        assert caught.value.permanent
    assert adapter.close_channel(closing(""), "k").proof == "No channel was opened."
    assert slack.calls == []


def test_a_very_long_word_for_the_team_is_cut_and_says_so(slack: FakeSlack) -> None:
    channel = slack.add_channel("incidents")
    workspace(slack).tell_team(team_message({"channel": channel.id}, text="<" * 20_000), "k")
    text = channel.messages[0].text
    assert len(text) <= 40_000
    assert text.endswith("&lt;\n[…] The rest is in the portal.")


def test_the_head_is_rewritten(slack: FakeSlack) -> None:
    references = workspace(slack).open_channel(opening(), "k").references
    changed = status(references, title="Payments slow", facts={"State": "mitigated"})
    workspace(slack).show_status(changed, "k2")
    [head] = slack.called("inc-42-payments-down").messages
    assert words(head.blocks).split("\n") == [
        "INC-42: Payments slow",
        "State: mitigated",
        "",
        f"Open it in the portal ({PORTAL})",
        f"Join the room ({ROOM})",
    ]
    assert head.text == "INC-42: Payments slow\nState: mitigated"


def test_a_room_that_is_no_address_is_told_as_text(slack: FakeSlack) -> None:
    references = workspace(slack).open_channel(opening(), "k").references
    workspace(slack).show_status(status(references, room="javascript:alert(1)"), "k2")
    [head] = slack.called("inc-42-payments-down").messages
    assert words(head.blocks).endswith("Join the room: javascript:alert(1)")


def test_an_incident_without_facts_or_links_still_has_a_head(slack: FakeSlack) -> None:
    workspace(slack).open_channel(opening(facts={}, portal=""), "k")
    [head] = slack.called("inc-42-payments-down").messages
    assert words(head.blocks) == "INC-42: Payments down\n"


def test_an_enormous_incident_fits_into_a_head(slack: FakeSlack) -> None:
    facts = {f"{number} {'label' * 200}": "v" * 5_000 for number in range(80)} | {"Empty": ""}
    references = workspace(slack).open_channel(opening(title="t" * 3_000, facts=facts), "k").references
    workspace(slack).show_status(status(references, facts={"Empty": ""}), "k2")
    assert slack.refusals == []


def test_a_responder_is_brought_in_once(slack: FakeSlack) -> None:
    adapter = workspace(slack)
    channel = adapter.open_channel(opening(), "k").references["channel"]
    assert adapter.bring_in(invitation(channel), "k2").proof == f"Ada is in {channel}."
    assert adapter.bring_in(invitation(channel), "k2").proof == f"Ada was in {channel} already."
    assert slack.channels[channel].members == [BOT, slack.people[ADA]]


def test_the_app_itself_needs_no_invitation(slack: FakeSlack) -> None:
    slack.people["bot@ims.example"] = BOT
    channel = slack.add_channel("incidents")
    assert workspace(slack).bring_in(invitation(channel.id, "bot@ims.example"), "k").proof.endswith("already.")


def test_a_stranger_cannot_be_brought_in(slack: FakeSlack) -> None:
    channel = slack.add_channel("incidents")
    with pytest.raises(DeliveryError, match=r"Slack knows nobody with the e-mail eve@ims\.example") as caught:
        workspace(slack).bring_in(invitation(channel.id, "eve@ims.example"), "k")
    assert caught.value.permanent


def test_a_channel_is_archived_once(slack: FakeSlack) -> None:
    adapter = workspace(slack)
    channel = adapter.open_channel(opening(), "k").references["channel"]
    assert adapter.close_channel(closing(channel), "k2").proof == f"{channel} is archived."
    assert slack.channels[channel].archived
    assert adapter.close_channel(closing(channel), "k2").proof == f"{channel} was archived already."


def test_somebody_who_archives_it_in_the_same_moment_is_no_trouble(slack: FakeSlack) -> None:
    channel = workspace(slack).open_channel(opening(), "k").references["channel"]
    slack.fail_next("conversations.archive", error="already_archived")
    assert workspace(slack).close_channel(closing(channel), "k2").proof == f"{channel} is archived."


def test_a_shared_channel_stays_open_even_when_the_setting_is_gone(slack: FakeSlack) -> None:
    shared = slack.add_channel("incidents")
    ours_and_shared = slack.add_channel("ims-opened-this", creator=BOT)
    assert "stays open" in workspace(slack).close_channel(closing(shared.id), "k").proof
    for named in (ours_and_shared.id, "#ims-opened-this"):
        assert "stays open" in workspace(slack, channel=named).close_channel(closing(ours_and_shared.id), "k").proof
    assert not shared.archived
    assert not ours_and_shared.archived


def test_the_head_in_a_shared_channel_loses_its_pin_when_the_incident_is_over(slack: FakeSlack) -> None:
    shared = slack.add_channel("incidents")
    adapter = workspace(slack, channel="incidents")
    over, burning = (adapter.open_channel(opening(), key).references for key in ("k1", "k2"))
    for _ in range(2):
        proof = adapter.close_channel(closing(**over), "k3").proof
        assert proof == f"{shared.id} stays open: it is not the incident's own."
    assert shared.pins == [burning["thread"]]
    slack.fail_next("pins.remove", error="message_not_found")
    assert "message_not_found" in adapter.close_channel(closing(**over), "k4").proof


# Reminders


def test_a_reminder_is_a_direct_message(slack: FakeSlack) -> None:
    receipt = workspace(slack).nudge(nudge(), "k")
    [direct] = slack.channels.values()
    [message] = direct.messages
    assert direct.id.startswith("D")
    assert message.text == "An update is due."
    assert words(message.blocks) == f"An update is due.\nOpen it in the portal ({PORTAL})"
    assert receipt.reference == message.ts


def test_nobody_is_reminded_by_guessing(slack: FakeSlack) -> None:
    with pytest.raises(DeliveryError, match=r"Slack knows nobody with the e-mail eve@ims\.example") as caught:
        workspace(slack).nudge(nudge(person_email="eve@ims.example"), "k")
    assert caught.value.permanent
    assert slack.made("chat.postMessage") == []


# Customers


def test_a_customer_reads_the_subject_first(slack: FakeSlack) -> None:
    acme = slack.add_channel("acme", external=True)
    receipt = workspace(slack).tell_customer(post(acme.id), "k")
    [message] = acme.messages
    assert message.text == "Payments\nOn it."
    assert receipt.proof == f"Slack accepted it in {acme.id} at 2026-11-23 03:00:00 UTC (ts {message.ts})."
    assert receipt.url.startswith("https://ims.slack.example/archives/")


def test_a_customers_channel_may_be_given_by_name(slack: FakeSlack) -> None:
    acme = slack.add_channel("acme", private=True, external=True)
    for number, name in enumerate(("#acme", "acme", "#Acme")):
        workspace(slack).tell_customer(post(name), f"k{number}")
    assert len(acme.messages) == 3


def test_a_name_means_the_channel_that_has_it_now(slack: FakeSlack) -> None:
    adapter, old = workspace(slack), slack.add_channel("acme", external=True)
    adapter.tell_customer(post("#acme"), "k1")
    old.name = "acme-old"
    new = slack.add_channel("acme", external=True)
    adapter.tell_customer(post("#acme"), "k2")
    assert (len(old.messages), len(new.messages)) == (1, 1)


def test_a_customers_channel_that_is_not_there_asks_a_person(slack: FakeSlack) -> None:
    for channel, sentence in (
        ("#acmee", "The app sees no channel #acmee"),
        ("C0NOWHERE", "Slack knows no such channel"),
    ):
        with pytest.raises(DeliveryError, match=sentence) as caught:
            workspace(slack).tell_customer(post(channel), "k")
        assert caught.value.permanent


def test_a_post_without_an_address_has_been_sent_all_the_same(slack: FakeSlack) -> None:
    acme = slack.add_channel("acme")
    slack.fail_next("chat.getPermalink", drop="after")
    receipt = workspace(slack).tell_customer(post(acme.id), "k")
    assert receipt.url == ""
    assert len(acme.messages) == 1


def test_no_word_for_a_customer_is_lost_silently(slack: FakeSlack) -> None:
    acme = slack.add_channel("acme")
    longest = "x" * (40_000 - len("Payments\n"))
    workspace(slack).tell_customer(post(acme.id, text=longest), "k")
    assert acme.messages[0].text.endswith(longest)
    with pytest.raises(DeliveryError, match="too long for a message in Slack") as caught:
        workspace(slack).tell_customer(post(acme.id, text=longest + "x"), "k2")
    assert caught.value.permanent
    assert len(acme.messages) == 1


# What people typed is text


def test_nothing_that_people_type_is_markup(slack: FakeSlack) -> None:
    adapter, acme = workspace(slack), slack.add_channel("acme")
    references = adapter.open_channel(opening(title=HOSTILE, facts={"*x*": HOSTILE}), "k").references
    adapter.tell_team(team_message(references, text=HOSTILE), "k")
    adapter.nudge(nudge(text=HOSTILE), "k")
    adapter.tell_customer(post(acme.id, subject="<b>", text=HOSTILE), "k")
    messages = [message for channel in slack.channels.values() for message in channel.messages]
    assert len(messages) == 4
    for message in messages:
        assert HOSTILE in unescape(message.text)
        assert not set("<>") & set(message.text)
        assert message.sent["unfurl_links"] == "0"
    for message in messages:
        if message.ts == references["thread"]:  # its blocks are what is shown
            continue
        assert (message.sent["mrkdwn"], message.sent["link_names"]) == ("0", "0")
        assert "parse" not in message.sent, "“none” would make addresses words that nobody can follow"
    kinds = {part["type"] for message in messages for block in message.blocks for part in parts(block)}
    assert kinds == {"text", "link"}


def parts(block: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[dict[str, str]]:
    return [part for section in block.get("elements", []) for part in section["elements"]]


# Settings


def test_ping_says_who_answers(slack: FakeSlack) -> None:
    assert workspace(slack).ping() == (
        "Slack answers for IMS tests as ims. No app-level token is given, so nobody commands the portal from Slack."
    )
    assert [method for method, _ in slack.calls] == ["auth.test"]


def test_ping_names_the_scopes_that_are_missing(slack: FakeSlack) -> None:
    slack.scopes = SCOPES.replace("pins:write,", "").replace("im:write,", "")
    with pytest.raises(DeliveryError, match="The app lacks im:write, pins:write: add the scopes") as caught:
        workspace(slack).ping()
    assert caught.value.permanent


def test_ping_believes_a_slack_that_tells_no_scopes(slack: FakeSlack) -> None:
    slack.scopes = ""
    assert workspace(slack).ping().startswith("Slack answers")


def test_ping_asks_for_a_line_where_commands_should_come(slack: FakeSlack) -> None:
    slack.scopes += ",commands"
    assert workspace(slack, app_token=APP_TOKEN).ping() == (
        "Slack answers for IMS tests as ims. Slack lets the portal listen to commands."
    )
    with pytest.raises(DeliveryError, match="does not accept IMS_SLACK_APP_TOKEN") as caught:
        workspace(slack, app_token="xapp-another").ping()
    assert caught.value.permanent


def test_commands_need_a_scope_of_their_own(slack: FakeSlack) -> None:
    with pytest.raises(DeliveryError, match="The app lacks commands: add"):
        workspace(slack, app_token=APP_TOKEN).ping()


def test_a_reminder_without_an_address_is_just_words(slack: FakeSlack) -> None:
    workspace(slack).nudge(nudge(portal=""), "k")
    [direct] = slack.channels.values()
    assert words(direct.messages[0].blocks) == "An update is due."


def test_ping_looks_at_the_shared_channel(slack: FakeSlack) -> None:
    slack.add_channel("incidents", member=False)
    with pytest.raises(DeliveryError, match="The app is not in #incidents"):
        workspace(slack, channel="incidents").ping()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"app_token": "xapp-1"}, "IMS_SLACK_TOKEN is missing"),
        ({"token": "xoxp-1"}, "IMS_SLACK_TOKEN is of the wrong kind"),
        ({"token": TOKEN, "app_token": TOKEN}, "IMS_SLACK_APP_TOKEN is of the wrong kind"),
        ({"token": TOKEN, "api_url": "http://slack.example/api/"}, "write it like https"),
        ({"token": TOKEN, "channel_prefix": "Inc!"}, "lower-case letters"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence) as caught:
        SlackSettings.model_validate(settings)
    assert TOKEN not in str(caught.value)


def test_empty_settings_are_none() -> None:
    settings = SlackSettings.model_validate({"token": "", "app_token": "", "api_url": "https://slack-gov.com/api"})
    assert not settings.is_configured
    assert settings.app_token is None
    assert settings.api_url == "https://slack-gov.com/api/"


def test_the_pace_is_no_more_than_a_message_a_second() -> None:
    assert PACE.per / PACE.calls >= timedelta(seconds=1)


def test_only_what_was_said_within_a_day_is_looked_through(slack: FakeSlack) -> None:
    acme = slack.add_channel("acme")
    workspace(slack).tell_customer(post(acme.id), "k")
    [looked] = slack.made("conversations.history")
    assert datetime.fromtimestamp(float(looked["oldest"]), UTC) == slack.clock() - timedelta(days=1)
