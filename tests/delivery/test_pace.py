"""How fast a lane goes: no faster than its system takes, resting when it is told to, and never for another lane."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from ims.bootstrap import Portal
from ims.clock import utc_now
from ims.delivery.dispatch import kinds_of
from ims.delivery.queue import enqueue
from ims.delivery.worker import Worker
from ims.integrations.frame import Pace
from ims.integrations.registry import rehearsal
from ims.model import PORTAL, Delivery, DeliveryState
from ims.model.message import Page
from ims.ports import DeliveryError
from ims.response.settlement import settled
from tests.conftest import HandClock
from tests.delivery.conftest import Outside, ask, row

MINUTE = timedelta(minutes=1)
CHAT, PAGER = kinds_of("messenger"), kinds_of("pager")


def lane(
    portal: Portal, outside: Outside, clock: HandClock, kinds: Sequence[str] = CHAT, pace: Pace | None = None
) -> Worker:
    """A worker for some kinds, as a process runs it."""
    return Worker(portal.database, outside.ports, rehearsal(), settled, clock, kinds=kinds, pace=pace)


def ask_for_page(portal: Portal, key: str) -> int:
    with portal.work(PORTAL) as work:
        page = Page(incident_key="INC-1", title="Down", text="Come.", person_name="Ada", person_email="ada@example.com")
        return enqueue(work, page, key=key).id


def ask_for_words(portal: Portal, count: int) -> list[int]:
    return [ask(portal, f"word {number:02}") for number in range(count)]


def test_two_workers_together_call_no_oftener_than_the_pace(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    ask_for_words(both_portals, 12)
    workers = [lane(both_portals, outside, clock, pace=Pace(5, MINUTE)) for _ in range(2)]
    calls: list[datetime] = []
    while len(outside.keys) < 12:
        before = len(outside.keys)
        for worker in workers:
            worker.run_due()
        calls += [clock()] * (len(outside.keys) - before)
        clock.forward(timedelta(seconds=7))
    assert max(sum(at <= each < at + MINUTE for each in calls) for at in calls) == 5
    assert calls[-1] - calls[0] < 3 * MINUTE, "it is as fast as it may be"
    assert set(outside.times.values()) == {1}


def test_the_pace_is_counted_in_a_window_that_moves(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    worker = lane(both_portals, outside, clock, pace=Pace(2, MINUTE))
    ask(both_portals, "at 0")
    worker.run_due()
    clock.forward(MINUTE / 2)
    for key in ("at 30", "at 60", "at 90"):
        ask(both_portals, key)
    tried = []
    for _ in range(3):
        tried.append(worker.run_due())
        clock.forward(MINUTE / 2)
    assert tried == [1, 1, 1]


def test_workers_that_look_in_the_same_moment_do_not_both_take_the_last_call(
    both_portals: Portal, outside: Outside, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen that there is room before either claims."""
    ask_for_words(both_portals, 4)
    gate, look = Barrier(2, timeout=20), Worker._room

    def look_together(worker: Worker) -> int:
        room = look(worker)
        if not outside.keys and worker.name not in seen:
            seen.add(worker.name)
            gate.wait()
        return room

    seen: set[str] = set()
    monkeypatch.setattr(Worker, "_room", look_together)
    workers = [lane(both_portals, outside, clock, pace=Pace(1, MINUTE)) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(Worker.run_due, workers)) == 1
    assert len(outside.keys) == 1
    assert len(seen) == 2


def test_paced_deliveries_count_when_their_system_is_called_not_when_others_were_taken(
    both_portals: Portal, clock: HandClock
) -> None:
    """The first call takes long, so the second is made late, and must not leave room early."""
    calls: list[datetime] = []

    class Slow(Outside):
        def _answer(self, ability: str, key: str):  # type: ignore[no-untyped-def]
            calls.append(clock())
            clock.forward(timedelta(seconds=0 if len(calls) > 1 else 50))
            return super()._answer(ability, key)

    ask_for_words(both_portals, 8)
    worker = lane(both_portals, Slow(), clock, pace=Pace(2, MINUTE))
    while len(calls) < 8:
        worker.run_due()
        clock.forward(timedelta(seconds=1))
    assert max(sum(at <= each < at + MINUTE for each in calls) for at in calls) == 2


