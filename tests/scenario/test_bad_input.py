"""What people paste and what strangers post stays text, in every system, and decides nothing."""

import copy
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from ims.model import CustomerUpdateDraft, DeliveryState, IncidentDraft, UpdatePhase
from ims.response import customers, unsent
from ims.response.declare import declare
from tests.fakes.jira import text_of
from tests.integrations.slack_world import words
from tests.scenario import night
from tests.scenario.world import MINUTE, World

TITLE = '<!channel> *db* <@U123> & "x" OR project = HR {"type":"doc","content":[]} {panel} <b>x</b>'
PASTED = f"{TITLE}\r\nBcc: everybody@evil.example"
ONE_LINE = f"{TITLE} Bcc: everybody@evil.example"
BODY = "Hi <@U123>, <https://evil.example|our bank> says *no*\n.\nMAIL FROM:<x>\n\n<script>alert(1)</script>"
ESCAPED = ONE_LINE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.fixture
def incident_id(world: World) -> int:
    """An incident about which everything that people typed looks like somebody's markup."""
    draft = IncidentDraft(
        title=PASTED,
        summary=PASTED,
        affects_customers=True,
        service_ids=[world.team.payments.id],
        customer_ids=[world.team.acme.id],
    )
    incident = world.act("ada", partial(declare, draft=draft, procedure=world.portal.procedure))
    world.live(6 * MINUTE)
    update = CustomerUpdateDraft(
        phase=UpdatePhase.INVESTIGATING,
        subject=PASTED,
        body=BODY,
        next_update_at=world.clock.now + timedelta(hours=1),
    )
    world.act("ada", partial(customers.send_update, incident_id=incident.id, draft=update, number=1))
    world.go_round()
    return incident.id


def test_nothing_that_was_typed_stops_a_delivery(world: World, incident_id: int) -> None:
    assert world.unsent(incident_id) == []


def test_slack_shows_it_letter_by_letter_to_customers_and_to_the_team(world: World, incident_id: int) -> None:
    [post] = world.slack.called("acme-ims").messages
    subject, _, body = post.text.partition("\n")
    assert subject == ESCAPED
    assert body == BODY.replace("<", "&lt;").replace(">", "&gt;")
    assert (post.sent["mrkdwn"], post.sent["link_names"]) == ("0", "0")
    head = next(message for channel in world.slack.channels.values() for message in channel.messages if message.blocks)
    assert head.text.startswith(f"INC-1: {ESCAPED}\n")
    assert words(head.blocks).startswith(f"INC-1: {ONE_LINE}"[:149])
    everything = [message.text for channel in world.slack.channels.values() for message in channel.messages]
    assert [text for text in everything if "<" in text] == []


def test_a_pasted_line_break_makes_no_header_and_no_reader(world: World, incident_id: int) -> None:
    [letter] = world.mail.letters
    assert world.mail.recipients == [["ops@acme.example", "mia@acme.example"]]
    assert letter["Subject"] == f"{ONE_LINE} [INC-1]"
    assert letter["Bcc"] is None
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain
    assert html
    assert str(plain.get_content()).replace("\r\n", "\n") == f"{ONE_LINE}\n\n{BODY}\n"
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html.get_content()


def test_jira_holds_text_and_searches_for_nothing_that_was_typed(world: World, incident_id: int) -> None:
    [ticket] = world.jira.issues.values()
    assert ticket.fields["summary"] == f"INC-1: {ONE_LINE}"
    assert text_of(ticket.fields["description"]).startswith(PASTED.replace("\r\n", "\n"))
    said = [text_of(comment["body"]).partition("\n\n")[0] for comment in ticket.comments]
    assert said == [f"Customer update 1 (investigating): {ONE_LINE} (Ada Lovelace)"]


def test_oncall_addresses_nobody(world: World, incident_id: int) -> None:
    said = [*world.oncall.alerts, *world.oncall.escalations]
    assert len(said) == 2
    for page in said:
        assert page["title"].replace("\u200b", "") == f"INC-1 {ONE_LINE}"
        assert "<!" not in page["title"] + page["message"]
        assert "<@" not in page["title"] + page["message"]


def test_a_project_without_the_issue_type_stops_with_the_names_of_those_it_has_and_goes_on_when_mended(
    world: World,
) -> None:
    incidents_type = world.jira.types.pop("10002")
    incident_id = night.declare_it(world)
    [stopped] = [row for row in world.rows(incident_id) if row.state is DeliveryState.STOPPED]
    assert (stopped.kind, stopped.problem) == (
        "ticket",
        "Project OPS has no issue type Incident that the token's user may create, only Task, Unteraufgabe. "
        "Add it there, or set IMS_JIRA_ISSUE_TYPE.",
    )
    assert any(stopped.problem in text for text in world.told(incident_id))
    world.jira.types["10002"] = incidents_type
    world.act("ada", partial(unsent.retry, delivery_id=stopped.id))
    world.go_round()
    assert world.unsent(incident_id) == []
    assert list(world.jira.issues) == ["OPS-1"]


def _forged(world: World, body: Any) -> Any:
    world.oncall.webhook_token = "guessed"
    return body


def _stale(world: World, body: Any) -> Any:
    body["event"]["time"] = (world.clock.now - timedelta(days=1)).isoformat()
    return body


def _from_the_future(world: World, body: Any) -> Any:
    body["event"]["time"] = (world.clock.now + timedelta(days=1)).isoformat()
    return body


def _of_another_incident(_world: World, body: Any) -> Any:
    body["alert_payload"]["alert_uid"] = "inc-77"
    return body


def _of_somebody_else_s_alert(_world: World, body: Any) -> Any:
    body["alert_payload"]["alert_uid"] = "disk-full"
    return body


def _without_a_time(_world: World, body: Any) -> Any:
    del body["event"]["time"]
    return body


def _taken_back(_world: World, body: Any) -> Any:
    body["event"]["type"] = "unacknowledge"
    return body


def _rubbish(_world: World, _body: Any) -> Any:
    return ["acknowledge"]


@pytest.mark.parametrize(
    "spoilt",
    [
        _forged,
        _stale,
        _from_the_future,
        _of_another_incident,
        _of_somebody_else_s_alert,
        _without_a_time,
        _taken_back,
        _rubbish,
    ],
)
def test_a_webhook_that_cannot_be_an_answer_changes_nothing(world: World, spoilt: Callable[[World, Any], Any]) -> None:
    incident_id = night.declare_it(world)
    before, rows = world.told(incident_id), len(world.rows(incident_id))
    said = copy.deepcopy(world.oncall.acknowledge(world.uid(incident_id), "ada"))
    world.oncall.unacknowledge(world.uid(incident_id), "ada")  # so that nothing is found by asking, either
    answer = world.hear_oncall(spoilt(world, said))
    assert answer.status_code == (401 if spoilt is _forged else 200)
    world.go_round()
    assert world.told(incident_id) == before
    assert len(world.rows(incident_id)) == rows
    assert world.incident(incident_id).acknowledged_at is None


def test_an_answer_that_is_replayed_after_the_end_changes_nothing(world: World) -> None:
    incident_id = night.declare_it(world)
    said = world.oncall.acknowledge(world.uid(incident_id), "ada")
    assert world.hear_oncall(said).json() == {"news": 1, "known": 0}
    world.go_round()
    night.end_it(world, incident_id)
    before = world.told(incident_id)
    assert world.hear_oncall(said).json() == {"news": 0, "known": 1}
    assert world.told(incident_id) == before
