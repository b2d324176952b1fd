"""A whole drill, with outside systems that fail the test when anything of it reaches them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ims.bootstrap import Portal
from ims.delivery.dispatch import ROUTES
from ims.delivery.queue import enqueue, retry
from ims.delivery.worker import Worker
from ims.integrations import registry
from ims.model import (
    CustomerUpdateDraft,
    Delivery,
    DeliveryState,
    FollowUpDraft,
    Incident,
    IncidentDraft,
    IncidentRole,
    Ticket,
)
from ims.model.coordination import AskDraft
from ims.model.message import KINDS, DocumentRefresh, DocumentShare, Message, TeamMail
from ims.postmortem import meeting
from ims.postmortem.following_up import filing, follow_ups
from ims.postmortem.refreshing import elsewhere
from ims.response import command, coordination, customers, drill, handover, silences, states
from ims.response.announcing.channel import STAYS_FOR
from ims.response.declare import declare
from ims.response.scenarios import read_scenario
from ims.store import deliveries, incidents
from ims.store.work import Work
from tests.conftest import HandClock, Team, make_team
from tests.delivery.conftest import Outside, row, worker_on

MINUTE = timedelta(minutes=1)
SCENARIO = """
title: Payments fail
events:
  - {minute: 0, kind: alert, text: "ErrorRate: 14 %"}
  - {minute: 3, kind: question, text: "A customer asks: when?"}
"""
Live = Callable[[float], None]


@pytest.fixture
def team(both_portals: Portal) -> Team:
    return make_team(both_portals)


@pytest.fixture
def worker(both_portals: Portal, clock: HandClock, outside: Outside) -> Worker:
    """The worker of a portal that is connected to the outside world."""
    return worker_on(both_portals, outside, clock)


@pytest.fixture
def live(both_portals: Portal, clock: HandClock, worker: Worker) -> Live:
    """Let minutes pass, the watch and the worker looking every minute."""

    def through(minutes: float) -> None:
        end = clock.now + minutes * MINUTE
        while clock.now < end:
            clock.forward(MINUTE)
            both_portals.watch.round()
            worker.run_due()

    return through


def act(portal: Portal, worker: Worker, team: Team, verb: Callable[[Work], Any], *, as_bob: bool = False) -> Any:
    with portal.work(team.as_bob if as_bob else team.as_ada) as work:
        result = verb(work)
    worker.run_due()
    return result


def rows(portal: Portal, incident_id: int) -> Sequence[Delivery]:
    with portal.reading() as session:
        return deliveries.of_incident(session, incident_id)


def started(portal: Portal, worker: Worker, team: Team) -> Incident:
    scenario = read_scenario(SCENARIO, "payments.yaml")
    incident: Incident = act(
        portal,
        worker,
        team,
        lambda work: drill.start(
            work, scenario, portal.procedure, customer_ids=[team.acme.id], person_ids=[team.ada.id, team.bob.id]
        ),
    )
    return incident


def tell(work: Work, incident_id: int, phase: str, number: int) -> None:
    promised = None if phase == "resolved" else work.now + 60 * MINUTE
    draft = CustomerUpdateDraft.model_validate(
        {"phase": phase, "subject": "Payments", "body": "We look into it.", "next_update_at": promised}
    )
    customers.send_update(work, incident_id, draft, number=number)


def rehearse(portal: Portal, worker: Worker, team: Team, live: Live) -> int:
    """Go through everything the procedure knows, as a team would; return the drill's id."""
    drilled = started(portal, worker, team).id

    def ada(verb: Callable[[Work], Any]) -> Any:
        return act(portal, worker, team, verb)

    def bob(verb: Callable[[Work], Any]) -> Any:
        return act(portal, worker, team, verb, as_bob=True)

    live(11)  # nobody answers: the next is paged, and the next
    ada(lambda work: command.acknowledge(work, drilled, take_communications=True))
    ada(lambda work: tell(work, drilled, "investigating", 1))
    ada(lambda work: coordination.ask(work, drilled, AskDraft(text="Look", person_id=team.bob.id, within=5 * MINUTE)))
    live(80)  # the box of the ask ends, and the next update becomes due and late
    offered = ada(lambda work: handover.offer(work, drilled, IncidentRole.COMMANDER, team.bob.id)).id
    bob(lambda work: handover.read_briefing(work, offered, portal.procedure))
    promised = bob(lambda work: work.get(Incident, drilled).next_update_due_at)
    bob(lambda work: handover.read_back(work, offered, "Payments fail", promised))
    bob(lambda work: handover.accept(work, offered))
    bob(lambda work: states.resolve(work, drilled, "rolled back", portal.procedure))
    bob(lambda work: tell(work, drilled, "resolved", 2))
    draft = meeting.proposal(bob(lambda work: work.get(Incident, drilled)), [team.ada], worker.clock(), "https://ims")
    assert draft
    planned = bob(lambda work: meeting.plan(work, drilled, draft)).id
    bob(lambda work: meeting.hold(work, planned))
    bob(lambda work: follow_ups.add(work, drilled, FollowUpDraft(text="Alert on it", owner_id=team.ada.id)))
    bob(lambda work: filing.file_follow_ups(work, drilled))
    bob(lambda work: elsewhere.ask_for(work, drilled, b"PK"))
    bob(lambda work: ask_what_no_page_offers(work, drilled))
    quiet = bob(
        lambda work: silences.silence(work, drilled, {"alertname": "Down"}, for_=60 * MINUTE, reason="known")
    ).id
    bob(lambda work: silences.end(work, quiet))
    bob(lambda work: drill.end(work, drilled, "Well enough"))
    live(120)
    return drilled


