"""A portal with Jira: what people do in the portal reaches Jira once and in order, and what they do there is read."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.delivery.dispatch import kinds_of
from ims.delivery.tickets import open_sub_task
from ims.model import Delivery, DeliveryState, Incident, IncidentDraft, Ticket, TicketState
from ims.response.declare import declare
from ims.response.states import mitigate, resolve
from tests.conftest import HandClock, Team, make_team
from tests.fakes.jira import FakeJira, text_of


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with FakeJira() as server:
        yield server


@pytest.fixture
def portal(jira: FakeJira, clock: HandClock, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    for name, value in jira.environment.items():
        monkeypatch.setenv(name, value)
    wired = build(Settings(database_url=sqlite_url), clock)
    wired.start()
    yield wired
    wired.database.close()


def declared(portal: Portal, team: Team) -> Incident:
    draft = IncidentDraft.model_validate(
        {"title": "Payments fail", "affects_customers": True, "summary": "502 since 3"}
    )
    with portal.work(team.as_ada) as work:
        return declare(work, draft, portal.procedure)


def carry_out(portal: Portal, clock: HandClock) -> None:
    """Let the worker work as long as its own waits and those that Jira asks for take."""
    for _ in range(4):
        portal.worker.run_due()
        clock.forward(timedelta(minutes=2))


def undelivered(portal: Portal) -> list[tuple[str, str]]:
    with portal.reading() as session:
        rows = session.exec(select(Delivery).where(col(Delivery.kind).in_(kinds_of("tickets")))).all()
        assert {row.kind for row in rows} == set(kinds_of("tickets"))
        return [(row.kind, row.problem) for row in rows if row.state is not DeliveryState.SENT]


def test_an_incident_its_news_and_its_follow_ups_reach_jira(jira: FakeJira, portal: Portal, clock: HandClock) -> None:
    team = make_team(portal)
    incident = declared(portal, team)
    jira.fail_next("dropped", "POST", "/issue")
    carry_out(portal, clock)
    with portal.work(team.as_ada) as work:
        mitigate(work, incident.id, "Rolled back")
        open_sub_task(work, work.get(Incident, incident.id), "Alert on refused cards", "")
    with portal.work(team.as_ada) as work:
        resolve(work, incident.id, "Fixed", portal.procedure)
    jira.fail_next("limited", "POST", "/issue/OPS-1/comment", headers={"Retry-After": "30"})
    carry_out(portal, clock)
    assert undelivered(portal) == []
    ticket, sub_task = jira.issues.values()
    assert ticket.fields["summary"].endswith("Payments fail")
    assert [link["object"]["url"] for link in ticket.links.values()] == [
        f"{portal.settings.base_url}/incident?key={incident.key}"
    ]
    assert ticket.status == "Done"
    said = [text_of(each["body"]) for each in ticket.comments]
    assert len(said) == len(set(said))
    assert any("Rolled back" in text for text in said)
    assert sub_task.fields["parent"] == {"key": "OPS-1"}


def test_what_people_do_in_jira_is_read(jira: FakeJira, portal: Portal, clock: HandClock) -> None:
    declared(portal, make_team(portal))
    carry_out(portal, clock)
    jira.person_moves("OPS-1", "In Progress")
    jira.person_assigns("OPS-1", "Bob Kahn", "bob@example.com")
    assert portal.listening.how_tickets_stand()
    with portal.reading() as session:
        ticket = session.exec(select(Ticket)).one()
        assert (ticket.key, ticket.url) == ("OPS-1", f"{jira.url}/browse/OPS-1")
        assert (ticket.outside_state, ticket.outside_status) == (TicketState.IN_PROGRESS, "In Progress")
        assert ticket.outside_assignee == "Bob Kahn"
