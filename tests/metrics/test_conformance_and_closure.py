"""The procedure in hindsight, and what became of follow-ups."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from ims.metrics.closure import FOLLOW_UP_COLUMNS, closure, done_within
from ims.metrics.conformance import STEP_COLUMNS, conformance

NOW = datetime(2024, 3, 31, tzinfo=UTC)


def steps(*rows: tuple[str, int, str, float, bool]) -> pd.DataFrame:
    full = [(1, "INC-1", position, step, state, late, over) for step, position, state, late, over in rows]
    return pd.DataFrame(full, columns=list(STEP_COLUMNS))


def test_late_and_skipped_steps_are_told_apart_in_the_order_of_the_procedure() -> None:
    page, tell, ticket = conformance(
        steps(
            ("tell", 1, "done", 12.0, True),
            ("tell", 1, "done", 0.0, True),
            ("ticket", 2, "late", 90.0, True),
            ("page", 0, "late", 5.0, False),
            ("page", 0, "waived", 0.0, True),
            ("extra", 3, "not_needed", 0.0, True),
        )
    )
    assert (page.step, page.needed, page.late, page.skipped, page.waived) == ("page", 2, 1, 0, 1)
    assert (tell.step, tell.needed, tell.late, tell.median_late) == ("tell", 2, 1, 12.0)
    assert (ticket.step, ticket.late, ticket.skipped, ticket.median_late) == ("ticket", 0, 1, None)


def follow_ups(*rows: tuple[str, float, float | None, date | None]) -> pd.DataFrame:
    """State, age in days, days until it was finished, due day."""
    full = [
        (1, "INC-1", number, "Fix", "Ada", state, due, NOW - timedelta(days=age), finished)
        for number, (state, age, took, due) in enumerate(rows)
        for finished in [None if took is None else NOW - timedelta(days=age - took)]
    ]
    frame = pd.DataFrame(full, columns=list(FOLLOW_UP_COLUMNS))
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in ("created_at", "finished_at")})


def test_follow_ups_are_counted_as_they_stand() -> None:
    figures = closure(
        follow_ups(
            ("done", 20, 5, None),
            ("dropped", 20, 6, date(2024, 3, 1)),
            ("open", 10, None, date(2024, 3, 30)),
            ("in_progress", 10, None, date(2024, 3, 31)),
        ),
        NOW,
    )
    assert (figures.total, figures.done, figures.dropped, figures.open, figures.overdue) == (4, 1, 1, 2, 1)


def test_open_follow_ups_are_not_ignored_in_the_time_to_close() -> None:
    # At 5 days 1 of 4 is done; at 10 days two remain at risk and one of them is done: 1 − ¾ · ½ = 0.625.
    frame = follow_ups(("done", 30, 5, None), ("open", 8, None, None), ("done", 30, 10, None), ("open", 30, None, None))
    curve = done_within(frame, NOW).set_index("days")["share"]
    assert curve[5.0] == pytest.approx(0.25)
    assert curve[10.0] == pytest.approx(0.625)
    assert closure(frame, NOW).median_days == 10


def test_while_less_than_half_are_done_there_is_no_median() -> None:
    assert (
        closure(follow_ups(("done", 9, 5, None), ("open", 9, None, None), ("open", 9, None, None)), NOW).median_days
        is None
    )