def test_rehearsed_deliveries_use_up_nothing(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    ids = ask_for_words(both_portals, 3)
    with both_portals.database.writing() as session:
        for each in ids[:2]:
            session.get_one(Delivery, each).drill = True
    assert lane(both_portals, outside, clock, pace=Pace(1, MINUTE)).run_due() == 3
    assert outside.keys == ["word 02"]


def test_a_system_that_asks_for_rest_gets_it_and_the_others_go_on(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    ids = ask_for_words(both_portals, 3)
    chat, pager = lane(both_portals, outside, clock), lane(both_portals, outside, clock, PAGER)
    outside.trouble.append(DeliveryError("too many", permanent=False, retry_after=5 * MINUTE))
    assert chat.run_due() == 1
    ask_for_page(both_portals, "page")
    assert (chat.run_due(), pager.run_due()) == (0, 1)
    assert outside.keys == ["word 00", "page"]
    assert [row(both_portals, each).attempts for each in ids] == [1, 0, 0], "what was not tried lost no try"
    clock.forward(5 * MINUTE - timedelta(seconds=1))
    assert chat.run_due() == 0
    clock.forward(timedelta(seconds=1))
    assert chat.run_due() == 3
    assert all(row(both_portals, each).state is DeliveryState.SENT for each in ids)


def test_what_a_resting_worker_gave_back_another_may_take(
    both_portals: Portal, outside: Outside, clock: HandClock
) -> None:
    ask_for_words(both_portals, 2)
    outside.trouble.append(DeliveryError("too many", permanent=False, retry_after=5 * MINUTE))
    lane(both_portals, outside, clock).run_due()
    lane(both_portals, outside, clock).run_due()
    assert outside.keys == ["word 00", "word 01"]


def test_a_rehearsal_lets_nobody_rest(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    """No outside system said anything: a drill stays inside."""
    ids = ask_for_words(both_portals, 2)
    with both_portals.database.writing() as session:
        session.get_one(Delivery, ids[0]).drill = True
    worker = lane(both_portals, outside, clock)
    worker.rehearsal = Outside([DeliveryError("too many", permanent=False, retry_after=5 * MINUTE)]).ports
    worker.run_due()
    assert outside.keys == ["word 01"]


def test_a_worker_takes_only_its_kinds(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    word = ask(both_portals, "word")
    page = ask_for_page(both_portals, "page")
    assert lane(both_portals, outside, clock, PAGER).run_due() == 1
    assert outside.handed == [("page", "page")]
    assert row(both_portals, word).state is DeliveryState.WAITING
    assert row(both_portals, page).state is DeliveryState.SENT


def test_a_stream_keeps_its_order_across_lanes(both_portals: Portal, outside: Outside, clock: HandClock) -> None:
    ask(both_portals, "first", stream="INC-1")
    with both_portals.work(PORTAL) as work:
        page = Page(incident_key="INC-1", title="Down", text="Come.", person_name="Ada", person_email="ada@example.com")
        enqueue(work, page, key="second", stream="INC-1")
    pager, chat = lane(both_portals, outside, clock, PAGER), lane(both_portals, outside, clock)
    assert (pager.run_due(), chat.run_due(), pager.run_due()) == (0, 1, 1)
    assert outside.keys == ["first", "second"]


def test_real_time_passes_the_same_way(both_portals: Portal, outside: Outside) -> None:
    """Workers in threads of their own, on the clock of the house: never more than three calls in half a second."""
    ask_for_words(both_portals, 9)
    pace, calls = Pace(3, timedelta(seconds=0.5)), []

    class Timed(Outside):
        def _answer(self, ability: str, key: str):  # type: ignore[no-untyped-def]
            calls.append(utc_now())
            return super()._answer(ability, key)

    timed = Timed()
    workers = [
        Worker(both_portals.database, timed.ports, rehearsal(), settled, utc_now, kinds=CHAT, pace=pace)
        for _ in range(2)
    ]

    def until_all_are_sent(worker: Worker) -> None:
        while len(calls) < 9:
            worker.run_due()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(until_all_are_sent, workers))
    assert set(timed.times.values()) == {1}
    rows = sorted(calls)
    assert all(later - earlier > pace.per * 0.8 for earlier, later in zip(rows, rows[3:], strict=False))
