"""The demo as it stands in the portal after it was played."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from sqlmodel import Session, select

from ims.bootstrap import Portal
from ims.delivery.worker import LEASE
from ims.demo.play import AlreadyLoaded, load
from ims.errors import Refusal
from ims.model import (
    Actor,
    Alert,
    AlertStatus,
    Delivery,
    EntryKind,
    FollowUp,
    FollowUpState,
    InboxMessage,
    Incident,
    IncidentState,
    Person,
    PersonDraft,
    RcaDocument,
    TimelineEntry,
    TriageState,
)
from ims.setup.people import add_person
from ims.sop.case import Case
from ims.sop.evaluation import StepState, evaluate
from ims.store import catalogue, deliveries, incidents, on_call, overview
from tests.conftest import START, HandClock, make_team

pytestmark = pytest.mark.xdist_group("demo")  # it is played once, by one process


def _all(session: Session) -> list[Incident]:
    return list(session.exec(select(Incident)))


def _entries(session: Session, kind: EntryKind) -> list[TimelineEntry]:
    return list(session.exec(select(TimelineEntry).where(TimelineEntry.kind == kind)))


def _quiet(_part: float, _words: str) -> None:
    """Nobody watches."""


def test_a_month_of_incidents_is_there_one_burning_and_one_mitigated(demo: Portal) -> None:
    with demo.reading() as session:
        found = _all(session)
    by_state = {state: [each for each in found if each.state is state] for state in IncidentState}
    assert len(found) >= 22
    assert {state: len(by_state[state]) for state in (IncidentState.OPEN, IncidentState.MITIGATED)} == {
        IncidentState.OPEN: 1,
        IncidentState.MITIGATED: 1,
    }
    assert len(by_state[IncidentState.CANCELLED]) == 1
    assert len(by_state[IncidentState.CLOSED]) > 10
    assert all(START - timedelta(days=30) < each.declared_at < START for each in found)


def test_the_burning_incident_was_declared_half_an_hour_ago_and_owes_an_update_in_nine_minutes(demo: Portal) -> None:
    with demo.reading() as session:
        (burning,) = [each for each in incidents.active(session) if each.state is IncidentState.OPEN]
    assert START - burning.declared_at == timedelta(minutes=35)
    assert burning.next_update_due_at == START + timedelta(minutes=9)
    assert burning.first_update_at is not None


def test_every_time_of_every_incident_is_in_order_and_in_the_past(demo: Portal) -> None:
    with demo.reading() as session:
        for each in _all(session):
            times = [each.began_at, each.declared_at, each.acknowledged_at, each.mitigated_at, each.resolved_at]
            known = [at for at in [*times, each.closed_at] if at is not None]
            assert known == sorted(known), each.key
            assert known[-1] <= START


def test_every_timeline_was_written_in_the_order_in_which_it_happened(demo: Portal) -> None:
    with demo.reading() as session:
        for each in _all(session):
            written = sorted(incidents.timeline(session, each.id), key=lambda entry: entry.id)
            assert all(earlier.recorded_at <= later.recorded_at for earlier, later in pairwise(written))
            assert all(entry.occurred_at <= entry.recorded_at <= START for entry in written)


def test_every_delivery_was_sent_in_its_own_time(demo: Portal) -> None:
    with demo.reading() as session:
        assert set(deliveries.counts(session)) == {"sent"}
        for each in session.exec(select(Delivery)):
            assert each.settled_at is not None
            assert each.settled_at - each.created_at < LEASE
            assert each.claimed_until is None


def test_steps_have_different_ends(demo: Portal) -> None:
    """A demo in which everything went well teaches nothing."""
    with demo.reading() as session:
        statuses = [
            status
            for each in _all(session)
            for status in evaluate(
                demo.procedure,
                Case(each, incidents.timeline(session, each.id), incidents.customers_of(session, each.id)),
                START,
            )
        ]
        reopened = _entries(session, EntryKind.REOPENED)
        overridden = [each for each in _all(session) if each.override_reason]
        precautions = [each for each in _all(session) if each.precaution]
    assert {status.state for status in statuses} >= {StepState.DONE, StepState.WAIVED, StepState.LATE, StepState.DUE}
    assert any(status.state is StepState.DONE and status.late_by for status in statuses)
    assert (len(reopened), len(overridden), len(precautions)) == (1, 1, 1)


def test_documents_were_filled_in_and_understood(demo: Portal) -> None:
    with demo.reading() as session:
        read = [each for each in session.exec(select(RcaDocument)) if each.file]
        follow_ups = session.exec(select(FollowUp)).all()
    assert len(read) >= 10
    assert all(each.sections["root_cause"] and not each.not_understood for each in read)
    assert {each.state for each in follow_ups} == set(FollowUpState)
    assert all(each.owner_id and each.due_on and each.kind and each.ticket_id for each in follow_ups)


def test_alerts_came_as_bodies_and_some_wait_and_fire_now(demo: Portal) -> None:
    with demo.reading() as session:
        alerts = session.exec(select(Alert)).all()
        bodies = session.exec(select(InboxMessage)).all()
    waiting = [each for each in alerts if each.triage is TriageState.WAITING and each.status is AlertStatus.FIRING]
    dismissed = [each for each in alerts if each.triage is TriageState.DISMISSED]
    assert len(waiting) == 3
    assert all(each.triage_reason and each.triaged_by for each in dismissed)
    assert len(dismissed) == 4
    assert len(bodies) > len(alerts)
    assert not any(each.problem for each in bodies)


def test_somebody_was_on_call_all_the_time(demo: Portal) -> None:
    with demo.reading() as session:
        commanders = {entry.author for entry in _entries(session, EntryKind.ACKNOWLEDGED)}
        assert all(on_call.current_shift(session, START - timedelta(days=day)) for day in range(31))
    assert len(commanders) >= 4


def test_loading_it_twice_is_refused_in_words(demo: Portal) -> None:
    with pytest.raises(AlreadyLoaded, match="loaded already"):
        load(demo, _quiet)


def test_a_portal_in_use_is_refused_in_words(both_portals: Portal) -> None:
    make_team(both_portals)
    with pytest.raises(Refusal, match="in use"):
        load(both_portals, _quiet)


def test_a_portal_with_outside_systems_is_refused_before_invented_people_are_paged(portal: Portal) -> None:
    portal.ports = replace(portal.ports, configured=frozenset({"pager"}))
    with pytest.raises(Refusal, match="connected to outside systems"):
        load(portal, lambda _part, _words: None)
    with portal.reading() as session:
        assert overview.is_empty(session)


def test_a_failure_on_the_way_leaves_nothing_behind(both_portals: Portal) -> None:
    def stumble(part: float, _words: str) -> None:
        if part > 0.1:
            raise RuntimeError("the browser went away")

    with pytest.raises(RuntimeError):
        load(both_portals, stumble)
    with both_portals.reading() as session:
        assert not _all(session)
        assert session.exec(select(Person)).first() is None


def test_the_real_worker_cannot_spoil_the_past(portal: Portal, clock: HandClock) -> None:
    """It runs beside the loading, with the real clock, and must not see a delivery of the story."""
    seen: list[bool] = []

    def watch(part: float, _words: str) -> None:
        if part > 0.05 and not seen:
            seen.append(portal.worker._room() > 0)

    load(portal, watch)
    assert seen == [False]


def test_progress_grows_to_the_end(portal: Portal) -> None:
    told: list[float] = []
    load(portal, lambda part, words: told.append(part) if words else None)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_demo_can_be_worked_on_like_a_portal_of_ones_own(portal: Portal, clock: HandClock) -> None:
    load(portal, _quiet)
    with portal.reading() as session:
        administrator = next(each for each in catalogue.people(session) if each.access == "administrator")
        actor_name, actor_id, access = administrator.name, administrator.id, administrator.access
    clock.forward(timedelta(minutes=1))
    with portal.work(Actor(actor_name, actor_id, access)) as work:
        assert add_person(work, PersonDraft(name="New Colleague", email="new@fjordlane.example")).id


def test_two_people_who_load_it_at_once_get_it_once(both_portals: Portal) -> None:
    together = Barrier(2)

    def click(_: int) -> str:
        together.wait()
        try:
            load(both_portals, _quiet)
        except AlreadyLoaded as refusal:
            return str(refusal)
        return "loaded"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(click, range(2)))
    assert answers[0].startswith("The demo is loaded already")
    assert answers[1] == "loaded"
