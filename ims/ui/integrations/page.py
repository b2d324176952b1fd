"""The page of outside systems: what is broken first, each with a sentence and a way to try it."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from ims.integrations.registry import SYSTEMS
from ims.ui.integrations import card
from ims.ui.integrations.standing import Standing, State, standings_of
from ims.ui.session import portal


def draw() -> None:
    """Draw the page."""
    st.title("Integrations", anchor=False)
    st.caption("Which outside system serves what, and whether it works. What none serves, the portal does itself.")
    _standings()
    _addresses()


@st.fragment(run_every="15s")
def _standings() -> None:
    """Draw how everything stands; it refreshes alone."""
    with portal().reading() as session:
        found = standings_of(session, portal().clock())
    _counts(found)
    for standing in found:
        if standing.state is not State.BUILT_IN:
            card.draw(standing)
    _built_in([standing for standing in found if standing.state is State.BUILT_IN])


def _counts(found: Sequence[Standing]) -> None:
    numbers = Counter(standing.state for standing in found)
    with st.container(horizontal=True, key="integration_counts"):
        for state in State:
            if numbers[state]:
                st.markdown(f"{card.chip(state)} **{numbers[state]}**", width="content")


def _built_in(found: Sequence[Standing]) -> None:
    """List what the portal does itself: nothing is wrong with it."""
    if not found:
        return
    st.subheader("The portal does this itself", anchor=False)
    with st.container(border=True, key="integrations_built_in", gap="xsmall"):
        for standing in found:
            st.markdown(f"**{standing.purpose.title}** · {standing.purpose.without}")
            card.how_to(standing)


def _addresses() -> None:
    """Show what to enter in the systems that call the portal."""
    st.subheader("Addresses to enter elsewhere", anchor=False)
    callers = {"alertmanager": "Alertmanager"} | {system.name: system.title for system in SYSTEMS if system.hears}
    for name, title in callers.items():
        st.caption(f"{title} posts to")
        st.code(f"{portal().settings.base_url}/hooks/{name}", language=None)
