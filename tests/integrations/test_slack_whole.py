"""An incident's whole life with Slack beside it, where answers get lost again and again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.model import Actor, CustomerUpdateDraft, DeliveryState, IncidentDraft, UpdatePhase
from ims.response import command, customers, states, unsent
from ims.response.declare import declare
from ims.store import deliveries
from tests.conftest import HandClock, Team, make_team
from tests.fakes.slack import BOT, TOKEN, FakeSlack


@pytest.fixture
def slack(clock: HandClock) -> Iterator[FakeSlack]:
    with FakeSlack(clock, page=3) as slack:
        slack.add_person("ada@example.com")
        slack.add_person("bob@example.com")
        slack.add_channel("acme-ims", external=True, private=True)
        yield slack


@pytest.fixture
def portal(slack: FakeSlack, sqlite_url: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Portal:
    monkeypatch.setenv("IMS_SLACK_TOKEN", TOKEN)
    monkeypatch.setenv("IMS_SLACK_API_URL", slack.url)
    portal = build(Settings(database_url=sqlite_url), clock)
    portal.start()
    return portal


def live(portal: Portal, clock: HandClock, slack: FakeSlack) -> None:
    """Let ten minutes pass, in each of the first five of which the answer to a post is lost."""
    for minute in range(10):
        slack.heal()
        slack.fail_next("chat.postMessage", drop="after", times=int(minute < 5))
        portal.worker.run_due()
        clock.forward(timedelta(minutes=1))


def declared(portal: Portal, team: Team) -> int:
    draft = IncidentDraft.model_validate(
        {"title": "Payments fail", "affects_customers": True, "service_ids": [team.payments.id]}
        | {"customer_ids": [team.acme.id]}
    )
    with portal.work(team.as_ada) as work:
        return declare(work, draft, portal.procedure).id


def test_an_incident_lives_in_slack_and_everything_is_said_once(
    portal: Portal, slack: FakeSlack, clock: HandClock
) -> None:
    team = make_team(portal)
    incident_id = declared(portal, team)
    live(portal, clock, slack)
    with portal.work(team.as_bob) as work:
        command.acknowledge(work, incident_id)
    with portal.work(team.as_ada) as work:
        update = CustomerUpdateDraft(
            phase=UpdatePhase.INVESTIGATING,
            subject="Payments fail",
            body="We are <on> it.",
            next_update_at=clock() + timedelta(hours=1),
        )
        customers.send_update(work, incident_id, update, number=1)
        states.mitigate(work, incident_id, "rolled back & stable")
    live(portal, clock, slack)
    with portal.work(team.as_ada) as work:
        states.cancel(work, incident_id, "a drill of the <!channel> kind")
    live(portal, clock, slack)

    channel, acme = slack.called(f"inc-{incident_id}-payments-fail"), slack.called("acme-ims")
    assert [message.text for message in acme.messages] == ["Payments fail\nWe are &lt;on&gt; it."]
    head, *thread = channel.messages
    assert {message.thread for message in thread} == {head.ts}
    said = [message.text for message in thread]
    assert len(said) == len(set(said))
    assert len([text for text in said if "rolled back &amp; stable" in text]) == 1
    assert len([text for text in said if "&lt;!channel&gt;" in text]) == 1
    assert "State: Cancelled" in head.text
    assert BOT in channel.members
    assert slack.people["ada@example.com"] in channel.members
    assert not channel.archived

    clock.forward(timedelta(hours=25))
    portal.worker.run_due()
    assert channel.archived
    with portal.reading() as session:
        stopped = [row for row in deliveries.of_incident(session, incident_id) if row.state is DeliveryState.STOPPED]
    assert [(row.kind, row.problem) for row in stopped] == []
    assert set(slack.refusals) <= {
        ("conversations.create", "name_taken"),
        ("conversations.invite", "already_in_channel"),
    }
    assert len(slack.lost) > 5


def test_what_was_refused_is_sent_when_a_person_has_mended_it(
    portal: Portal, slack: FakeSlack, clock: HandClock
) -> None:
    team = make_team(portal)
    slack.scopes = slack.scopes.replace("channels:manage,", "")
    incident_id = declared(portal, team)
    live(portal, clock, slack)
    with portal.reading() as session:
        [opening] = [row for row in deliveries.of_incident(session, incident_id) if row.kind == "channel"]
    assert opening.state is DeliveryState.STOPPED
    assert "add the scope channels:manage to it in Slack" in opening.problem
    slack.scopes += ",channels:manage"
    with portal.work(Actor("Ada", team.ada.id)) as work:
        unsent.retry(work, opening.id)
    live(portal, clock, slack)
    assert slack.called(f"inc-{incident_id}-payments-fail").messages
