"""Did we do what we promised ourselves: the closure of follow-ups."""

import pandas as pd
import streamlit as st

from ims.metrics.closure import Closure, closure, done_within
from ims.ui import charts, places
from ims.ui.figures import data, rows
from ims.ui.session import portal


def draw(frame: pd.DataFrame) -> None:
    """Draw the section."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Follow-ups", anchor="follow-ups", width="content")
        rows.definition(portal().metrics["follow_up_closure"])
    found = data.follow_ups(frame["id"])
    if found.empty:
        st.caption("These incidents have no follow-ups. They come from the root-cause document, or are added by hand.")
        return
    now = portal().clock()
    _counts(closure(found, now))
    curve = done_within(found, now)
    alt = f"Staircase: {curve['share'].max():.0%} of follow-ups done within {curve['days'].max():.0f} days."
    charts.show(charts.closure_curve(curve), key="figures_closure", alt=alt)
    rows.behind("The follow-ups behind this chart", lambda: found, key="figures_follow_ups", file_name="follow-ups")
    places.link("follow_ups", "Work on follow-ups", icon="task_alt")


def _counts(figures: Closure) -> None:
    days = "not half of them yet" if figures.median_days is None else f"{figures.median_days:.0f} days"
    st.markdown(
        f"**{figures.done:,} of {figures.total:,} done** · {figures.open:,} open, {figures.overdue:,} of them overdue"
        f" · {figures.dropped:,} dropped · half done within: {days}"
    )
