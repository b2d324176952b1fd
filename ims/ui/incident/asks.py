"""Asks: one named person, one thing, a time box; who is on it, how much time is left, what came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from ims.model import Person
from ims.model.coordination import Ask, AskDraft, AskState
from ims.response import coordination
from ims.store import coordination as kept
from ims.ui import places, words
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import attempt, portal
from ims.ui.text import line, plain

TIME_BOXES = (5, 15, 30, 60)  # minutes
LAST_PART = 1 / 3  # of its time box, in which an ask is amber
DONE, NOT_NEEDED = "It is done", "It is no longer needed"
_TIME_IS_UP = "time is up, "


def draw(situation: Situation, asks: Sequence[Ask]) -> None:
    """Draw what is asked of whom, the unsettled ones with their clocks, and the way to ask."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        markup.html("<b>Asks</b>")
        if not situation.incident.closed_at:
            st.button("Ask somebody", key="ask", icon=":material/record_voice_over:", on_click=ask, args=("ask",))
    open_asks = [each for each in asks if each.settled_at is None]
    if open_asks:
        _live(situation, sorted(open_asks, key=lambda each: each.due_at))
    else:
        st.caption("Nobody is asked for anything now. An ask names one person, one thing and a time.")
    settled = [each for each in asks if each.settled_at is not None]
    if settled:
        rows = "".join(_settled(each, situation) for each in reversed(settled))
        with st.expander(words.counted(len(settled), "settled ask"), key="asks_settled"):
            markup.html(f'<ul class="ims-steps">{rows}</ul>')


@st.fragment(run_every="15s")
def _live(situation: Situation, asks: Sequence[Ask]) -> None:
    now = portal().clock()
    for asked in asks:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            markup.html(_open(asked, situation, now))
            _acts(asked, situation.me)


def _acts(asked: Ask, me: Person | None) -> None:
    is_mine = me is not None and me.id == asked.person_id
    if is_mine and asked.state is AskState.ASKED:
        _on_it(asked)
    if st.button("Settle", key=f"settle_ask_{asked.id}", icon=":material/check:"):
        ask("settle_ask", str(asked.id))
        st.rerun()


def _on_it(asked: Ask) -> None:
    if st.button("I am on it", key=f"on_it_{asked.id}", type="primary", icon=":material/front_hand:"):
        do(lambda work: coordination.acknowledge_ask(work, asked.id), "They know you are on it")


def _open(asked: Ask, situation: Situation, now: datetime) -> str:
    state = (
        f"on it since {markup.hour(asked.acknowledged_at)}" if asked.acknowledged_at else "<b>has not answered yet</b>"
    )
    by = f"asked by {markup.text(asked.asked_by)}, {markup.when(asked.asked_at, now)}"
    return (
        f"{_clock(asked, now)} <b>{name_of(situation, asked.person_id)}</b>: {markup.text(asked.text)}"
        f"<br>{markup.muted(f'{state} · {by}')}"
    )


def _clock(asked: Ask, now: datetime) -> str:
    said, colour = time_left(asked, now)
    return markup.marked(said, colour) if colour else said


def time_left(asked: Ask, now: datetime) -> tuple[str, str]:
    """Say how much of the time box is left, and in which colour: none, ``amber`` in its last third, ``red``."""
    left = asked.due_at - now
    if left < timedelta():
        return f"{_TIME_IS_UP}{words.duration(left)} ago", "red"
    is_last_part = left <= LAST_PART * (asked.due_at - asked.asked_at)
    return f"{words.duration(left)} left", "amber" if is_last_part else ""


def _settled(asked: Ask, situation: Situation) -> str:
    is_done = asked.state is AskState.DONE
    icon, word = ("check_circle", "Done") if is_done else ("do_not_disturb_on", "Called off")
    when = markup.when(asked.settled_at or asked.due_at, situation.now)
    who = f"{word} {when} · {name_of(situation, asked.person_id)} · asked by {markup.text(asked.asked_by)}"
    said = f"{markup.text(asked.text)}: {markup.text(asked.outcome)}"
    return f"<li>{markup.icon(icon)}<span>{said}<br>{markup.muted(who)}</span></li>"


def name_of(situation: Situation, person_id: int | None) -> str:
    """Name somebody, escaped."""
    person = situation.people.get(person_id or 0)
    return markup.text(person.name if person else "somebody")


@st.dialog("Ask somebody", icon=":material/record_voice_over:", on_dismiss=close_dialog)
def make(situation: Situation) -> None:
    """Ask who, what, and within how long."""
    names = {person.id: person.name for person in situation.people.values() if person.active}
    with st.form("ask_form", border=False):
        person_id = st.selectbox(
            "Whom", list(names), index=None, format_func=names.__getitem__, key="ask_person", placeholder="One person"
        )
        text = st.text_input("For what", key="ask_text", placeholder="Restart the pool and say what you see")
        chosen = st.segmented_control(
            "Within", TIME_BOXES, default=15, format_func=lambda minutes: f"{minutes} min", key="ask_box"
        )
        typed = st.number_input("Or within other minutes", 1, 2880, None, key="ask_minutes", placeholder="minutes")
        if st.form_submit_button("Ask", key="ask_submit", type="primary"):
            _make(situation, person_id, text, typed or chosen)


def _make(situation: Situation, person_id: int | None, text: str, minutes: int | None) -> None:
    if person_id is None or minutes is None or not text.strip():
        st.error("An ask names one person, says one thing, and has a time.")
        return
    within = timedelta(minutes=minutes)
    do(
        lambda work: coordination.ask(
            work, situation.incident.id, AskDraft(text=text, person_id=person_id, within=within)
        ),
        f"{situation.people[person_id].name} is asked",
    )


@st.dialog("Settle an ask", icon=":material/check:", on_dismiss=close_dialog)
def settle(situation: Situation, ask_id: str) -> None:
    """Ask what came of it."""
    with portal().reading() as session:
        asked = next((each for each in kept.asks(session, situation.incident.id) if each.id == int(ask_id)), None)
    if asked is None:
        st.error("This incident has no such ask.")
        return
    st.markdown(f"**{plain(asked.text)}**")
    with st.form("settle_ask_form", border=False):
        way = st.radio("What of it", [DONE, NOT_NEEDED], key="ask_way", horizontal=True)
        outcome = st.text_area("What came of it, or why not", key="ask_outcome", height=80)
        if st.form_submit_button("Save", key="settle_ask_submit", type="primary"):
            do(
                lambda work: coordination.settle_ask(work, asked.id, outcome, called_off=way == NOT_NEEDED),
                "Settled",
            )


def mine(asks: Sequence[Ask], now: datetime) -> None:
    """Draw what the viewer is asked for, in any incident; for the landing page."""
    for asked in asks:
        said, colour = time_left(asked, now)
        coloured = {"red": f":red[**{said}**]", "amber": f":orange[**{said}**]"}.get(colour, said)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            key = f"INC-{asked.incident_id}"
            label = f"**{key}** {line(asked.text, 90)}"
            places.link("incident", label, icon="record_voice_over", key=key, view="Team")
            st.markdown(f":small[{line(asked.asked_by, 60)} asks you · {coloured}]")
            if asked.state is AskState.ASKED and st.button("I am on it", key=f"mine_{asked.id}"):
                _mine_acknowledged(asked)


def _mine_acknowledged(asked: Ask) -> None:
    if attempt(lambda work: coordination.acknowledge_ask(work, asked.id), "They know you are on it"):
        st.rerun()
