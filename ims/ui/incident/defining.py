"""The dialog that defines an incident: impact, frequency, severity; two people may have it open at once."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from ims.model import Frequency, Impact, Severity
from ims.response import definition
from ims.response.definition import Definition
from ims.ui import words
from ims.ui.drafts import Draft
from ims.ui.incident.acting import close_dialog, do
from ims.ui.incident.definition import suggested
from ims.ui.incident.situation import Situation
from ims.ui.two_at_once import Field, Form

REASON = "severity_reason"
Level = TypeVar("Level", Impact, Frequency, Severity)
_DEFINITION = TypeAdapter(Definition)


def _named(names: Mapping[Level, str]) -> Callable[[Level | None], str]:
    return lambda level: names[level] if level else "not known"


FIELDS = {
    "impact": Field("Impact: what customers feel", "define_impact", _named(words.IMPACT)),
    "impact_text": Field("Who, how many, what they cannot do", "impact_text", text=True),
    "frequency": Field("Frequency: how often they meet it", "define_frequency", _named(words.FREQUENCY)),
    "frequency_text": Field("More on how often", "frequency_text", text=True),
    "severity": Field("Severity: how urgent we treat it", "define_severity", _named(words.SEVERITY)),
}


@st.dialog("Define it", icon=":material/straighten:", width="medium", on_dismiss=close_dialog)
def define(situation: Situation) -> None:
    """Ask for impact, frequency and severity. No form, so that the suggestion follows what is chosen."""
    incident = situation.incident
    form = Form(f"define_{incident.key}", FIELDS)
    draft = Draft(incident.key, "define", situation.me)
    if not form.is_open:
        _open(form, Definition.of(incident), draft.open())
    wanted = _ask(affects_sla=incident.affects_sla)
    reason = st.text_input("Why this severity; a change needs it", key=REASON)
    if st.button("Save", key="define_submit", type="primary"):
        seen = Definition(**form.seen)
        do(
            lambda work: definition.define(work, incident.id, wanted, seen=seen, reason=reason),
            "Defined",
            draft=draft,
            on_conflict=form.meet,
        )
    form.settle()
    touched = bool(reason.strip()) or asdict(wanted) != form.seen
    draft.keep({"wanted": asdict(wanted), "seen": form.seen, "reason": reason} if touched else None)
    draft.caption(lambda: _open(form, Definition.of(incident), {}), key="define")


def _ask(*, affects_sla: bool) -> Definition:
    """Draw the fields and return what stands in them."""
    impact = _level("impact", words.IMPACT)
    impact_text = st.text_area(FIELDS["impact_text"].label, height=80, key="impact_text")
    frequency = _level("frequency", words.FREQUENCY)
    frequency_text = st.text_area(FIELDS["frequency_text"].label, height=80, key="frequency_text")
    if impact and frequency:
        word, why = suggested(impact, frequency, affects_sla=affects_sla)
        st.info(f"**{word}** is suggested: {why}. The Incident Commander decides.", icon=":material/lightbulb:")
    severity = _level("severity", words.SEVERITY)
    return Definition(impact, impact_text, frequency, frequency_text, severity)


def _level(name: str, choices: Mapping[Level, str]) -> Level | None:
    field = FIELDS[name]
    return st.selectbox(
        field.label,
        list(choices),
        index=None,
        format_func=choices.__getitem__,
        key=field.key,
        placeholder="Not yet known",
    )


def _open(form: Form, now: Definition, draft: Mapping[str, Any]) -> None:
    """Fill the fields with what is there now, and where a draft changed something, with that and what it was based on.

    A draft that was begun before somebody else changed the same field so meets them when it is saved, as it would have
    without the reload.
    """
    seen, shown = asdict(now), asdict(now)
    for name, (before, wanted) in _changed(draft).items():
        seen[name], shown[name] = before, wanted
    form.begin(seen)
    for name, wanted in shown.items():
        st.session_state[form.fields[name].key] = wanted
    st.session_state[REASON] = draft.get("reason", "")


def _changed(draft: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what a draft changes, with the value it was based on; nothing of a draft that cannot be read any more."""
    try:
        seen = asdict(_DEFINITION.validate_python(draft.get("seen", {})))
        wanted = asdict(_DEFINITION.validate_python(draft.get("wanted", {})))
    except ValidationError:
        return {}
    return {name: (seen[name], value) for name, value in wanted.items() if value != seen[name]}
