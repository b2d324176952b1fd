"""Times as people and tools write them."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims.intake.history.found import DayOrder
from ims.intake.history.moments import UnreadableTime, evidence, read_moment

UTC_ZONE = ZoneInfo("UTC")


def read(text: str, zone: ZoneInfo = UTC_ZONE, order: DayOrder = DayOrder.DAY_FIRST) -> datetime | None:
    return read_moment(text, zone, order)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("29-02-2016 01:16", datetime(2016, 2, 29, 1, 16, tzinfo=UTC)),
        ("5/3/2016 12:00", datetime(2016, 3, 5, 12, 0, tzinfo=UTC)),
        ("2019-07-29 11:48:43", datetime(2019, 7, 29, 11, 48, 43, tzinfo=UTC)),
        ("2022-03-26T01:43:00Z", datetime(2022, 3, 26, 1, 43, tzinfo=UTC)),
        ("2022-03-26T01:43:00.123456+02:00", datetime(2022, 3, 25, 23, 43, tzinfo=UTC)),
        ("14/Jul/25 3:42 PM", datetime(2025, 7, 14, 15, 42, tzinfo=UTC)),
        ("14/Jul/25 12:05 AM", datetime(2025, 7, 14, 0, 5, tzinfo=UTC)),
        ("Jul 14, 2025 3:42 PM", datetime(2025, 7, 14, 15, 42, tzinfo=UTC)),
        ("1624564393", datetime(2021, 6, 24, 19, 53, 13, tzinfo=UTC)),
        ("1624564393000", datetime(2021, 6, 24, 19, 53, 13, tzinfo=UTC)),
        ("2025-01-14", datetime(2025, 1, 14, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_it_is_written(text: str, moment: datetime) -> None:
    assert read(text) == moment


@pytest.mark.parametrize("text", ["", "  ", "?", "N/A", "-", "null", "tbd"])
def test_a_cell_may_say_that_there_is_no_time(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("22025-03-18", "year has too many digits"),
        ("2025-01-14 1600", "was 2025-01-14 16:00 meant"),
        ("2025-01-14 11.50", "was 2025-01-14 11:50 meant"),
        ("11.50", "an hour without a date"),
        ("30/02/2025 10:00", "no such date"),
        ("2025-01-14 25:00", "no such date or time"),
        ("14/Jly/25 3:42 PM", "no month"),
        ("14/Jul/25 15:42 PM", "no hour"),
        ("yesterday", "no date and time"),
        ("0001-01-01 00:00", "year 1 cannot be meant"),
    ],
)
def test_what_is_no_time_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UnreadableTime, match=reason) as refused:
        read(text)
    assert text in str(refused.value)


def test_a_time_without_a_zone_is_read_in_the_zone_that_was_chosen() -> None:
    assert read("29-02-2016 01:16", ZoneInfo("Europe/Berlin")) == datetime(2016, 2, 29, 0, 16, tzinfo=UTC)


def test_a_time_with_a_zone_keeps_it_whatever_was_chosen() -> None:
    assert read("2022-03-26T01:43:00Z", ZoneInfo("Asia/Tokyo")) == datetime(2022, 3, 26, 1, 43, tzinfo=UTC)


def test_the_order_of_day_and_month_is_a_choice() -> None:
    assert read("03/04/2025 10:00", order=DayOrder.DAY_FIRST) == datetime(2025, 4, 3, 10, tzinfo=UTC)
    assert read("03/04/2025 10:00", order=DayOrder.MONTH_FIRST) == datetime(2025, 3, 4, 10, tzinfo=UTC)


def test_one_number_over_twelve_decides_the_order_of_a_whole_column() -> None:
    assert evidence(["03/04/2025", "05/06/2025", "14/06/2025"]).order is DayOrder.DAY_FIRST
    assert evidence(["03/04/2025", "05/26/2025"]).order is DayOrder.MONTH_FIRST


def test_a_column_without_such_a_number_decides_nothing() -> None:
    found = evidence(["03/04/2025", "2025-04-14", "?"])
    assert (found.order, found.undecided) == (None, 1)


def test_one_slip_does_not_turn_a_column_round() -> None:
    assert evidence(["14/06/2025", "15/06/2025", "06/16/2025"]).order is DayOrder.DAY_FIRST


@given(st.text(max_size=60))
def test_any_text_is_a_time_or_none_or_refused_in_words(text: str) -> None:
    with suppress(UnreadableTime):
        moment = read(text)
        assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 12, 31)))  # noqa: DTZ001  a wall clock
def test_what_is_written_day_first_is_read_back(moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0)
    assert read(minute.strftime("%d-%m-%Y %H:%M")) == minute.replace(tzinfo=UTC)
