"""Drills: what can be rehearsed, what is being rehearsed, and how the earlier ones went."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

import pandas as pd
import streamlit as st
from sqlmodel import Session

from ims.model import Incident
from ims.response import drill
from ims.response.scenarios import Scenario
from ims.sop.score import ScoreCard, score_card
from ims.store import catalogue, coordination
from ims.store.work import Work
from ims.ui import places, tables, words
from ims.ui.drill_words import case_of, sentence
from ims.ui.session import attempt, portal
from ims.ui.text import line, plain

SPEEDS = {0.5: "Half", 1.0: "Ordinary", 2.0: "2 times", 5.0: "5 times", 10.0: "10 times"}
MOST_PAST = 20  # each one's procedure is evaluated
_REQUEST = "drill_request"


def draw() -> None:
    """Draw the page."""
    st.title("Drills", anchor=False)
    st.caption(
        "A drill is an incident that is not one: the whole procedure, with alerts, questions and findings from a "
        "scenario. Nothing of it leaves the portal, and no figure counts it."
    )
    _running()
    _refused()
    scenarios = portal().scenarios.by_name
    if scenarios:
        _scenarios(scenarios)
        _begin(scenarios)
    else:
        st.info("There is no scenario yet: put one into data/drills, as docs/drills.md shows, and restart.",
                icon=":material/exercise:")  # fmt: skip
    _past()


def _running() -> None:
    with portal().reading() as session:
        running = coordination.drills(session, active=True)
        progress = {each.id: coordination.drill_events(session, each.id) for each in running}
    for incident in running:
        events = progress[incident.id]
        played = sum(1 for event in events if event.played_at)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", border=True):
            places.incident_link(incident.key, incident.title, before=words.DRILL)
            st.markdown(f":small[{words.STATE[incident.state]} · {played} of {words.counted(len(events), 'event')} "
                        f"so far · since {words.clock_time(incident.declared_at)}]")  # fmt: skip


def _refused() -> None:
    for problem in portal().scenarios.refused:
        st.warning(f"{plain(str(problem))} {plain(problem.hint)} ({problem.code})", icon=":material/rule:")


def _scenarios(scenarios: Mapping[str, Scenario]) -> None:
    st.subheader("What can be rehearsed", anchor=False)
    for scenario in scenarios.values():
        length = f"{words.duration(scenario.lasts_for)}, {words.counted(len(scenario.events), 'event')}"
        aim = f"  \n{plain(scenario.aim)}" if scenario.aim else ""
        st.markdown(f"**{line(scenario.title)}** :small[{length}]{aim}")


def _begin(scenarios: Mapping[str, Scenario]) -> None:
    st.subheader("Start a drill", anchor=False)
    with portal().reading() as session:
        services = {each.id: each.name for each in catalogue.services(session)}
        customers = {each.id: each.name for each in catalogue.customers(session)}
        people = {each.id: each.name for each in catalogue.people(session)}
    st.session_state.setdefault(_REQUEST, uuid4().hex)
    with st.form("drill", border=True):
        left, right = st.columns([3, 2])
        with left:
            name = st.selectbox(
                "Scenario", list(scenarios), format_func=lambda each: scenarios[each].title, key="drill_scenario"
            )
        with right:
            speed = st.select_slider(
                "Speed of its events", list(SPEEDS), value=1.0, format_func=SPEEDS.__getitem__, key="drill_speed",
                help="Only the events are faster. Due times, pages and reminders keep the procedure's own minutes.",
            )  # fmt: skip
        chosen = {
            "service_ids": _choice("Services (optional)", services, "drill_services"),
            "customer_ids": _choice(
                "Customers who are told, in the drill only (optional)", customers, "drill_customers"
            ),
            "person_ids": _choice("Who takes part (optional)", people, "drill_people"),
        }
        st.caption("Whoever is on call commands, or the first who takes part where the on-call does not.")
        if st.form_submit_button("Start the drill", type="primary", icon=":material/exercise:", key="drill_start"):
            _start(scenarios[name], speed, chosen)


def _choice(label: str, names: Mapping[int, str], key: str) -> list[int]:
    return st.multiselect(
        label,
        list(names),
        format_func=lambda each: names.get(each, "no longer there"),
        key=key,
        placeholder="Choose" if names else "None is set up yet; see Settings.",
        disabled=not names,
    )


def _start(scenario: Scenario, speed: float, chosen: Mapping[str, Sequence[int]]) -> None:
    def verb(work: Work) -> Incident:
        request = st.session_state[_REQUEST]
        return drill.start(work, scenario, portal().procedure, speed=speed, request_key=request, **chosen)

    started = attempt(verb, "The drill runs.")
    if started:
        st.session_state.pop(_REQUEST)
        places.go("incident", key=started.key)


def _past() -> None:
    with portal().reading() as session:
        ended = coordination.drills(session, active=False, limit=MOST_PAST)
        cards = [score_of(session, each) for each in ended]
    st.subheader("Earlier drills", anchor=False)
    if not ended:
        st.caption("None has ended yet. Its score card appears here when somebody ends it.")
        return
    tables.table(
        _frame(ended, cards),
        "Drills that have ended, with their date, length and result",
        key="past_drills",
        columns={
            "Key": st.column_config.LinkColumn(display_text=r"key=(.+)$", width=70, pinned=True),
            "Drill": st.column_config.TextColumn(width=220),
            "Result": st.column_config.TextColumn(width=320),
        },
        file_name="drills",
        opens=lambda row: places.go("incident", key=ended[row].key),
    )


def score_of(session: Session, incident: Incident) -> ScoreCard:
    """Return the score card of a drill."""
    procedure = portal().procedure_of(session, incident)
    return score_card(procedure, case_of(session, incident), portal().clock())


def _frame(ended: Sequence[Incident], cards: Sequence[ScoreCard]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Key": f"/incident?key={incident.key}",
                "Result": sentence(card),
                "Drill": incident.title,
                "Started": words.moment(incident.declared_at),
                "Lasted": words.duration((incident.closed_at or incident.declared_at) - incident.declared_at),
            }
            for incident, card in zip(ended, cards, strict=True)
        ]
    )
