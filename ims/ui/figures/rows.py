"""The rows behind a chart: one click away, computed only when somebody looks, and as CSV."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from ims.metrics.definitions import Definition, Unit
from ims.ui import tables
from ims.ui.text import plain

MOST_SHOWN = 1_000
_INCIDENT_COLUMNS = ("key", "title", "severity", "services", "state", "origin", "declared_at", "resolved_at")


def behind(label: str, frame: Callable[[], pd.DataFrame], *, key: str, file_name: str) -> None:
    """Offer the rows behind a chart; ``frame`` is asked when the viewer opens them."""
    opened = st.expander(label, key=key, on_change="rerun", icon=":material/table_rows:")
    if not opened.open:
        return
    with opened:
        rows = frame()
        if len(rows) > MOST_SHOWN:
            st.caption(f"The first {MOST_SHOWN:,} of {len(rows):,} rows; the CSV has them all.")
        tables.table(
            _linked(rows.head(MOST_SHOWN)),
            label,
            key=f"{key}_table",
            columns=_columns(rows),
            file_name=file_name,
            rows=lambda: rows,
        )


def of_incidents(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of incidents that people want to see, newest first."""
    rows = frame[list(_INCIDENT_COLUMNS)].sort_values("declared_at", ascending=False, kind="stable")
    return rows.assign(services=rows["services"].map(", ".join))


def definition(what: Definition) -> None:
    """Offer what a figure means."""
    with st.popover("Definition", icon=":material/help:", type="tertiary"):
        st.markdown(f"**{plain(what.title)}** (version {what.version})")
        st.markdown(plain(what.text))
        if what.unit is Unit.MINUTES and what.end:
            fallback = f", or else `{what.fallback.value}`" if what.fallback else ""
            st.markdown(f"From `{what.start.value}` to `{what.end.value}`{fallback}, in minutes.")
        st.markdown("Left out: " + plain(", ".join(what.exclusions)) + ".")
        st.caption("Written in data/metrics.yaml.")


def _linked(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(key="/incident?key=" + rows["key"]) if "key" in rows else rows


def _columns(rows: pd.DataFrame) -> dict[str, object]:
    named: dict[str, object] = {
        name: st.column_config.DatetimeColumn(_words(name), format="YYYY-MM-DD HH:mm")
        for name in rows.columns
        if name.endswith("_at")
    }
    named |= {name: _words(name) for name in rows.columns if name not in named}
    return named | {"key": st.column_config.LinkColumn("Incident", display_text=r"key=(.*)")}


def _words(name: str) -> str:
    return name.removesuffix("_at").replace("_", " ").capitalize()
