"""One alert in full: what it says, when, what was decided, and its earlier firings."""

import pandas as pd
import streamlit as st

from ims.intake import triage
from ims.model import Alert, TriageState
from ims.store import alert_questions
from ims.ui import words
from ims.ui.alerts import chips, chosen
from ims.ui.session import attempt, portal
from ims.ui.text import plain


def draw(shown: str) -> None:
    """Draw the alert with an id."""
    st.button("All alerts", key="alerts_back", icon=":material/arrow_back:", type="tertiary", on_click=_back)
    with portal().reading() as session:
        alert = session.get(Alert, int(shown)) if shown.isdecimal() and len(shown) <= 9 else None  # noqa: PLR2004
        earlier = alert_questions.firings(session, alert.fingerprint) if alert else []
    if alert is None:
        st.info("There is no such alert in the portal.", icon=":material/search_off:")
        return
    st.title(plain(alert.name), anchor=False)
    st.markdown(f"{chips.status(alert, portal().clock())} {chips.severity(alert.labels.get('severity', ''))}")
    _decision(alert)
    _annotations(alert)
    left, right = st.columns(2)
    with left:
        _labels(alert)
    with right:
        _times(alert)
    _firings([firing for firing in earlier if firing.id != alert.id])


def _back() -> None:
    st.query_params.pop(chosen.ALERT, None)


def _decision(alert: Alert) -> None:
    if alert.incident_id is not None:
        chips.incident_links([alert.incident_id])
        return
    if alert.triage is TriageState.DISMISSED:
        st.markdown(f"Dismissed by {plain(alert.triaged_by)}: {plain(alert.triage_reason)}")
        st.button(
            "Bring it back", key="alerts_bring_back", icon=":material/undo:", on_click=_bring_back, args=(alert.id,)
        )
    chosen.bar([alert.id])


def _bring_back(alert_id: int) -> None:
    attempt(lambda work: triage.bring_back(work, alert_id), "It waits for a decision again")


def _annotations(alert: Alert) -> None:
    for name, text in alert.annotations.items():
        with st.container(gap="xxsmall"):
            st.caption(plain(name))
            st.text(text)
            if chips.is_link(text):
                st.link_button("Open", text, key=f"open_{name}", icon=":material/open_in_new:")


def _labels(alert: Alert) -> None:
    st.subheader("Labels")
    table = pd.DataFrame(alert.labels.items(), columns=["Label", "Value"])
    st.dataframe(table, hide_index=True, key="alert_labels", alt=f"The {len(table)} labels of this alert")


def _times(alert: Alert) -> None:
    st.subheader("Times")
    times = {
        "Began": alert.starts_at,
        "Ended": alert.ends_at,
        "First heard firing": alert.firing_received_at,
        "Heard resolved": alert.resolved_received_at,
        "Last heard": alert.last_received_at,
    }
    for what, at in times.items():
        if at is not None:
            st.markdown(f"{what}: {words.moment(at, seconds=True)}", help=words.utc(at))
    st.markdown(f"Repeated {words.counted(alert.repeats, 'time')}" if alert.repeats else "Not repeated so far")
    if chips.is_link(alert.generator_url):
        st.link_button(
            "Where it was measured", alert.generator_url, key="alert_generator", icon=":material/monitoring:"
        )


def _firings(others: list[Alert]) -> None:
    if not others:
        return
    st.subheader("The same alert at other times")
    for firing in others:
        with st.container(horizontal=True, vertical_alignment="center"):
            status = chips.status(firing, portal().clock())
            st.markdown(f"{words.moment(firing.starts_at)} · {status} · {chips.TRIAGE[firing.triage]}")
            if firing.incident_id is not None:
                chips.incident_links([firing.incident_id])
            st.button("Details", key=f"detail_{firing.id}", type="tertiary", on_click=chosen.show, args=(firing.id,))
