"""Doing something from this page: one transaction, words when it is refused, the page drawn anew when it is done."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from ims.errors import Conflict
from ims.store.work import Work
from ims.ui.drafts import Draft
from ims.ui.session import attempt

DIALOG = "incident_dialog"
CLEAR = "incident_clear"


def do(
    verb: Callable[[Work], Any],
    done: str,
    *,
    clears: tuple[str, ...] = (),
    draft: Draft | None = None,
    on_conflict: Callable[[Conflict], None] | None = None,
) -> None:
    """Do something; when it is done, close the open dialog, empty the fields ``clears`` and draw the page anew.

    When it is refused nothing is drawn anew, so that what was typed stays where it is. What is done needs no ``draft``
    any more; where somebody else changed the same thing, ``on_conflict`` offers the choice.
    """

    def verb_with_answer(work: Work) -> bool:
        verb(work)
        if draft:
            draft.forget(work)
        return True

    if attempt(verb_with_answer, done, on_conflict=on_conflict):
        if draft:
            draft.forgotten()
        close_dialog()
        st.session_state[CLEAR] = clears
        st.rerun()


def empty_finished_fields() -> None:
    """Empty the fields of the act that was just done; this must come before they are drawn."""
    for key in st.session_state.pop(CLEAR, ()):
        st.session_state[key] = ""


def ask(name: str, *arguments: str) -> None:
    """Have a dialog opened at the end of this run of the page."""
    st.session_state[DIALOG] = (name, arguments)


def asked() -> tuple[str, tuple[str, ...]] | None:
    """Return the dialog to open, and its arguments."""
    wanted: tuple[str, tuple[str, ...]] | None = st.session_state.get(DIALOG)
    return wanted


def close_dialog() -> None:
    """Let no dialog be open; Streamlit calls this when somebody dismisses one."""
    st.session_state.pop(DIALOG, None)
