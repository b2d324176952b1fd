"""Durations: their statistics, and what is left out of them."""

from datetime import timedelta
from math import comb

import pandas as pd
import pytest

from ims.config import ROOT
from ims.metrics.definitions import Definition, read_definitions
from ims.metrics.durations import measure, median_interval, medians_over_time, rows_of
from ims.metrics.frequency import Step
from tests.metrics.frames import START, frame, incident

DEFINITIONS = read_definitions((ROOT / "data" / "metrics.yaml").read_text(encoding="utf-8"))
RESOLVE: Definition = DEFINITIONS["time_to_resolve"]


def test_percentiles_are_interpolated_between_the_values() -> None:
    durations = measure(frame(*(incident(n, minutes) for n, minutes in enumerate((10, 20, 30, 100)))), RESOLVE)
    assert (durations.n, durations.mean, durations.median) == (4, 40.0, 25.0)
    assert durations.p90 == pytest.approx(79.0)


def test_missing_and_negative_durations_are_left_out_and_counted_apart() -> None:
    rows = frame(incident(1, 10), incident(2, None), incident(3, -5), incident(4, None, state="closed"))
    durations = measure(rows, RESOLVE)
    assert (durations.n, durations.missing, durations.open, durations.negative) == (1, 2, 1, 1)
    assert durations.mean == 10


def test_an_incident_over_in_the_minute_it_started_counts_as_zero() -> None:
    assert measure(frame(incident(1, 0)), RESOLVE).median == 0


def test_nothing_measured_has_no_statistics() -> None:
    durations = measure(frame(incident(1, None)), RESOLVE)
    assert (durations.n, durations.mean, durations.median, durations.p90) == (0, None, None, None)
    assert measure(frame(), RESOLVE).n == 0


def test_a_fallback_stands_in_where_the_end_was_not_written_down() -> None:
    mitigated = START + timedelta(minutes=5)
    rows = frame(incident(1, 60, mitigated_at=mitigated), incident(2, 60))
    assert measure(rows, DEFINITIONS["time_to_mitigate"]).mean == 32.5


def test_incidents_that_a_definition_is_not_about_are_counted_as_outside() -> None:
    first_update = START + timedelta(minutes=30)
    rows = frame(
        incident(1, 60, first_update_at=first_update), incident(2, 60, affects_customers=False), incident(3, 60)
    )
    durations = measure(rows, DEFINITIONS["time_to_first_update"])
    assert (durations.n, durations.outside, durations.missing, durations.median) == (1, 1, 1, 30)


def test_imported_incidents_have_no_time_to_mitigate() -> None:
    assert measure(frame(incident(1, 60, origin="jira")), DEFINITIONS["time_to_mitigate"]).outside == 1


def test_a_ninetieth_percentile_of_few_values_is_not_sound() -> None:
    assert not measure(frame(*(incident(n, n) for n in range(35))), RESOLVE).p90_is_sound
    assert measure(frame(*(incident(n, n) for n in range(36))), RESOLVE).p90_is_sound


def test_the_interval_of_the_median_is_made_of_two_of_the_values() -> None:
    # n = 10: the 2nd and the 9th value, with 97.9 % (Conover 1999, table A3).
    assert median_interval(pd.Series(range(1, 11))) == (2, 9)
    assert median_interval(pd.Series(range(5))) is None


@pytest.mark.parametrize("n", [6, 9, 36, 100, 999])
def test_the_interval_covers_at_least_95_percent_and_not_needlessly_more(n: int) -> None:
    interval = median_interval(pd.Series(range(1, n + 1)))
    assert interval is not None
    rank = int(interval[0])

    def outside(lower: int) -> float:
        return 2 * sum(comb(n, below) for below in range(lower)) / float(2**n)

    assert outside(rank) <= 0.05 < outside(rank + 1)


def test_large_samples_meet_the_exact_interval() -> None:
    interval = median_interval(pd.Series(range(1, 2002)))
    assert interval is not None
    assert interval[0] == pytest.approx(957, abs=2)


def test_medians_by_month_show_a_month_without_any_as_a_gap() -> None:
    rows = frame(incident(1, 10), incident(2, 30), incident(3, 50, opened=START + timedelta(days=70)))
    medians = medians_over_time(rows, RESOLVE, Step.MONTH)
    assert medians["n"].tolist() == [2, 0, 1]
    assert medians["median"].iloc[0] == 20
    assert pd.isna(medians["median"].iloc[1])


def test_the_rows_behind_say_the_minutes_of_each_incident() -> None:
    rows = rows_of(frame(incident(1, 10), incident(2, -5, origin="jira")), DEFINITIONS_OF_TIME)
    assert dict(zip(rows["key"], rows["time_to_resolve_minutes"], strict=True)) == {"INC-1": 10, "INC-2": -5}
    assert rows.set_index("key")["time_to_mitigate_minutes"].isna().to_dict() == {"INC-1": False, "INC-2": True}


DEFINITIONS_OF_TIME = {key: DEFINITIONS[key] for key in ("time_to_resolve", "time_to_mitigate")}
