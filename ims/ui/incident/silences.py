"""Silences: which alerts of the incident are kept quiet until when and why, and whether Alertmanager has been told."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import streamlit as st

from ims.model import Alert, Delivery, DeliveryState, Silence
from ims.response import silences
from ims.store import deliveries, incidents
from ims.store import silences as kept
from ims.ui import words
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal

LENGTHS = {30: "30 min", 60: "1 h", 120: "2 h", 240: "4 h"}  # minutes
USUAL = 60
Sent = Mapping[str, Delivery]


def draw(situation: Situation, alerts: Sequence[Alert]) -> None:
    """Draw what is kept quiet, and the way to keep the incident's own alerts quiet; nothing where there are none."""
    made, sent = _read(situation)
    if not alerts and not made:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            markup.html("<b>Silences</b>")
        if alerts and not situation.incident.closed_at:
            st.button(
                "Silence alerts", key="silence", icon=":material/notifications_paused:", on_click=ask, args=("silence",)
            )
    if any(is_quiet(each, sent, situation.now) for each in made):
        _live(situation)
    else:
        st.caption(
            "Nothing is silenced. A silence keeps alerts quiet that are known already, so that new ones are heard."
        )
    over = [each for each in reversed(made) if not is_quiet(each, sent, situation.now)]
    if over:
        rows = "".join(_over(each, situation.now) for each in over)
        with st.expander(
            words.counted(len(over), "silence that is over", "silences that are over"), key="silences_over"
        ):
            markup.html(f'<ul class="ims-steps">{rows}</ul>')


def _read(situation: Situation) -> tuple[Sequence[Silence], Sent]:
    with portal().reading() as session:
        made = kept.of_incident(session, situation.incident.id)
        sent = deliveries.of_incident(session, situation.incident.id) if made else []
    return made, {delivery.key: delivery for delivery in sent}


def is_quiet(silence: Silence, sent: Sent, now: datetime) -> bool:
    """Return whether alerts may be quiet by it: until its end, or until an early one was carried out."""
    return silence.is_active(now) or (now < silence.ends_at and not _is_sent(silences.ending(silence.id), sent))


def _is_sent(key: str, sent: Sent) -> bool:
    return key in sent and sent[key].state is DeliveryState.SENT


@st.fragment(run_every="15s")
def _live(situation: Situation) -> None:
    now = portal().clock()
    made, sent = _read(situation)
    for each in made:
        if is_quiet(each, sent, now):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                with st.container(width="content"):
                    markup.html(_quiet(each, sent, now))
                if each.is_active(now):
                    _end(each)


def _end(silence: Silence) -> None:
    if st.button("End now", key=f"end_silence_{silence.id}", icon=":material/notifications_active:"):
        do(lambda work: silences.end(work, silence.id), "Alertmanager is told to let them speak again")


def _quiet(silence: Silence, sent: Sent, now: datetime) -> str:
    left = f"quiet until {markup.when(silence.ends_at, now)}, {words.duration(silence.ends_at - now)} left"
    labels = markup.text(silences.labels_in_words(silence.matchers))
    icon, why = markup.icon("notifications_paused"), f"{markup.text(silence.author)}: {markup.text(silence.reason)}"
    return f"{icon} <b>{labels}</b> {left}<br>{markup.muted(why)}<br>{_standing(silence, sent)}"


def _standing(silence: Silence, sent: Sent) -> str:
    """Say whether the alerting system has it, or that people have to do it themselves."""
    ending = sent.get(silences.ending(silence.id))
    if ending:
        return _told(ending, "has not ended it yet")
    begun = sent.get(silences.stream_of(silence.id))
    if begun and begun.state is DeliveryState.SENT:
        return markup.muted("Alertmanager has it") if silence.reference else _amber(begun.proof)
    return _told(begun, "does not have it yet") if begun else ""


