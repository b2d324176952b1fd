"""What only a drill has on its page: questions to answer, the way to end it, and the score card."""

import pandas as pd
import streamlit as st

from ims.model import EntryKind, Incident, IncidentState
from ims.response import drill
from ims.sop import rehearsal
from ims.sop.rehearsal import Question
from ims.sop.score import ScoreCard, ScoredStep, Verdict, score_card
from ims.store import incidents
from ims.ui import places, tables, words
from ims.ui.drill_words import sentence, verdict
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import JUST_READ, Situation
from ims.ui.session import portal
from ims.ui.text import line, plain

MOST_QUESTIONS = 5
ICONS = {
    Verdict.IN_TIME: "check_circle",
    Verdict.LATE: "alarm",
    Verdict.NOT_DONE: "cancel",
    Verdict.DONE: "check_circle",
    Verdict.NOT_REACHED: "hourglass_empty",
    Verdict.WAIVED: "do_not_disturb_on",
    Verdict.NOT_NEEDED: "remove_circle_outline",
}
MARK = {Verdict.LATE: "amber", Verdict.NOT_DONE: "red"}


def draw(situation: Situation) -> None:
    """Draw what a drill asks for while it runs, and its score card when it is over; nothing for a real incident."""
    if not situation.incident.drill:
        return
    with st.container(border=True, key="drill"):
        if is_over(situation.incident):
            _score(situation)
        else:
            _running(situation)


def is_over(incident: Incident) -> bool:
    """Return whether a drill has ended."""
    return incident.state in (IncidentState.CLOSED, IncidentState.CANCELLED)


def _running(situation: Situation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{words.DRILL} Nothing of it leaves the portal.", width="content")
        st.button("End the drill", key="drill_end", icon=":material/stop_circle:", on_click=ask, args=("end_drill",))
    _questions(situation)


@st.fragment(run_every="10s")
def _questions(situation: Situation) -> None:
    """Show the questions that wait; nobody types here, the answer is written in a dialog."""
    entries = situation.case.valid_entries
    if portal().clock() - situation.now > JUST_READ:
        with portal().reading() as session:
            entries = list(incidents.timeline(session, situation.incident.id))
    waiting = [question for question in rehearsal.questions(entries) if question.answer is None]
    for question in waiting[:MOST_QUESTIONS]:
        _question(question)
    if len(waiting) > MOST_QUESTIONS:
        st.caption(f"and {words.counted(len(waiting) - MOST_QUESTIONS, 'more question')}, in the timeline")


def _question(question: Question) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        since = words.duration(portal().clock() - question.asked_at)
        st.markdown(f":material/contact_support: {line(question.text)} :small[waits for {since}]")
        key = f"drill_answer_{question.entry_id}"
        if st.button("Answer", key=key, icon=":material/reply:"):
            ask("answer", str(question.entry_id))
            st.rerun()


@st.dialog("Answer", icon=":material/reply:", on_dismiss=close_dialog)
def answer(situation: Situation, entry_id: str) -> None:
    """Ask for the answer to a question of the drill."""
    asked = {question.entry_id: question for question in rehearsal.questions(situation.case.valid_entries)}
    if int(entry_id) in asked:
        st.markdown(plain(asked[int(entry_id)].text))
    with st.form("answer"):
        text = st.text_area("What you answer", key="drill_answer_text", height=100)
        if st.form_submit_button("Answer", key="drill_answer_submit", type="primary"):
            do(lambda work: drill.answer(work, situation.incident.id, int(entry_id), text), "Answered")


@st.dialog("End the drill", icon=":material/stop_circle:", on_dismiss=close_dialog)
def end(situation: Situation) -> None:
    """Ask how it went, and end it; what was left undone is on the score card."""
    st.caption("Nothing blocks the end of a drill. The score card shows each step against its due time.")
    with st.form("end_drill"):
        said = st.text_area("In a sentence: how did it go?", key="drill_end_text", height=80)
        if st.form_submit_button("End the drill", key="drill_end_submit", type="primary"):
            do(lambda work: drill.end(work, situation.incident.id, said), "The drill has ended")


def _score(situation: Situation) -> None:
    card = score_card(situation.procedure, situation.case, situation.now)
    st.markdown(f"{words.DRILL} **{plain(sentence(card))}**")
    last = situation.case.valid_entries[-1:]
    if last and last[0].kind is EntryKind.CLOSED:
        st.text(last[0].text)
    with st.expander("Score card: each step against its due time", expanded=True):
        rows = "".join(f"<li>{_scored(step, situation)}</li>" for step in card.steps)
        markup.html(f'<ul class="ims-steps">{rows}</ul>')
        st.download_button(
            "Download CSV",
            lambda: tables.csv(score_rows(card)),
            file_name=f"{situation.incident.key}-score-card.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="score_card_csv",
        )
    places.link("drills", "All drills", icon="exercise")


def _scored(step: ScoredStep, situation: Situation) -> str:
    """Say what became of a step on one line; on a phone it breaks where a table would be cut."""
    said = verdict(step)
    facts = [f"due {markup.when(step.due_at, situation.now)}"] if step.due_at else []
    if step.done_at:
        facts.append(f"done {markup.when(step.done_at, situation.now)} by {markup.text(step.done_by)}")
    if step.verdict in MARK:
        rest = f"{markup.marked(said, MARK[step.verdict])} {markup.muted(' · '.join(facts))}"
    else:
        rest = markup.muted(" · ".join([said, *facts]))
    return f"{markup.icon(ICONS[step.verdict])}<span><b>{markup.text(step.title)}</b> {rest}</span>"


def score_rows(card: ScoreCard) -> pd.DataFrame:
    """Return the score card as its download has it: times in UTC, lateness in minutes."""
    return pd.DataFrame(
        [
            {
                "step": step.title,
                "result": step.verdict.value,
                "due_at": step.due_at,
                "done_at": step.done_at,
                "late_minutes": round(step.late_by.total_seconds() / 60, 1),
                "done_by": step.done_by,
            }
            for step in card.steps
        ]
    )


def alerts(situation: Situation) -> None:
    """Draw the alerts of a drill, which exist only in its timeline."""
    played = rehearsal.alerts(situation.case.valid_entries)
    if not played:
        return
    rows = "".join(f"<li>{_alert(each, situation)}</li>" for each in played)
    markup.html(f'<b>Alerts of the drill</b><ul class="ims-steps">{rows}</ul>')


def _alert(alert: rehearsal.PlayedAlert, situation: Situation) -> str:
    icon = markup.icon("notifications_off" if alert.resolved_at else "notifications_active")
    ended = f", ended {markup.when(alert.resolved_at, situation.now)}" if alert.resolved_at else ""
    status = "resolved" if alert.resolved_at else "firing"
    since = markup.muted(f"since {markup.when(alert.fired_at, situation.now)}{ended}")
    return f"{icon}<span><b>{markup.text(alert.name)}</b> {status} {since}<br>{markup.text(alert.says)}</span>"
