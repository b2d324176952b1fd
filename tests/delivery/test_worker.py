"""The worker carries out what is due, settles it, or plans the next try; on both databases."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from ims.bootstrap import Portal
from ims.delivery.lease import Keeper
from ims.delivery.queue import enqueue, give_up
from ims.delivery.worker import LEASE, LONGEST_RETRY, MOST_ATTEMPTS, Worker, next_try
from ims.integrations.registry import rehearsal
from ims.model import PORTAL, Delivery, DeliveryState, EntryKind, Incident
from ims.model.message import Nudge
from ims.ports import DeliveryError, Receipt
from ims.store import deliveries, incidents
from ims.store.work import Work
from tests.conftest import START, HandClock, make_team
from tests.delivery.conftest import Outside, ask, row, word, worker_on

SECRET = "https://hooks.example/T0/very-secret"


def _incident(portal: Portal) -> int:
    make_team(portal)
    with portal.work(PORTAL) as work:
        incident = Incident(title="Disk full", origin="test", began_at=START, detected_at=START, declared_at=START)
        work.add(incident)
    return incident.id


def _kinds(portal: Portal, incident_id: int) -> list[EntryKind]:
    with portal.reading() as session:
        return [entry.kind for entry in incidents.timeline(session, incident_id)]


def test_nothing_is_sent_for_a_transaction_that_was_rolled_back(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    with suppress(ZeroDivisionError), both_portals.work(PORTAL) as work:
        enqueue(work, word("never"), key="never")
        _ = 1 / 0
    ask(both_portals, "kept")
    worker_on(both_portals, outside, clock).run_due()
    assert outside.keys == ["kept"]


def test_who_delivers_is_woken_by_what_is_to_be_delivered_and_by_nothing_else(portal: Portal) -> None:
    """Fifty alerts a second that ask for nothing must not wake each system's worker fifty times a second."""
    incident_id = _incident(portal)
    (worker,) = (hand for hand in portal.crew.hands if isinstance(hand, Worker))
    worker.wake.clear()
    with portal.work(PORTAL) as work:
        work.record(work.incident(incident_id), EntryKind.NOTE, "We look.")
    assert not worker.wake.is_set()
    with portal.work(PORTAL) as work:
        asked = enqueue(work, word("customers wait"), key="asked")
    assert worker.wake.is_set()
    worker.wake.clear()
    with portal.work(PORTAL) as work:
        give_up(work, asked.id, "They know.")
    assert worker.wake.is_set()


def test_a_worker_for_one_system_sleeps_while_others_have_something_to_do(
    portal: Portal, outside: Outside, clock: HandClock
) -> None:
    worker = worker_on(portal, outside, clock)
    worker.kinds = ["page"]
    worker.hear({"nudge"})
    assert not worker.wake.is_set()
    worker.hear({"nudge", "page"})
    assert worker.wake.is_set()


