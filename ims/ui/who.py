"""Who acts: chosen in the side bar on a portal without sign-in."""

import streamlit as st

from ims.store import catalogue
from ims.ui.session import ACTING_AS, acting_person, portal


def choose() -> None:
    """Let the viewer say who they are. It is kept for the session and named in the address as ``as``."""
    with portal().reading() as session:
        names = {person.id: person.name for person in catalogue.people(session)}
    if not names:
        return
    current = acting_person()
    ids = list(names)
    index = ids.index(current.id) if current and current.id in names else 0
    st.sidebar.selectbox(
        "You are",
        ids,
        index=index,
        format_func=names.__getitem__,
        key=ACTING_AS,
        help="No sign-in is configured, so the portal believes you.",
        persist_state="session",
    )
