"""What monitoring is told: counted right, without drills and imported incidents, and by indexes alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from ims.bootstrap import Portal
from ims.model import (
    Actor,
    CustomerUpdateDraft,
    Delivery,
    DeliveryState,
    Incident,
    IncidentDraft,
    IncidentRole,
    Severity,
    TriageState,
)
from ims.response import cadence, command, customers, escalation, states
from ims.response.declare import declare
from ims.response.definition import decide_severity
from ims.store.gauges import Gauges, gauges
from ims.store.work import Work
from tests.conftest import HandClock, Team, make_team
from tests.intake.alert_bodies import ENDED, kept, post, written

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def measured(portal: Portal) -> Gauges:
    with portal.reading() as session:
        return gauges(session, portal.clock())


def declared(portal: Portal, team: Team, *, drill: bool = False) -> Incident:
    asked = {"title": "Payments fail", "affects_customers": True, "customer_ids": [team.acme.id]}
    with portal.work(team.as_ada) as work:
        return declare(work, IncidentDraft.model_validate(asked), portal.procedure, drill=drill)


def changed(portal: Portal, incident: Incident, **fields: Any) -> None:
    """Make an incident one that no verb of a test would make so quickly."""
    with portal.work(Actor("Setup")) as work:
        for name, value in fields.items():
            setattr(work.incident(incident.id), name, value)


def told(portal: Portal, team: Team, incident: Incident, next_update_at: datetime | None, phase: str) -> None:
    asked = {"phase": phase, "subject": "s", "body": "b", "next_update_at": next_update_at}
    with portal.work(team.as_ada) as work:
        customers.send_update(work, incident.id, CustomerUpdateDraft.model_validate(asked), number=1)


def test_an_empty_portal_has_every_gauge_at_zero(both_portals: Portal) -> None:
    nothing = measured(both_portals)
    assert nothing.active == dict.fromkeys((*Severity, None), 0)
    assert nothing.deliveries == {DeliveryState.WAITING: 0, DeliveryState.FAILING: 0, DeliveryState.STOPPED: 0}
    assert (nothing.updates_overdue, nothing.pages_unanswered, nothing.alerts_waiting) == (0, 0, 0)
    assert nothing.longest_overdue == nothing.oldest_delivery == timedelta()


def test_active_incidents_are_counted_by_severity(both_portals: Portal) -> None:
    team = make_team(both_portals)
    first, second, third = (declared(both_portals, team) for _ in range(3))
    with both_portals.work(team.as_ada) as work:
        decide_severity(work, first.id, Severity.SEV1)
        states.mitigate(work, first.id, "drained")
        decide_severity(work, second.id, Severity.SEV2)
        states.resolve(work, second.id, "mended", both_portals.procedure)
    counted = measured(both_portals).active
    assert {severity: count for severity, count in counted.items() if count} == {Severity.SEV1: 1, None: 1}
    assert third.severity is None


def test_neither_drills_nor_imported_incidents_are_counted(both_portals: Portal, clock: HandClock) -> None:
    team = make_team(both_portals)
    both_portals.worker.run_due()
    before = measured(both_portals)
    declared(both_portals, team, drill=True)
    imported = declared(both_portals, team)
    both_portals.worker.run_due()
    changed(both_portals, imported, origin="servicenow", severity=Severity.SEV1)
    with both_portals.work(team.as_ada) as work:
        work.add(_delivery(DeliveryState.STOPPED, clock.now, drill=True))
        work.add(_delivery(DeliveryState.WAITING, clock.now - HOUR, drill=True))
    clock.forward(2 * HOUR)
    assert measured(both_portals) == before


def test_an_update_is_overdue_from_its_promise_until_customers_hear(both_portals: Portal, clock: HandClock) -> None:
    team = make_team(both_portals)
    early, late = declared(both_portals, team), declared(both_portals, team)
    changed(both_portals, early, next_update_due_at=clock.now + 10 * MINUTE)
    changed(both_portals, late, next_update_due_at=clock.now + 30 * MINUTE)
    assert measured(both_portals).updates_overdue == 0
    clock.forward(15 * MINUTE)
    assert (measured(both_portals).updates_overdue, measured(both_portals).longest_overdue) == (1, 5 * MINUTE)
    clock.forward(20 * MINUTE)
    assert (measured(both_portals).updates_overdue, measured(both_portals).longest_overdue) == (2, 25 * MINUTE)
    told(both_portals, team, early, clock.now + HOUR, "investigating")
    assert (measured(both_portals).updates_overdue, measured(both_portals).longest_overdue) == (1, 5 * MINUTE)


def test_customers_who_were_asked_to_wait_do_not_count_until_the_hold_ends(
    both_portals: Portal, clock: HandClock
) -> None:
    team = make_team(both_portals)
    incident = declared(both_portals, team)
    changed(both_portals, incident, next_update_due_at=clock.now + MINUTE)
    with both_portals.work(team.as_ada) as work:
        cadence.hold(work, incident.id, clock.now + 20 * MINUTE, "they sleep")
    changed(both_portals, incident, next_update_due_at=clock.now + MINUTE)
    clock.forward(10 * MINUTE)
    assert measured(both_portals).updates_overdue == 0
    clock.forward(11 * MINUTE)
    assert measured(both_portals).updates_overdue == 1


def test_the_last_word_after_a_resolution_counts_too(both_portals: Portal, clock: HandClock) -> None:
    team = make_team(both_portals)
    incident = declared(both_portals, team)
    told(both_portals, team, incident, clock.now + HOUR, "investigating")
    with both_portals.work(team.as_ada) as work:
        states.resolve(work, incident.id, "mended", both_portals.procedure)
    clock.forward(10 * HOUR)
    still = measured(both_portals)
    assert (still.updates_overdue, sum(still.active.values())) == (1, 0)
    with both_portals.work(team.as_ada) as work:
        states.close(work, incident.id, both_portals.procedure, override_reason="they know")
    assert measured(both_portals).updates_overdue == 0


Verb = Callable[[Work, int, Team], object]


def delegate(work: Work, incident_id: int, team: Team) -> None:
    command.assign_role(work, incident_id, IncidentRole.COMMUNICATIONS, team.bob.id)


def take_back(work: Work, incident_id: int, _team: Team) -> None:
    command.take_back_role(work, incident_id, IncidentRole.COMMUNICATIONS)


def acknowledge(work: Work, incident_id: int, _team: Team) -> None:
    command.acknowledge(work, incident_id)


def keep_roles(work: Work, incident_id: int, _team: Team) -> None:
    command.confirm_roles(work, incident_id)


def mitigate(work: Work, incident_id: int, _team: Team) -> None:
    states.mitigate(work, incident_id, "drained")


def cancel(work: Work, incident_id: int, _team: Team) -> None:
    states.cancel(work, incident_id, "nothing")


@pytest.mark.parametrize(
    ("deeds", "unanswered"),
    [
        ([], 1),
        ([acknowledge], 1),
        ([delegate], 1),
        ([acknowledge, delegate], 0),
        ([acknowledge, delegate, take_back], 1),
        ([acknowledge, keep_roles], 0),
        ([mitigate], 0),
        ([cancel], 0),
    ],
)
def test_a_page_is_unanswered_exactly_as_long_as_the_next_is_paged(
    both_portals: Portal, deeds: list[Verb], unanswered: int
) -> None:
    team = make_team(both_portals)
    incident = declared(both_portals, team)
    with both_portals.work(team.as_ada) as work:
        for deed in deeds:
            deed(work, incident.id, team)
        assert escalation.is_answered(work, work.incident(incident.id)) == (unanswered == 0)
    assert measured(both_portals).pages_unanswered == unanswered


def test_deliveries_are_counted_while_they_have_not_left(both_portals: Portal, clock: HandClock) -> None:
    rows = [*(3 * [DeliveryState.STOPPED]), *(2 * [DeliveryState.FAILING]), DeliveryState.WAITING, DeliveryState.SENT]
    with both_portals.work(Actor("Setup")) as work:
        for state in [*rows, DeliveryState.GIVEN_UP]:
            work.add(_delivery(state, clock.now))
    counted = measured(both_portals).deliveries
    assert counted == {DeliveryState.STOPPED: 3, DeliveryState.FAILING: 2, DeliveryState.WAITING: 1}


@pytest.mark.parametrize(
    ("state", "due_in", "waited"),
    [
        (DeliveryState.WAITING, timedelta(), HOUR),
        (DeliveryState.FAILING, 5 * MINUTE, HOUR),
        (DeliveryState.WAITING, 5 * MINUTE, timedelta()),
        (DeliveryState.STOPPED, timedelta(), timedelta()),
        (DeliveryState.SENT, timedelta(), timedelta()),
    ],
)
def test_the_oldest_delivery_is_the_one_asked_for_first_unless_it_was_planned_for_later(
    both_portals: Portal, clock: HandClock, state: DeliveryState, due_in: timedelta, waited: timedelta
) -> None:
    with both_portals.work(Actor("Setup")) as work:
        work.add(_delivery(state, clock.now - HOUR, due_at=clock.now + due_in))
    assert measured(both_portals).oldest_delivery == waited


def test_alerts_wait_while_they_fire_and_nobody_has_decided(both_portals: Portal) -> None:
    post(both_portals, written(), written(fingerprint="f2"), written(fingerprint="f3", ended=ENDED))
    assert measured(both_portals).alerts_waiting == 2
    with both_portals.work(Actor("Ada")) as work:
        firing = next(alert for alert in kept(both_portals) if alert.fingerprint == "f1")
        work.get(type(firing), firing.id).triage = TriageState.DISMISSED
    assert measured(both_portals).alerts_waiting == 1


def test_no_gauge_reads_the_whole_past(portal: Portal, team: Team) -> None:
    """SQLite's own words: a question that scans a table, or searches it by ``origin``, reads the whole past."""
    asked: list[tuple[str, object]] = []

    def keep(_c: object, _cursor: object, statement: str, parameters: object, _x: object, _many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(portal.database.engine, "before_cursor_execute", keep)
    with portal.reading() as session:
        gauges(session, portal.clock())
        plans = [
            row[3]
            for statement, parameters in [each for each in asked if "SELECT" in each[0]]
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
        ]
    assert len(plans) >= 6
    assert [plan for plan in plans if plan.startswith("SCAN") or "origin=" in plan or "severity" in plan] == []


def _delivery(
    state: DeliveryState, created_at: datetime, *, due_at: datetime | None = None, drill: bool = False
) -> Delivery:
    return Delivery(
        key=uuid4().hex,
        kind="team_message",
        recipient="team",
        state=state,
        created_at=created_at,
        due_at=due_at or created_at,
        drill=drill,
    )
