"""How often: incidents by week or month and by service, stacked by severity."""

import pandas as pd
import streamlit as st

from ims.metrics.frequency import Step, by_service, over_time
from ims.ui import charts
from ims.ui.figures import rows
from ims.ui.session import portal

MOST_SERVICES = 15


def draw(frame: pd.DataFrame, step: Step) -> None:
    """Draw the section."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("How often", anchor="how-often", width="content")
        rows.definition(portal().metrics["incidents"])
    counts = over_time(frame, step)
    total = int(counts.to_numpy().sum())
    alt = f"Bars: {total:,} incidents over {len(counts)} {step.value}s, at most {int(counts.sum(axis=1).max())} in one."
    charts.show(charts.stacked_over_time(counts, step), key="figures_over_time", alt=alt)
    _services(frame)
    rows.behind(
        "The incidents behind these charts",
        lambda: rows.of_incidents(frame),
        key="figures_incidents",
        file_name="incidents",
    )


def _services(frame: pd.DataFrame) -> None:
    counts = by_service(frame)
    if counts.empty:
        st.caption("None of these incidents names a service.")
        return
    shown = counts.head(MOST_SERVICES)
    names = ", ".join(f"{name} {int(count)}" for name, count in shown.sum(axis=1).head(3).items())
    charts.show(charts.stacked_by_service(shown), key="figures_by_service", alt=f"Bars by service; most: {names}.")
    without = int((frame["services"].map(len) == 0).sum())
    notes = []
    if len(counts) > MOST_SERVICES:
        notes.append(f"{len(counts) - MOST_SERVICES} more services have fewer incidents")
    if without:
        notes.append(f"{without:,} incidents name no service")
    notes.append("an incident of several services counts once for each")
    st.caption("; ".join(notes).capitalize() + ".")
