"""The incident page, put together: what stands on it, in which order, and which dialog is open."""

from collections.abc import Callable

import streamlit as st

from ims.errors import NotFound
from ims.store import incidents
from ims.ui import places, updates, words
from ims.ui.incident import (
    acting,
    again,
    asks,
    cadence,
    changes,
    corrections,
    decisions,
    defining,
    definition,
    deliveries,
    drill,
    handover,
    header,
    markup,
    moves,
    primary,
    procedure,
    replay,
    roles,
    silences,
    situation,
    surroundings,
    team,
    timeline,
    unreached,
    views,
)
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import plain

DIALOGS: dict[str, Callable[..., None]] = {
    "mitigate": moves.mitigate,
    "resolve": moves.resolve,
    "reopen": moves.reopen,
    "cancel": moves.cancel,
    "close": moves.close,
    "define": defining.define,
    "scope": definition.scope,
    "assign": roles.assign,
    "hand_over": handover.hand_over,
    "withdraw": handover.withdraw,
    "stay_on": handover.stay_on,
    "hold_updates": cadence.hold,
    "step": procedure.decide,
    "war_room": surroundings.war_room,
    "silence": silences.make,
    "ask": asks.make,
    "settle_ask": asks.settle,
    "propose": decisions.propose,
    "decide": decisions.decide,
    "object": decisions.object_to,
    "change": changes.make,
    "settle_change": changes.settle,
    "bring_in": team.bring_in,
    "correct_entry": corrections.entry,
    "correct_time": corrections.time,
    "answer": drill.answer,
    "end_drill": drill.end,
}


def draw() -> None:
    """Draw the incident that the address names, or offer some to choose from."""
    key = st.query_params.get("key", "")
    try:
        with portal().reading() as session:
            shown = situation.read(session, key)
    except NotFound as problem:
        _offer(plain(str(problem)) if key else "Choose an incident; its address ends with its key.")
        return
    acting.empty_finished_fields()
    st.html(markup.STYLE)
    header.draw(shown)
    acts = st.container()
    view = views.choose()
    if view is not views.View.REPLAY:  # nothing can be done from the past
        replay.leave()
        with acts:
            _acts(shown)
    _view(shown, view)
    _dialog(shown)


def _acts(shown: Situation) -> None:
    primary.draw(shown)
    unreached.draw(shown)
    again.draw(shown)
    drill.draw(shown)
    surroundings.line(shown)
    handover.draw(shown)


def _view(shown: Situation, view: views.View) -> None:
    match view:
        case views.View.OVERVIEW:
            _overview(shown)
        case views.View.TEAM:
            team.draw(shown)
        case views.View.CUSTOMERS:
            cadence.draw(shown)
            updates.draw(shown.incident.id)
        case views.View.SURROUNDINGS:
            surroundings.draw(shown)
        case views.View.DELIVERIES:
            deliveries.draw(shown)
        case views.View.REPLAY:
            replay.draw(shown)


def _overview(shown: Situation) -> None:
    what, happened = st.columns([5, 6], gap="large")
    with what:
        procedure.draw(shown)
        roles.draw(shown)
        definition.draw(shown)
    with happened:
        timeline.draw(shown)


def _dialog(shown: Situation) -> None:
    asked = acting.asked()
    if asked:
        name, arguments = asked
        DIALOGS[name](shown, *arguments)


def _offer(sentence: str) -> None:
    st.subheader("Incident", anchor=False)
    st.info(sentence, icon=":material/search:")
    with portal().reading() as session:
        recent = incidents.latest(session)
    for incident in recent:
        places.incident_link(
            incident.key, incident.title, before=words.DRILL if incident.drill else words.STATE[incident.state]
        )
    if not recent:
        st.caption("There is none yet. The Declare page makes one, from an alert or by hand.")
        places.link("declare", "Declare", icon="emergency")
