"""Drills on the pages: started, answered, ended and scored; seen to be drills, and never taken for what is real."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.errors import SettingProblem
from ims.model import Incident, IncidentState, Severity
from ims.response import definition, drill
from ims.response.scenarios import Scenarios, read_scenario
from ims.sop.score import ScoreCard, ScoredStep, Verdict
from ims.store import coordination, register
from ims.store.register import Filter
from ims.ui.drill_words import sentence, verdict
from ims.ui.incident.drill import score_rows
from ims.ui.incident.primary import moves_from
from tests.conftest import START, HandClock, Team
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import log, now_in, submit, words_on
from tests.pages.test_frame import links

MINUTE = timedelta(minutes=1)
SCENARIO = """
title: Certificate *expires*
aim: Find who is affected.
events:
  - {minute: 0, kind: alert, text: "ApiTraffic: 60 % below"}
  - {minute: 1, kind: question, text: "Is it us or you?"}
  - {minute: 9, kind: alert_resolved, text: "ApiTraffic: as usual"}
"""


@pytest.fixture(autouse=True)
def scenarios(portal: Portal) -> None:
    portal.scenarios = Scenarios({"certificate": read_scenario(SCENARIO, "certificate.yaml")})


@pytest.fixture
def drilled(portal: Portal, team: Team) -> Incident:
    with portal.work(team.as_ada) as work:
        started = drill.start(
            work, portal.scenarios.by_name["certificate"], portal.procedure, customer_ids=[team.acme.id]
        )
    portal.worker.run_due()
    return started


def everything(app: AppTest) -> str:
    return words_on(app) + "\n".join(links(app))


def live(portal: Portal, clock: HandClock, minutes: float) -> None:
    clock.forward(minutes * MINUTE)
    portal.watch.round()
    portal.worker.run_due()


def test_the_page_lists_what_can_be_rehearsed_with_its_length(open_page: OpenPage, team: Team) -> None:
    said = words_on(open_page("drills"))
    assert "Certificate \\*expires\\*" in said
    assert "9 min, 3 events" in said
    assert "Find who is affected." in said
    assert "None has ended yet" in said


def test_a_bad_scenario_is_said_to_be_refused_and_why(open_page: OpenPage, portal: Portal, team: Team) -> None:
    with pytest.raises(SettingProblem) as bad:
        read_scenario("title: [", "bad.yaml")
    portal.scenarios = Scenarios({}, [bad.value])
    app = open_page("drills")
    assert "drills/bad.yaml: it is not YAML" in app.warning[0].value
    assert "IMS-207" in app.warning[0].value
    assert "There is no scenario yet" in app.info[0].value


def test_a_drill_is_started_with_its_speed_customers_and_people(
    open_page: OpenPage, portal: Portal, team: Team
) -> None:
    app = open_page("drills")
    app.select_slider(key="drill_speed").set_value(10.0)
    app.multiselect(key="drill_customers").set_value([team.acme.id])
    app.multiselect(key="drill_people").set_value([team.bob.id])
    submit(app, "drill_start")
    with portal.reading() as session:
        (started,) = coordination.drills(session, active=True)
        events = coordination.drill_events(session, started.id)
    assert (started.drill, started.owner_id) == (True, team.bob.id)
    assert events[-1].due_at - events[0].due_at == timedelta(seconds=54)
    assert f"{started.key} · Certificate" in words_on(app), "its page is opened"


def test_the_page_of_a_drill_shows_its_events_with_their_own_look(
    open_page: OpenPage, portal: Portal, drilled: Incident, clock: HandClock
) -> None:
    live(portal, clock, 2)
    app = open_page("incident", key=drilled.key)
    assert 'class="ims-drill">Drill · Alert</span>' in log(app)
    assert 'class="ims-drill">Drill · Question</span>' in log(app)
    assert "Nothing of it leaves the portal" in words_on(app)


def test_a_question_waits_until_it_is_answered(
    open_page: OpenPage, portal: Portal, drilled: Incident, clock: HandClock
) -> None:
    live(portal, clock, 2)
    app = open_page("incident", key=drilled.key)
    assert "Is it us or you? :small[waits for 1 min]" in words_on(app)
    question = next(button.key for button in app.button if str(button.key).startswith("drill_answer_"))
    submit(app, str(question))
    app.text_area(key="drill_answer_text").input("It is us")
    submit(app, "drill_answer_submit")
    assert "waits for" not in words_on(app)
    assert "Answered “Is it us or you?”: It is us" in log(app)


def test_the_alerts_of_a_drill_stand_in_its_own_part(
    open_page: OpenPage, portal: Portal, drilled: Incident, clock: HandClock
) -> None:
    live(portal, clock, 10)
    app = open_page("incident", key=drilled.key, view="Alerts & links")
    assert "Alerts of the drill" in words_on(app)
    assert "<bdi>ApiTraffic</bdi></b> resolved" in words_on(app)
    assert "Alerts that wait" not in links(app)


def test_ending_a_drill_gives_its_score_card_and_a_line_among_the_earlier_drills(
    open_page: OpenPage, portal: Portal, drilled: Incident, clock: HandClock
) -> None:
    live(portal, clock, 16)
    app = open_page("incident", key=drilled.key)
    submit(app, "drill_end")
    submit(app, "drill_end_submit")
    assert app.error[0].value == "Say in a sentence how it went."
    app.text_area(key="drill_end_text").input("Nobody was there")
    submit(app, "drill_end_submit")
    assert now_in(portal, drilled).state is IncidentState.CLOSED
    expected = "1 of 4 steps in time; 0 of 1 question answered."
    assert expected in words_on(app)
    said = words_on(app)
    assert said.index("Not done, 11 min late at the end") < said.index("Not done, 6 min late at the end")
    assert "The drill has ended: Nobody was there" in [text.value for text in app.text]
    assert app.download_button(key="score_card_csv")
    past = open_page("drills").dataframe(key="past_drills").value
    assert list(past["Result"]) == [expected]


def test_a_drill_offers_its_end_instead_of_closing_and_is_not_taken_up_again() -> None:
    assert "end_drill" in moves_from(IncidentState.OPEN, drill=True)
    assert not {"close", "cancel"} & set(moves_from(IncidentState.RESOLVED, drill=True))
    assert not {"reopen", "end_drill"} & set(moves_from(IncidentState.CLOSED, drill=True))
    assert "end_drill" not in moves_from(IncidentState.OPEN)


def test_the_strip_shows_drills_apart_and_after_every_real_incident(
    open_page: OpenPage, portal: Portal, drilled: Incident, incident: Incident, team: Team, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        definition.decide_severity(work, drilled.id, Severity.SEV1)
        definition.decide_severity(work, incident.id, Severity.SEV4)
    clock.forward(40 * MINUTE)
    strip = [label for label in links(open_page("figures")) if "**INC-" in label]
    assert [incident.key in strip[0], drilled.key in strip[1]] == [True, True]
    assert "Drill]" in strip[1]
    assert "Drill]" not in strip[0]


def test_no_customer_is_shown_as_waiting_because_of_a_drill(
    open_page: OpenPage, drilled: Incident, clock: HandClock
) -> None:
    clock.forward(40 * MINUTE)
    said = words_on(open_page("figures"))
    assert "rehearsed: customer update 10 min late" in said
    assert ":red[**customer update" not in said


def test_a_drill_is_no_work_of_the_rest_of_the_team(open_page: OpenPage, drilled: Incident, team: Team) -> None:
    app = open_page("home")
    assert "nobody has acknowledged it" not in words_on(app)
    mine = [label for label in links(app) if "Assign incident management roles" in label]
    assert len(mine) == 1
    assert "Drill]" in mine[0], "who commands the drill sees its steps, marked as what they are"


def test_the_steps_of_a_drill_come_after_those_of_a_real_incident(
    open_page: OpenPage, drilled: Incident, incident: Incident, team: Team
) -> None:
    mine = [label for label in links(open_page("home")) if "Assign incident management roles" in label]
    assert [incident.key in mine[0], drilled.key in mine[1]] == [True, True]


def test_nobody_owes_a_root_cause_document_for_a_drill(
    open_page: OpenPage, portal: Portal, drilled: Incident, team: Team
) -> None:
    with portal.work(team.as_ada) as work:
        drill.end(work, drilled.id, "Enough")
    assert "No incident is over yet" in open_page("rca").info[0].value


def test_a_drill_is_marked_in_the_list_and_in_its_download(
    open_page: OpenPage, portal: Portal, drilled: Incident
) -> None:
    table = open_page("incidents").dataframe(key="incidents").value
    assert list(table["Title"]) == ["Drill: Certificate *expires*"]
    with portal.reading() as session:
        assert [row.drill for row in register.rows(session, Filter())] == [True]


def test_the_deliveries_of_a_drill_say_that_they_were_rehearsed(open_page: OpenPage, drilled: Incident) -> None:
    app = open_page("deliveries")
    labels = [expander.label for expander in app.expander]
    assert labels
    assert all(":violet-badge[:material/exercise: Drill, rehearsed]" in label for label in labels)
    assert "Rehearsed: nothing left the portal." in words_on(app)


def card(*steps: ScoredStep, late: timedelta | None = None, missing: bool = False) -> ScoreCard:
    return ScoreCard(steps, late, missing, 3, 2)


def step(word: Verdict, late_by: timedelta = timedelta()) -> ScoredStep:
    return ScoredStep("=Step", word, START, START, "Ada", late_by)


def test_the_sentence_of_a_score_card_says_what_counts() -> None:
    steps = [step(Verdict.IN_TIME), step(Verdict.LATE, 4 * MINUTE), step(Verdict.NOT_NEEDED)]
    rest = "2 of 3 questions answered."
    assert sentence(card(*steps, late=4 * MINUTE)) == f"1 of 2 steps in time; first customer update 4 min late; {rest}"
    assert sentence(card(*steps, late=timedelta())) == f"1 of 2 steps in time; first customer update in time; {rest}"
    assert sentence(card(missing=True)) == f"No step was due; customers were never told; {rest}"


def test_the_download_has_facts_in_minutes_and_words_that_stay() -> None:
    rows = score_rows(card(step(Verdict.LATE, 4 * MINUTE + timedelta(seconds=30))))
    assert dict(rows.iloc[0]) == {
        "step": "=Step",
        "result": "late",
        "due_at": START,
        "done_at": START,
        "late_minutes": 4.5,
        "done_by": "Ada",
    }
    assert verdict(step(Verdict.NOT_DONE, 2 * MINUTE)) == "Not done, 2 min late at the end"
