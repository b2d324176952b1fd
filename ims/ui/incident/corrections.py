"""Correcting an entry of the timeline, or one of the incident's times: always with a reason, the old one stays."""

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from ims.model import TimelineEntry
from ims.response import corrections
from ims.ui import words
from ims.ui.incident import markup
from ims.ui.incident.acting import close_dialog, do
from ims.ui.incident.moves import in_utc
from ims.ui.incident.situation import Situation

LABEL_LENGTH = 90


@st.dialog("Correct an entry", icon=":material/edit:", on_dismiss=close_dialog)
def entry(situation: Situation) -> None:
    """Ask which entry, what it should say and when it was, and why. No form, because the fields follow the entry."""
    entries = {each.id: each for each in reversed(situation.case.valid_entries)}
    chosen = st.selectbox(
        "Which entry; type to search", list(entries), index=None, key="correct_which", placeholder="Choose one",
        format_func=lambda entry_id: _label(entries[entry_id]),
    )  # fmt: skip
    st.caption("The old entry stays readable, and says who corrected it and why.")
    if chosen is None:
        return
    old = entries[chosen]
    text = st.text_area("What it should say", old.text, key=f"correct_text_{chosen}", height=100)
    at = _time("When it happened", old.occurred_at, key=f"correct_at_{chosen}")
    reason = st.text_input("Why it is corrected", key=f"correct_reason_{chosen}")
    if st.button("Save", key="correct_submit", type="primary"):
        do(
            lambda work: corrections.correct_entry(work, old.id, text=text, occurred_at=at, reason=reason),
            "Corrected; the old entry stays readable",
        )


def _label(each: TimelineEntry) -> str:
    said = " ".join(each.text.split())
    short = said if len(said) <= LABEL_LENGTH else f"{said[:LABEL_LENGTH]}…"
    return f"{words.moment(each.occurred_at)} · {short} ({each.author})"


def _time(label: str, old: datetime, *, key: str) -> datetime:
    """Ask for a time in the viewer's zone. The field has minutes: one left as it was keeps its seconds."""
    shown = old.astimezone(words.zone()).replace(tzinfo=None, second=0, microsecond=0)
    picked = st.datetime_input(f"{label}, in your time ({words.zone().key})", shown, step=60, key=key)
    return old if picked in (None, shown) else in_utc(picked) or old


@st.dialog("Correct a time", icon=":material/schedule:", on_dismiss=close_dialog)
def time(situation: Situation) -> None:
    """Ask which of the incident's times, what it was, and why."""
    incident = situation.incident
    known: dict[str, datetime] = {
        name: getattr(incident, name) for name in corrections.TIMES if getattr(incident, name) is not None
    }
    name = st.selectbox(
        "Which time", list(known), key="time_which",
        format_func=lambda each: f"It {corrections.TIMES[each]}: {words.moment(known[each])}",
    )  # fmt: skip
    at = _time(f"It {corrections.TIMES[name]}", known[name], key=f"time_at_{name}")
    reason = st.text_input("Why it is corrected", key="time_reason")
    st.caption("The figures follow. The entry that explains the time is corrected too, the old one stays readable.")
    if st.button("Save", key="time_submit", type="primary"):
        do(lambda work: corrections.correct_time(work, incident.id, name, at, reason), "Corrected; the figures follow")


def marks(entries: Mapping[int, TimelineEntry], each: TimelineEntry) -> str:
    """Say beside an entry that it was corrected: by whom, when and why; or what it replaces. Escaped.

    ``entries`` are the newer entries by the id of the one they replace.
    """
    newer = entries.get(each.id)
    if newer:
        when = markup.hour(newer.recorded_at)
        why = markup.text(str(newer.data.get("correction", "")))
        return f" {markup.muted(f'· corrected by {markup.text(newer.author)}, {when}, because: {why}')}"
    if each.supersedes_id:
        return f" {markup.muted('· corrected, because: ' + markup.text(str(each.data.get('correction', ''))))}"
    return ""
