"""One form for many follow-ups: what is left empty stays as it is in each of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ims.ui import words
from ims.ui.follow_ups import rows

STAYS = "Stays as it is"


def draw(count: int, owners: Sequence[str], round_: int, *, unsaved: int = 0) -> tuple[Mapping[str, Any] | None, str]:
    """Draw the form; return what the picked rows are to be, once somebody presses the button, and the reason.

    ``unsaved`` is how many rows were edited in the table: they are saved with the same press.
    """
    with st.form(f"follow_ups_bulk_{round_}"):
        st.markdown(f"**Change {words.counted(count, 'picked follow-up')}**")
        if unsaved:
            st.caption(f"{words.counted(unsaved, 'change')} in the table will be saved with them.")
        with st.container(horizontal=True):
            owner = st.selectbox("New owner", owners, index=None, placeholder=STAYS, key="bulk_owner", width=200)
            due = st.date_input("New due date", value=None, key="bulk_due", width=180)
            kind = st.selectbox(
                "New kind", list(rows.KIND_OF), index=None, placeholder=STAYS, key="bulk_kind", width=170
            )
            state = st.selectbox(
                "New state", list(rows.STATE_OF), index=None, placeholder=STAYS, key="bulk_state", width=170
            )
        reason = st.text_input(
            "Reason", key="bulk_reason", max_chars=300, help="Needed where they are done, dropped or taken up again."
        )
        pressed = st.form_submit_button("Change them", icon=":material/done_all:", key="bulk_submit")
    wanted = {"Owner": owner, "Due": due, "Kind": kind, "State": state}
    chosen = {name: value for name, value in wanted.items() if value is not None}
    if pressed and not chosen:
        st.error("Choose what to change.")
    return (chosen if pressed and chosen else None), reason or ""
