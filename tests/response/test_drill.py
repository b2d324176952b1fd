"""A drill plays its scenario by the worker's clock, is answered and ended, and never mixes with what is real."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from ims.bootstrap import Portal
from ims.check import Level, of_portal
from ims.config import ROOT
from ims.errors import Refusal, SettingProblem
from ims.model import Alert, AlertStatus, EntryKind, FollowUp, Incident, IncidentRole, IncidentState
from ims.response import drill, handover, states
from ims.response.declare import attach_alert
from ims.response.scenarios import Scenario, read_scenario, read_scenarios
from ims.sop import rehearsal
from ims.store import coordination, incidents, overview
from tests.conftest import START, HandClock, Team
from tests.response.conftest import Act, reloaded, timeline

MINUTE = timedelta(minutes=1)
SCENARIO = """
title: Payments fail
events:
  - {minute: 4, kind: question, text: "A customer asks: when?"}
  - {minute: 0, kind: alert, text: "ErrorRate: 14 %"}
  - {minute: 10, kind: alert_resolved, text: "ErrorRate: 0.1 %"}
"""


@pytest.fixture
def scenario() -> Scenario:
    return read_scenario(SCENARIO, "payments.yaml")


@pytest.fixture
def rehearsed(portal: Portal, act: Act, team: Team, scenario: Scenario) -> Incident:
    started: Incident = act(
        lambda work: drill.start(work, scenario, portal.procedure, customer_ids=[team.acme.id], speed=2.0)
    )
    return started


def played(portal: Portal, incident: Incident) -> list[tuple[float, str]]:
    return [
        ((entry.occurred_at - START) / MINUTE, entry.data["event"])
        for entry in timeline(portal, incident, EntryKind.DRILL_EVENT)
    ]


def test_our_own_scenarios_can_be_rehearsed() -> None:
    found = read_scenarios(ROOT / "data" / "drills")
    assert {"payments_outage", "database_failover", "certificate_expires"} <= set(found.by_name)
    assert not found.refused


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title: [", "not YAML"),
        ("title: A\nevents: []", "Events: is empty"),
        ("title: A\nevents: [{minute: 1, kind: fire, text: x}]", "Events 0 kind"),
        ("title: A\nevents: [{minute: 1, kind: note, text: x}]\nspeed: 3", "Speed"),
        ("title: A\nevents: [{minute: 1, kind: alert_resolved, text: 'Disk: fine'}]", "“Disk” is resolved but never"),
    ],
)
def test_a_bad_scenario_is_refused_with_its_file_and_the_reason(text: str, reason: str) -> None:
    with pytest.raises(SettingProblem) as refused:
        read_scenario(text, "bad.yaml")
    assert str(refused.value).startswith("drills/bad.yaml: ")
    assert reason in str(refused.value)
    assert refused.value.code == "IMS-207"


def test_a_bad_scenario_is_a_warning_of_the_check_and_keeps_neither_portal_nor_other_drills_away(
    portal: Portal, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(ROOT / "data", tmp_path / "data"))
    (folder / "drills" / "broken.yaml").write_bytes(b"\xff")
    portal.settings = portal.settings.model_copy(update={"data_dir": folder})
    portal.__dict__.pop("scenarios", None)
    problems = [problem for problem in of_portal(portal) if problem.code == "IMS-207"]
    assert [(problem.level, "drills/broken.yaml" in problem.sentence) for problem in problems] == [
        (Level.WARNING, True)
    ]
    assert "payments_outage" in portal.scenarios.by_name


def test_events_are_played_in_order_at_the_chosen_speed(portal: Portal, rehearsed: Incident, clock: HandClock) -> None:
    portal.watch.round()
    assert played(portal, rehearsed) == [(0, "alert")]
    clock.forward(3 * MINUTE)
    portal.watch.round()
    portal.watch.round()
    assert played(portal, rehearsed) == [(0, "alert"), (2, "question")]
    clock.forward(10 * MINUTE)
    portal.watch.round()
    assert played(portal, rehearsed)[-1] == (5, "alert_resolved")


def test_events_end_with_the_resolution(portal: Portal, rehearsed: Incident, clock: HandClock, act: Act) -> None:
    act(lambda work: states.resolve(work, rehearsed.id, "rolled back", portal.procedure))
    clock.forward(20 * MINUTE)
    portal.watch.round()
    assert played(portal, rehearsed) == []


@pytest.mark.parametrize("speed", [0.4, 10.5, 0])
def test_a_speed_out_of_range_is_refused(
    portal: Portal, act: Act, team: Team, scenario: Scenario, speed: float
) -> None:
    with pytest.raises(Refusal, match=r"0\.5 to 10 times"):
        act(lambda work: drill.start(work, scenario, portal.procedure, speed=speed))
    with portal.reading() as session:
        assert not coordination.drills(session, active=True)


def test_starting_the_same_drill_twice_by_a_double_click_starts_one(
    portal: Portal, act: Act, team: Team, scenario: Scenario
) -> None:
    first, second = (
        act(lambda work: drill.start(work, scenario, portal.procedure, request_key="once").id) for _ in range(2)
    )
    with portal.reading() as session:
        assert first == second
        assert len(coordination.drill_events(session, first)) == 3


def test_who_takes_part_is_brought_in_and_leads_where_the_on_call_does_not(
    portal: Portal, act: Act, team: Team, scenario: Scenario
) -> None:
    started = act(lambda work: drill.start(work, scenario, portal.procedure, person_ids=[team.bob.id]))
    with portal.reading() as session:
        present = [responder.person_id for responder in coordination.responders(session, started.id)]
        leads = incidents.holders(session, [started.id], IncidentRole.COMMANDER)
    assert (present, leads[started.id]) == ([team.bob.id], team.bob.id)


def test_a_question_is_open_until_somebody_answers_it_once(
    portal: Portal, rehearsed: Incident, clock: HandClock, act: Act
) -> None:
    clock.forward(3 * MINUTE)
    portal.watch.round()
    (question,) = rehearsal.questions(timeline(portal, rehearsed))
    assert question.answer is None
    with pytest.raises(Refusal, match="Write what you answer"):
        act(lambda work: drill.answer(work, rehearsed.id, question.entry_id, " "))
    act(lambda work: drill.answer(work, rehearsed.id, question.entry_id, "In an hour"))
    (question,) = rehearsal.questions(timeline(portal, rehearsed))
    assert question.answer is not None
    assert question.answer.text == "Answered “A customer asks: when?”: In an hour"
    with pytest.raises(Refusal, match="Ada Lovelace has answered this already"):
        act(lambda work: drill.answer(work, rehearsed.id, question.entry_id, "In two hours"))


def test_only_a_question_of_this_drill_can_be_answered(portal: Portal, rehearsed: Incident, act: Act) -> None:
    declared = timeline(portal, rehearsed, EntryKind.DECLARED)[0]
    with pytest.raises(Refusal, match="no such question"):
        act(lambda work: drill.answer(work, rehearsed.id, declared.id, "In an hour"))


def test_the_alerts_of_a_drill_fire_and_resolve_in_its_timeline_alone(
    portal: Portal, rehearsed: Incident, clock: HandClock
) -> None:
    portal.watch.round()
    (alert,) = rehearsal.alerts(timeline(portal, rehearsed))
    assert (alert.name, alert.says, alert.resolved_at) == ("ErrorRate", "14 %", None)
    clock.forward(6 * MINUTE)
    portal.watch.round()
    (alert,) = rehearsal.alerts(timeline(portal, rehearsed))
    assert alert.resolved_at == START + 5 * MINUTE
    with portal.reading() as session:
        assert overview.waiting_alerts(session).count == 0
        assert not incidents.alerts_of(session, rehearsed.id)


def test_a_real_alert_cannot_become_part_of_a_drill(portal: Portal, rehearsed: Incident, act: Act) -> None:
    alert = act(
        lambda work: work.add(
            Alert(fingerprint="f", name="Disk", status=AlertStatus.FIRING, starts_at=START, last_received_at=START)
        )
    )
    with pytest.raises(Refusal, match="is a drill; declare a real incident"):
        act(lambda work: attach_alert(work, work.incident(rehearsed.id), work.get(Alert, alert.id)))
    with portal.reading() as session:
        assert not incidents.active(session), "so that nobody is offered a drill for a real alert"


def test_a_drill_ends_from_any_state_without_the_blockers_of_a_real_incident(
    portal: Portal, rehearsed: Incident, act: Act, team: Team
) -> None:
    act(lambda work: handover.offer(work, rehearsed.id, IncidentRole.COMMANDER, team.bob.id))
    with pytest.raises(Refusal, match="Say in a sentence how it went"):
        act(lambda work: drill.end(work, rehearsed.id, ""))
    with portal.work(team.as_bob) as work:
        drill.end(work, rehearsed.id, "We believed the first finding")
    ended = reloaded(portal, rehearsed)
    assert (ended.state, ended.closed_at, ended.next_update_due_at) == (IncidentState.CLOSED, START, None)
    last = timeline(portal, rehearsed)[-1]
    assert (last.kind, last.text) == (EntryKind.CLOSED, "The drill has ended: We believed the first finding")
    with portal.reading() as session:
        assert coordination.unsettled_handover(session, rehearsed.id, IncidentRole.COMMANDER) is None
        assert [each.id for each in coordination.drills(session, active=False)] == [rehearsed.id]
    with pytest.raises(Refusal, match="has ended"):
        act(lambda work: drill.end(work, rehearsed.id, "again"))


def test_nothing_happens_in_a_drill_that_has_ended(
    portal: Portal, rehearsed: Incident, act: Act, clock: HandClock
) -> None:
    act(lambda work: drill.end(work, rehearsed.id, "Enough"))
    entries = len(timeline(portal, rehearsed))
    clock.forward(60 * MINUTE)
    portal.watch.round()
    assert len(timeline(portal, rehearsed)) == entries


def test_a_real_incident_cannot_be_ended_like_a_drill(incident: Incident, act: Act) -> None:
    with pytest.raises(Refusal, match="is no drill"):
        act(lambda work: drill.end(work, incident.id, "Enough"))


def test_the_follow_ups_of_a_drill_are_nobodys_work(portal: Portal, rehearsed: Incident, act: Act, team: Team) -> None:
    act(
        lambda work: work.add(
            FollowUp(incident_id=rehearsed.id, number=1, text="x", owner_id=team.ada.id, created_at=work.now)
        )
    )
    with portal.reading() as session:
        assert not overview.follow_ups_of(session, team.ada.id)
