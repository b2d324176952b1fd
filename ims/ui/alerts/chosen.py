"""What can be done with the chosen alerts: declare an incident, attach to one, dismiss with a reason."""

from collections.abc import Sequence

import streamlit as st

from ims.intake import triage
from ims.model import Alert, Incident, TriageState
from ims.response.declare import attach_alerts
from ims.store import alert_questions, incidents
from ims.ui import places, words
from ims.ui.session import attempt, portal

ALERT = "alert"
MOST = 500
MOST_IN_ADDRESS = 200
_ROUND = "alerts_round"


def key(name: str) -> str:
    """Return a widget's key that is new after each act, so that nothing stays chosen."""
    return f"{name}_{st.session_state.get(_ROUND, 0)}"


def show(alert_id: int) -> None:
    """Open one alert in full."""
    st.query_params[ALERT] = str(alert_id)


def bar(alert_ids: Sequence[int], likely: Sequence[int] = ()) -> None:
    """Draw, at the bottom of the window, what can be done with some alerts; ``likely`` incidents come first."""
    with portal().reading() as session:
        found = alert_questions.by_ids(session, alert_ids[:MOST])
        running = incidents.active(session)
    free = [alert for alert in found if alert.incident_id is None]
    if not alert_ids:
        return
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="alerts_bar"):
        st.markdown(_count(len(alert_ids), len(found) - len(free)))
        if free:
            _declare(free)
            _attach(free, sorted(running, key=lambda incident: incident.id not in likely))
            _dismiss([alert for alert in free if alert.triage is TriageState.WAITING])


def _count(count: int, taken: int) -> str:
    what = f"The first {MOST} alerts" if count > MOST else words.counted(count, "alert")
    return f"**{what} chosen**" + (f", {taken} in an incident already" if taken else "")


def _declare(free: Sequence[Alert]) -> None:
    if st.button("Declare", key="alerts_declare", type="primary", icon=":material/emergency:"):
        ids = ",".join(str(alert.id) for alert in free[:MOST_IN_ADDRESS])
        places.go("declare", alerts=ids)


def _attach(free: Sequence[Alert], running: Sequence[Incident]) -> None:
    titles = {incident.id: f"{incident.key} {incident.title}" for incident in running}
    with st.popover(
        "Attach", icon=":material/link:", disabled=not running, help=None if running else "None is running"
    ):
        chosen_id = st.selectbox(
            "Running incident", list(titles), format_func=titles.__getitem__, key=key("alerts_incident")
        )
        ids = [alert.id for alert in free]
        st.button("Attach", key="alerts_attach", type="primary", on_click=_attached, args=(chosen_id, ids))


def _attached(incident_id: int | None, alert_ids: list[int]) -> None:
    if incident_id is None:
        return
    attempt(lambda work: attach_alerts(work, incident_id, alert_ids), f"Attached to INC-{incident_id}")
    _start_over()


def _dismiss(waiting: Sequence[Alert]) -> None:
    with st.popover("Dismiss", icon=":material/notifications_off:", disabled=not waiting):
        field = key("alerts_reason")
        st.text_input("Why is it no incident?", key=field, placeholder="planned maintenance, known and harmless, …")
        ids = [alert.id for alert in waiting]
        st.button("Dismiss", key="alerts_dismiss", type="primary", on_click=_dismissed, args=(field, ids))


def _dismissed(field: str, alert_ids: list[int]) -> None:
    reason = str(st.session_state.get(field, ""))
    count = attempt(lambda work: triage.dismiss(work, alert_ids, reason))
    if count is not None:
        st.toast(f"{words.counted(count, 'alert')} dismissed", icon=":material/check:")
        _start_over()


def _start_over() -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
