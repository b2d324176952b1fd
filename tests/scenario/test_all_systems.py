"""One night with every outside system configured, from the recorded alert to the archived channel, on each database.

The night is lived through once; each test looks at what one of the readers holds in the morning after.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from ims.model import FollowUp, Person, Ticket
from ims.postmortem.following_up.drift import drift
from ims.store import postmortem
from tests.fakes.jira import text_of
from tests.fakes.slack import Channel
from tests.integrations.slack_world import words
from tests.scenario import night
from tests.scenario.world import BASE_URL, MINUTE, World, world_of
from tests.servers import fresh_postgres_url

pytestmark = pytest.mark.xdist_group("scenario")  # the nights are lived through by one process

HOUR = timedelta(hours=1)
CHANNEL = "inc-1-paymentshigherrorrate"
LINK = f"{BASE_URL}/incident?key=INC-1"
ROOM = "https://meet.google.example/war-room-aaa"
PEOPLE = ["ada@example.com", "bob@example.com", "cleo@example.com"]


@dataclass
class Lived:
    """The world after its night, and what was seen on the way."""

    world: World
    incident_id: int
    seen: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('scenario') / 'ims.db'}"
        else:
            url = stack.enter_context(fresh_postgres_url())
        world = stack.enter_context(world_of(url))
        lived = Lived(world, night.declare_it(world))
        evening(lived)
        morning(lived)
        yield lived


def evening(lived: Lived) -> None:
    """From the first page to the handover."""
    world, incident_id = lived.world, lived.incident_id
    world.live(6 * MINUTE)
    body = world.oncall.acknowledge(world.uid(incident_id), "ada")
    lived.seen["heard"] = [world.hear_oncall(body).json() for _ in range(2)]
    lived.seen["waiting"] = world.oncall.groups[0]["state"]
    world.live(MINUTE)
    night.take_communications(world, incident_id)
    night.tell_customers(world, incident_id, 1)
    world.live(HOUR)
    lived.seen["direct"] = direct_messages(world)
    lived.seen["reminded"] = [each for each in world.told(incident_id) if each.startswith("Reminded")]
    night.tell_customers(world, incident_id, 2)
    night.hand_over_command(world, incident_id)
    night.keep_alerts_quiet(world, incident_id)
    world.live(MINUTE)


def morning(lived: Lived) -> None:
    """From the mitigation to the archived channel."""
    world, incident_id = lived.world, lived.incident_id
    night.end_it(world, incident_id)
    night.tell_customers(world, incident_id, 3)
    planned = night.plan_meeting(world, incident_id)
    night.move_meeting(world, planned)
    lived.seen["follow-ups"] = night.file_follow_ups(world, incident_id)
    world.jira.person_moves(sub_tasks(world)[0], "Done")
    world.live(3 * MINUTE)
    night.close_it(world, incident_id)
    world.live(23 * HOUR, every=HOUR)
    lived.seen["archived after 23 hours"] = world.slack.called(CHANNEL).archived
    world.live(HOUR, every=HOUR)


def sub_tasks(world: World) -> list[str]:
    return [key for key, issue in world.jira.issues.items() if "parent" in issue.fields]


def direct_messages(world: World) -> dict[str, list[str]]:
    kept = {email: world.slack.channels.get(f"D{user[1:]}") for email, user in world.slack.people.items()}
    return {email: [message.text for message in place.messages] for email, place in kept.items() if place}


def customers_letters(world: World) -> list[tuple[EmailMessage, list[str]]]:
    """Return the letters that any customer got, with all who got them."""
    sent = zip(world.mail.letters, world.mail.recipients, strict=True)
    return [(letter, readers) for letter, readers in sent if any("@example.com" not in each for each in readers)]


def everything_said_to_customers(world: World) -> list[str]:
    posts = [message.text for name in ("acme-ims", "globex") for message in world.slack.called(name).messages]
    return posts + [str(letter) + text(letter) for letter, _ in customers_letters(world)]


def thread_of(channel: Channel) -> list[str]:
    return [message.text for message in channel.messages[1:]]


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")


def test_everything_was_delivered_and_no_system_refused_anything(lived: Lived) -> None:
    assert lived.world.unsent(lived.incident_id) == []
    assert lived.world.slack.refusals == []
    assert lived.world.jira.wrong_answers == []
    assert {row.system for row in lived.world.rows(lived.incident_id)} == {
        "smtp",
        "alertmanager",
        "jira",
        "oncall",
        "slack",
        "google",
    }


def test_oncall_s_schedule_says_who_commands_and_oncall_wakes_them_once(lived: Lived) -> None:
    world = lived.world
    assert "Ada Lovelace, on call, is owner and Incident Commander" in world.told(lived.incident_id)
    first = world.oncall.alerts[0]
    assert (first["alert_uid"], first["title"], first["state"]) == (
        world.uid(lived.incident_id),
        "INC-1 PaymentsHighErrorRate",
        "alerting",
    )
    assert first["message"].endswith(f"\nPortal: {LINK}")
    assert first["link_to_upstream_details"] == LINK
    assert [alert["state"] for alert in world.oncall.alerts] == ["alerting", "ok"]


def test_nobody_answered_for_five_minutes_so_the_next_was_paged_by_name_with_the_room(lived: Lived) -> None:
    [escalation] = lived.world.oncall.escalations
    bob = next(user["id"] for user in lived.world.oncall.users if user["username"] == "bob")
    assert escalation["users"] == [{"id": bob, "important": True}]
    assert f"War room: {ROOM}" in escalation["message"]
    assert escalation["source_url"] == LINK


def test_who_acknowledged_in_oncall_is_heard_once(lived: Lived) -> None:
    assert lived.seen["heard"] == [{"news": 1, "known": 0}, {"news": 0, "known": 1}]
    assert lived.seen["waiting"] == "acknowledged"
    assert lived.world.told(lived.incident_id).count("Ada Lovelace acknowledged the page") == 1


def test_every_page_is_over_in_oncall_when_the_incident_is(lived: Lived) -> None:
    groups = lived.world.oncall.groups
    assert [group["state"] for group in groups] == ["resolved", "resolved"]
    notes = [(note["alert_group_id"], note["text"]) for note in lived.world.oncall.notes]
    taken = (groups[1]["id"], "Ada Lovelace acknowledged the page (Ada Lovelace)")
    assert notes == [taken, *((group["id"], "Resolved: Fixed release is out (Bob Kahn)") for group in groups)]
    assert groups[1]["acknowledged_by"] == groups[1]["resolved_by"], "the portal let Bob sleep when Ada took it"


def test_the_head_of_the_channel_says_how_it_ended_and_leads_on(lived: Lived) -> None:
    channel = lived.world.slack.called(CHANNEL)
    head = channel.messages[0]
    assert head.text.splitlines() == [
        "INC-1: PaymentsHighErrorRate",
        "State: Closed",
        "Severity: not set",
        "Incident Commander: Bob Kahn",
        "Communications Lead: Cleo Jones",
        "Operations Lead: Bob Kahn",
        "Customers: Acme, Globex",
    ]
    said = words(head.blocks)
    assert f"Open it in the portal ({LINK})" in said
    assert f"Join the room ({ROOM})" in said
    assert channel.pins == [head.ts]
    assert channel.topic.endswith(LINK)
    assert {person for person, user in lived.world.slack.people.items() if user in channel.members} == set(PEOPLE)


def test_the_thread_tells_the_night_in_order_and_says_nothing_twice(lived: Lived) -> None:
    channel = lived.world.slack.called(CHANNEL)
    assert {message.thread for message in channel.messages[1:]} == {channel.messages[0].ts}
    told = thread_of(channel)
    alert_is_over = "Alert PaymentsHighErrorRate resolved (Alertmanager)"
    assert [each for each in told if each != alert_is_over] == [
        "Ada Lovelace, on call, is owner and Incident Commander (Ada Lovelace)",
        f"War room opened: {ROOM} (IMS)",
        "Ticket OPS-1 opened (IMS)",
        "Ada Lovelace acknowledged the page (Ada Lovelace)",
        "Cleo Jones is Communications Lead (Cleo Jones)",
        "Customer update 1 (investigating): Payments fail (Cleo Jones)",
        "Reminded Cleo Jones: INC-1: the customer update is due in ten minutes. (IMS)",
        "Reminded Ada Lovelace: INC-1: the customer update is due now. (IMS)",
        "Customer update 2 (identified): Cause found (Cleo Jones)",
        "Incident Commander offered to Bob Kahn (Ada Lovelace)",
        "Bob Kahn is Incident Commander (Bob Kahn)",
        "Bob Kahn took over as Incident Commander from Ada Lovelace, effective 08:16 UTC (Bob Kahn)",
        "Alerts silenced until 10:16 UTC: alertname=PaymentsHighErrorRate, service=payments. We know of it (Bob Kahn)",
        "Mitigated: Release taken back (Bob Kahn)",
        "Resolved: Fixed release is out (Bob Kahn)",
        "Customer update 3 (resolved): Payments work again (Cleo Jones)",
        "Root-cause meeting planned for 2026-11-24 10:00 UTC, 3 invited (Bob Kahn)",
        "Root-cause meeting moved to 2026-11-25 10:00 UTC, 3 invited (Bob Kahn)",
        "Closed although something was left: The rest is rehearsed elsewhere (Bob Kahn)",
    ]
    assert told.count(alert_is_over) == 2, "one for each of the two alerts"
    broadcast = [message.text.partition(":")[0] for message in channel.messages if message.broadcast]
    assert broadcast == ["Mitigated", "Resolved", "Closed although something was left"]


def test_the_channel_is_archived_a_day_after_the_end(lived: Lived) -> None:
    assert not lived.seen["archived after 23 hours"]
    assert lived.world.slack.called(CHANNEL).archived


def test_the_speaker_is_reminded_an_hour_after_the_first_update_and_the_commander_when_it_is_due(lived: Lived) -> None:
    assert [each.partition(":")[0] for each in lived.seen["reminded"]] == [
        "Reminded Cleo Jones",
        "Reminded Ada Lovelace",
    ]
    assert lived.seen["direct"] == {
        "ada@example.com": ["INC-1: the customer update is due now."],
        "cleo@example.com": ["INC-1: the customer update is due in ten minutes."],
    }


def test_who_is_offered_a_role_hears_of_it_in_a_direct_message(lived: Lived) -> None:
    [first, *_] = direct_messages(lived.world)["bob@example.com"]
    assert first == "INC-1: Incident Commander offered to Bob Kahn: read the briefing, read it back, accept."


@pytest.mark.parametrize("name", ["acme-ims", "globex"])
def test_each_customer_s_channel_holds_the_updates_and_nothing_else(lived: Lived, name: str) -> None:
    said = [message.text for message in lived.world.slack.called(name).messages]
    assert said == [f"{subject}\n{body}" for _, subject, body in night.UPDATES.values()]


def test_each_post_to_a_customer_has_its_address_as_proof(lived: Lived) -> None:
    posts = [row for row in lived.world.rows(lived.incident_id) if row.kind == "customer_post"]
    assert len(posts) == 6
    for row in posts:
        place = lived.world.slack.called(row.recipient.removeprefix("#"))
        assert row.url.removeprefix(f"https://ims.slack.example/archives/{place.id}/p") in {
            message.ts.replace(".", "") for message in place.messages
        }
        assert row.proof.startswith(f"Slack accepted it in {place.id} at 2026-11-23 ")


def test_each_letter_has_its_readers_its_words_and_its_place_in_the_thread(lived: Lived) -> None:
    sent = customers_letters(lived.world)
    acme = [letter for letter, _ in sent if letter["To"] == "ops@acme.example"]
    globex = [letter for letter, _ in sent if letter["To"] == "it@globex.example"]
    assert (
        sorted(sorted(readers) for _, readers in sent)
        == [["it@globex.example"]] * 3 + [["mia@acme.example", "ops@acme.example"]] * 3
    )
    assert [letter["Cc"] for letter in acme] == ["mia@acme.example"] * 3
    assert [letter["Cc"] for letter in globex] == [None] * 3
    for letters in (acme, globex):
        assert [text(letter) for letter in letters] == [f"{s}\n\n{b}\n" for _, s, b in night.UPDATES.values()]
        first = next(subject for _, subject, _ in night.UPDATES.values())
        assert {letter["Subject"] for letter in letters} == {f"{first} [INC-1]"}
        names = [letter["Message-ID"] for letter in letters]
        assert len(set(names)) == 3
        assert [letter["In-Reply-To"] for letter in letters] == [None, *names[:2]]


def test_nothing_internal_reaches_a_customer(lived: Lived) -> None:
    internal = ["meet.google", "OPS-", "Ada", "Bob", "Cleo", "pay-1", BASE_URL, "oncall", "127.0.0.1"]
    said = everything_said_to_customers(lived.world)
    assert [(word, each) for word in internal for each in said if word in each] == []


def test_the_ticket_tells_the_milestones_leads_back_and_is_done(lived: Lived) -> None:
    ticket = lived.world.jira.issues["OPS-1"]
    assert (ticket.fields["summary"], ticket.status) == ("INC-1: PaymentsHighErrorRate", "Done")
    assert [link["object"]["url"] for link in ticket.links.values()] == [LINK]
    comments = [text_of(comment["body"]).partition("\n\n")[0] for comment in ticket.comments]
    assert comments == [
        "Customer update 1 (investigating): Payments fail (Cleo Jones)",
        "Customer update 2 (identified): Cause found (Cleo Jones)",
        "Bob Kahn took over as Incident Commander from Ada Lovelace, effective 08:16 UTC (Bob Kahn)",
        "Mitigated: Release taken back (Bob Kahn)",
        "Resolved: Fixed release is out (Bob Kahn)",
        "Customer update 3 (resolved): Payments work again (Cleo Jones)",
        "Root-cause meeting planned for 2026-11-24 10:00 UTC, 3 invited (Bob Kahn)",
        "Root-cause meeting moved to 2026-11-25 10:00 UTC, 3 invited (Bob Kahn)",
        "Closed although something was left: The rest is rehearsed elsewhere (Bob Kahn)",
    ]


def test_the_follow_ups_are_sub_tasks_and_what_a_person_did_there_is_shown_as_a_difference(lived: Lived) -> None:
    world = lived.world
    made = [world.jira.issues[key] for key in sub_tasks(world)]
    assert [(issue.fields["summary"], issue.fields["parent"], issue.status) for issue in made] == [
        ("Alert on refused cards", {"key": "OPS-1"}, "Done"),
        ("Test the release with real cards", {"key": "OPS-1"}, "To Do"),
    ]
    with world.portal.reading() as session:
        kept: list[FollowUp] = list(postmortem.follow_ups(session, lived.incident_id))
        shown = [drift(each, session.get(Ticket, each.ticket_id), session.get(Person, each.owner_id)) for each in kept]
    assert shown == [[f"{made[0].key} is done there, and open here."], []]


def test_everyone_involved_is_invited_once_and_told_of_the_move_once(lived: Lived) -> None:
    calendar = lived.world.google.calendar
    [event] = calendar.events.values()
    assert [(each.what, each.guest) for each in calendar.told] == [
        (what, guest) for what in ("invited", "changed") for guest in PEOPLE
    ]
    assert event["summary"] == "Root cause of INC-1: PaymentsHighErrorRate"
    assert event["start"]["dateTime"] == "2026-11-25T11:00:00+01:00"
    assert f"{BASE_URL}/rca?key=INC-1" in event["description"]
    assert event["hangoutLink"].startswith("https://meet.google.example/")


def test_one_room_was_opened(lived: Lived) -> None:
    assert [space["meetingUri"] for space in lived.world.google.meet.spaces] == [ROOM]
    assert lived.world.incident(lived.incident_id).war_room == ROOM


def test_alertmanager_keeps_the_alerts_quiet_for_as_long_as_somebody_asked(lived: Lived) -> None:
    [silence] = lived.world.alertmanager.silences.values()
    assert {each["name"]: each["value"] for each in silence["matchers"]} == {
        "alertname": "PaymentsHighErrorRate",
        "service": "payments",
    }
    assert (silence["startsAt"][11:16], silence["endsAt"][11:16]) == ("08:16", "10:16")
    assert silence["createdBy"] == "Bob Kahn"
    assert silence["comment"].startswith("INC-1: We know of it")


def test_no_secret_stands_in_anything_that_is_kept_or_said(lived: Lived) -> None:
    world = lived.world
    rows = [json.dumps(row.model_dump(), default=str) for row in world.rows(lived.incident_id)]
    kept = " ".join([*rows, *world.told(lived.incident_id), *thread_of(world.slack.called(CHANNEL))])
    assert [secret for secret in world.secrets() if secret in kept] == []
