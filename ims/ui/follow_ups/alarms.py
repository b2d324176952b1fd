"""What happened again while its follow-ups were open, at the head of the page."""

import streamlit as st

from ims.model import Incident
from ims.postmortem.following_up import recurrence
from ims.store import follow_ups as kept
from ims.store import incidents
from ims.ui import places, words
from ims.ui.session import portal
from ims.ui.text import plain

MOST_SHOWN = 5


def draw() -> None:
    """Draw each past incident that happened again, with the incidents that repeated it."""
    with portal().reading() as session:
        alarms = [each for each in recurrence.standing(kept.again(session)) if not each.is_repetition]
        ids = {incident_id for each in alarms for incident_id in (each.incident_id, each.other_id)}
        known = incidents.by_ids(session, ids)
    repeated: dict[int, list[int]] = {}
    for alarm in alarms:
        repeated.setdefault(alarm.incident_id, []).append(alarm.other_id)
    if not repeated:
        return
    with st.container(border=True, key="follow_ups_again"):
        happened = words.counted(len(repeated), "incident has", "incidents have")
        st.markdown(f":red[:material/repeat: **{happened} happened again while follow-ups were open**]")
        for past, others in sorted(repeated.items(), key=lambda each: -len(each[1]))[:MOST_SHOWN]:
            _one(known[past], [known[each] for each in others])
        if len(repeated) > MOST_SHOWN:
            st.caption(f"and {len(repeated) - MOST_SHOWN} more")


def _one(past: Incident, others: list[Incident]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        places.incident_link(past.key, past.title)
        st.markdown(":small[again as]", width="content")
        for each in others[-3:]:
            places.link("incident", f"**{each.key}** {plain(words.moment(each.declared_at))}", key=each.key)
