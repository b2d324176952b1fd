"""Charts: what each shows is its title, with its unit; colours are legible on light and dark."""

from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ims.metrics.frequency import Step

SEVERITY_FILL = {
    "sev1": "#d13c3c",
    "sev2": "#e8833a",
    "sev3": "#d9b310",
    "sev4": "#3b76d6",
    "unknown": "#7a8699",
}
_LINE = "#3b76d6"
_FEW_PERIODS = 14
_FEW_INCIDENTS = 8
_LONGEST_NAME, _LONGEST_HOVER = 32, 90
_MINUTES_IN_HOUR, _MINUTES_IN_DAY = 60, 1440
_HOURS_FROM, _DAYS_FROM = 180, 3 * 1440


def show(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw a chart in the colours of the page; ``alt`` says in words what it shows."""
    st.plotly_chart(figure, key=key, alt=alt, theme="streamlit", width="stretch", config={"displayModeBar": False})


def literal(text: str, longest: int = _LONGEST_NAME) -> str:
    """Return text as Plotly shows it literally: it reads HTML, and a long name leaves no room for the bars."""
    cut = text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
    return escape(cut, quote=False)


def stacked_over_time(counts: pd.DataFrame, step: Step) -> go.Figure:
    """Bars of incidents by week or month, stacked by severity, the worst at the bottom."""
    figure = go.Figure()
    for severity in counts.columns:
        figure.add_bar(
            x=counts.index,
            y=counts[severity],
            name=_severity(severity),
            marker_color=SEVERITY_FILL.get(severity, SEVERITY_FILL["unknown"]),
            hovertemplate=f"%{{y}} {_severity(severity)}<extra></extra>",
        )
    figure.update_layout(barmode="stack", hovermode="x unified", **_frame(f"Incidents by {step.value} and severity"))
    return _dated(_counting(figure, counts.sum(axis=1).max(), "y"), counts.index, step)


def stacked_by_service(counts: pd.DataFrame) -> go.Figure:
    """Horizontal bars of incidents by service, stacked by severity, most at the top."""
    upwards = counts[::-1]
    names = [literal(str(name)) for name in upwards.index]
    figure = go.Figure()
    for severity in counts.columns:
        figure.add_bar(
            y=list(range(len(names))),
            x=upwards[severity],
            name=_severity(severity),
            orientation="h",
            marker_color=SEVERITY_FILL.get(severity, SEVERITY_FILL["unknown"]),
            customdata=[literal(str(name), _LONGEST_HOVER) for name in upwards.index],
            hovertemplate=f"%{{customdata}}<br>%{{x}} {_severity(severity)}<extra></extra>",
        )
    # Places instead of names on the axis, for two names cut to the same letters must not share a bar.
    figure.update_yaxes(tickmode="array", tickvals=list(range(len(names))), ticktext=names, automargin=True)
    figure.update_layout(
        barmode="stack", height=max(280, 160 + 24 * len(names)), **_frame("Incidents by service and severity")
    )
    return _counting(figure, upwards.sum(axis=1).max(), "x")


def trend(medians: pd.DataFrame, title: str, step: Step) -> go.Figure:
    """A line of medians by week or month with the number of incidents behind each point."""
    unit, divisor = unit_for(medians["median"])
    figure = go.Figure()
    figure.add_scatter(
        x=medians.index,
        y=medians["median"] / divisor,
        customdata=medians[["n"]],
        mode="lines+markers",
        line_color=_LINE,
        connectgaps=False,
        hovertemplate=f"%{{y:.1f}} {unit} (n = %{{customdata[0]}})<extra></extra>",
    )
    figure.update_layout(
        hovermode="x unified", **_frame(f"{title}, median by {step.value} of declaration", legend=False)
    )
    figure.update_yaxes(title_text=unit, rangemode="tozero")
    return _dated(figure, medians.index, step)


def closure_curve(curve: pd.DataFrame) -> go.Figure:
    """A staircase: the share of follow-ups done within so many days."""
    figure = go.Figure()
    figure.add_scatter(
        x=curve["days"],
        y=curve["share"] * 100,
        mode="lines",
        line={"shape": "hv", "color": _LINE},
        hovertemplate="%{y:.0f} % done within %{x:.0f} days<extra></extra>",
    )
    figure.update_layout(**_frame("Follow-ups done, by days since they were agreed", legend=False))
    figure.update_yaxes(title_text="% done", range=[0, 103])
    figure.update_xaxes(title_text="days", rangemode="tozero")
    return figure


def late_and_skipped(names: Sequence[str], late: Sequence[int], skipped: Sequence[int]) -> go.Figure:
    """Horizontal bars of how often each step was late or skipped, in the order of the procedure."""
    places = list(range(len(names)))[::-1]
    figure = go.Figure()
    for word, counts, colour in (("late", late, "#e8833a"), ("skipped", skipped, "#7a8699")):
        figure.add_bar(
            y=places,
            x=list(counts),
            name=word,
            orientation="h",
            marker_color=colour,
            customdata=[literal(name, _LONGEST_HOVER) for name in names],
            hovertemplate=f"%{{customdata}}<br>%{{x}} {word}<extra></extra>",
        )
    ticks = [literal(name) for name in names]
    figure.update_yaxes(tickmode="array", tickvals=places, ticktext=ticks, automargin=True)
    figure.update_layout(
        barmode="stack", height=max(280, 160 + 24 * len(names)), **_frame("Procedure steps late or skipped")
    )
    return _counting(figure, max(map(sum, zip(late, skipped, strict=True)), default=0), "x")


def unit_for(minutes: pd.Series) -> tuple[str, int]:
    """Return the unit in which values in minutes are easy to read, and how many minutes it has."""
    largest = minutes.max()
    if largest > _DAYS_FROM:
        return "days", _MINUTES_IN_DAY
    return ("hours", _MINUTES_IN_HOUR) if largest > _HOURS_FROM else ("minutes", 1)


def _counting(figure: go.Figure, largest: float, axis: str) -> go.Figure:
    """Label an axis of incidents, which come in whole numbers."""
    whole = {"dtick": 1} if largest <= _FEW_INCIDENTS else {"tickformat": ",d"}
    figure.update_layout({f"{axis}axis": {"title": {"text": "incidents"}, "rangemode": "tozero", **whole}})
    return figure


def _severity(word: str) -> str:
    return word.upper() if word != "unknown" else "no severity"


def _dated(figure: go.Figure, index: pd.Index, step: Step) -> go.Figure:
    """Label every period while they are few; Plotly chooses among many."""
    every = {"tickmode": "array", "tickvals": list(index)} if len(index) <= _FEW_PERIODS else {}
    figure.update_xaxes(tickformat="%b %Y" if step is Step.MONTH else "%d %b %Y", **every)
    return figure


def _frame(title: str, *, legend: bool = True) -> dict[str, object]:
    """Return what all charts share. The legend stands at the foot, where a narrow screen has room beside no title."""
    return {
        "title": {"text": title, "font": {"size": 15}},
        "margin": {"l": 10, "r": 10, "t": 44, "b": 80 if legend else 10},
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
            "yref": "container",
            "yanchor": "bottom",
            "y": 0.0,
            "xanchor": "left",
            "x": 0.0,
        },
        "showlegend": legend,
    }
