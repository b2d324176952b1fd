"""Asks, decisions, temporary changes, sub-teams and corrections."""

from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import EntryKind, Incident, IncidentState, Severity
from ims.model.coordination import AskDraft, AskState, DecisionDraft, DecisionState, TemporaryChangeDraft
from ims.response import command, coordination, corrections, definition, investigation, states
from ims.sop.case import Case
from ims.sop.replay import explained_state, known_at
from ims.store import coordination as kept
from ims.store import deliveries, incidents
from tests.conftest import START, HandClock, Team
from tests.response.conftest import Act, reloaded, timeline


def ask_draft(team: Team, minutes: float = 15) -> AskDraft:
    return AskDraft(text="Restart the pool", person_id=team.bob.id, within=timedelta(minutes=minutes))


def case(portal: Portal, incident: Incident) -> Case:
    with portal.reading() as session:
        return Case(
            incidents.by_key(session, incident.key),
            incidents.timeline(session, incident.id),
            incidents.customers_of(session, incident.id),
        )


def test_an_ask_names_one_person_and_they_are_told(portal: Portal, incident: Incident, act: Act, team: Team) -> None:
    asked = act(lambda work: coordination.ask(work, incident.id, ask_draft(team)))
    with portal.reading() as session:
        told = [row for row in deliveries.of_incident(session, incident.id) if row.kind == "nudge"]
    assert [row.payload["text"] for row in told] == ["INC-1: Ada Lovelace asks: Restart the pool"]
    with pytest.raises(Refusal, match="Only the one who was asked"):
        act(lambda work: coordination.acknowledge_ask(work, asked.id))
    with portal.work(team.as_bob) as work:
        assert coordination.acknowledge_ask(work, asked.id).state is AskState.ACKNOWLEDGED


