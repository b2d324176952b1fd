"""What the landing page asks goes by an index, however long the past is."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event

from ims.bootstrap import Portal
from ims.model import Incident, IncidentState
from ims.store import overview
from tests.conftest import HandClock, Team, make_team


def test_only_this_portals_own_unclosed_incidents_wait(both_portals: Portal, clock: HandClock) -> None:
    team = make_team(both_portals)
    _add(both_portals, team, clock, "ours", IncidentState.RESOLVED)
    _add(both_portals, team, clock, "closed", IncidentState.CLOSED)
    _add(both_portals, team, clock, "imported", IncidentState.RESOLVED, origin="servicenow")
    with both_portals.reading() as session:
        assert [incident.title for incident in overview.unclosed(session)] == ["ours"]


def test_a_resolved_incident_burns_until_its_customers_have_the_last_word(
    both_portals: Portal, clock: HandClock
) -> None:
    team = make_team(both_portals)
    _add(both_portals, team, clock, "open", IncidentState.OPEN)
    _add(both_portals, team, clock, "told", IncidentState.RESOLVED)
    _add(both_portals, team, clock, "waiting", IncidentState.RESOLVED, next_update_due_at=clock.now)
    _add(both_portals, team, clock, "imported", IncidentState.OPEN, origin="servicenow")
    with both_portals.reading() as session:
        burning = overview.burning_with_commanders(session)
    assert {incident.title for incident, _ in burning} == {"open", "waiting"}


def test_no_question_reads_all_incidents(portal: Portal, team: Team, clock: HandClock) -> None:
    """SQLite's own words: a question that scans a table, or searches it by ``origin``, reads the whole past."""
    statements: list[tuple[str, object]] = []

    def keep(_c: object, _cursor: object, statement: str, parameters: object, _x: object, _many: bool) -> None:
        statements.append((statement, parameters))

    event.listen(portal.database.engine, "before_cursor_execute", keep)
    with portal.reading() as session:
        overview.unclosed(session)
        overview.burning_with_commanders(session)
        overview.newest_incident(session)
        overview.stopped_deliveries(session)
        overview.waiting_alerts(session)
        overview.follow_ups_of(session, team.ada.id)
        asked = [statement for statement in statements if "SELECT" in statement[0]]
        plans = [
            row[3]
            for statement, parameters in asked
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
        ]
    assert plans
    wrong = [plan for plan in plans if ("SCAN" in plan and "INDEX" not in plan) or "origin=" in plan]
    assert not wrong


def _add(portal: Portal, team: Team, clock: HandClock, title: str, state: IncidentState, **more: Any) -> None:
    at = clock.now - timedelta(hours=1)
    with portal.work(team.as_ada) as work:
        times: dict[str, Any] = dict.fromkeys(("began_at", "detected_at", "declared_at"), at)
        work.add(Incident(title=title, state=state, owner_id=team.ada.id, **times, **more))