def ask_what_no_page_offers(work: Work, incident_id: int) -> None:
    """Ask for what nobody can ask of a drill: its document lives nowhere else, and no digest tells of it."""
    key = work.incident(incident_id).key
    messages: list[Message] = [
        DocumentShare(incident_key=key, share_with=["eve@example.com"]),
        DocumentRefresh(incident_key=key, blocks=[]),
        TeamMail(to="eve@example.com", subject="Follow-ups", text="One is late."),
    ]
    for message in messages:
        enqueue(work, message, key=f"drill:{message.kind}", incident_id=incident_id)


def test_nothing_of_a_whole_drill_reaches_an_outside_system(
    both_portals: Portal, worker: Worker, team: Team, live: Live, outside: Outside, clock: HandClock
) -> None:
    every_ability = frozenset(ability for ability, _ in ROUTES.values())
    both_portals.ports = replace(both_portals.ports, configured=every_ability)
    drilled = rehearse(both_portals, worker, team, live)
    clock.forward(STAYS_FOR)
    worker.run_due()
    kept = rows(both_portals, drilled)
    assert {delivery.kind for delivery in kept} == set(KINDS), "so that no kind of message is left unproved"
    assert {(delivery.drill, delivery.state, delivery.proof) for delivery in kept} == {
        (True, DeliveryState.SENT, "Rehearsed: nothing left the portal.")
    }
    assert outside.handed == []
    with both_portals.reading() as session:
        assert deliveries.counts(session) == {DeliveryState.SENT: len(kept)}, "no row stands beside the drill's own"


def test_a_real_incident_beside_the_drill_does_reach_them(
    both_portals: Portal, worker: Worker, team: Team, outside: Outside
) -> None:
    started(both_portals, worker, team)
    assert outside.handed == []
    real = declare_one(both_portals, worker, team)
    assert {key.split(":")[0] for key in outside.keys} == {"page", "ticket"}
    assert {delivery.system for delivery in rows(both_portals, real)} == {"outside"}


def test_a_rehearsed_delivery_that_is_tried_again_stays_inside(
    both_portals: Portal, worker: Worker, team: Team, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "rehearsal", Outside([PermissionError("bad")] * 9).ports)
    drilled = started(both_portals, worker, team)
    failing = rows(both_portals, drilled.id)
    assert {delivery.state for delivery in failing} == {DeliveryState.FAILING}
    monkeypatch.setattr(worker, "rehearsal", registry.rehearsal())
    act(both_portals, worker, team, lambda work: [retry(work, delivery.id) for delivery in failing])
    assert {row(both_portals, delivery.id).system for delivery in failing} == {"rehearsal"}
    assert outside.handed == []


def test_the_tickets_of_a_drill_are_seen_to_be_rehearsed(
    both_portals: Portal, worker: Worker, team: Team, outside: Outside, clock: HandClock
) -> None:
    drilled = started(both_portals, worker, team)
    act(both_portals, worker, team, lambda work: follow_ups.add(work, drilled.id, FollowUpDraft(text="Alert on it")))
    act(both_portals, worker, team, lambda work: filing.file_follow_ups(work, drilled.id))
    with both_portals.reading() as session:
        tickets: Sequence[Ticket] = incidents.tickets(session, drilled.id)
    assert [ticket.key for ticket in tickets] == [f"DRILL-{ticket.id}" for ticket in tickets]
    assert len(tickets) == 2
    assert outside.handed == []


def test_the_portals_own_worker_rehearses_too(portal: Portal, clock: HandClock) -> None:
    own = make_team(portal)
    drilled = started(portal, portal.worker, own)
    assert {delivery.system for delivery in rows(portal, drilled.id)} == {"rehearsal"}


def declare_one(portal: Portal, worker: Worker, team: Team) -> int:
    draft = IncidentDraft(title="Real", affects_customers=True, customer_ids=[team.acme.id])
    incident: Incident = act(portal, worker, team, lambda work: declare(work, draft, portal.procedure))
    return incident.id
