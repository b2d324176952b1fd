"""Freshness against cases computed by hand: an hour between updates, a minute of grace."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from ims.bootstrap import Portal
from ims.model import Customer, EntryKind, Incident, IncidentState, TimelineEntry
from ims.sop.case import Case
from ims.sop.freshness import freshness, holds, overruns, silences
from ims.sop.rules import customers_updated
from tests.conftest import START

HOUR = timedelta(hours=1)
ACME = Customer(id=1, name="Acme", slack_channel="#acme")
Told = tuple[float, EntryKind, *tuple[float, ...]]
WRITTEN, HELD, RESUMED = EntryKind.UPDATE_WRITTEN, EntryKind.UPDATES_HELD, EntryKind.UPDATES_RESUMED


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def case(*told: Told, resolved: float | None = None, customers: Sequence[Customer] = (ACME,)) -> Case:
    """A case declared at minute 0; a hold also says the minute of its end."""
    entries = [
        TimelineEntry(
            id=number,
            incident_id=1,
            kind=kind,
            text="",
            occurred_at=at(minute),
            recorded_at=at(minute),
            author="Ada",
            data={"until": at(until[0]).isoformat()} if until else {},
        )
        for number, (minute, kind, *until) in enumerate(told, start=1)
    ]
    incident = Incident(
        id=1,
        title="Payments fail",
        state=IncidentState.RESOLVED if resolved else IncidentState.OPEN,
        began_at=START,
        detected_at=START,
        declared_at=START,
        resolved_at=at(resolved) if resolved else None,
    )
    return Case(incident, entries, customers)


def fresh(told: Case, minutes: float) -> float | None:
    return freshness(told, HOUR, at(minutes))


@pytest.mark.parametrize(
    ("told", "now", "expected"),
    [
        (case(), 0, 1.0),
        (case(), 61, 1.0),  # an hour and its grace
        (case(), 122, 1 - 61 / 122),
        (case((20, WRITTEN), (75, WRITTEN)), 100, 1.0),
        (case((20, WRITTEN), (101, WRITTEN)), 120, 1 - 20 / 120),  # 81 minutes of silence, 61 of them allowed
        (case((81, WRITTEN), (182, WRITTEN)), 200, 1 - (20 + 40) / 200),
        (case((20, WRITTEN), resolved=101), 500, 1 - 20 / 101),  # after the resolution its clock stands still
    ],
)
def test_it_is_the_share_of_time_without_too_long_a_silence(told: Case, now: float, expected: float) -> None:
    assert fresh(told, now) == pytest.approx(expected)


def test_without_customers_nothing_can_be_fresh() -> None:
    assert fresh(case(customers=()), 100) is None


def test_a_shorter_interval_is_missed_sooner() -> None:
    told = case((30, WRITTEN), (60, WRITTEN))
    assert freshness(told, timedelta(minutes=19), at(60)) == pytest.approx(1 - (10 + 10) / 60)


def test_an_update_written_after_the_resolution_does_not_count() -> None:
    assert fresh(case((300, WRITTEN), resolved=122), 400) == pytest.approx(1 - 61 / 122)


def test_a_hold_is_neither_silence_nor_duration() -> None:
    told = case((20, WRITTEN), (40, HELD, 160))
    assert silences(told, at(200)) == [timedelta(minutes=20), timedelta(minutes=20 + 40)]
    assert fresh(told, 200) == 1.0
    assert fresh(told, 241) == pytest.approx(1 - 40 / 121)


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        (case((10, HELD, 100)), 100),
        (case((10, HELD, 100), (50, RESUMED)), 50),
        (case((10, HELD, 100), (60, WRITTEN)), 60),
        (case((10, HELD, 400)), 200),
    ],
)
def test_a_hold_ends_as_said_or_resumed_or_with_an_update_and_no_later_than_now(told: Case, ends: float) -> None:
    assert holds(told, at(200)) == [(at(10), at(ends))]


def test_a_hold_that_is_prolonged_is_left_out_once() -> None:
    told = case((10, HELD, 100), (50, HELD, 150))
    assert silences(told, at(200)) == [timedelta(minutes=10 + 50)]


def test_the_time_after_a_resolution_that_was_taken_back_is_left_out() -> None:
    told = case((20, WRITTEN), (40, EntryKind.RESOLVED), (640, EntryKind.REOPENED), (660, WRITTEN))
    assert silences(told, at(700))[1:] == [timedelta(minutes=20 + 20), timedelta(minutes=40)]
    assert fresh(told, 700) == 1.0


def test_only_what_goes_beyond_interval_and_grace_is_too_long() -> None:
    told = [timedelta(minutes=60), timedelta(minutes=61), timedelta(minutes=62)]
    assert overruns(told, HOUR) == [timedelta(), timedelta(), timedelta(minutes=1)]


@pytest.mark.parametrize(("hold", "late"), [((30, HELD, 200), 0), ((30, EntryKind.NOTE), 40)])
def test_the_step_that_tells_customers_is_not_late_for_time_on_hold(portal: Portal, hold: Told, late: float) -> None:
    told = case((20, WRITTEN), hold, (121, WRITTEN), (130, EntryKind.UPDATE_DELIVERED), resolved=140)
    for entry in told.of_kind(EntryKind.UPDATE_DELIVERED):
        entry.data = {"customer_id": 1, "way": "customer_post"}
    assert customers_updated(portal.procedure, told, at(200)).late_by == timedelta(minutes=late)
