"""The procedure: where each step stands, who answers for it, and what shows that it is done."""

from datetime import datetime
from html import escape

import streamlit as st

from ims.model import IncidentRole
from ims.response import investigation
from ims.sop.evaluation import StepState, StepStatus, evaluate, progress
from ims.sop.procedure import Responsible, Step
from ims.ui import words
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import JUST_READ, Situation
from ims.ui.session import portal
from ims.ui.text import plain

ICONS = {
    StepState.DONE: "check_circle",
    StepState.DUE: "schedule",
    StepState.LATE: "alarm",
    StepState.OPEN: "radio_button_unchecked",
    StepState.LATER: "hourglass_empty",
    StepState.AS_NEEDED: "help",
    StepState.WAIVED: "do_not_disturb_on",
    StepState.NOT_NEEDED: "remove_circle_outline",
}
ROLE_IN_SHORT = {
    IncidentRole.COMMANDER: "IC",
    IncidentRole.COMMUNICATIONS: "CL",
    IncidentRole.OPERATIONS: "OL",
}


def draw(situation: Situation) -> None:
    """Draw the progress, the steps, and the way to decide one by hand."""
    _live(situation)
    unfinished = [status.step.key for status in situation.statuses if not status.is_finished]
    if not unfinished:
        return
    titles = {step.key: plain(step.title) for step in situation.procedure.steps}
    chosen = st.menu_button(
        "Tick or waive a step", unfinished, format_func=titles.__getitem__, key="step_menu", icon=":material/checklist:"
    )
    if chosen:
        ask("step", chosen)


@st.fragment(run_every="30s")
def _live(situation: Situation) -> None:
    now = portal().clock()
    is_fresh = now - situation.now <= JUST_READ
    statuses = situation.statuses if is_fresh else evaluate(situation.procedure, situation.case, now)
    counted = progress(statuses)
    late = f", {counted.late} late" if counted.late else ""
    share = counted.done / counted.needed if counted.needed else 1.0
    st.progress(share, text=f"**Procedure** · {counted.done} of {counted.needed} steps{late}")
    markup.html(f'<ul class="ims-steps">{steps_html(situation, statuses, now)}</ul>')


def steps_html(situation: Situation, statuses: list[StepStatus], now: datetime) -> str:
    """Return the steps by phase: finished ones on one line, the others with all that helps to do them."""
    rows: list[str] = []
    phase = ""
    for status in statuses:
        if status.phase.key != phase:
            phase = status.phase.key
            rows.append(f'<li class="ims-phase"><span>{markup.text(status.phase.title)}</span></li>')
        rows.append(_row(situation, status, now))
    return "".join(rows)


def _row(situation: Situation, status: StepStatus, now: datetime) -> str:
    icon = markup.icon(ICONS[status.state])
    if status.is_finished:
        whole = escape(f"{status.step.title}. {status.evidence}", quote=True)
        return f'<li class="ims-finished" title="{whole}">{icon}<span>{_finished(status, now)}</span></li>'
    is_burning = status.state is StepState.LATE and not situation.incident.closed_at
    look = ' class="ims-late"' if is_burning else ""
    return f"<li{look}>{icon}<span>{_unfinished(situation, status, now)}</span></li>"


def _finished(status: StepStatus, now: datetime) -> str:
    """Say a finished step on one line; what does not fit is behind it, and in the timeline."""
    parts = [words.STEP_STATE[status.state]]
    if status.done_at:
        parts.append(f"{markup.text(status.done_by)} {markup.when(status.done_at, now)}")
    if status.evidence:
        parts.append(markup.text(status.evidence))
    late = f" {markup.marked('late by ' + words.duration(status.late_by), 'amber')}" if status.late_by else ""
    return f"{markup.text(status.step.title)}{late} {markup.muted(' · '.join(parts))}"


def _unfinished(situation: Situation, status: StepStatus, now: datetime) -> str:
    step = status.step
    details = [_responsible(situation, step), markup.text(status.evidence or step.hint)]
    shown = " · ".join(detail for detail in details if detail != markup.text(""))
    return f"<b>{markup.text(step.title)}</b> {_clock(situation, status, now)}<br>{markup.muted(shown)}"


def _clock(situation: Situation, status: StepStatus, now: datetime) -> str:
    if situation.incident.closed_at:
        return markup.muted("left undone")
    if status.state is StepState.LATE:
        return markup.marked(f"late by {words.duration(status.late_by)}", "red")
    if status.state is StepState.DUE and status.due_at:
        return markup.muted(f"due in {words.duration(status.due_at - now)}, {markup.when(status.due_at, now)}")
    return markup.muted(words.STEP_STATE[status.state])


def _responsible(situation: Situation, step: Step) -> str:
    """Name who answers for a step: each role, and the person who holds it now."""
    if step.who == [Responsible.PORTAL]:
        return "the portal"
    roles = [IncidentRole(who.value) for who in step.who if who is not Responsible.PORTAL]
    by_name: dict[str, list[str]] = {}
    for role in roles:
        by_name.setdefault(situation.answers_for(role), []).append(ROLE_IN_SHORT[role])
    return ", ".join(f"{', '.join(short)} {markup.text(name)}" for name, short in by_name.items())


@st.dialog("Tick or waive a step", icon=":material/checklist:", on_dismiss=close_dialog)
def decide(situation: Situation, step_key: str) -> None:
    """Ask whether a step was done by hand or will not be done, and why."""
    step = next(step for step in situation.procedure.steps if step.key == step_key)
    st.markdown(f"**{plain(step.title)}**")
    ways = ["It was done", "It will not be done"] if step.by_hand else ["It will not be done"]
    with st.form("step"):
        way = st.radio("What of it", ways, key="step_way", horizontal=True)
        text = st.text_area("What was done, or why not", key="step_text", height=80)
        if st.form_submit_button("Save", key="step_submit", type="primary"):
            decision = investigation.tick_step if way == "It was done" else investigation.waive_step
            do(lambda work: decision(work, situation.incident.id, situation.procedure, step_key, text), "Noted")
