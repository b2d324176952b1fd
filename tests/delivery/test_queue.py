"""Asking for an effect, and what a person decides about one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from ims.bootstrap import Portal
from ims.delivery.queue import enqueue, give_up, retry
from ims.delivery.worker import LEASE, MOST_ATTEMPTS
from ims.errors import NotFound, Refusal
from ims.model import PORTAL, Actor, DeliveryState
from ims.model.message import TeamMessage
from ims.ports import DeliveryError
from ims.store import deliveries
from tests.conftest import HandClock
from tests.delivery.conftest import Outside, ask, row, worker_on

ADA = Actor("Ada Lovelace")


def _stopped(portal: Portal, outside: Outside, clock: HandClock) -> int:
    delivery_id = ask(portal, "a")
    outside.trouble.append(DeliveryError("no such channel", permanent=True))
    worker_on(portal, outside, clock).run_due()
    return delivery_id


def test_the_same_key_twice_makes_one_row(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    assert ask(both_portals, "same") == ask(both_portals, "same")
    worker_on(both_portals, outside, clock).run_due()
    assert outside.keys == ["same"]


def test_the_same_key_from_two_transactions_at_once_makes_one_row(both_portals: Portal) -> None:
    together = Barrier(4)

    def one(_number: int) -> int:
        together.wait()
        return ask(both_portals, "same")

    with ThreadPoolExecutor(4) as threads:
        ids = set(threads.map(one, range(4)))
    assert len(ids) == 1


def test_an_added_row_does_not_undo_the_rest_of_its_work(both_portals: Portal) -> None:
    """A key that is there already must leave the transaction usable."""
    ask(both_portals, "same")
    with both_portals.work(PORTAL) as work:
        present = deliveries.by_key(work.session, "same")
        assert present is not None
        copy = type(present)(**present.model_dump(exclude={"id"}))
        assert deliveries.add_once(work.session, copy).id == present.id
        other = enqueue(work, TeamMessage(incident_key="INC-1", text="other"), key="other")
    assert row(both_portals, other.id).key == "other"


def test_retrying_a_stopped_delivery_sends_it_with_fresh_tries(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    delivery_id = ask(both_portals, "a")
    worker = worker_on(both_portals, outside, clock)
    outside.trouble.extend(DeliveryError("busy", permanent=False) for _ in range(MOST_ATTEMPTS))
    for _ in range(MOST_ATTEMPTS):
        worker.run_due()
        clock.forward(timedelta(hours=1))
    assert row(both_portals, delivery_id).state is DeliveryState.STOPPED
    with both_portals.work(ADA) as work:
        retry(work, delivery_id)
    outside.trouble.append(DeliveryError("busy once more", permanent=False))
    worker.run_due()
    assert row(both_portals, delivery_id).state is DeliveryState.FAILING
    clock.forward(timedelta(minutes=1))
    worker.run_due()
    assert row(both_portals, delivery_id).state is DeliveryState.SENT


def test_what_was_sent_is_neither_retried_nor_given_up(portal: Portal, outside: Outside, clock: HandClock) -> None:
    delivery_id = ask(portal, "a")
    worker_on(portal, outside, clock).run_due()
    with pytest.raises(Refusal, match="sent already; its proof"), portal.work(ADA) as work:
        retry(work, delivery_id)
    with pytest.raises(Refusal, match="cannot be called back"), portal.work(ADA) as work:
        give_up(work, delivery_id, "Told by phone")


def test_giving_up_needs_a_reason_and_keeps_it(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    delivery_id = _stopped(both_portals, outside, clock)
    with pytest.raises(Refusal, match="Say why"), both_portals.work(ADA) as work:
        give_up(work, delivery_id, "  ")
    with both_portals.work(ADA) as work:
        give_up(work, delivery_id, " Told by phone ")
    given_up = row(both_portals, delivery_id)
    assert (given_up.state, given_up.problem) == (DeliveryState.GIVEN_UP, "Given up by Ada Lovelace: Told by phone")
    assert worker_on(both_portals, outside, clock).run_due() == 0


def test_what_is_being_sent_right_now_is_not_given_up(both_portals: Portal, clock: HandClock) -> None:
    delivery_id = ask(both_portals, "a")
    with both_portals.database.writing() as session:
        deliveries.claim(session, "somebody", clock(), LEASE, 20)
    with pytest.raises(Refusal, match="being sent right now"), both_portals.work(ADA) as work:
        give_up(work, delivery_id, "Told by phone")
    clock.forward(LEASE)
    with both_portals.work(ADA) as work:
        assert give_up(work, delivery_id, "Told by phone").state is DeliveryState.GIVEN_UP


def test_a_delivery_that_is_not_there_is_said_in_words(portal: Portal) -> None:
    with pytest.raises(NotFound, match="no delivery 99"), portal.work(ADA) as work:
        retry(work, 99)
