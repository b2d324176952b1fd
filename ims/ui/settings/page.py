"""The settings page: tabs, of which only the open one is computed."""

from collections.abc import Callable

import streamlit as st

from ims.setup.access import may_change
from ims.store import catalogue
from ims.ui.session import actor, portal
from ims.ui.settings import customers, people, procedure, rota, services, severity, system
from ims.ui.text import line

TABS: dict[str, Callable[[], None]] = {
    "People": people.draw,
    "Services": services.draw,
    "Customers": customers.draw,
    "Rota": rota.draw,
    "Procedure": procedure.draw,
    "Severity": severity.draw,
    "System": system.draw,
}


def draw() -> None:
    """Draw the settings; the address names the open tab."""
    st.title("Settings", anchor=False)
    _who_may()
    tabs = st.tabs(list(TABS), key="settings", bind="query-params")
    for tab, draw_tab in zip(tabs, TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw_tab()


def _who_may() -> None:
    with portal().reading() as session:
        administrators = catalogue.administrators(session)
    if not administrators:
        st.info(
            "Anybody may change these settings as long as the portal has no administrator. Make somebody one under "
            "People when you are done.",
            icon=":material/lock_open:",
        )
    elif not may_change(actor(), len(administrators)):
        names = ", ".join(line(person.name, 60) for person in administrators)
        st.info(f"You may look. To change something, ask an administrator: {names}.", icon=":material/lock:")
