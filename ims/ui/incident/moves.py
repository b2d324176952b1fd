"""The dialogs that move an incident on: mitigate, resolve, reopen, cancel, close."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from ims.model import Incident
from ims.response import states
from ims.store.work import Work
from ims.ui import words
from ims.ui.drafts import Draft
from ims.ui.incident.acting import close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import actor, portal
from ims.ui.text import plain

Move = Callable[..., Incident]


@st.dialog("Mitigated", icon=":material/healing:", on_dismiss=close_dialog)
def mitigate(situation: Situation) -> None:
    """Ask when and how customers stopped feeling it."""
    st.caption("Customers no longer feel it, though its cause may remain.")
    _with_time(situation, "mitigate", states.mitigate, "What helped", "Mitigated")


@st.dialog("Resolved", icon=":material/task_alt:", on_dismiss=close_dialog)
def resolve(situation: Situation) -> None:
    """Ask when and how it was over."""
    st.caption("The cause is gone, or cannot come back for now. The customers are told next.")
    move = partial(states.resolve, procedure=situation.procedure)
    _with_time(situation, "resolve", move, "What ended it", "Resolved")


@st.dialog("Reopen", icon=":material/replay:", on_dismiss=close_dialog)
def reopen(situation: Situation) -> None:
    """Ask why it is not over."""
    st.caption("Nobody is paged, because you are here. Page whom you need by name.")
    _with_reason(
        situation,
        "reopen",
        "Why it is not over",
        lambda work, reason: states.reopen(work, situation.incident.id, reason, situation.procedure),
        "Reopened",
    )


@st.dialog("Cancel: it was no incident", icon=":material/block:", on_dismiss=close_dialog)
def cancel(situation: Situation) -> None:
    """Ask why it was none."""
    st.caption("Customers do not get what was written to them and still waits.")
    _with_reason(
        situation,
        "cancel",
        "Why it was no incident",
        lambda work, reason: states.cancel(work, situation.incident.id, reason),
        "Cancelled",
    )


@st.dialog("Close", icon=":material/lock:", on_dismiss=close_dialog)
def close(situation: Situation) -> None:
    """Show what still blocks; close, or ask for the reason to close all the same."""
    with portal().reading() as session:
        not_undone = states.left_changed(Work(session, situation.now, actor()), situation.incident.id)
    blocking = [*states.blockers(situation.procedure, situation.case, situation.now), *not_undone]
    if not blocking:
        st.caption("Nothing is left to do.")
    for sentence in blocking:
        st.warning(plain(sentence), icon=":material/pending_actions:")
    with st.form("close"):
        reason = st.text_area("Close all the same, because", key="close_reason", height=80) if blocking else ""
        if st.form_submit_button("Close", key="close_submit", type="primary"):
            do(
                lambda work: states.close(work, situation.incident.id, situation.procedure, override_reason=reason),
                "Closed",
            )


def _with_time(situation: Situation, name: str, move: Move, question: str, done: str) -> None:
    draft = Draft(situation.incident.key, name, situation.me)
    if "move_text" not in st.session_state:
        _fill(draft.open())
    # The time stands first: its calendar opens with the focus, and would cover the button below the text.
    at = st.datetime_input(
        f"When, in your time ({words.zone().key}); leave it empty for now", value=None, step=60, key="move_at"
    )
    text = st.text_area(question, key="move_text", height=80)
    if st.button("Save", key="move_submit", type="primary"):
        do(lambda work: move(work, situation.incident.id, text, at=in_utc(at)), done, draft=draft)
    draft.keep({"text": text, "at": at.isoformat() if at else ""} if text.strip() or at else None)
    draft.caption(lambda: _fill({}), key="move")


def _with_reason(
    situation: Situation, name: str, question: str, move: Callable[[Work, str], Incident], done: str
) -> None:
    draft = Draft(situation.incident.key, name, situation.me)
    if "move_text" not in st.session_state:
        _fill(draft.open())
    reason = st.text_area(question, key="move_text", height=80)
    if st.button("Save", key="move_submit", type="primary"):
        do(lambda work: move(work, reason), done, draft=draft)
    draft.keep({"text": reason} if reason.strip() else None)
    draft.caption(lambda: _fill({}), key="move")


def _fill(typed: Mapping[str, Any]) -> None:
    """Put into the fields what was typed before, or nothing."""
    st.session_state["move_text"] = typed.get("text", "")
    st.session_state["move_at"] = datetime.fromisoformat(typed["at"]) if typed.get("at") else None


def in_utc(local: datetime | None) -> datetime | None:
    """Return a time that was picked in the viewer's zone as UTC."""
    return local.replace(tzinfo=words.zone()).astimezone(UTC) if local else None
