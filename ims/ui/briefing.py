"""The page of one handover: the briefing, read back, accepted or declined; afterwards it stays as it was read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import streamlit as st

from ims.model import PORTAL, Incident, Person
from ims.model.handover import Handover, HandoverState
from ims.response import handover
from ims.store import catalogue
from ims.store.timeline import entries_since
from ims.store.work import Work
from ims.ui import briefing_paper, places, words
from ims.ui.incident.handover import how_far, offer_words
from ims.ui.session import acting_person, attempt, portal
from ims.ui.text import line


@dataclass(frozen=True)
class Situation:
    """One handover and what stands around it; ``briefing`` is the kept one, or one of this moment until it was read."""

    handover: Handover
    incident: Incident
    people: Mapping[int, Person]
    me: Person | None
    briefing: Mapping[str, Any]
    news: int

    @property
    def is_mine(self) -> bool:
        """Whether the viewer is the one to whom the role is offered, and it is still open."""
        return self.is_open and self.me is not None and self.me.id == self.handover.to_person_id

    @property
    def is_open(self) -> bool:
        """Whether it is not settled."""
        return self.handover.settled_at is None


def draw() -> None:
    """Draw the handover that the address names."""
    number = st.query_params.get("handover", "")
    if not number.isdecimal() or not _exists(int(number[:9])):
        st.subheader("Briefing", anchor=False)
        st.info("There is no such handover; its address ends with its number.", icon=":material/search:")
        places.link("incidents", "Incidents", icon="list_alt")
        return
    handover_id = int(number[:9])
    _read_once(handover_id)
    situation = look(handover_id)
    _head(situation)
    _outcome(situation)
    if not _may_act(situation):
        _sheet(situation)
        return
    paper, beside = st.columns([5, 3], gap="large")
    with paper:
        _sheet(situation)
    with beside:
        _acts(situation)


def _exists(handover_id: int) -> bool:
    with portal().reading() as session:
        return session.get(Handover, handover_id) is not None


def _read_once(handover_id: int) -> None:
    """Give the incomer the briefing when they open the page for the first time, and keep it as they see it."""
    with portal().reading() as session:
        offered, me = session.get(Handover, handover_id), acting_person()
    if offered and me and offered.to_person_id == me.id and offered.state is HandoverState.OFFERED:
        _brief(handover_id)


def _brief(handover_id: int) -> None:
    def read(work: Work) -> Handover:
        incident = work.get(Incident, work.get(Handover, handover_id).incident_id)
        return handover.read_briefing(work, handover_id, portal().procedure_of(work.session, incident))

    attempt(read)


def look(handover_id: int) -> Situation:
    """Read a handover with its incident and its briefing."""
    with portal().reading() as session:
        work = Work(session, portal().clock(), PORTAL)
        shown = work.get(Handover, handover_id)
        incident = work.get(Incident, shown.incident_id)
        written = (
            shown.briefing
            or handover.write_briefing(work, incident, portal().procedure_of(session, incident)).as_json()
        )
        is_read = shown.briefed_at is not None and shown.settled_at is None
        news = entries_since(session, incident.id, shown.briefed_at) if is_read and shown.briefed_at else 0
        people = catalogue.people_by_id(session, [shown.from_person_id, shown.to_person_id])
    return Situation(shown, incident, people, acting_person(), written, news)


def _head(situation: Situation) -> None:
    shown, key = situation.handover, situation.incident.key
    with st.container(key="briefing_head"):
        st.subheader("Briefing", anchor=False)
        st.markdown(f"**{offer_words(shown, situation.people, situation.me)}**")
        st.caption(_steps(situation))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            with st.container(width="content", gap=None):
                _print()
            st.download_button(
                "Download",
                briefing_paper.page(f"Briefing {key}", _body(situation)),
                file_name=f"briefing-{key}-{shown.id}.html",
                mime="text/html",
                icon=":material/download:",
                on_click="ignore",
                key="briefing_download",
            )
            places.link("incident", f"Open {key}", icon="local_fire_department", key=key)


@st.fragment
def _print() -> None:
    if st.button("Print", key="briefing_print", icon=":material/print:"):
        # A fixed script; the time of the click makes each one new, so that the browser runs it again.
        clicked_at = portal().clock().timestamp()
        st.html(f"<script>window.print() // {clicked_at}</script>", unsafe_allow_javascript=True)


def _outcome(situation: Situation) -> None:
    """Say what came of it, where it is settled: also to who was about to send something and finds the form gone."""
    shown = situation.handover
    if situation.is_open:
        return
    sentence = f"This handover is {how_far(shown, situation.people)}."
    if shown.state is HandoverState.ACCEPTED:
        st.success(sentence, icon=":material/check_circle:")
        if situation.me and situation.me.id == shown.to_person_id:
            key = situation.incident.key
            places.link("incident", f"Go on in {key}, it is yours", icon="arrow_forward", key=key)
    else:
        giver = line(situation.people[shown.from_person_id].name, 60)
        st.info(f"{sentence} The role stayed with {giver}.", icon=":material/info:")


def _steps(situation: Situation) -> str:
    """Say when each step of the handover was, and how far it is."""
    shown = situation.handover
    times = (("Offered", shown.offered_at), ("read", shown.briefed_at), ("read back", shown.read_back_at))
    steps = [f"{word} {words.moment(at)}" for word, at in times if at]
    if shown.settled_at:
        return " · ".join([*steps, f"{shown.state.value} {words.moment(shown.settled_at)}"])
    until = f"stands until {words.clock_time(shown.expires_at)}"
    return " · ".join([*steps, how_far(shown, situation.people), until])


def _sheet(situation: Situation) -> None:
    if situation.handover.briefed_at is None:
        st.caption("Nobody has read it yet. This is what it would say now; it is kept once it is read.")
    st.html(briefing_paper.STYLE + _body(situation))


def _body(situation: Situation) -> str:
    shown = situation.handover
    names = [situation.people[each].name for each in (shown.from_person_id, shown.to_person_id)]
    said = [f"{words.ROLE[shown.role]}: from {names[0]} to {names[1]}"]
    if shown.read_back_at:
        said.append(f"Read back {words.moment(shown.read_back_at)}: {shown.read_back_impact}")
    return briefing_paper.sheet(situation.briefing, said, shown.note)


def _may_act(situation: Situation) -> bool:
    return situation.is_mine or _may_withdraw(situation)


def _may_withdraw(situation: Situation) -> bool:
    may = (situation.handover.from_person_id, situation.incident.owner_id)
    return situation.is_open and situation.me is not None and situation.me.id in may


def _acts(situation: Situation) -> None:
    if not situation.is_mine:
        _no(situation, "Withdraw the offer…", "Why it is withdrawn", "withdraw", handover.withdraw)
        return
    _news(situation)
    if situation.handover.state is HandoverState.READ_BACK:
        _accept(situation)
    else:
        _read_back(situation)
    _no(situation, "Decline…", "Why you decline", "decline", handover.decline)


def _news(situation: Situation) -> None:
    if not situation.news:
        return
    happened = words.counted(situation.news, "thing has happened", "things have happened")
    st.warning(f"{happened} since you read it.", icon=":material/update:")
    if st.button("Bring the briefing up to date", key="briefing_renew", icon=":material/refresh:"):
        _brief(situation.handover.id)
        st.rerun()


def _read_back(situation: Situation) -> None:
    due_at = situation.briefing["next_update_due_at"]
    with st.form("read_back"):
        st.markdown("**Read it, then read it back.** The role is yours only once you accept.")
        impact = st.text_area("The impact now, in your own words", key="read_back_impact", height=80)
        said_at = None
        if due_at:
            label = f"When customers hear next, in your time ({words.zone().key})"
            said_at = st.time_input(label, value=None, step=60, key="read_back_at")
        if st.form_submit_button("Read back", key="read_back_submit", type="primary"):
            number = situation.handover.id
            _do(lambda work: handover.read_back(work, number, impact, _moment(said_at, due_at)), "Read back")


def _moment(said_at: time | None, due_at: str | None) -> datetime | None:
    """Return the hour that somebody read back as a moment, on the day on which the update is due in their zone."""
    if said_at is None or due_at is None:
        return None
    day = datetime.fromisoformat(due_at).astimezone(words.zone()).date()
    return datetime.combine(day, said_at, words.zone()).astimezone(UTC)


def _accept(situation: Situation) -> None:
    role = words.ROLE[situation.handover.role]
    st.markdown(f"You have read it back. From the moment you accept you are **{role}**.")
    if st.button(f"Accept: I am {role}", key="accept", type="primary", icon=":material/check:"):
        _do(lambda work: handover.accept(work, situation.handover.id), f"You are {role}")


def _no(situation: Situation, label: str, question: str, key: str, verb: Callable[[Work, int, str], Handover]) -> None:
    with st.expander(label, icon=":material/undo:", key=f"{key}_open"), st.form(key):
        reason = st.text_area(question, key=f"{key}_reason", height=80)
        if st.form_submit_button(label.removesuffix("…"), key=f"{key}_submit"):
            _do(lambda work: verb(work, situation.handover.id, reason), "Done")


def _do(verb: Callable[[Work], Handover], done: str) -> None:
    if attempt(verb, done):
        st.rerun()
