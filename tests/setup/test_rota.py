"""The rota: an order that people change, and one-off overrides."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import Actor, Rota, RotaDraft, RotaOverride
from ims.model.rota import handover_day, next_shifts, regular_shift
from ims.setup.people import restore_person, retire_person
from ims.setup.rota import add_override, remove_override, save_rota
from ims.store import catalogue, on_call
from tests.conftest import START, Team, make_team

SOMEBODY = Actor("Somebody")
DAY = timedelta(days=1)
ROTA = Rota(id=1, name="SRE", time_zone="UTC", starts_on=date(2026, 11, 16), handover_at=time(9), shift_days=7)


def order(*member_ids: int, name: str = "SRE") -> RotaDraft:
    return RotaDraft(name=name, starts_on=date(2026, 11, 16), member_ids=list(member_ids))


def override(number: int, person_id: int, starts_at: datetime, ends_at: datetime) -> RotaOverride:
    return RotaOverride(id=number, rota_id=1, person_id=person_id, starts_at=starts_at, ends_at=ends_at)


def test_a_new_order_changes_who_is_on_call(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(SOMEBODY) as work:
        save_rota(work, order(team.bob.id, team.ada.id), 1)
    with both_portals.reading() as session:
        shift = on_call.current_shift(session, START)
        assert catalogue.rota_members(session, 1) == [team.bob.id, team.ada.id]
    assert shift is not None
    assert shift.person_id == team.bob.id


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Auckland", "America/St_Johns"])
@pytest.mark.parametrize("handover", [time(0), time(2, 30), time(9), time(23, 59)])
def test_a_rota_from_the_last_handover_on_begins_with_its_first_person(zone: str, handover: time) -> None:
    for hour in range(0, 24 * 365, 5):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        rota = ROTA.model_copy(
            update={"time_zone": zone, "handover_at": handover, "starts_on": handover_day(at, zone, handover)}
        )
        shift = regular_shift(rota, [7, 8], at)
        assert shift.person_id == 7
        assert timedelta(0) <= at - shift.starts_at < timedelta(days=1, hours=1)


def test_a_first_rota_is_made(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(SOMEBODY) as work:
        made = save_rota(work, order(team.bob.id, name="Night"))
    with both_portals.reading() as session:
        assert catalogue.rota_members(session, made.id) == [team.bob.id]


def test_a_rota_name_is_taken_once(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with pytest.raises(Refusal, match="There is a rota “SRE” already"), both_portals.work(SOMEBODY) as work:
        save_rota(work, order(team.bob.id))


def test_nobody_is_in_the_order_twice_or_retired(portal: Portal, team: Team) -> None:
    with pytest.raises(Refusal, match="twice"), portal.work(SOMEBODY) as work:
        save_rota(work, order(team.bob.id, team.bob.id), 1)
    with portal.work(SOMEBODY) as work:
        save_rota(work, order(team.bob.id), 1)
        retire_person(work, team.ada.id)
    with pytest.raises(Refusal, match="Ada Lovelace is retired"), portal.work(SOMEBODY) as work:
        save_rota(work, order(team.ada.id), 1)
    with portal.work(SOMEBODY) as work:
        restore_person(work, team.ada.id)
        save_rota(work, order(team.ada.id), 1)


def test_an_override_holds_until_it_is_taken_back(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(SOMEBODY) as work:
        kept = add_override(work, 1, team.bob.id, START - DAY, START + DAY)
    with both_portals.reading() as session:
        shift = on_call.current_shift(session, START)
        assert shift is not None
        assert shift.person_id == team.bob.id
    for _ in range(2):
        with both_portals.work(SOMEBODY) as work:
            remove_override(work, kept.id)
    with both_portals.reading() as session:
        shift = on_call.current_shift(session, START)
        assert shift is not None
        assert shift.person_id == team.ada.id


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "reason"),
    [(START + DAY, START, "ends before it starts"), (START - 2 * DAY, START - DAY, "over already")],
)
def test_an_override_that_makes_no_sense_is_refused(
    portal: Portal, team: Team, starts_at: datetime, ends_at: datetime, reason: str
) -> None:
    with pytest.raises(Refusal, match=reason), portal.work(SOMEBODY) as work:
        add_override(work, 1, team.bob.id, starts_at, ends_at)


def test_somebody_with_an_override_to_come_is_not_retired(portal: Portal, team: Team) -> None:
    with portal.work(SOMEBODY) as work:
        save_rota(work, order(team.ada.id), 1)
        add_override(work, 1, team.bob.id, START, START + DAY)
    with pytest.raises(Refusal, match="Bob Kahn is in the rota SRE"), portal.work(SOMEBODY) as work:
        retire_person(work, team.bob.id)


def test_the_next_shifts_follow_each_other_without_a_gap(portal: Portal, team: Team) -> None:
    with portal.reading() as session:
        shifts = catalogue.upcoming_shifts(session, START, 8)
    assert [shift.person_id for shift in shifts] == [team.ada.id, team.bob.id] * 4
    assert shifts[0].starts_at == START
    assert all(earlier.ends_at == later.starts_at for earlier, later in pairwise(shifts))


def test_an_override_cuts_a_shift_in_two() -> None:
    away = override(1, 2, START + DAY / 2, START + DAY)
    shifts = next_shifts(ROTA, [1, 3], [away], datetime(2026, 11, 23, 9, tzinfo=START.tzinfo), 3)
    assert [shift.person_id for shift in shifts] == [3, 2, 3]
    assert (shifts[1].starts_at, shifts[1].ends_at) == (away.starts_at, away.ends_at)


def test_an_override_that_a_newer_one_hides_cuts_nothing() -> None:
    hidden = override(1, 2, START + DAY, START + 2 * DAY)
    hiding = override(2, 3, START, START + 3 * DAY)
    shifts = next_shifts(ROTA, [1], [hidden, hiding], START, 1)
    assert [(shift.person_id, shift.ends_at) for shift in shifts] == [(3, START + 3 * DAY)]


def test_one_person_alone_has_shift_after_shift() -> None:
    shifts = next_shifts(ROTA, [1], [], START, 3)
    assert [shift.ends_at.day for shift in shifts] == [23, 30, 7]


def test_no_rota_means_no_shifts(portal: Portal) -> None:
    with portal.reading() as session:
        assert catalogue.upcoming_shifts(session, START, 8) == []


@pytest.mark.parametrize("handover", [time(0), time(2, 30), time(3), time(9), time(23, 30)])
@pytest.mark.parametrize("day", [date(2026, 3, 27), date(2026, 10, 23)])
def test_somebody_is_on_call_at_every_minute_of_a_change_of_summer_time(handover: time, day: date) -> None:
    rota = Rota(id=1, name="x", time_zone="Europe/Berlin", starts_on=day, handover_at=handover, shift_days=1)
    start = datetime.combine(day, time(12), UTC)
    shifts = [regular_shift(rota, [1, 2, 3], start + timedelta(minutes=minute)) for minute in range(4 * 24 * 60)]
    for minute, shift in enumerate(shifts):
        assert shift.starts_at <= start + timedelta(minutes=minute) < shift.ends_at
    in_order = list(dict.fromkeys((shift.starts_at, shift.ends_at, shift.person_id) for shift in shifts))
    for earlier, later in pairwise(in_order):
        assert (earlier[1], earlier[2] % 3 + 1) == (later[0], later[2])


def test_a_shift_over_the_change_is_an_hour_shorter_and_a_skipped_handover_an_hour_later_by_the_clock() -> None:
    rota = Rota(
        id=1,
        name="x",
        time_zone="Europe/Berlin",
        starts_on=date(2026, 3, 28),
        handover_at=time(2, 30),
        shift_days=1,
    )
    shift = regular_shift(rota, [1, 2], datetime(2026, 3, 29, 1, 10, tzinfo=UTC))
    assert (shift.person_id, shift.ends_at) == (1, datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    following = regular_shift(rota, [1, 2], shift.ends_at)
    assert (following.person_id, following.ends_at - following.starts_at) == (2, timedelta(hours=23))
