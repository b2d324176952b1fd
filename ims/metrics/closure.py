"""Follow-ups: how many are closed, and how long it takes, the open ones counted as open and not ignored."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

FOLLOW_UP_COLUMNS = ("incident_id", "key", "number", "text", "owner", "state", "due_on", "created_at", "finished_at")
_CLOSED = ("done", "dropped")


@dataclass(frozen=True)
class Closure:
    """How follow-ups stand. ``median_days`` is when half of them are done, ``None`` while less than half are."""

    total: int
    done: int
    dropped: int
    open: int
    overdue: int
    median_days: float | None


def closure(frame: pd.DataFrame, now: datetime) -> Closure:
    """Count follow-ups by how they stand at a moment."""
    is_open = ~frame["state"].isin(_CLOSED)
    overdue = is_open & (pd.to_datetime(frame["due_on"]) < pd.Timestamp(now.date()))
    curve = done_within(frame, now)
    reached = curve[curve["share"] >= 0.5]  # noqa: PLR2004  half of them: the median
    return Closure(
        total=len(frame),
        done=int((frame["state"] == "done").sum()),
        dropped=int((frame["state"] == "dropped").sum()),
        open=int(is_open.sum()),
        overdue=int(overdue.sum()),
        median_days=float(reached["days"].iloc[0]) if len(reached) else None,
    )


def done_within(frame: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Return the share (0 to 1) of follow-ups done within so many days, as a curve that starts at zero.

    Kaplan and Meier (1958): an open follow-up counts among those at risk up to its age now, a dropped one up to the
    day it was dropped.
    """
    ends = frame["finished_at"].fillna(pd.Timestamp(now))
    days = ((ends - frame["created_at"]).dt.total_seconds() / 86_400).clip(lower=0)
    is_done = (frame["state"] == "done").astype(int)
    counts = pd.DataFrame({"days": days, "done": is_done, "all": 1}).groupby("days").sum()
    at_risk = counts["all"][::-1].cumsum()[::-1]
    share = 1 - (1 - counts["done"] / at_risk).cumprod()
    start = pd.DataFrame({"days": [0.0], "share": [0.0]})
    return pd.concat([start, share.rename("share").reset_index()], ignore_index=True)
