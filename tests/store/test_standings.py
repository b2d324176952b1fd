"""How each outside system has done, read from the deliveries."""

from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.model import Actor, Delivery, DeliveryState
from ims.store import standings
from tests.conftest import START

SENT, WAITING, FAILING, STOPPED = (
    DeliveryState.SENT,
    DeliveryState.WAITING,
    DeliveryState.FAILING,
    DeliveryState.STOPPED,
)


def add(portal: Portal, key: str, state: DeliveryState, minute: int = 0, **change: object) -> None:
    at = START + timedelta(minutes=minute)
    row = Delivery(key=key, kind="page", recipient="x", state=state, created_at=START, due_at=at, tried_at=at)
    for name, value in change.items():
        setattr(row, name, value)
    with portal.work(Actor("Setup")) as work:
        work.add(row)


def test_what_should_be_delivered_and_is_not_is_counted_by_kind_and_state(both_portals: Portal) -> None:
    add(both_portals, "due", WAITING)
    add(both_portals, "planned", WAITING, minute=5)
    add(both_portals, "failing", FAILING, minute=5)
    add(both_portals, "other", STOPPED, kind="ticket")
    add(both_portals, "rehearsed", FAILING, drill=True)
    add(both_portals, "done", SENT)
    with both_portals.reading() as session:
        counts = standings.unsent(session, START)
    assert counts == {"page": {WAITING: 1, FAILING: 1}, "ticket": {STOPPED: 1}}


def test_the_last_thing_that_a_system_took_is_found_among_its_kinds(both_portals: Portal) -> None:
    at = START + timedelta(minutes=3)
    add(both_portals, "first", SENT, 1, system="oncall", settled_at=START)
    add(both_portals, "last", SENT, 3, system="oncall", settled_at=at, kind="stand_down")
    add(both_portals, "kept", SENT, 4, system="portal")
    add(both_portals, "rehearsed", SENT, 5, system="oncall", drill=True)
    add(both_portals, "of another kind", SENT, 6, system="oncall", kind="ticket")
    add(both_portals, "from before this was noted", SENT, system="oncall", tried_at=None)
    with both_portals.reading() as session:
        found = standings.last_sent(session, ["page", "stand_down"], "oncall")
        assert found is not None
        assert found.key == "last"
        assert standings.last_sent(session, ["page"], "slack") is None


def test_what_failed_last_is_remembered_after_it_was_sent(both_portals: Portal) -> None:
    add(both_portals, "first", SENT, failed_at=START, failure="Away.")
    add(both_portals, "last", SENT, failed_at=START + timedelta(minutes=2), failure="Full.")
    add(both_portals, "rehearsed", FAILING, failed_at=START + timedelta(minutes=3), drill=True)
    add(both_portals, "never", SENT)
    with both_portals.reading() as session:
        found = standings.last_failed(session, ["page", "stand_down"])
        assert found is not None
        assert found.failure == "Full."
        assert standings.last_failed(session, ["ticket"]) is None


@pytest.mark.parametrize(("states", "expected"), [((FAILING, STOPPED), "1"), ((FAILING, FAILING), "2"), ((), None)])
def test_what_stopped_is_told_before_what_only_fails_and_the_newest_first(
    both_portals: Portal, states: tuple[DeliveryState, ...], expected: str | None
) -> None:
    add(both_portals, "0", SENT, 9)
    add(both_portals, "rehearsed", STOPPED, 9, drill=True)
    for number, state in zip((2, 1), states, strict=False):
        add(both_portals, str(number), state, number)
    with both_portals.reading() as session:
        found = standings.last_problem(session, ["page"])
    assert (found.key if found else None) == expected
