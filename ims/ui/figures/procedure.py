"""Did we follow our procedure: steps late or skipped."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from ims.metrics.conformance import StepFigures, classify, conformance
from ims.ui import charts, words
from ims.ui.figures import data, rows
from ims.ui.session import portal


def draw(frame: pd.DataFrame) -> None:
    """Draw the section."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Procedure", anchor="procedure", width="content")
        rows.definition(portal().metrics["late_steps"])
    here = frame[frame["origin"] == "portal"]
    steps = data.steps(here["id"], portal().clock())
    if steps.empty:
        st.caption("None of these incidents ran by the procedure; imported ones never did.")
        return
    evaluated = steps["incident_id"].nunique()
    figures = [figure for figure in conformance(steps) if figure.late or figure.skipped]
    if not figures:
        st.caption(f"No step was late or skipped in {words.counted(evaluated, 'incident')}.")
        return
    _chart(figures)
    left = f"; the {len(here) - evaluated:,} older ones are left out" if len(here) > evaluated else ""
    st.caption(f"From {words.counted(evaluated, 'incident')} that ran by the procedure{left}.")
    rows.behind("The steps behind this chart", lambda: _rows(steps), key="figures_steps", file_name="procedure-steps")


def _chart(figures: list[StepFigures]) -> None:
    names = [figure.step for figure in figures]
    late, skipped = [figure.late for figure in figures], [figure.skipped for figure in figures]
    alt = f"Bars: {sum(late)} steps late and {sum(skipped)} skipped, in {len(names)} different steps."
    charts.show(charts.late_and_skipped(names, late, skipped), key="figures_conformance", alt=alt)


def _rows(steps: pd.DataFrame) -> pd.DataFrame:
    classified = classify(steps)
    shown = classified[classified["is_late"] | classified["is_skipped"]]
    said = [
        "skipped" if skipped else f"late by {words.duration(timedelta(minutes=late))}"
        for skipped, late in zip(shown["is_skipped"], shown["late_minutes"], strict=True)
    ]
    return shown[["key", "step", "state"]].assign(what=said, late_minutes=shown["late_minutes"].round(1))
