"""The team: what is asked of whom, what is decided, what must be undone, and who works on it in which sub-team."""

from collections.abc import Sequence

import streamlit as st

from ims.model.coordination import Responder
from ims.response import coordination
from ims.response.coordination import SPAN_OF_CONTROL, Formation, formation
from ims.store import coordination as kept
from ims.ui import words
from ims.ui.incident import asks, changes, decisions, markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.asks import name_of
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import plain

NO_SUB_TEAM = "No sub-team: reports to the IC"


def draw(situation: Situation) -> None:
    """Draw the four parts of working together; nothing of them is read while another view is open."""
    incident_id = situation.incident.id
    with portal().reading() as session:
        asked = kept.asks(session, incident_id)
        proposed = kept.decisions(session, incident_id)
        changed = kept.temporary_changes(session, incident_id)
        responders = kept.responders(session, incident_id)
    roles = {role: assignment.person_id for role, assignment in situation.roles.items()}
    left, right = st.columns(2, gap="large")
    with left:
        asks.draw(situation, asked)
        changes.draw(situation, changed)
    with right:
        decisions.draw(situation, proposed)
        _people(situation, responders, formation(responders, roles, asked))


def _people(situation: Situation, responders: Sequence[Responder], formed: Formation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        markup.html("<b>Who works on it</b>")
        if not situation.incident.closed_at:
            _acts(situation, responders)
    if formed.is_too_wide:
        st.warning(plain(advice(situation, formed)), icon=":material/account_tree:")
    markup.html(tree_html(situation, formed))


def _acts(situation: Situation, responders: Sequence[Responder]) -> None:
    incident_id, me = situation.incident.id, situation.me
    st.button("Bring in or move", key="bring_in", icon=":material/group_add:", on_click=ask, args=("bring_in",))
    present = {each.person_id for each in responders}
    if me and me.id not in present and st.button("I join", key="join_me"):
        do(lambda work: coordination.join(work, incident_id, me.id), "You work on it")
    names = {person_id: situation.people[person_id].name for person_id in present}
    if names:
        chosen = st.menu_button("Let go", list(names), format_func=names.__getitem__, key="let_go", type="tertiary")
        if chosen:
            do(lambda work: coordination.leave(work, incident_id, chosen), f"{names[chosen]} has left")


def advice(situation: Situation, formed: Formation) -> str:
    """Say that too many people report to one."""
    commander = situation.people.get(formed.commander_id or 0)
    name = commander.name if commander else "the Incident Commander"
    return (
        f"{formed.reporting} people report to {name}. One person leads {SPAN_OF_CONTROL} at most: form sub-teams, "
        "whoever joins one first leads it."
    )


def tree_html(situation: Situation, formed: Formation) -> str:
    """Return who reports to whom: the Incident Commander, those who report to them, and the sub-teams under leads."""
    rows = [_member(situation, person_id) for person_id in formed.direct]
    for sub_team, people in formed.sub_teams.items():
        under = "".join(_member(situation, person_id) for person_id in people[1:])
        lead = f"{name_of(situation, people[0])} {markup.muted(f'leads {markup.text(sub_team)}')}"
        size = markup.muted(words.counted(len(people), "person", "people"))
        rows.append(f"<li><b>{markup.text(sub_team)}</b> {size}<ul {_INDENT}><li>{lead}</li>{under}</ul></li>")
    commander = f"{name_of(situation, formed.commander_id)} {markup.muted('Incident Commander')}"
    return f"<ul><li><b>{commander}</b><ul {_INDENT}>{''.join(rows) or _NOBODY}</ul></li></ul>"


_INDENT = 'style="margin:.15rem 0 .15rem .4rem; padding-left:.8rem; border-left:2px solid rgba(128,128,128,.4)"'
_NOBODY = (
    f"<li>{markup.muted('Nobody else yet. Whoever holds a role or is asked for something counts by itself.')}</li>"
)


def _member(situation: Situation, person_id: int) -> str:
    held = [words.ROLE[role] for role, assignment in situation.roles.items() if assignment.person_id == person_id]
    role = f" {markup.muted(', '.join(held))}" if held else ""
    return f"<li>{name_of(situation, person_id)}{role}</li>"


@st.dialog("Bring in or move", icon=":material/group_add:", on_dismiss=close_dialog)
def bring_in(situation: Situation) -> None:
    """Ask who works on it, and in which sub-team."""
    names = {person.id: person.name for person in situation.people.values() if person.active}
    with portal().reading() as session:
        present = kept.responders(session, situation.incident.id)
    sub_teams = sorted({each.sub_team for each in present} - {""})
    with st.form("bring_in_form", border=False):
        chosen = st.multiselect("Who", list(names), format_func=names.__getitem__, key="bring_in_people")
        sub_team = st.selectbox(
            "In which sub-team; type a new one's name to form it", [NO_SUB_TEAM, *sub_teams],
            accept_new_options=True, key="bring_in_sub_team",
        )  # fmt: skip
        st.caption("Whoever joins a sub-team first leads it and reports to the Incident Commander.")
        if st.form_submit_button("Save", key="bring_in_submit", type="primary"):
            _bring_in(situation, chosen, "" if sub_team == NO_SUB_TEAM else str(sub_team or ""))


def _bring_in(situation: Situation, chosen: Sequence[int], sub_team: str) -> None:
    if not chosen:
        st.error("Choose who works on it.")
        return
    incident_id = situation.incident.id
    do(lambda work: [coordination.join(work, incident_id, each, sub_team) for each in chosen], "Saved")
