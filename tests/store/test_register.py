"""The list of incidents is filtered, counted and paged by the database."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.model import Incident, IncidentDraft, IncidentService, IncidentState, Severity
from ims.response.declare import declare
from ims.store import register
from ims.store.register import Filter
from tests.conftest import HandClock, Team, make_team

Add = Callable[..., Incident]


@pytest.fixture
def team(both_portals: Portal) -> Team:
    return make_team(both_portals)


@pytest.fixture
def add(both_portals: Portal, team: Team, clock: HandClock) -> Add:
    """Add a past incident: ``add("Disk full", hours=3)`` was declared three hours ago."""

    def it(title: str, hours: int = 0, *, service_id: int | None = None, **values: object) -> Incident:
        at = clock.now - timedelta(hours=hours)
        with both_portals.work(team.as_ada) as work:
            incident = work.add(
                Incident(
                    title=title, owner_id=team.ada.id, began_at=at, detected_at=at, declared_at=at
                ).sqlmodel_update(values)
            )
            if service_id:
                work.add(IncidentService(incident_id=incident.id, service_id=service_id))
        return incident

    return it


def titles(portal: Portal, wanted: Filter, **page: int) -> list[str]:
    with portal.reading() as session:
        found = register.rows(session, wanted, **page)
        assert page or register.count(session, wanted) == len(found)
    return [row.title for row in found]


def test_the_newest_come_first_a_page_at_a_time(both_portals: Portal, add: Add) -> None:
    for hours in (3, 1, 2):
        add(f"{hours} h ago", hours)
    assert titles(both_portals, Filter()) == ["1 h ago", "2 h ago", "3 h ago"]
    assert titles(both_portals, Filter(), offset=1, limit=1) == ["2 h ago"]


def test_each_filter_narrows_the_list(both_portals: Portal, add: Add, team: Team, clock: HandClock) -> None:
    add("old", 100, state=IncidentState.CLOSED, severity=Severity.SEV1)
    add("new", 1, service_id=team.search.id, severity=Severity.SEV2)
    assert titles(both_portals, Filter(states=(IncidentState.CLOSED,))) == ["old"]
    assert titles(both_portals, Filter(severity=Severity.SEV2)) == ["new"]
    assert titles(both_portals, Filter(service_id=team.search.id)) == ["new"]
    assert titles(both_portals, Filter(since=clock.now - timedelta(hours=2))) == ["new"]
    assert titles(both_portals, Filter(severity=Severity.SEV1, service_id=team.search.id)) == []


def test_text_is_found_in_title_and_summary_whatever_its_case(both_portals: Portal, add: Add) -> None:
    add("Disk FULL on db-3")
    add("Slow", summary="the disk is full")
    assert len(titles(both_portals, Filter(text="disk"))) == 2


def test_signs_that_mean_something_to_a_database_are_only_text(both_portals: Portal, add: Add) -> None:
    add("100% of a_b")
    add("100 of axb")
    assert titles(both_portals, Filter(text="%")) == ["100% of a_b"]
    assert titles(both_portals, Filter(text="a_b")) == ["100% of a_b"]
    assert titles(both_portals, Filter(text="' OR 1=1 --")) == []


def test_a_key_finds_its_incident_and_no_other(both_portals: Portal, add: Add) -> None:
    wanted = add("first")
    add(f"second, like INC-{wanted.id}")
    assert titles(both_portals, Filter(text=f"inc-{wanted.id}")) == ["first"]


def test_a_row_names_its_commander_and_services(both_portals: Portal, team: Team, incident_on_both: Incident) -> None:
    with both_portals.reading() as session:
        [row] = register.rows(session, Filter())
    assert (row.key, row.commander, row.services) == (incident_on_both.key, "Ada Lovelace", "payments")


@pytest.fixture
def incident_on_both(both_portals: Portal, team: Team) -> Incident:
    with both_portals.work(team.as_ada) as work:
        draft = IncidentDraft(title="Payments fail", precaution=True, service_ids=[team.payments.id])
        return declare(work, draft, both_portals.procedure)