def _told(delivery: Delivery, not_yet: str) -> str:
    match delivery.state:
        case DeliveryState.WAITING:
            return markup.muted("Alertmanager is being told")
        case DeliveryState.FAILING:
            return _amber(f"Alertmanager {not_yet}. {delivery.problem}")
    said = f"Alertmanager {not_yet.removesuffix(' yet')}. {delivery.problem}"
    return f"{markup.marked('stopped', 'red')} {markup.text(said)}"


def _amber(said: str) -> str:
    return f"{markup.marked('not yet', 'amber')} {markup.text(said)}"


def _over(silence: Silence, now: datetime) -> str:
    labels = markup.text(silences.labels_in_words(silence.matchers))
    early = ", ended early" if silence.ended_at else ""
    span = f"{markup.when(silence.starts_at, now)} to {markup.when(silence.ended_at or silence.ends_at, now)}{early}"
    why = markup.muted(f"{markup.text(silence.author)}: {markup.text(silence.reason)}")
    return f"<li>{markup.icon('notifications_active')}<span>{labels}, {span}<br>{why}</span></li>"


@st.dialog("Silence alerts", icon=":material/notifications_paused:", on_dismiss=close_dialog)
def make(situation: Situation) -> None:
    """Ask which alerts, for how long, and why."""
    with portal().reading() as session:
        alerts = incidents.alerts_of(session, situation.incident.id)
    labels = _labels(alerts)
    if "silences" not in portal().ports.configured:
        st.caption("No Alertmanager is configured. The portal notes the silence, and you make it there yourself.")
    with st.form("silence_form", border=False):
        minutes = st.segmented_control(
            "For how long", list(LENGTHS), default=USUAL, format_func=LENGTHS.__getitem__, key="silence_length"
        )
        reason = st.text_input("Why they may be silent", key="silence_reason", placeholder="Rolled back, it recovers")
        if st.form_submit_button("Silence", key="silence_submit", type="primary"):
            _make(situation, labels, minutes, reason)


def _labels(alerts: Sequence[Alert]) -> dict[str, str]:
    """Ask which alerts, then which of the labels that they share; fewer labels silence more."""
    groups = grouped(alerts)
    which = st.selectbox("Which alerts", list(groups), key="silence_which")
    shared = {f"{name}={value}": (name, value) for name, value in silences.common_labels(groups[which]).items()}
    picked = st.multiselect(
        "What an alert must have to be silent",
        list(shared),
        default=list(shared),
        key=f"silence_labels_{which}",
        help="Each label with exactly this value. Fewer labels silence more alerts.",
    )
    matchers = dict(shared[label] for label in picked)
    if matchers:
        met = len(silences.quieted(matchers, alerts))
        counted = words.counted(len(alerts), "alert")
        st.caption(f"Silences {met} of the {counted} of this incident, and any other with the same labels.")
    if matchers and silences.NAME not in matchers:
        st.warning("Without an alertname, alerts of every name are silent, also those that nobody has seen yet.")
    return matchers


def grouped(alerts: Sequence[Alert]) -> dict[str, Sequence[Alert]]:
    """Return what can be silenced together: the alerts of each name, and all of them if they share a label."""
    names: dict[str, list[Alert]] = {}
    for alert in alerts:
        names.setdefault(alert.name, []).append(alert)
    by_name: dict[str, Sequence[Alert]] = {f"{name} ({len(each)})": each for name, each in names.items()}
    together = len(names) > 1 and silences.common_labels(alerts)
    return by_name | {f"All {len(alerts)} alerts": alerts} if together else by_name


def _make(situation: Situation, labels: Mapping[str, str], minutes: int | None, reason: str) -> None:
    if minutes is None:
        st.error("Say for how long.")
        return
    do(
        lambda work: silences.silence(
            work, situation.incident.id, labels, for_=timedelta(minutes=minutes), reason=reason
        ),
        "Silenced; the incident's page says when Alertmanager has it",
    )
