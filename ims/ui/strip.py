"""The strip on every page: each active incident, its severity, its commander, and when customers hear next."""

from datetime import datetime, timedelta

import streamlit as st

from ims.model import Incident, IncidentRole
from ims.store import catalogue, incidents
from ims.ui import words
from ims.ui.session import portal
from ims.ui.text import plain

SOON = timedelta(minutes=10)
MOST_SHOWN = 5


def draw() -> None:
    """Draw the strip, and draw it again every fifteen seconds without disturbing the page."""
    _live()


@st.fragment(run_every="15s")
def _live() -> None:
    now = portal().clock()
    with portal().reading() as session:
        active = incidents.active(session)
        commanders = incidents.holders(session, [incident.id for incident in active], IncidentRole.COMMANDER)
        names = catalogue.people_by_id(session, commanders.values())
    for incident in active[:MOST_SHOWN]:
        person = names.get(commanders.get(incident.id, 0))
        _line(incident, person.name if person else "nobody", now)
    if len(active) > MOST_SHOWN:
        st.caption(f"and {len(active) - MOST_SHOWN} more active incidents")


def _line(incident: Incident, commander: str, now: datetime) -> None:
    severity = words.SEVERITY[incident.severity] if incident.severity else "No severity"
    colour = words.SEVERITY_COLOUR[incident.severity] if incident.severity else "gray"
    st.markdown(
        f":{colour}-badge[{severity}] [**{incident.key}** {plain(incident.title)}](/incident?key={incident.key}) "
        f"· IC {plain(commander)} · {countdown(incident.next_update_due_at, now)}"
    )


def countdown(due_at: datetime | None, now: datetime) -> str:
    """Say when customers hear next, as Markdown: amber in the last ten minutes, red when late."""
    if due_at is None:
        return "no customer waits"
    if due_at < now:
        return f":red[**customers wait {words.duration(now - due_at)} too long**]"
    text = f"next customer update in {words.duration(due_at - now)}"
    return f":orange[{text}]" if due_at - now <= SOON else text
