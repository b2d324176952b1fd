"""How fast: four durations, the median first, and how the time to resolve changed."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from ims.metrics.definitions import DURATIONS, Definition
from ims.metrics.durations import FEWEST_FOR_P90, Durations, measure, medians_over_time, rows_of
from ims.metrics.frequency import Step
from ims.metrics.summary import sla
from ims.ui import charts, words
from ims.ui.figures import rows
from ims.ui.session import portal
from ims.ui.text import plain


def draw(frame: pd.DataFrame, step: Step) -> None:
    """Draw the section."""
    st.subheader("How fast", anchor="how-fast")
    definitions = portal().metrics
    for column, key in zip(st.columns(len(DURATIONS)), DURATIONS, strict=True):
        with column.container(border=True, height="stretch"):
            _card(definitions[key], measure(frame, definitions[key]))
    resolve = definitions["time_to_resolve"]
    medians = medians_over_time(frame, resolve, step)
    if medians.empty:
        st.caption("There is no chart of the time to resolve: none of these incidents has one.")
    else:
        alt = f"Line: median {resolve.title.lower()} over {len(medians)} {step.value}s."
        charts.show(charts.trend(medians, plain(resolve.title), step), key="figures_trend", alt=alt)
    rows.behind(
        "The durations behind these figures",
        lambda: rows_of(frame, {key: definitions[key] for key in DURATIONS}),
        key="figures_durations",
        file_name="durations",
    )
    _sla(frame)


def _card(definition: Definition, durations: Durations) -> None:
    st.metric(plain(definition.title), said(durations.median))
    st.markdown(_statistics(durations))
    st.caption(left_out(durations))
    rows.definition(definition)


def said(minutes: float | None) -> str:
    """Say minutes in the two largest units, or that nothing was measured."""
    return "—" if minutes is None else words.duration(timedelta(minutes=minutes))


def _statistics(durations: Durations) -> str:
    """Say what the big number is, and what belongs beside it."""
    if not durations.n:
        return "nothing measured yet"
    p90 = said(durations.p90) if durations.p90_is_sound else f"too few, n is under {FEWEST_FOR_P90}"
    lines = [f"median, n = {durations.n:,}", f"mean {said(durations.mean)}", f"p90 {p90}"]
    if durations.median_interval:
        low, high = durations.median_interval
        lines.append(f":small[95 % interval of the median: {said(low)} to {said(high)}]")
    return "  \n".join(lines)


def left_out(durations: Durations) -> str:
    """Say what is not in the statistics, and why."""
    without_end = durations.missing - durations.open
    parts = {
        "still open": durations.open,
        "with no such time written down": without_end,
        "with an end before the start": durations.negative,
        "outside the definition": durations.outside,
    }
    said_parts = [f"{count:,} {why}" for why, count in parts.items() if count]
    return "Left out: " + (", ".join(said_parts) if said_parts else "none") + "."


def _sla(frame: pd.DataFrame) -> None:
    answer = sla(frame)
    if not answer["n"]:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**SLA met: {answer['share']:.1%}** ({answer['met']:,} of {answer['n']:,}; "
            f"{len(frame) - answer['n']:,} incidents do not say)",
            width="content",
        )
        rows.definition(portal().metrics["sla_met"])
