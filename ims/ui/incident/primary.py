"""The one button that changes with the incident, and beside it every other move."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from ims.model import Incident, IncidentState
from ims.response import command
from ims.response.next_action import NextAction
from ims.response.states import close
from ims.store.work import Work
from ims.ui import places
from ims.ui.incident import views
from ims.ui.incident.acting import ask, do
from ims.ui.incident.situation import Situation

TAKE_COMMUNICATIONS = "take_communications"


@dataclass(frozen=True)
class Face:
    """How an act looks on the button, and why it is the next one."""

    label: str
    icon: str
    why: str


FACES = {
    NextAction.ACKNOWLEDGE: Face("Acknowledge", "front_hand", "Nobody has said yet: I am here."),
    NextAction.CONFIRM_ROLES: Face("Confirm the roles", "groups", "Who leads, who writes, who mends?"),
    NextAction.DEFINE: Face("Define it", "straighten", "Impact, frequency and severity are not all set."),
    NextAction.NAME_CUSTOMERS: Face(
        "Name the customers", "domain_add", "Nobody can be told while no customer is named."
    ),
    NextAction.TELL_FIRST: Face("Send the first customer update", "campaign", "The customers have heard nothing yet."),
    NextAction.TELL_AGAIN: Face("Send the next customer update", "campaign", "The promised time has nearly come."),
    NextAction.MITIGATE: Face("It is mitigated", "healing", "Next: customers no longer feel it."),
    NextAction.RESOLVE: Face("It is resolved", "task_alt", "Next: the cause is gone."),
    NextAction.TELL_RESOLVED: Face("Tell the customers it is resolved", "campaign", "They do not know it yet."),
    NextAction.CREATE_RCA: Face("Create the RCA document", "description", "While it is fresh in mind."),
    NextAction.PLAN_MEETING: Face("Plan the RCA meeting", "event", "Everyone involved fills in the document."),
    NextAction.HOLD_MEETING: Face("Hold the RCA meeting", "event_available", "Say there that it was held."),
    NextAction.FILE_FOLLOW_UPS: Face("File the follow-ups", "checklist", "Say that the list of sub-tasks is complete."),
    NextAction.SETTLE_CHANGES: Face("Settle what was changed for now", "undo", "It blocks closing until it is undone."),
    NextAction.CLOSE: Face("Close", "lock", "Nothing is left to do."),
}
MORE = {
    "mitigate": "Mitigate…",
    "resolve": "Resolve…",
    "reopen": "Reopen…",
    "cancel": "Cancel: it was no incident…",
    "close": "Close…",
    "end_drill": "End the drill…",
    "define": "Define impact, frequency, severity…",
    "scope": "Change services and customers…",
    "war_room": "Set the war room…",
    "correct_time": "Correct a time…",
    "correct_entry": "Correct an entry of the timeline…",
}
CORRECTIONS = ("correct_time", "correct_entry")
ALWAYS = ("define", "scope", "war_room", *CORRECTIONS)
_DONE_AT_ONCE: dict[NextAction, tuple[Callable[[Situation, Work], object], str]] = {
    NextAction.CONFIRM_ROLES: (lambda s, work: command.confirm_roles(work, s.incident.id), "Roles confirmed"),
    NextAction.CLOSE: (lambda s, work: close(work, s.incident.id, s.procedure), "Closed"),
}
_ASKED_FIRST = {
    NextAction.DEFINE: "define",
    NextAction.NAME_CUSTOMERS: "scope",
    NextAction.MITIGATE: "mitigate",
    NextAction.RESOLVE: "resolve",
}
_IN_VIEW = {
    NextAction.TELL_FIRST: views.View.CUSTOMERS,
    NextAction.TELL_AGAIN: views.View.CUSTOMERS,
    NextAction.TELL_RESOLVED: views.View.CUSTOMERS,
    NextAction.SETTLE_CHANGES: views.View.TEAM,
}


def draw(situation: Situation) -> None:
    """Draw the primary button, why it is next, and the other moves."""
    action = situation.next_action
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pressed = action in FACES and _button(action)
        _more(situation.incident)
        if action in FACES:
            st.caption(_why(situation, action), width="content")
    if pressed:
        _act(situation, action)  # outside the row, where a refusal has the whole width
    if situation.incident.override_reason:
        left = situation.incident.override_reason
        st.text(f"Closed although something was left: {left}")


def _button(action: NextAction) -> bool:
    face, pressed = FACES[action], False
    if action in _IN_VIEW:
        st.button(_label(face), key="primary", type="primary", on_click=views.show, args=(_IN_VIEW[action],))
    else:
        pressed = st.button(_label(face), key="primary", type="primary")
    if action is NextAction.ACKNOWLEDGE:
        st.checkbox("and take the Communications Lead role", value=True, key=TAKE_COMMUNICATIONS)
    return pressed


def _why(situation: Situation, action: NextAction) -> str:
    promised = situation.incident.next_update_due_at
    is_late = promised is not None and promised < situation.now
    if is_late and action in (NextAction.TELL_FIRST, NextAction.TELL_AGAIN):
        return "The promised time has passed; the customers wait."
    return FACES[action].why


def _label(face: Face) -> str:
    return f":material/{face.icon}: {face.label}"


def _act(situation: Situation, action: NextAction) -> None:
    if action is NextAction.ACKNOWLEDGE:
        _acknowledge(situation)
    elif action is NextAction.CLOSE and situation.incident.drill:
        ask("end_drill")
    elif action in _DONE_AT_ONCE:
        verb, done = _DONE_AT_ONCE[action]
        do(lambda work: verb(situation, work), done)
    elif action in _ASKED_FIRST:
        ask(_ASKED_FIRST[action])
    else:
        places.go("rca", key=situation.incident.key)


def _acknowledge(situation: Situation) -> None:
    take = bool(st.session_state.get(TAKE_COMMUNICATIONS, True))
    do(
        lambda work: command.acknowledge(work, situation.incident.id, take_communications=take),
        "Acknowledged. You are Communications Lead." if take else "Acknowledged",
    )


def _more(incident: Incident) -> None:
    chosen = st.menu_button(
        "More",
        moves_from(incident.state, drill=incident.drill),
        format_func=MORE.__getitem__,
        key="more",
        icon=":material/menu:",
    )
    if chosen:
        ask(chosen)


def moves_from(state: IncidentState, *, drill: bool = False) -> list[str]:
    """Return the moves that a state allows, and what can always be changed; a drill is ended and stays so."""
    moves = {
        IncidentState.OPEN: ["mitigate", "resolve", "cancel"],
        IncidentState.MITIGATED: ["resolve", "reopen", "cancel"],
        IncidentState.RESOLVED: ["close", "reopen"],
        IncidentState.CLOSED: ["reopen"],
        IncidentState.CANCELLED: ["reopen"],
    }
    if drill:
        over = state in (IncidentState.CLOSED, IncidentState.CANCELLED)
        onward = [move for move in moves[state] if move not in ("cancel", "close")]
        return ["war_room", *CORRECTIONS] if over else [*onward, "end_drill", *ALWAYS]
    return [*moves[state], *ALWAYS]
