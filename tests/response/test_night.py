"""A night by the clock, minute by minute: pages, reminders and handovers are as the procedure says."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import PORTAL, CustomerUpdateDraft, EntryKind, Incident, IncidentDraft, IncidentRole
from ims.model.handover import HandoverState
from ims.response import cadence, command, customers, escalation, handover, investigation, states
from ims.response.declare import declare
from ims.sop.procedure import Procedure
from ims.store import deliveries, incidents
from ims.store.work import Work
from tests.conftest import START, HandClock, Team
from tests.response.conftest import Act, reloaded, timeline

MINUTE = timedelta(minutes=1)
Live = Callable[[float], None]


@pytest.fixture
def live(portal: Portal, clock: HandClock) -> Live:
    """Let the portal live for some minutes, its worker looking every minute."""

    def through(minutes: float) -> None:
        end = clock.now + timedelta(minutes=minutes)
        while clock.now < end:
            clock.forward(MINUTE)
            portal.watch.round()
            portal.worker.run_due()

    return through


def sent(portal: Portal, incident: Incident, kind: str) -> list[tuple[float, str]]:
    """Return when (minutes after the start) and to whom messages of a kind went."""
    with portal.reading() as session:
        rows = [row for row in deliveries.of_incident(session, incident.id) if row.kind == kind]
    return [((row.created_at - START) / MINUTE, row.payload["person_name"].split()[0]) for row in rows]


def update(at: datetime, phase: str = "investigating") -> CustomerUpdateDraft:
    return CustomerUpdateDraft.model_validate(
        {"phase": phase, "subject": "s", "body": "b", "next_update_at": None if phase == "resolved" else at}
    )


def test_the_next_is_paged_every_five_minutes_round_and_round(portal: Portal, incident: Incident, live: Live) -> None:
    live(22)
    assert sent(portal, incident, "page") == [(0, "Ada"), (5, "Bob"), (10, "Ada"), (15, "Bob"), (20, "Ada")]


def test_an_acknowledgement_alone_does_not_end_the_paging(
    portal: Portal, incident: Incident, live: Live, act: Act, team: Team
) -> None:
    live(6)
    act(lambda work: command.acknowledge(work, incident.id))
    live(5)
    assert sent(portal, incident, "page")[-1] == (10, "Ada")
    act(lambda work: command.assign_role(work, incident.id, IncidentRole.COMMUNICATIONS, team.bob.id))
    live(30)
    assert len(sent(portal, incident, "page")) == 3


@pytest.mark.parametrize("ending", ["resolved", "cancelled"])
def test_paging_ends_with_the_incident(portal: Portal, incident: Incident, live: Live, act: Act, ending: str) -> None:
    live(6)
    if ending == "resolved":
        act(lambda work: states.resolve(work, incident.id, "over", portal.procedure))
    else:
        act(lambda work: states.cancel(work, incident.id, "over"))
    live(30)
    assert len(sent(portal, incident, "page")) == 2


def test_slots_that_passed_while_nothing_ran_are_not_made_up_for(
    portal: Portal, incident: Incident, live: Live, clock: HandClock
) -> None:
    clock.forward(timedelta(minutes=41))
    live(2)
    assert sent(portal, incident, "page") == [(0, "Ada"), (42, "Ada")]


def test_two_watches_page_once(portal: Portal, incident: Incident, clock: HandClock) -> None:
    clock.forward(timedelta(minutes=5))
    assert [portal.watch.round(), portal.watch.round()] == [1, 0]
    assert len(sent(portal, incident, "page")) == 2


def test_one_incident_that_cannot_be_looked_after_keeps_no_other_waiting(
    portal: Portal,
    incident: Incident,
    clock: HandClock,
    team: Team,
    act: Act,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    draft = IncidentDraft(title="Other", affects_customers=True, service_ids=[], customer_ids=[])
    other = act(lambda work: declare(work, draft, portal.procedure))
    due_page = escalation.due_page

    def fails_for_the_first(work: Work, asked: Incident, procedure: Procedure) -> escalation.DuePage | None:
        if asked.id == incident.id:
            raise ZeroDivisionError
        return due_page(work, asked, procedure)

    monkeypatch.setattr(escalation, "due_page", fails_for_the_first)
    clock.forward(timedelta(minutes=5))
    assert portal.watch.round() == 1
    assert len(sent(portal, other, "page")) == 2
    assert f"{incident.key} was not looked after" in caplog.text


def test_a_late_update_is_escalated_from_lead_to_commander_to_the_list(
    portal: Portal, incident: Incident, live: Live, act: Act, team: Team
) -> None:
    act(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    act(lambda work: command.assign_role(work, incident.id, IncidentRole.COMMUNICATIONS, team.bob.id))
    live(60)
    assert sent(portal, incident, "nudge") == [(20, "Bob"), (30, "Ada"), (40, "Ada")]


def test_each_update_starts_its_own_clock(
    portal: Portal, incident: Incident, live: Live, act: Act, clock: HandClock
) -> None:
    act(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    live(25)
    act(lambda work: customers.send_update(work, incident.id, update(clock.now + timedelta(hours=1)), number=1))
    live(52)
    assert sent(portal, incident, "nudge") == [(20, "Ada"), (75, "Ada")]


def test_a_hold_pauses_the_clock_until_its_end(
    portal: Portal, incident: Incident, live: Live, act: Act, clock: HandClock
) -> None:
    act(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    until = clock.now + timedelta(hours=2)
    with pytest.raises(Refusal, match="Say why"):
        act(lambda work: cadence.hold(work, incident.id, until, " "))
    act(lambda work: cadence.hold(work, incident.id, until, "The customer asked for quiet"))
    live(119)
    assert sent(portal, incident, "nudge") == []
    live(2)
    assert sent(portal, incident, "nudge") == [(120, "Ada")]


def test_after_resolution_the_last_word_is_demanded(portal: Portal, incident: Incident, live: Live, act: Act) -> None:
    act(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    act(lambda work: states.resolve(work, incident.id, "fixed", portal.procedure))
    live(31)
    assert sent(portal, incident, "nudge") == [(20, "Ada"), (30, "Ada")]
    act(lambda work: customers.send_update(work, incident.id, update(START, "resolved"), number=1))
    live(60)
    assert len(sent(portal, incident, "nudge")) == 2


@pytest.mark.parametrize("end", ["closed", "waived"])
def test_nobody_is_reminded_of_a_last_word_that_is_not_to_come(
    portal: Portal, incident: Incident, live: Live, act: Act, end: str
) -> None:
    act(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    act(lambda work: states.resolve(work, incident.id, "fixed", portal.procedure))
    if end == "closed":
        act(lambda work: states.close(work, incident.id, portal.procedure, override_reason="a test"))
    else:
        act(lambda work: investigation.waive_step(work, incident.id, portal.procedure, "tell_resolved", "they know"))
    live(60)
    assert sent(portal, incident, "nudge") == []


def test_at_the_end_of_a_shift_its_holder_is_asked_once(
    portal: Portal, incident: Incident, live: Live, act: Act
) -> None:
    act(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    act(lambda work: cadence.hold(work, incident.id, START + timedelta(hours=20), "quiet"))
    live(7 * 60)
    ended = timeline(portal, incident, EntryKind.SHIFT_ENDED)
    assert [(entry.occurred_at, entry.data["person_id"]) for entry in ended] == [
        (START + timedelta(hours=6), incident.owner_id)
    ]
    act(lambda work: handover.stay_on(work, incident.id, "nearly done"))
    live(120)
    assert len(timeline(portal, incident, EntryKind.SHIFT_ENDED)) == 1


def test_only_acceptance_moves_the_role(
    portal: Portal, team: Team, incident: Incident, act: Act, clock: HandClock
) -> None:
    offered = act(lambda work: handover.offer(work, incident.id, IncidentRole.COMMANDER, team.bob.id, "I am tired"))
    assert reloaded(portal, incident).owner_id == team.ada.id
    due_at = reloaded(portal, incident).next_update_due_at
    with portal.work(team.as_bob) as work:
        handover.read_briefing(work, offered.id, portal.procedure)
    with pytest.raises(Refusal, match="not when customers hear next"), portal.work(team.as_bob) as work:
        handover.read_back(work, offered.id, "Nobody can pay", START)
    with pytest.raises(Refusal, match="read it back before you accept"), portal.work(team.as_bob) as work:
        handover.accept(work, offered.id)
    clock.forward(timedelta(minutes=4))
    with portal.work(team.as_bob) as work:
        handover.read_back(work, offered.id, "Nobody can pay", due_at)
        accepted = handover.accept(work, offered.id)
    assert (accepted.state, reloaded(portal, incident).owner_id) == (HandoverState.ACCEPTED, team.bob.id)
    assert accepted.briefing["roles"]["Incident Commander"] == "Ada Lovelace"
    with portal.reading() as session:
        first, second = incidents.role_history(session, incident.id)
    assert first.until_at == second.from_at == clock.now


def test_nobody_else_can_take_what_was_offered(portal: Portal, team: Team, incident: Incident, act: Act) -> None:
    offered = act(lambda work: handover.offer(work, incident.id, IncidentRole.OPERATIONS, team.bob.id))
    with pytest.raises(Refusal, match="Only Bob Kahn"):
        act(lambda work: handover.read_briefing(work, offered.id, portal.procedure))
    with pytest.raises(Refusal, match="under way"):
        act(lambda work: handover.offer(work, incident.id, IncidentRole.OPERATIONS, team.bob.id))


def test_an_offer_nobody_takes_expires_and_its_holder_is_told(
    portal: Portal, team: Team, incident: Incident, act: Act, live: Live
) -> None:
    act(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    act(lambda work: cadence.hold(work, incident.id, START + timedelta(hours=3), "quiet"))
    act(lambda work: handover.offer(work, incident.id, IncidentRole.COMMANDER, team.bob.id))
    live(31)
    assert sent(portal, incident, "nudge") == [(0, "Bob"), (30, "Ada")]
    assert timeline(portal, incident, EntryKind.HANDOVER_REFUSED)[-1].text.endswith("nobody accepted it in time")


def test_only_whose_role_it_is_or_the_commander_takes_an_offer_back(
    portal: Portal, team: Team, incident: Incident, act: Act
) -> None:
    offered = act(lambda work: handover.offer(work, incident.id, IncidentRole.OPERATIONS, team.bob.id))
    with pytest.raises(Refusal, match="Only Ada Lovelace, whose role it is"), portal.work(team.as_bob) as work:
        handover.withdraw(work, offered.id, "no")
    assert act(lambda work: handover.withdraw(work, offered.id, "no")).state is HandoverState.WITHDRAWN


def test_staying_on_needs_a_reason_and_a_role(portal: Portal, team: Team, incident: Incident, act: Act) -> None:
    with pytest.raises(Refusal, match="Say why you stay on"):
        act(lambda work: handover.stay_on(work, incident.id, " "))
    with pytest.raises(Refusal, match="You hold no role in INC-1"), portal.work(team.as_bob) as work:
        handover.stay_on(work, incident.id, "I like it here")


def test_a_hold_can_be_shortened_and_the_update_is_due_at_its_end(
    portal: Portal, incident: Incident, act: Act, clock: HandClock
) -> None:
    act(lambda work: cadence.hold(work, incident.id, clock.now + timedelta(hours=3), "quiet"))
    act(lambda work: cadence.hold(work, incident.id, clock.now + timedelta(hours=1), "less quiet"))
    held = reloaded(portal, incident)
    assert (held.updates_held_until, held.next_update_due_at) == (START + timedelta(hours=1),) * 2


def test_what_comes_next_is_what_is_paged(
    portal: Portal, team: Team, incident: Incident, live: Live, clock: HandClock
) -> None:
    foreseen = []
    for _ in range(4):
        with portal.reading() as session:
            coming = escalation.outlook(Work(session, clock.now, PORTAL), incident, portal.procedure)
        assert coming
        foreseen.append(((coming.at - START) / MINUTE, "Bob" if coming.person_id == team.bob.id else "Ada"))
        live(5)
    assert sent(portal, incident, "page")[1:] == foreseen
