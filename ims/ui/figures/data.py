"""The frames behind the page, kept between looks until something changes."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd
import streamlit as st

from ims.metrics.closure import FOLLOW_UP_COLUMNS
from ims.metrics.conformance import STEP_COLUMNS
from ims.metrics.population import prepare
from ims.model import Customer, Incident, IncidentState, TimelineEntry
from ims.sop.case import Case
from ims.sop.evaluation import evaluate
from ims.store import frames
from ims.store.frames import Version
from ims.ui.session import portal

MOST_EVALUATED = 500  # incidents whose procedure is evaluated for the page, the newest
_OVER = (IncidentState.CLOSED,)


def incidents() -> pd.DataFrame:
    """Return every incident, prepared for the figures. It is shared: filter it, do not change it."""
    with portal().reading() as session:
        version = frames.incident_version(session)
    return _incidents(portal().settings.database_url, version)


@st.cache_resource(max_entries=2, show_spinner="Reading the incidents…")
def _incidents(address: str, version: Version) -> pd.DataFrame:  # noqa: ARG001  they are the key of the cache
    with portal().reading() as session:
        return prepare(frames.incidents(session))


def follow_ups(incident_ids: Iterable[int]) -> pd.DataFrame:
    """Return the follow-ups of some incidents."""
    with portal().reading() as session:
        version = frames.follow_up_version(session)
    frame = _follow_ups(portal().settings.database_url, version)
    return frame[frame["incident_id"].isin(set(incident_ids))]


@st.cache_resource(max_entries=2, show_spinner="Reading the follow-ups…")
def _follow_ups(address: str, version: Version) -> pd.DataFrame:  # noqa: ARG001  they are the key of the cache
    with portal().reading() as session:
        return frames.follow_ups(session)[list(FOLLOW_UP_COLUMNS)]


def steps(incident_ids: Iterable[int], now: datetime) -> pd.DataFrame:
    """Return the standing of every step of the newest incidents that ran by the procedure, among some incidents."""
    with portal().reading() as session:
        version = frames.incident_version(session)
    frame = _steps(portal().settings.database_url, version, now.replace(minute=0, second=0, microsecond=0))
    return frame[frame["incident_id"].isin(set(incident_ids))]


@st.cache_resource(max_entries=2, show_spinner="Evaluating the procedure…")
def _steps(address: str, version: Version, hour: datetime) -> pd.DataFrame:  # noqa: ARG001  the key of the cache
    now = portal().clock()
    with portal().reading() as session:
        found = frames.run_by_the_procedure(session, MOST_EVALUATED)
        ids = [incident.id for incident in found]
        entries, customers = frames.timelines(session, ids), frames.customers(session, ids)
        procedures = {incident.id: portal().procedure_of(session, incident) for incident in found}
    rows = [
        (incident.id, incident.key, position, status.step.title, status.state.value, status.late_by, _is_over(incident))
        for incident in found
        for position, status in enumerate(evaluate(procedures[incident.id], _case(incident, entries, customers), now))
    ]
    frame = pd.DataFrame(rows, columns=list(STEP_COLUMNS))
    return frame.assign(late_minutes=pd.to_timedelta(frame["late_minutes"]).dt.total_seconds() / 60)


def _case(incident: Incident, entries: dict[int, list[TimelineEntry]], customers: dict[int, list[Customer]]) -> Case:
    return Case(incident, entries.get(incident.id, []), customers.get(incident.id, []))


def _is_over(incident: Incident) -> bool:
    return incident.state in _OVER
