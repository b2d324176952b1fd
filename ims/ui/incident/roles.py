"""Who holds which role, and how it changes hands."""

import streamlit as st

from ims.model import IncidentRole, IncidentState
from ims.response import command
from ims.ui import words
from ims.ui.incident import handover, markup, paging
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation

_OVER = (IncidentState.CLOSED, IncidentState.CANCELLED)
_CONFIRM, _HAND_OVER, _ASSIGN, _TAKE, _RETURN = "confirm", "hand_over", "assign", "take", "return"


def draw(situation: Situation) -> None:
    """Draw the roles and one menu that changes them."""
    rows = [_row(situation, role) for role in IncidentRole]
    markup.html(f'<b>Roles</b><dl class="ims-facts">{"".join(rows)}</dl>')
    paging.draw(situation)
    handover.kept(situation)
    if situation.incident.state in _OVER:
        return
    options = changes(situation)
    chosen = st.menu_button(
        "Change a role", list(options), format_func=options.__getitem__, key="role_menu", icon=":material/groups:"
    )
    if chosen:
        _act(situation, *chosen.partition(":")[::2])


def _row(situation: Situation, role: IncidentRole) -> str:
    person = situation.holder(role)
    if person or role is IncidentRole.COMMANDER:
        held = markup.text(person.name if person else "nobody yet")
    else:
        held = f'<span class="ims-muted">kept by the IC, {markup.text(situation.answers_for(role))}</span>'
    return f"<div><dt>{words.ROLE[role]}</dt><dd>{held}</dd></div>"


def changes(situation: Situation) -> dict[str, str]:
    """Return what can be done about the roles now, each with its words."""
    me = situation.me
    options = {_HAND_OVER: "Hand over a role, with a briefing…"} if situation.incident.is_active else {}
    options[_ASSIGN] = "Assign a role to somebody at once…"
    for role in IncidentRole:
        holder = situation.holder(role)
        if me and (holder is None or holder.id != me.id):
            options[f"{_TAKE}:{role.value}"] = f"I take it: {words.ROLE[role]}"
        if holder and role is not IncidentRole.COMMANDER:
            options[f"{_RETURN}:{role.value}"] = f"Back to the IC: {words.ROLE[role]}"
    return options | {_CONFIRM: "Confirm the roles as they are"}


def _act(situation: Situation, what: str, role_word: str) -> None:
    incident_id = situation.incident.id
    if what in (_ASSIGN, _HAND_OVER):
        ask(what)
    elif what == _CONFIRM:
        do(lambda work: command.confirm_roles(work, incident_id), "Roles confirmed")
    elif what == _RETURN:
        role = IncidentRole(role_word)
        do(lambda work: command.take_back_role(work, incident_id, role), f"{words.ROLE[role]} is with the IC again")
    elif situation.me:
        role, me = IncidentRole(role_word), situation.me.id
        do(lambda work: command.assign_role(work, incident_id, role, me), f"You are {words.ROLE[role]}")


@st.dialog("Assign a role", icon=":material/groups:", on_dismiss=close_dialog)
def assign(situation: Situation) -> None:
    """Ask which role goes to whom."""
    names = {person.id: person.name for person in situation.people.values() if person.active}
    roles = [IncidentRole.COMMUNICATIONS, IncidentRole.OPERATIONS, IncidentRole.COMMANDER]
    with st.form("assign"):
        role = st.selectbox("Role", roles, format_func=words.ROLE.__getitem__, key="assign_role")
        person_id = st.selectbox("Person", list(names), format_func=names.__getitem__, key="assign_person")
        st.caption(
            "The one who holds it until now gives it up in the same moment, without a briefing. When a shift "
            "ends, hand the role over instead."
        )
        if st.form_submit_button("Assign", key="assign_submit", type="primary", disabled=not names) and person_id:
            do(
                lambda work: command.assign_role(work, situation.incident.id, role, person_id),
                f"{names[person_id]} is {words.ROLE[role]}",
            )
