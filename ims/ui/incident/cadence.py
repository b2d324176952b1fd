"""When customers hear next, what holds it up, and how fresh their knowledge was."""

from datetime import datetime, timedelta
from html import escape

import streamlit as st

from ims.model import Incident
from ims.response import cadence
from ims.response.customers import update_interval
from ims.response.next_action import SOON
from ims.sop.case import Case
from ims.sop.freshness import GRACE, freshness
from ims.store import incidents
from ims.ui import words
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.moves import in_utc
from ims.ui.incident.situation import JUST_READ, Situation
from ims.ui.session import portal

FRESH_ENOUGH = 0.995  # what is shown as 100 %


def draw(situation: Situation) -> None:
    """Draw the cadence for the Customers view, and the way to hold or to resume the updates."""
    incident = situation.incident
    if not situation.case.customers:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            _live(situation)
        if cadence.is_held(incident, situation.now):
            if st.button("Resume now", key="resume_updates", icon=":material/play_arrow:"):
                do(lambda work: cadence.resume(work, incident.id), "Resumed: an update is due now")
        elif incident.next_update_due_at and incident.is_active:
            st.button(
                "Hold updates…", key="hold_updates", icon=":material/pause:", on_click=ask, args=("hold_updates",)
            )


@st.fragment(run_every="15s")
def _live(situation: Situation) -> None:
    now, incident = portal().clock(), situation.incident
    if now - situation.now > JUST_READ:
        with portal().reading() as session:
            incident = incidents.by_key(session, incident.key)
    facts = [
        _fact(next_word(incident), countdown(incident, now, has_customers=True)),
        _fact("Interval", words.duration(_interval(situation))),
        _fact("Freshness", fresh_html(situation.case, _interval(situation), now)),
    ]
    markup.html(f'<dl class="ims-facts">{"".join(facts)}</dl>')


def _interval(situation: Situation) -> timedelta:
    return update_interval(situation.procedure, situation.case.customers, situation.incident.severity)


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{name}</dt><dd>{value}</dd></div>"


def next_word(incident: Incident) -> str:
    """Name what customers hear next: another update, or after the resolution the last word."""
    return "Next customer update" if incident.is_active else "Last word to customers"


def countdown(incident: Incident, now: datetime, *, has_customers: bool) -> str:
    """Say when customers hear next, as HTML: amber in the last ten minutes, red when late, a hold with its reason."""
    due_at = incident.next_update_due_at
    if due_at is None:
        return "none due" if has_customers else "no customer waits"
    if incident.updates_held_until and cadence.is_held(incident, now):
        until = markup.when(incident.updates_held_until, now)
        return f"held until {until} {markup.muted(markup.text(incident.updates_hold_reason))}"
    at = markup.muted(markup.when(due_at, now))
    if due_at < now:
        return f"{markup.marked('late by ' + words.duration(now - due_at), 'red')} {at}"
    span = f"in {words.duration(due_at - now)}"
    return f"{markup.marked(span, 'amber') if due_at - now <= SOON else span} {at}"


def fresh_html(case: Case, interval: timedelta, now: datetime) -> str:
    """Say how fresh customers' knowledge is by now, as HTML; what the figure means is behind it."""
    share = freshness(case, interval, now)
    if share is None:
        return "no customer waits"
    shown = "100 %" if share >= FRESH_ENOUGH else f"{max(share, 0):.0%}".replace("%", " %")
    meaning = (
        "The share of the time since the declaration in which customers did not wait too long for an update: "
        f"1 − the silence beyond {words.duration(interval)} and {words.duration(GRACE)} of grace, over the whole time. "
        "Time on hold is left out."
    )
    return f'<span title="{escape(meaning, quote=True)}" style="cursor: help">{shown}</span>'


@st.dialog("Hold the customer updates", icon=":material/pause:", on_dismiss=close_dialog)
def hold(situation: Situation) -> None:
    """Ask until when and why customers need not hear."""
    st.caption("Nobody is reminded until then; the next update is due at the end. Sending one ends the hold at once.")
    with st.form("hold_updates"):
        until = st.datetime_input(
            f"Until, in your time ({words.zone().key})",
            value=_proposed(situation.now),
            step=300,
            key="hold_until",
        )
        reason = st.text_area("Why customers need not hear", key="hold_reason", height=80)
        if st.form_submit_button("Hold", key="hold_submit", type="primary"):
            end = in_utc(until)
            if end is None:
                st.error("Say until when.")
            else:
                do(lambda work: cadence.hold(work, situation.incident.id, end, reason), "Held")


def _proposed(now: datetime) -> datetime:
    """Return the next full hour that is at least an hour away, in the viewer's zone, as the field takes it."""
    local = (now + timedelta(hours=2)).astimezone(words.zone())
    return local.replace(minute=0, second=0, microsecond=0, tzinfo=None)
