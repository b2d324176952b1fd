"""The views of the page, one at a time, so that only what is looked at is computed."""

from enum import StrEnum

import streamlit as st

KEY = "view"


class View(StrEnum):
    """What can be looked at; the words stand in the address."""

    OVERVIEW = "Overview"
    TEAM = "Team"
    CUSTOMERS = "Customers"
    SURROUNDINGS = "Alerts & links"
    DELIVERIES = "Deliveries"
    REPLAY = "Replay"


def choose() -> View:
    """Let the viewer choose a view; the address keeps it."""
    st.session_state.setdefault(KEY, View.OVERVIEW.value)  # no default beside it: Streamlit warns where both are given
    chosen = st.segmented_control(
        "View",
        [view.value for view in View],
        required=True,
        key=KEY,
        label_visibility="collapsed",
        bind="query-params",
    )
    return View(chosen or View.OVERVIEW)


def show(view: View) -> None:
    """Turn to a view, from a button's callback."""
    st.session_state[KEY] = view.value
