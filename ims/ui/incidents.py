"""The list of incidents. Its filters are in the address, so that what is seen can be pasted into a chat."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

import pandas as pd
import streamlit as st

from ims.model import ACTIVE_STATES, IncidentState, Severity
from ims.store import catalogue, overview, register
from ims.store.register import Filter, Row
from ims.ui import places, tables, words
from ims.ui.session import portal

PAGE_LENGTH = 50
ANY = "Any"
STATES: dict[str, Sequence[IncidentState]] = {
    "Active": ACTIVE_STATES,
    **{
        words.STATE[state]: (state,)
        for state in (IncidentState.RESOLVED, IncidentState.CLOSED, IncidentState.CANCELLED)
    },
    "All": (),
}
PERIODS: dict[str, timedelta | None] = {
    "Any time": None,
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
    "90 days": timedelta(days=90),
    "365 days": timedelta(days=365),
}
SEVERITIES = {ANY: None, **{words.SEVERITY[severity]: severity for severity in Severity}}


def draw() -> None:
    """Draw the page."""
    st.title("Incidents", anchor=False)
    now = portal().clock()
    wanted = _filters(now)
    with portal().reading() as session:
        count = register.count(session, wanted)
        empty = count == 0 and overview.newest_incident(session) is None
    if count:
        _list(wanted, count, now)
    else:
        _nothing(wanted, portal_is_empty=empty)


def _filters(now: datetime) -> Filter:
    with portal().reading() as session:
        services = {service.name: service.id for service in catalogue.services(session, active_only=False)}
    state = st.segmented_control(
        "State", list(STATES), default="Active", required=True, key="state", bind="query-params"
    )
    with st.container(horizontal=True):
        text = st.text_input(
            "Find",
            placeholder="Title, what was seen, or INC-42",
            key="text",
            type="search",
            bind="query-params",
            width=340,
        )
        severity = st.selectbox("Severity", list(SEVERITIES), key="severity", bind="query-params", width=120)
        service = st.selectbox("Service", [ANY, *services], key="service", bind="query-params", width=200)
        period = st.selectbox("Declared in the last", list(PERIODS), key="period", bind="query-params", width=150)
    within = PERIODS[period]
    return Filter(
        states=STATES[state or "All"],
        severity=SEVERITIES[severity],
        service_id=services.get(service),
        text=text or "",
        since=now - within if within else None,
    )


def _list(wanted: Filter, count: int, now: datetime) -> None:
    above = st.container()
    pages = ceil(count / PAGE_LENGTH)
    # The pages stand below the table, but what they say is needed to fill it.
    number = st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
    with portal().reading() as session:
        found = register.rows(session, wanted, offset=(number - 1) * PAGE_LENGTH, limit=PAGE_LENGTH)
    with above:
        st.caption(f"{words.counted(count, 'incident')}, newest first. Click a row to open it.")
        tables.table(
            _frame(found, now),
            "Incidents with severity, state, Incident Commander, time of declaration, duration and services",
            key="incidents",
            columns=_columns(),
            file_name="incidents",
            rows=lambda: everything(wanted, now),
            opens=lambda row: places.go("incident", key=found[row].key),
        )


def everything(wanted: Filter, now: datetime) -> pd.DataFrame:
    """Return all incidents of a filter, as the download has them: times in UTC, durations in minutes."""
    with portal().reading() as session:
        found = register.rows(session, wanted)
    return pd.DataFrame(
        [
            {
                "key": row.key,
                "severity": row.severity.value if row.severity else "",
                "state": row.state.value,
                "title": row.title,
                "incident_commander": row.commander,
                "declared_at": row.declared_at,
                "began_at": row.began_at,
                "resolved_at": row.resolved_at,
                "closed_at": row.closed_at,
                "lasted_minutes": round(lasted(row, now).total_seconds() / 60, 1),
                "services": row.services,
                "drill": row.drill,
            }
            for row in found
        ]
    )


def lasted(row: Row, now: datetime) -> timedelta:
    """Return the time since it began, up to its resolution or now."""
    return (row.resolved_at or row.closed_at or now) - row.began_at


def _frame(found: Sequence[Row], now: datetime) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Key": f"/incident?key={row.key}",
                "Severity": words.SEVERITY[row.severity] if row.severity else "–",
                "State": words.STATE[row.state],
                "Title": f"Drill: {row.title}" if row.drill else row.title,
                "Commander": row.commander or "nobody",
                "Declared": words.moment(row.declared_at),
                "Lasted": words.duration(lasted(row, now)),
                "Services": row.services,
            }
            for row in found
        ]
    )


def _columns() -> dict[str, object]:
    return {
        "Key": st.column_config.LinkColumn(display_text=r"key=(.+)$", width=80, alignment="left", pinned=True),
        "Severity": st.column_config.TextColumn(width=75),
        "State": st.column_config.TextColumn(width=85),
        "Title": st.column_config.TextColumn(width=330),
        "Declared": st.column_config.TextColumn(help=f"{words.zone().key} time", width=140),
        "Lasted": st.column_config.TextColumn(help="Up to its resolution, or to now", width=95),
    }


def _nothing(wanted: Filter, *, portal_is_empty: bool) -> None:
    if portal_is_empty:
        st.info("No incident was declared so far. Declare the first one, or import the past.", icon=":material/info:")
        places.link("declare", "Declare an incident", icon="emergency")
        places.link("import_history", "Import past incidents", icon="upload_file")
    elif wanted == Filter(states=ACTIVE_STATES):
        st.success("No incident is active.", icon=":material/check_circle:")
        places.link("incidents", "Show all incidents", icon="list_alt", state="All")
    else:
        st.info("No incident matches these filters.", icon=":material/filter_alt_off:")
        places.link("incidents", "Show all incidents", icon="list_alt", state="All")
