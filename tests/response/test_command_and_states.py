"""Command and states: one commander at every instant, moves in order, refusals in words."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import (
    CustomerUpdateDraft,
    EntryKind,
    Frequency,
    Impact,
    Incident,
    IncidentRole,
    IncidentState,
    RoleAssignment,
    Severity,
)
from ims.response import command, customers, definition, investigation, states
from ims.store import incidents
from tests.conftest import START, HandClock, Team
from tests.response.conftest import Act, reloaded, timeline


def resolved_update() -> CustomerUpdateDraft:
    return CustomerUpdateDraft.model_validate({"phase": "resolved", "subject": "Resolved", "body": "It is over."})


def test_the_first_acknowledgement_counts(portal: Portal, team: Team, incident: Incident, clock: HandClock) -> None:
    for actor in (team.as_bob, team.as_ada):
        clock.forward(timedelta(minutes=2))
        with portal.work(actor) as work:
            command.acknowledge(work, incident.id)
    assert reloaded(portal, incident).acknowledged_at == START + timedelta(minutes=2)
    assert [entry.author for entry in timeline(portal, incident, EntryKind.ACKNOWLEDGED)] == ["Bob Kahn"]


def test_who_acknowledges_may_take_the_communications_lead(portal: Portal, team: Team, incident: Incident) -> None:
    with portal.work(team.as_bob) as work:
        command.acknowledge(work, incident.id, take_communications=True)
    with portal.reading() as session:
        roles = incidents.current_roles(session, incident.id)
    assert roles[IncidentRole.COMMUNICATIONS].person_id == team.bob.id
    assert roles[IncidentRole.COMMANDER].person_id == team.ada.id


def test_command_passes_without_a_gap(
    portal: Portal, team: Team, incident: Incident, act: Act, clock: HandClock
) -> None:
    clock.forward(timedelta(minutes=30))
    act(lambda work: command.assign_role(work, incident.id, IncidentRole.COMMANDER, team.bob.id))
    with portal.reading() as session:
        first, second = incidents.role_history(session, incident.id)
    assert first.until_at == second.from_at == clock.now
    assert reloaded(portal, incident).owner_id == team.bob.id


def test_the_database_allows_one_commander(portal: Portal, team: Team, incident: Incident) -> None:
    second = RoleAssignment(incident_id=incident.id, role=IncidentRole.COMMANDER, person_id=team.bob.id, from_at=START)
    with pytest.raises(IntegrityError), portal.work(team.as_ada) as work:
        work.add(second)


def test_the_commander_role_cannot_be_dropped(incident: Incident, act: Act) -> None:
    with pytest.raises(Refusal, match="Somebody must be Incident Commander"):
        act(lambda work: command.take_back_role(work, incident.id, IncidentRole.COMMANDER))


def test_a_delegated_role_can_fall_back_to_the_commander(
    portal: Portal, team: Team, incident: Incident, act: Act
) -> None:
    act(lambda work: command.assign_role(work, incident.id, IncidentRole.OPERATIONS, team.bob.id))
    act(lambda work: command.take_back_role(work, incident.id, IncidentRole.OPERATIONS))
    with portal.reading() as session:
        assert set(incidents.current_roles(session, incident.id)) == {IncidentRole.COMMANDER}


def test_a_change_of_severity_needs_its_reason_and_keeps_its_history(
    portal: Portal, incident: Incident, act: Act
) -> None:
    act(lambda work: definition.decide_severity(work, incident.id, Severity.SEV3))
    with pytest.raises(Refusal, match="Say why the severity changes from SEV3 to SEV1"):
        act(lambda work: definition.decide_severity(work, incident.id, Severity.SEV1))
    act(lambda work: definition.decide_severity(work, incident.id, Severity.SEV1, "All regions"))
    history = [entry.data["new"] for entry in timeline(portal, incident, EntryKind.SEVERITY_SET)]
    assert history == ["sev3", "sev1"]


def test_defining_the_same_again_writes_nothing(portal: Portal, incident: Incident, act: Act) -> None:
    for _ in range(2):
        act(lambda work: definition.define_impact(work, incident.id, Impact.OUTAGE, "Nobody can pay"))
        act(lambda work: definition.define_frequency(work, incident.id, Frequency.CONSTANT, ""))
    assert len(timeline(portal, incident, EntryKind.IMPACT_SET, EntryKind.FREQUENCY_SET)) == 2


def test_an_incident_moves_on_in_order(portal: Portal, incident: Incident, act: Act, clock: HandClock) -> None:
    clock.forward(timedelta(minutes=40))
    act(lambda work: states.mitigate(work, incident.id, "Rolled back", at=START + timedelta(minutes=35)))
    with pytest.raises(Refusal, match="before it was mitigated"):
        act(lambda work: states.resolve(work, incident.id, "", portal.procedure, at=START + timedelta(minutes=20)))
    act(lambda work: states.resolve(work, incident.id, "Fixed", portal.procedure))
    kept = reloaded(portal, incident)
    assert (kept.state, kept.mitigated_at, kept.resolved_at) == (
        IncidentState.RESOLVED,
        START + timedelta(minutes=35),
        clock.now,
    )
    assert kept.next_update_due_at == clock.now + timedelta(minutes=30)


def test_a_move_cannot_be_made_twice_or_in_the_future(incident: Incident, act: Act, clock: HandClock) -> None:
    with pytest.raises(Refusal, match="in the future"):
        act(lambda work: states.mitigate(work, incident.id, "", at=clock.now + timedelta(hours=1)))
    act(lambda work: states.mitigate(work, incident.id, ""))
    with pytest.raises(Refusal, match="is mitigated, not open"):
        act(lambda work: states.mitigate(work, incident.id, ""))


def test_closing_says_what_still_blocks_and_keeps_the_override(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    with pytest.raises(Refusal) as refusal:
        act(lambda work: states.close(work, incident.id, portal.procedure))
    for title in ("Inform the customer that it is resolved", "root cause analysis meeting", "sub-tasks"):
        assert title in str(refusal.value)
    act(lambda work: states.close(work, incident.id, portal.procedure, override_reason="Merged into INC-9"))
    kept = reloaded(portal, incident)
    assert (kept.state, kept.override_reason) == (IncidentState.CLOSED, "Merged into INC-9")


def test_an_incident_closes_when_nothing_blocks(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    act(lambda work: customers.send_update(work, incident.id, resolved_update(), number=1))
    for step in ("rca_meeting", "file_follow_ups"):
        act(lambda work, step=step: investigation.waive_step(work, incident.id, portal.procedure, step, "A typo"))
    act(lambda work: states.close(work, incident.id, portal.procedure))
    assert reloaded(portal, incident).state is IncidentState.CLOSED
    assert reloaded(portal, incident).override_reason == ""


def test_reopening_clears_the_times_and_owes_customers_an_update(
    portal: Portal, incident: Incident, act: Act, clock: HandClock
) -> None:
    act(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    with pytest.raises(Refusal, match="Say why"):
        act(lambda work: states.reopen(work, incident.id, " ", portal.procedure))
    act(lambda work: states.reopen(work, incident.id, "It is back", portal.procedure))
    kept = reloaded(portal, incident)
    assert (kept.state, kept.resolved_at, kept.mitigated_at) == (IncidentState.OPEN, None, None)
    assert kept.next_update_due_at == clock.now + timedelta(minutes=30)


def test_a_cancelled_incident_needs_a_reason_and_is_over(portal: Portal, incident: Incident, act: Act) -> None:
    with pytest.raises(Refusal, match="Say why it was no incident"):
        act(lambda work: states.cancel(work, incident.id, ""))
    act(lambda work: states.cancel(work, incident.id, "A load test"))
    with pytest.raises(Refusal, match="reopen it"):
        act(lambda work: command.confirm_roles(work, incident.id))


def test_a_step_of_the_portal_cannot_be_ticked_by_hand(portal: Portal, incident: Incident, act: Act) -> None:
    with pytest.raises(Refusal, match="completes itself"):
        act(lambda work: investigation.tick_step(work, incident.id, portal.procedure, "page_on_call", "done"))
    with pytest.raises(Refusal, match="Write what was done"):
        act(lambda work: investigation.tick_step(work, incident.id, portal.procedure, "understand", " "))


def test_notes_findings_and_replications_are_on_the_timeline(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: investigation.note(work, incident.id, "Looking"))
    act(lambda work: investigation.finding(work, incident.id, "The pool is empty"))
    act(lambda work: investigation.replication(work, incident.id, incognito=False, seen=True))
    act(lambda work: investigation.involve_team(work, incident.id, "Databases", "pool settings"))
    texts = [entry.text for entry in timeline(portal, incident)]
    assert "Replicated not in an incognito window, so cached content may mislead" in texts
    assert "Brought in Databases: pool settings" in texts
