"""From a line typed in Slack to the timeline and back, the portal and the line both real."""

from collections.abc import Iterator

import pytest

from ims.bootstrap import Portal
from ims.integrations.slack.settings import SlackSettings
from ims.integrations.slack.socket import CommandListener
from ims.model import AccessRole, EntryKind, Incident
from ims.store import incidents
from tests.conftest import Team
from tests.fakes.slack_socket import SlackSocket, person
from tests.response.conftest import timeline
from tests.response.test_chat import chat_of, every, is_now


@pytest.fixture
def slack(portal: Portal, team: Team, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackSocket]:
    """A Slack whose people command the portal; ``UBOB`` is Bob there."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with SlackSocket() as server:
        server.people["UBOB"] = person("UBOB", "bob@example.com")
        settings = SlackSettings.model_validate(server.settings)
        listener = CommandListener(settings, chat_of(portal).answer, ping_seconds=0.1)
        listener.start()
        yield server
        listener.stop()
    assert server.complaints == []


def test_an_incident_is_fought_from_slack(slack: SlackSocket, portal: Portal) -> None:
    assert "is declared: Payments fail <502> & *more*" in slack.ask("declare Payments fail &lt;502&gt; &amp; *more*")
    (incident,) = every(portal)
    assert incident.title == "Payments fail <502> & *more*"
    for text, said in (
        ("ack", "You acknowledged"),
        ("cl", "You are Communications Lead"),
        ("note it is the release", "Noted"),
        ("mitigate traffic moved", "is mitigated"),
        ("resolve rolled back", "is resolved"),
    ):
        assert said in slack.ask(text, user_id="UBOB")
    with portal.reading() as session:
        authors = {entry.author for entry in incidents.timeline(session, incident.id)[2:]}
    assert "Bob Kahn" in authors


def test_what_slack_delivers_again_is_declared_once(slack: SlackSocket, portal: Portal) -> None:
    first = slack.send("declare Payments fail")
    assert slack.seen(first) == slack.seen(slack.send_again(first))
    assert len(every(portal)) == 1


def test_a_command_and_its_repeat_at_the_same_moment_are_one(
    slack: SlackSocket, portal: Portal, incident: Incident
) -> None:
    first = slack.send("note it is slow")
    both = [first, *(slack.send_again(first) for _ in range(5))]
    said = [slack.seen(envelope) for envelope in both]
    assert len(timeline(portal, incident, EntryKind.NOTE)) == 1
    assert set(said) == {f"Noted in the timeline of {incident.key}.", f"That was done already, in {incident.key}."}


def test_many_people_at_once_each_get_their_own_answer(slack: SlackSocket, portal: Portal, incident: Incident) -> None:
    sent = [slack.send(f"note number {number}") for number in range(30)]
    assert {slack.seen(envelope) for envelope in sent} == {f"Noted in the timeline of {incident.key}."}
    written = {entry.text for entry in timeline(portal, incident, EntryKind.NOTE)}
    assert written == {f"number {number}" for number in range(30)}


def test_a_viewer_is_refused_in_words(slack: SlackSocket, portal: Portal, incident: Incident, team: Team) -> None:
    is_now(portal, team.bob, access=AccessRole.VIEWER)
    assert slack.ask("resolve done", user_id="UBOB").startswith("You may look, but not change anything")
    assert incident.key in slack.ask("list", user_id="UBOB")


def test_after_a_cut_line_the_next_command_works(slack: SlackSocket, portal: Portal, incident: Incident) -> None:
    slack.ask("ack")
    slack.drop()
    slack.wait(lambda: slack.lines == 2)
    assert slack.ask("note still here") == f"Noted in the timeline of {incident.key}."


def test_a_customer_update_is_confirmed_by_hand(slack: SlackSocket, portal: Portal, incident: Incident) -> None:
    shown = slack.ask("update We found the cause &amp; fix it.")
    assert "We found the cause & fix it.\n" in shown
    assert "Acme: #acme-ims and ops@acme.example" in shown
    assert slack.ask("update confirm").startswith("Update 1 of")
