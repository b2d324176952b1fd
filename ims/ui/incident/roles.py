"""Who holds which role, and how it changes hands."""

import streamlit as st

from ims.errors import Conflict
from ims.model import IncidentRole, IncidentState
from ims.response import command
from ims.store import incidents
from ims.ui import words
from ims.ui.incident import handover, markup, paging
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import plain

_OVER = (IncidentState.CLOSED, IncidentState.CANCELLED)
_ON_PAGE, _IN_DIALOG = "roles_on_page", "roles_in_dialog"
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
    seen = _as_shown(situation)
    if chosen:
        _act(situation, seen, *chosen.partition(":")[::2])


def _as_shown(situation: Situation) -> command.Holders:
    """Return who held the roles on the page that was clicked on, and remember whom it shows now."""
    key, now = situation.incident.key, _held(situation)
    shown_key, shown = st.session_state.get(_ON_PAGE, ("", {}))
    st.session_state[_ON_PAGE] = (key, now)
    return shown if shown_key == key else now


def _held(situation: Situation) -> dict[IncidentRole, int | None]:
    roles = situation.roles
    return {role: roles[role].person_id if role in roles else None for role in IncidentRole}


def _told(conflict: Conflict) -> None:
    """Say who was faster. Whoever was told and does it again means it."""
    for clash in conflict.clashes:
        at = f" at {words.clock_time(clash.at)}" if clash.at else ""
        st.warning(
            plain(
                f"{clash.by} gave {clash.name} to {clash.theirs}{at}, after you had opened this. Nothing was changed: "
                f"leave it so, or do it again to give it to {clash.mine}."
            ),
            icon=":material/group:",
        )


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


def _act(situation: Situation, seen: command.Holders, what: str, role_word: str) -> None:
    incident_id = situation.incident.id
    if what in (_ASSIGN, _HAND_OVER):
        ask(what)
    elif what == _CONFIRM:
        do(lambda work: command.confirm_roles(work, incident_id), "Roles confirmed")
    elif what == _RETURN:
        role = IncidentRole(role_word)
        do(
            lambda work: command.take_back_role(work, incident_id, role, seen=seen),
            f"{words.ROLE[role]} is with the IC again",
            on_conflict=_told,
        )
    elif situation.me:
        role, me = IncidentRole(role_word), situation.me.id
        do(
            lambda work: command.assign_role(work, incident_id, role, me, seen=seen),
            f"You are {words.ROLE[role]}",
            on_conflict=_told,
        )


@st.dialog("Assign a role", icon=":material/groups:", on_dismiss=close_dialog)
def assign(situation: Situation) -> None:
    """Ask which role goes to whom."""
    names = {person.id: person.name for person in situation.people.values() if person.active}
    if "assign_role" not in st.session_state:
        st.session_state[_IN_DIALOG] = _held(situation)
    roles = [IncidentRole.COMMUNICATIONS, IncidentRole.OPERATIONS, IncidentRole.COMMANDER]
    with st.form("assign"):
        role = st.selectbox("Role", roles, format_func=words.ROLE.__getitem__, key="assign_role")
        person_id = st.selectbox("Person", list(names), format_func=names.__getitem__, key="assign_person")
        st.caption(
            "The one who holds it until now gives it up in the same moment, without a briefing. When a shift "
            "ends, hand the role over instead."
        )
        if st.form_submit_button("Assign", key="assign_submit", type="primary", disabled=not names) and person_id:
            _assign(situation, role, person_id, f"{names[person_id]} is {words.ROLE[role]}")


def _assign(situation: Situation, role: IncidentRole, person_id: int, done: str) -> None:
    incident_id, seen = situation.incident.id, st.session_state[_IN_DIALOG]

    def told(conflict: Conflict) -> None:
        _told(conflict)
        with portal().reading() as session:
            now = incidents.current_roles(session, incident_id)
        st.session_state[_IN_DIALOG] = seen | {role: now[role].person_id if role in now else None}

    do(lambda work: command.assign_role(work, incident_id, role, person_id, seen=seen), done, on_conflict=told)
