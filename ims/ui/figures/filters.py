"""What the viewer asked to see, kept in the address so that it can be pasted into a chat."""

from datetime import date

import pandas as pd
import streamlit as st

from ims.metrics.frequency import Step
from ims.metrics.population import UNKNOWN, Selection
from ims.model import Severity

EARLIEST = date(1990, 1, 1)
LATEST = date(2100, 12, 31)


def choose(frame: pd.DataFrame) -> tuple[Selection, Step]:
    """Draw the filters above the figures and return what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="figures_filters"):
        since = _day("Declared from", "figures_since")
        until = _day("up to", "figures_until")
        severities = _several("Severity", _severities(frame), "figures_severity", str.upper)
        services = _several(
            "Service", sorted({name for names in frame["services"] for name in names}), "figures_service"
        )
        origins = _several("Origin", sorted(frame["origin"].unique()), "figures_origin", origin_name)
        step = st.segmented_control(
            "By",
            list(Step),
            default=Step.MONTH,
            required=True,
            format_func=lambda step: step.value.capitalize(),
            key="figures_step",
            bind="query-params",
        )
    return (
        Selection(since, until, frozenset(severities), frozenset(services), frozenset(origins), _maintenance(frame)),
        Step(step or Step.MONTH),
    )


def origin_name(origin: str) -> str:
    """Say where incidents come from."""
    return "This portal" if origin == "portal" else origin.replace("_", " ")


def _day(label: str, key: str) -> date | None:
    day = st.date_input(
        label,
        value=None,
        min_value=EARLIEST,
        max_value=LATEST,
        format="YYYY-MM-DD",
        key=key,
        bind="query-params",
        width=145,
    )
    return day if isinstance(day, date) else None


def _several(label: str, options: list[str], key: str, name: object = str) -> list[str]:
    return list(
        st.multiselect(
            label,
            options,
            format_func=name if callable(name) else str,
            placeholder="All",
            key=key,
            bind="query-params",
            width=200,
        )
    )


def _severities(frame: pd.DataFrame) -> list[str]:
    known = [severity.value for severity in Severity]
    return [*known, UNKNOWN] if (frame["severity"] == UNKNOWN).any() else known


def _maintenance(frame: pd.DataFrame) -> bool:
    planned = int(frame["planned"].sum())
    if not planned:
        return True
    return st.toggle(
        f"Count maintenance planned beforehand ({planned:,})", value=True, key="figures_planned", bind="query-params"
    )
