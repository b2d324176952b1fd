"""The title of a declaration, and beneath it, while it is typed, the incidents that may be the same one."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from ims.model import Incident
from ims.response.declare import attach_alerts
from ims.response.similar import similar
from ims.store import incidents
from ims.ui import places, words
from ims.ui.session import attempt, portal

MOST_SHOWN = 3


@st.fragment
def draw(alert_ids: Sequence[int]) -> None:
    """Draw the title and the incidents like it; only this part runs again while somebody types."""
    title = st.text_input(
        "**Title**: what is broken, for whom",
        key="declare_title",
        live="300ms",
        placeholder="Payments fail with 502",
        persist_state="session",
    )
    now = portal().clock()
    with portal().reading() as session:
        running = incidents.active(session)
        alike = [found.incident for found in similar(session, title or "", now)]
    _listed("Running now. Is it one of these?", likely(running, alike, all_of_them=bool(alert_ids)), now, alert_ids)
    _listed("Seen before", [incident for incident in alike if not incident.is_active], now, ())


def likely(running: Sequence[Incident], alike: Sequence[Incident], *, all_of_them: bool) -> list[Incident]:
    """Return the running incidents that may be meant, the most alike first; the strip shows the others anyway."""
    places_in = {incident.id: place for place, incident in enumerate(alike)}
    meant = [incident for incident in running if all_of_them or incident.id in places_in]
    return sorted(meant, key=lambda incident: places_in.get(incident.id, len(places_in)))


def _listed(heading: str, found: Sequence[Incident], now: datetime, alert_ids: Sequence[int]) -> None:
    if not found:
        return
    with st.container(border=True, gap="xsmall"):
        st.caption(heading)
        for incident in found[:MOST_SHOWN]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                places.incident_link(incident.key, incident.title, before=words.severity_chip(incident.severity))
                ago = words.duration(now - incident.declared_at)
                st.markdown(f":small[{words.STATE[incident.state].lower()}, declared {ago} ago]")
                if alert_ids and st.button(
                    "It is this one: attach", icon=":material/attach_file:", key=f"attach_{incident.id}"
                ):
                    _attach(incident, alert_ids)


def _attach(incident: Incident, alert_ids: Sequence[int]) -> None:
    if attempt(lambda work: attach_alerts(work, incident.id, alert_ids), f"Attached to {incident.key}."):
        st.session_state.pop("declare_for", None)
        places.go("incident", key=incident.key)
