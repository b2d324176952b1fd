"""What did we know at 14:20? The incident as its timeline tells it at a moment, to look at and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import streamlit as st

from ims.model import IncidentRole, RoleAssignment
from ims.sop.case import Case
from ims.sop.evaluation import progress
from ims.sop.replay import known_at, roles_at
from ims.store import catalogue
from ims.ui import words
from ims.ui.incident import header, markup, procedure, timeline
from ims.ui.incident.situation import Situation
from ims.ui.session import portal

AT = "at"  # in the address, in UTC: 2026-11-23T14:20Z
MOST_SHOWN = 100
_SLIDER, _TYPED = "replay_slider", "replay_typed"
_MINUTE = timedelta(minutes=1)


def draw(situation: Situation) -> None:
    """Draw the slider over the incident's life, and what was known at the chosen minute."""
    if situation.incident.origin != "portal":
        st.info(
            "This incident came from a file: nothing was written down here while it ran.", icon=":material/history:"
        )
        return
    minutes = sorted({_minute(entry.recorded_at) for entry in situation.case.entries})
    chosen = _choose(situation, minutes)
    then = as_known(situation, min(chosen + _MINUTE - timedelta(microseconds=1), situation.now))
    st.info(
        f"**This is the past**: what was known on {words.moment(chosen)} ({chosen:%Y-%m-%d %H:%M} UTC). "
        "Nothing can be changed from here; the head of the page shows how it is now.",
        icon=":material/history:",
    )
    _what(then)
    steps, happened = st.columns([5, 6], gap="large")
    with steps:
        _steps(then)
    with happened:
        _timeline(then)


def as_known(situation: Situation, moment: datetime) -> Situation:
    """Return the situation as it was known at a moment."""
    with portal().reading() as session:
        every = {each.id: each for each in (*catalogue.customers(session), *situation.case.customers)}
    known = known_at(Case(situation.incident, situation.case.entries, list(every.values())), moment)
    roles = {
        role: RoleAssignment(incident_id=situation.incident.id, role=role, person_id=person_id, from_at=moment)
        for role, person_id in roles_at(known).items()
    }
    return replace(situation, case=known, roles=roles, now=moment)


def _choose(situation: Situation, minutes: Sequence[datetime]) -> datetime:
    """Let the viewer slide or type; the address keeps the minute, so that it can be pasted."""
    chosen = min(max(asked_for() or minutes[-1], minutes[0]), max(_minute(situation.now), minutes[-1]))
    options = sorted({*minutes, chosen})
    zone = words.zone()
    one_day = options[0].astimezone(zone).date() == options[-1].astimezone(zone).date()
    st.session_state[_SLIDER] = chosen
    st.session_state[_TYPED] = chosen.astimezone(zone).replace(tzinfo=None)
    slider, typed = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    if len(options) > 1:
        slider.select_slider(
            "What did we know at …", options, key=_SLIDER, on_change=_slid,
            format_func=words.clock_time if one_day else words.moment,
        )  # fmt: skip
    typed.datetime_input(f"or type a time ({zone.key})", None, step=60, key=_TYPED, on_change=_typed)
    return chosen


def leave() -> None:
    """Let the address forget the minute; it means nothing to the other views."""
    st.query_params.pop(AT, None)


def asked_for() -> datetime | None:
    """Return the minute that the address asks for, in UTC; ``None`` where it asks for none that can be read."""
    try:
        asked = datetime.fromisoformat(st.query_params.get(AT, ""))
    except ValueError:
        return None
    return _minute(asked.replace(tzinfo=asked.tzinfo or UTC).astimezone(UTC))


def address(minute: datetime) -> str:
    """Return a minute as it stands in the address."""
    return f"{minute.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _slid() -> None:
    st.query_params[AT] = address(st.session_state[_SLIDER])


def _typed() -> None:
    local: datetime | None = st.session_state[_TYPED]
    if local:
        st.query_params[AT] = address(local.replace(tzinfo=words.zone()))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _what(then: Situation) -> None:
    with st.container(border=True):
        _facts(then)


def _facts(then: Situation) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown(f"At {words.clock_time(then.now)}:", width="content")
        st.markdown(words.severity_chip(then.incident.severity), width="content")
        st.html(header.state_chip(then.incident.state), width="content")
    incident, now = then.incident, then.now
    rows = [
        *((words.ROLE[role], _holder(then, role)) for role in IncidentRole),
        ("Acknowledged", _when(incident.acknowledged_at, now, "by nobody yet")),
        ("Lasted so far", words.duration(incident.lasted_for(now))),
        ("Next customer update", _promise(then)),
        ("Customers", header.named([customer.name for customer in then.case.customers])),
        ("Impact", _said(words.IMPACT[incident.impact] if incident.impact else None, incident.impact_text)),
        (
            "Frequency",
            _said(words.FREQUENCY[incident.frequency] if incident.frequency else None, incident.frequency_text),
        ),
    ]
    markup.html(
        f'<dl class="ims-facts">{"".join(f"<div><dt>{name}</dt><dd>{said}</dd></div>" for name, said in rows)}</dl>'
    )


def _holder(then: Situation, role: IncidentRole) -> str:
    person = then.holder(role)
    return (
        markup.text(person.name) if person else markup.muted(f"kept by the IC, {markup.text(then.answers_for(role))}")
    )


def _when(at: datetime | None, now: datetime, otherwise: str) -> str:
    return markup.when(at, now) if at else otherwise


def _promise(then: Situation) -> str:
    due_at = then.incident.next_update_due_at
    if due_at is None or not then.incident.is_active:
        return "none was due"
    late = markup.marked(f"late by {words.duration(then.now - due_at)}", "red") if due_at < then.now else ""
    return f"promised for {markup.when(due_at, then.now)} {late}"


def _said(word: str | None, detail: str) -> str:
    if word is None:
        return "not defined yet"
    return f"{word}<br>{markup.muted(markup.text(detail))}" if detail else word


def _steps(then: Situation) -> None:
    counted = progress(then.statuses)
    late = f", {counted.late} late" if counted.late else ""
    markup.html(
        f"<b>Procedure then</b> · {counted.done} of {counted.needed} steps{late}"
        f'<ul class="ims-steps">{procedure.steps_html(then, then.statuses, then.now)}</ul>'
    )


def _timeline(then: Situation) -> None:
    entries = then.case.entries[::-1]
    log = timeline.log_html(entries[:MOST_SHOWN], timeline.corrected(entries), then.now)
    earlier = f", the newest {MOST_SHOWN} are shown" if len(entries) > MOST_SHOWN else ""
    written = words.counted(len(entries), "entry", "entries")
    markup.html(f'<b>Written down by then</b> · {written}{earlier}<ol class="ims-log">{log}</ol>')
