"""Writing down what is seen, found, tried, and who is brought in: always one box away from the timeline."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ims.response import investigation
from ims.store.work import Work
from ims.ui.drafts import Draft, Values
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
_KIND, _TEXT, _TEAM = "entry_kind", "entry_text", "entry_team"
_OF = "entry_of"


def draw(situation: Situation) -> None:
    """Draw the box; what was typed stays when another kind is chosen, when it is refused, and over a reload."""
    _box(situation.incident.id, Draft(situation.incident.key, "entry", situation.me))


@st.fragment
def _box(incident_id: int, draft: Draft) -> None:
    """Draw it by itself, so that leaving a field, which keeps the draft, draws nothing else anew."""
    before = _open(draft)
    kind = st.segmented_control(
        "What do you write down?",
        KINDS,
        default=before.get("kind"),
        required=True,
        key=_KIND,
        label_visibility="collapsed",
    )
    verb = _fields(kind or NOTE, incident_id, before)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pressed = st.button("Write it down", key="entry_submit", icon=":material/edit_note:")
        kept = st.empty()
    if kind == TEAM and st.button("No other team is needed", key="no_team", type="tertiary"):
        do(lambda work: investigation.need_no_team(work, incident_id), "Written down")
    if pressed:
        do(verb, "Written down", clears=(_TEXT, _TEAM), draft=draft)
    draft.keep(_typed(draft))
    with kept:
        draft.caption(_empty, key="entry")


def _open(draft: Draft) -> Values:
    """Return what the fields begin with: what was typed before, never what was typed at another incident.

    A field that begins with something leaves alone what a window holds that outlived the server; one that is set, as it
    must be when the incident changes under it, does not.
    """
    was, is_open = st.session_state.get(_OF, draft.place), _TEXT in st.session_state
    st.session_state[_OF] = draft.place
    if is_open and was == draft.place:
        return {"kind": NOTE} | dict(draft.kept.values if draft.kept else {})
    before = {"kind": NOTE, "text": "", "team": ""} | dict(draft.open())
    if not is_open:
        return before
    for key, name in ((_KIND, "kind"), (_TEXT, "text"), (_TEAM, "team")):
        st.session_state[key] = before[name]
    return {}


def _typed(draft: Draft) -> dict[str, str] | None:
    """Return what stands in the box, ``None`` while it is empty; a team is remembered while another kind is chosen."""
    text, team = st.session_state.get(_TEXT, ""), st.session_state.get(_TEAM, _team_before(draft))
    if not (text.strip() or team.strip()):
        return None
    return {"kind": st.session_state.get(_KIND) or NOTE, "text": text, "team": team}


def _team_before(draft: Draft) -> str:
    return str(draft.kept.values.get("team", "")) if draft.kept else ""


def _empty() -> None:
    st.session_state[_TEXT] = st.session_state[_TEAM] = ""


def _fields(kind: str, incident_id: int, before: Values) -> Callable[[Work], Any]:
    """Draw the fields of a kind, and return the verb that writes them down."""
    if kind == REPLICATION:
        incognito = st.checkbox("In an incognito window", value=True, key="entry_incognito")
        seen = st.radio("Could you see it?", ["Seen", "Not seen"], horizontal=True, key="entry_seen") == "Seen"
        text = _text(kind, before)
        return lambda work: investigation.replication(work, incident_id, incognito=incognito, seen=seen, text=text)
    if kind == TEAM:
        team = st.text_input("Which team", before.get("team", ""), key=_TEAM)
        text = _text(kind, before)
        return lambda work: investigation.involve_team(work, incident_id, team, text)
    text = _text(kind, before)
    verb = investigation.finding if kind == FINDING else investigation.note
    return lambda work: verb(work, incident_id, text)


def _text(kind: str, before: Values) -> str:
    return st.text_area(_ASKS[kind], before.get("text", ""), key=_TEXT, height=80)