def test_when_the_time_is_up_its_person_is_reminded_once(
    portal: Portal, incident: Incident, act: Act, team: Team, clock: HandClock
) -> None:
    act(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    act(lambda work: coordination.ask(work, incident.id, ask_draft(team, 5)))
    for _ in range(8):
        clock.forward(timedelta(minutes=1))
        portal.watch.round()
    with portal.reading() as session:
        texts = [row.payload["text"] for row in deliveries.of_incident(session, incident.id) if row.kind == "nudge"]
    assert texts == [
        "INC-1: Ada Lovelace asks: Restart the pool",
        "INC-1: Time is up: Restart the pool. Say how it stands.",
    ]


def test_a_settled_ask_stays_settled(incident: Incident, act: Act, team: Team) -> None:
    asked = act(lambda work: coordination.ask(work, incident.id, ask_draft(team)))
    with pytest.raises(Refusal, match="Say what came of it"):
        act(lambda work: coordination.settle_ask(work, asked.id, ""))
    act(lambda work: coordination.settle_ask(work, asked.id, "Pool restarted"))
    with pytest.raises(Refusal, match="settled already: Pool restarted"):
        act(lambda work: coordination.settle_ask(work, asked.id, "again"))


@pytest.mark.parametrize("minutes", [0, -1, 60 * 24 * 3])
def test_a_time_box_is_short_and_positive(team: Team, minutes: float) -> None:
    with pytest.raises(ValueError, match="A time box is between"):
        ask_draft(team, minutes)


def test_a_decision_is_made_once_and_a_rejection_says_why(portal: Portal, incident: Incident, act: Act) -> None:
    draft = DecisionDraft(proposal="Fail over to Frankfurt", risks="Two minutes of errors", objections="Not tested")
    proposed = act(lambda work: coordination.propose(work, incident.id, draft))
    with pytest.raises(Refusal, match="why it is rejected"):
        act(lambda work: coordination.decide(work, proposed.id, agreed=False))
    act(lambda work: coordination.decide(work, proposed.id, agreed=True))
    with pytest.raises(Refusal, match="Ada Lovelace decided this already"):
        act(lambda work: coordination.decide(work, proposed.id, agreed=False, reason="no"))
    with portal.reading() as session:
        assert [each.state for each in kept.decisions(session, incident.id)] == [DecisionState.AGREED]


def test_what_must_be_undone_blocks_closing(portal: Portal, incident: Incident, act: Act) -> None:
    draft = TemporaryChangeDraft(what="Rate limit off", how_to_undo="Set limit to 100")
    change = act(lambda work: coordination.make_change(work, incident.id, draft))
    act(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    for step in ("rca_meeting", "file_follow_ups", "tell_resolved"):
        act(lambda work, step=step: investigation.waive_step(work, incident.id, portal.procedure, step, "small"))
    with pytest.raises(Refusal, match="“Rate limit off” is not undone"):
        act(lambda work: states.close(work, incident.id, portal.procedure))
    act(lambda work: coordination.settle_change(work, change.id, "Limit is back"))
    act(lambda work: states.close(work, incident.id, portal.procedure))
    assert reloaded(portal, incident).state is IncidentState.CLOSED


def test_somebody_works_in_one_sub_team_at_a_time(portal: Portal, incident: Incident, act: Act, team: Team) -> None:
    for sub_team in ("database", "database", "network"):
        act(lambda work, sub_team=sub_team: coordination.join(work, incident.id, team.bob.id, sub_team))
    with portal.reading() as session:
        assert [each.sub_team for each in kept.responders(session, incident.id)] == ["network"]
    for _ in range(2):
        act(lambda work: coordination.leave(work, incident.id, team.bob.id))
    assert len(timeline(portal, incident, EntryKind.RESPONDER_JOINED, EntryKind.RESPONDER_LEFT)) == 3


def test_a_correction_keeps_the_old_entry_and_the_figures_follow(
    portal: Portal, incident: Incident, act: Act, clock: HandClock
) -> None:
    clock.forward(timedelta(minutes=40))
    act(lambda work: states.resolve(work, incident.id, "fixed", portal.procedure))
    earlier = START + timedelta(minutes=25)
    act(lambda work: corrections.correct_time(work, incident.id, "resolved_at", earlier, "It was over at 03:25"))
    assert reloaded(portal, incident).resolved_at == earlier
    old, new = sorted(timeline(portal, incident, EntryKind.RESOLVED), key=lambda entry: entry.id)
    assert (new.supersedes_id, new.occurred_at, new.data["correction"]) == (old.id, earlier, "It was over at 03:25")
    assert old.occurred_at == START + timedelta(minutes=40)
    with pytest.raises(Refusal, match="corrected already"):
        act(lambda work: corrections.correct_entry(work, old.id, text="x", occurred_at=earlier, reason="y"))


def test_a_correction_may_not_turn_time_around(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: states.resolve(work, incident.id, "fixed", portal.procedure))
    with pytest.raises(Refusal, match="before it began"):
        act(
            lambda work: corrections.correct_time(work, incident.id, "resolved_at", START - timedelta(hours=1), "guess")
        )
    assert reloaded(portal, incident).resolved_at == START


def test_what_was_known_at_a_moment_can_be_replayed(
    portal: Portal, incident: Incident, act: Act, clock: HandClock
) -> None:
    for minutes, verb in (
        (5, lambda work: definition.decide_severity(work, incident.id, Severity.SEV3)),
        (10, lambda work: definition.decide_severity(work, incident.id, Severity.SEV1, "worse")),
        (20, lambda work: states.mitigate(work, incident.id, "")),
        (30, lambda work: states.reopen(work, incident.id, "it is back", portal.procedure)),
        (40, lambda work: states.resolve(work, incident.id, "", portal.procedure)),
    ):
        clock.now = START + timedelta(minutes=minutes)
        act(verb)
    whole = case(portal, incident)
    told = [
        (known.incident.state.value, known.incident.severity)
        for known in (known_at(whole, START + timedelta(minutes=minutes)) for minutes in (1, 7, 12, 25, 35, 45))
    ]
    assert told == [
        ("open", None),
        ("open", Severity.SEV3),
        ("open", Severity.SEV1),
        ("mitigated", Severity.SEV1),
        ("open", Severity.SEV1),
        ("resolved", Severity.SEV1),
    ]


def test_a_correction_does_not_change_the_state_that_the_timeline_explains(
    portal: Portal, incident: Incident, act: Act, clock: HandClock
) -> None:
    act(lambda work: states.mitigate(work, incident.id, ""))
    clock.forward(timedelta(minutes=5))
    declared = timeline(portal, incident, EntryKind.DECLARED)[0]
    act(
        lambda work: corrections.correct_entry(
            work, declared.id, text="Declared late", occurred_at=declared.occurred_at, reason="wording"
        )
    )
    assert explained_state(case(portal, incident).valid_entries) is IncidentState.MITIGATED
