"""Did it work? The form for those who own what was done some time ago."""

from collections.abc import Mapping

import streamlit as st

from ims.model import Person
from ims.postmortem.following_up import looking_back
from ims.postmortem.following_up.answering import whom
from ims.postmortem.following_up.looking_back import Question
from ims.store import follow_ups as kept
from ims.ui import places, words
from ims.ui.follow_ups import rows
from ims.ui.session import acting_person, attempt, portal
from ims.ui.text import line, plain

ANSWERS: Mapping[str, bool | None] = {"It worked": True, "It did not": False, "Not clear yet": None}
MOST_SHOWN, MOST_ASKED = 5, 10


def draw(people: Mapping[int, Person]) -> None:
    """Draw the questions to whoever looks, then those to others, closed: the table stays near."""
    now, me = portal().clock(), acting_person()
    with portal().reading() as session:
        waiting = kept.to_be_asked(session, now)
        answering = whom(session, waiting)
        mine = [each for each in waiting if me and each[0].id in answering and answering[each[0].id].id == me.id]
        others = [each for each in waiting if each not in mine]
        to_me, to_others = (
            [looking_back.question_of(session, *each, now) for each in part[:MOST_ASKED]] for part in (mine, others)
        )
    for question in to_me:
        with st.expander(f"**Did it work?** {line(question.follow_up.text, 90)}", icon=":material/fact_check:"):
            _question(question, people)
    if to_others:
        waits = words.counted(len(others), "follow-up of others is", "follow-ups of others are")
        with st.expander(f"{waits} done for a while: did they work?", icon=":material/groups:"):
            for question in to_others:
                _question(question, people)


def _question(question: Question, people: Mapping[int, Person]) -> None:
    follow_up, incident = question.follow_up, question.incident
    key = f"worked_{follow_up.id}_{follow_up.version}"
    with st.form(key, border=False):
        st.markdown(f"**{line(follow_up.text, 200)}**")
        owner = rows.owner(follow_up, rows.labels(people))
        finished = f", done {words.moment(follow_up.finished_at)}" if follow_up.finished_at else ""
        st.caption(f"{incident.key} {follow_up.row_id}, {plain(owner)}{finished}. {plain(follow_up.finish_reason)}")
        _since(question)
        chosen = st.radio("Answer", list(ANSWERS), horizontal=True, index=None, key=f"{key}_answer")
        text = st.text_input("What shows it?", value=follow_up.worked_text, max_chars=300, key=f"{key}_text")
        pressed = st.form_submit_button("Answer", icon=":material/fact_check:", key=f"{key}_submit")
    if pressed:
        _answer(question, chosen, text)


def _since(question: Question) -> None:
    """Show what similar happened since it was done: it is evidence, not a verdict."""
    again = question.since_then
    if not again:
        st.markdown("Nothing similar has happened since.")
        return
    st.markdown(f":orange[**{words.counted(len(again), 'similar incident')} since:**]")
    for each in again[:MOST_SHOWN]:
        places.incident_link(each.key, each.title)
    if len(again) > MOST_SHOWN:
        st.caption(f"and {len(again) - MOST_SHOWN} more")


def _answer(question: Question, chosen: str | None, text: str) -> None:
    if chosen is None:
        st.error("Choose an answer.")
        return
    follow_up, rules = question.follow_up, portal().follow_up_rules
    answered = attempt(
        lambda work: looking_back.check(
            work, follow_up.id, ANSWERS[chosen], text, rules, expected_version=follow_up.version
        ),
        "Thank you, it is kept",
    )
    if answered:
        st.rerun()
