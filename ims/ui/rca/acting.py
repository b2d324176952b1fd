"""Doing something from this page, and the dialog that asks for more: one at a time, open until done or dismissed."""

from collections.abc import Callable

import streamlit as st

from ims.store.work import Work
from ims.ui.session import attempt

_DIALOG = "rca_dialog"


def do(verb: Callable[[Work], object], done: str) -> None:
    """Do something in one transaction, close the dialog and draw the page anew; when it is refused, all stays."""

    def verb_with_answer(work: Work) -> bool:
        verb(work)
        return True

    if attempt(verb_with_answer, done):
        close_dialog()
        st.rerun()


def asking_button(label: str, icon: str, dialog: str, *, primary: bool = False) -> None:
    """Draw a button that opens a dialog by its name."""
    st.button(
        label,
        icon=f":material/{icon}:",
        type="primary" if primary else "secondary",
        key=dialog,
        on_click=_ask,
        args=(dialog,),
    )


def asked() -> str:
    """Return the name of the dialog to open, empty for none."""
    return str(st.session_state.get(_DIALOG, ""))


def close_dialog() -> None:
    """Let no dialog be open; Streamlit calls this when somebody dismisses one."""
    st.session_state.pop(_DIALOG, None)


def _ask(dialog: str) -> None:
    st.session_state[_DIALOG] = dialog
