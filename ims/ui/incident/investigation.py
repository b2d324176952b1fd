"""Writing down what is seen, found, tried, and who is brought in: always one box away from the timeline."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ims.response import investigation
from ims.store.work import Work
from ims.ui.incident.acting import do
from ims.ui.incident.situation import Situation

NOTE, FINDING, REPLICATION, TEAM = "Note", "Finding", "Replication", "Team"
KINDS = [NOTE, FINDING, REPLICATION, TEAM]
_ASKS = {
    NOTE: "What happens, what you do",
    FINDING: "What you found out",
    REPLICATION: "What you tried, and what you saw",
    TEAM: "Why they are brought in",
}
_TEXT, _TEAM = "entry_text", "entry_team"


def draw(situation: Situation) -> None:
    """Draw the box; what was typed stays when another kind is chosen, or when it is refused."""
    kind = st.segmented_control(
        "What do you write down?", KINDS, default=NOTE, required=True, key="entry_kind", label_visibility="collapsed"
    )
    incident_id = situation.incident.id
    with st.form("entry", border=False):
        verb = _fields(kind or NOTE, incident_id)
        if st.form_submit_button("Write it down", key="entry_submit", icon=":material/edit_note:"):
            do(verb, "Written down", clears=(_TEXT, _TEAM) if kind == TEAM else (_TEXT,))
    if kind == TEAM and st.button("No other team is needed", key="no_team", type="tertiary"):
        do(lambda work: investigation.need_no_team(work, incident_id), "Written down")


def _fields(kind: str, incident_id: int) -> Callable[[Work], Any]:
    """Draw the fields of a kind, and return the verb that writes them down."""
    if kind == REPLICATION:
        incognito = st.checkbox("In an incognito window", value=True, key="entry_incognito")
        seen = st.radio("Could you see it?", ["Seen", "Not seen"], horizontal=True, key="entry_seen") == "Seen"
        text = _text(kind)
        return lambda work: investigation.replication(work, incident_id, incognito=incognito, seen=seen, text=text)
    if kind == TEAM:
        team = st.text_input("Which team", key=_TEAM)
        text = _text(kind)
        return lambda work: investigation.involve_team(work, incident_id, team, text)
    text = _text(kind)
    verb = investigation.finding if kind == FINDING else investigation.note
    return lambda work: verb(work, incident_id, text)


def _text(kind: str) -> str:
    return st.text_area(_ASKS[kind], key=_TEXT, height=80)