def test_what_was_sent_carries_its_proof(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    delivery_id = ask(both_portals, "a")
    assert worker_on(both_portals, outside, clock).run_due() == 1
    sent = row(both_portals, delivery_id)
    assert (sent.state, sent.settled_at, sent.claimed_until) == (DeliveryState.SENT, START, None)
    assert (sent.system, sent.proof, sent.url) == ("outside", "taken as a", "https://outside.example/a")


def test_what_is_not_due_yet_waits(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    with both_portals.work(PORTAL) as work:
        message = word("later")
        enqueue(work, message, key="later", due_at=START + timedelta(minutes=5))
    worker = worker_on(both_portals, outside, clock)
    assert worker.run_due() == 0
    clock.forward(timedelta(minutes=5))
    assert worker.run_due() == 1


def test_a_stream_goes_in_order_and_waits_for_its_failing_row(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    for key in ("first", "second", "third"):
        ask(both_portals, key, stream="acme")
    ask(both_portals, "elsewhere", stream="globex")
    outside.trouble.append(DeliveryError("busy", permanent=False))
    worker = worker_on(both_portals, outside, clock)
    worker.run_due()
    assert outside.keys == ["first", "elsewhere"]
    clock.forward(timedelta(minutes=1))
    worker.run_due()
    assert outside.keys == ["first", "elsewhere", "first", "second", "third"]


def test_what_waits_in_line_does_not_make_a_worker_claim_in_vain(
    both_portals: Portal, outside: Outside, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite each claim takes the only writer's place, every two seconds while a system is down."""
    for key in ("first", "second"):
        ask(both_portals, key, stream="acme")
    outside.trouble.append(DeliveryError("busy", permanent=False))
    worker = worker_on(both_portals, outside, clock)
    worker.run_due()
    monkeypatch.setattr(both_portals.database, "writing", lambda: pytest.fail("it claimed"))
    assert worker.run_due() == 0


def test_rows_without_a_stream_do_not_wait_for_each_other(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    ask(both_portals, "first")
    ask(both_portals, "second")
    outside.trouble.append(DeliveryError("busy", permanent=False))
    worker_on(both_portals, outside, clock).run_due()
    assert outside.keys == ["first", "second"]


def test_a_failing_delivery_is_tried_again_later_and_later(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    delivery_id = ask(both_portals, "a")
    worker = worker_on(both_portals, outside, clock)
    waits = []
    for _ in range(3):
        outside.trouble.append(DeliveryError("busy", permanent=False))
        worker.run_due()
        failing = row(both_portals, delivery_id)
        assert (failing.state, failing.problem) == (DeliveryState.FAILING, "busy")
        waits.append((failing.due_at - clock()).total_seconds())
        clock.now = failing.due_at
    assert waits == [15, 30, 60]
    worker.run_due()
    assert row(both_portals, delivery_id).state is DeliveryState.SENT
    assert (row(both_portals, delivery_id).problem, row(both_portals, delivery_id).failure) == ("", "busy")


def test_the_other_side_is_not_asked_before_it_said(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    delivery_id = ask(both_portals, "a")
    outside.trouble.append(DeliveryError("too many", permanent=False, retry_after=timedelta(minutes=7)))
    worker_on(both_portals, outside, clock).run_due()
    assert row(both_portals, delivery_id).due_at == START + timedelta(minutes=7)


def test_the_wait_never_grows_over_half_an_hour() -> None:
    assert next_try(START, 11, None) - START == LONGEST_RETRY == timedelta(minutes=30)


def test_a_permanent_error_stops_and_the_incident_learns_of_it(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    incident_id = _incident(both_portals)
    delivery_id = ask(both_portals, "a", incident_id=incident_id)
    outside.trouble.append(DeliveryError("no such channel", permanent=True))
    worker = worker_on(both_portals, outside, clock)
    worker.run_due()
    clock.forward(timedelta(days=1))
    assert worker.run_due() == 0
    stopped = row(both_portals, delivery_id)
    assert (stopped.state, stopped.problem) == (DeliveryState.STOPPED, "no such channel")
    assert _kinds(both_portals, incident_id) == [EntryKind.DELIVERY_STOPPED]


def test_after_twelve_tries_it_stops_and_asks_a_person(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    incident_id = _incident(both_portals)
    delivery_id = ask(both_portals, "a", incident_id=incident_id)
    outside.trouble.extend(DeliveryError("busy", permanent=False) for _ in range(20))
    worker = worker_on(both_portals, outside, clock)
    for _ in range(20):
        worker.run_due()
        clock.forward(LONGEST_RETRY)
    assert len(outside.handed) == MOST_ATTEMPTS
    assert row(both_portals, delivery_id).state is DeliveryState.STOPPED
    assert _kinds(both_portals, incident_id) == [EntryKind.DELIVERY_STOPPED]


def test_an_error_no_adapter_foresaw_is_tried_again_and_logged_without_its_secrets(
    both_portals: Portal, outside: Outside, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    delivery_id = ask(both_portals, "a")
    outside.trouble.append(RuntimeError(f"cannot reach {SECRET}"))
    with caplog.at_level(logging.ERROR):
        worker_on(both_portals, outside, clock).run_due()
    failing = row(both_portals, delivery_id)
    assert (failing.state, failing.problem) == (DeliveryState.FAILING, "Unexpected: RuntimeError")
    assert "RuntimeError" in caplog.text
    assert "conftest.py" in caplog.text
    assert SECRET not in caplog.text


def test_the_row_of_a_dead_worker_is_taken_over_when_its_lease_ends(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    delivery_id = ask(both_portals, "a")
    with both_portals.database.writing() as session:
        assert deliveries.claim(session, "dead", clock(), LEASE, 20)
    worker = worker_on(both_portals, outside, clock)
    assert worker.run_due() == 0
    clock.forward(LEASE)
    assert worker.run_due() == 1
    assert row(both_portals, delivery_id).claimed_by == worker.name


def test_a_worker_that_lost_its_row_settles_nothing(both_portals: Portal, clock: HandClock) -> None:
    """The slow one sends for longer than its lease; meanwhile another sent it and its proof must stay."""
    quick = Outside()

    class Slow(Outside):
        def nudge(self, _message: Nudge, key: str) -> Receipt:
            clock.forward(LEASE)
            worker_on(both_portals, quick, clock).run_due()
            return Receipt("slow", "too late")

    delivery_id = ask(both_portals, "a")
    worker_on(both_portals, Slow(), clock).run_due()
    assert row(both_portals, delivery_id).proof == "taken as a"


def test_a_batch_that_takes_longer_than_the_lease_sends_nothing_twice(both_portals: Portal, clock: HandClock) -> None:
    other = Outside()

    class Slow(Outside):
        def nudge(self, _message: Nudge, key: str) -> Receipt:
            receipt = self._answer("nudge", key)
            clock.forward(LEASE * 0.7)
            worker_on(both_portals, other, clock).run_due()
            return receipt

    slow = Slow()
    for number in range(6):
        ask(both_portals, f"row {number}")
    worker_on(both_portals, slow, clock).run_due()
    assert max((slow.times + other.times).values()) == 1
    assert len(slow.times + other.times) == 6


def test_a_call_that_outlasts_its_lease_is_not_made_by_another_worker_too(
    both_portals: Portal, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ims.delivery.worker.RENEW_SECONDS", 0.005)
    other = Outside()

    class Slow(Outside):
        def nudge(self, _message: Nudge, key: str) -> Receipt:
            for _ in range(3):
                clock.forward(LEASE * 0.9)
                wait_for_lease(both_portals, delivery_id, clock() + LEASE)
                assert worker_on(both_portals, other, clock).run_due() == 0
            return self._answer("nudge", key)

    delivery_id, slow = ask(both_portals, "a"), Slow()
    worker_on(both_portals, slow, clock).run_due()
    assert (slow.keys, other.keys) == (["a"], [])
    assert row(both_portals, delivery_id).state is DeliveryState.SENT


def wait_for_lease(portal: Portal, delivery_id: int, until: datetime) -> None:
    end = time.monotonic() + 10
    while row(portal, delivery_id).claimed_until != until:
        assert time.monotonic() < end, "the lease was not renewed"
        time.sleep(0.005)


def test_a_lease_that_cannot_be_renewed_now_is_tried_again_and_its_errors_words_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = Event()
    answers = iter([OperationalError("SELECT 1", {"secret": SECRET}, Exception(SECRET))])

    def renew() -> bool:
        for error in answers:
            raise error
        asked.set()
        return False

    with Keeper(0.001) as keeper, keeper.keeping(renew):
        assert asked.wait(10)
    assert "could not be renewed: OperationalError" in caplog.text
    assert SECRET not in caplog.text


def test_a_row_that_kills_every_worker_stops_at_last(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    delivery_id = ask(both_portals, "poison")
    for _ in range(MOST_ATTEMPTS):
        with both_portals.database.writing() as session:
            assert deliveries.claim(session, "dies while sending", clock(), LEASE, 20)
        clock.forward(LEASE)
    worker_on(both_portals, outside, clock).run_due()
    assert outside.handed == []
    assert row(both_portals, delivery_id).state is DeliveryState.STOPPED
    assert "no worker lived" in row(both_portals, delivery_id).problem


def test_a_mistake_in_telling_the_incident_does_not_send_twice(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    def mistaken(_work: Work, _delivery: Delivery, _receipt: Receipt | None) -> None:
        raise KeyError("customer")

    delivery_id = ask(both_portals, "a")
    worker = Worker(both_portals.database, outside.ports, rehearsal(), mistaken, clock)
    worker.run_due()
    clock.forward(LEASE * 2)
    worker.run_due()
    assert outside.keys == ["a"]
    sent = row(both_portals, delivery_id)
    assert (sent.state, sent.proof) == (DeliveryState.SENT, "taken as a")
    assert "could not be told" in sent.problem


def test_a_worker_asked_to_stop_gives_back_what_it_has_not_begun(both_portals: Portal, clock: HandClock) -> None:
    class Stopping(Outside):
        def nudge(self, _message: Nudge, key: str) -> Receipt:
            worker.shut_down()
            return self._answer("nudge", key)

    stopping = Stopping()
    worker = worker_on(both_portals, stopping, clock)
    ids = [ask(both_portals, f"row {number}") for number in range(3)]
    assert worker.run_due() == 1
    assert [row(both_portals, each).attempts for each in ids] == [1, 0, 0]
    successor = Outside()
    worker_on(both_portals, successor, clock).run_due()
    assert successor.keys == ["row 1", "row 2"]


def test_the_worker_survives_a_database_that_does_not_answer(
    both_portals: Portal, outside: Outside, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_id = ask(both_portals, "a")
    worker = worker_on(both_portals, outside, clock)
    reading = both_portals.database.reading
    failures = [OperationalError("SELECT 1", {"secret": SECRET}, Exception("gone away"))]

    @contextmanager
    def sometimes() -> Iterator[Session]:
        if failures:
            worker.wake.set()
            raise failures.pop()
        with reading() as session:
            yield session
        worker.shut_down()

    monkeypatch.setattr(both_portals.database, "reading", sometimes)
    worker.run_forever()
    monkeypatch.undo()
    assert not failures
    worker.stop.clear()
    worker.run_due()
    assert row(both_portals, delivery_id).state is DeliveryState.SENT
