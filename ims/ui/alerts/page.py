"""The page itself: counters, the list or one alert, and the inbox."""

import streamlit as st

from ims.store import alert_questions
from ims.store.alert_questions import Counts
from ims.ui.alerts import chosen, detail, empty, groups, inbox
from ims.ui.session import portal

ALERTS, INBOX = "Alerts", "Inbox"
_COUNTS_SHOWN = "alerts_counted"


def draw() -> None:
    """Draw the list, or the alert that the address names, as in ``/alerts?alert=12``."""
    shown = st.query_params.get(chosen.ALERT)
    if shown is not None:
        detail.draw(shown)
        return
    st.title("Alerts", anchor=False)
    with portal().reading() as session:
        counts = alert_questions.counts(session, portal().clock())
        bodies = alert_questions.count_messages(session)
    if not counts.total and not bodies:
        empty.explain()
        return
    st.session_state[_COUNTS_SHOWN] = counts
    _live()
    list_tab, inbox_tab = st.tabs([ALERTS, INBOX], key="alerts_view", on_change="rerun")
    if list_tab.open:
        with list_tab:
            groups.draw(counts)
    if inbox_tab.open:
        with inbox_tab:
            inbox.draw(bodies)
    with st.expander("How alerts get here", icon=":material/help:"):
        empty.show_configuration()


@st.fragment(run_every="10s")
def _live() -> None:
    """Count again every ten seconds; the list itself moves only when its reader asks for it."""
    with portal().reading() as session:
        counts = alert_questions.counts(session, portal().clock())
    st.markdown(_sentence(counts))
    shown = st.session_state.get(_COUNTS_SHOWN)
    if counts != shown and st.button("Something changed: show it", key="alerts_refresh", icon=":material/refresh:"):
        st.rerun()


def _sentence(counts: Counts) -> str:
    waiting = counts.waiting_firing + counts.waiting_resolved
    parts = [
        f":red[**{counts.waiting_firing} firing**]" if counts.waiting_firing else "None firing",
        f"{waiting} waiting for a decision",
        f"{counts.total} in all",
    ]
    if counts.unreadable:
        parts.append(f":red[**{counts.unreadable} unreadable in the inbox**]")
    return " · ".join(parts)
