"""The Team view: asks, decisions, what must be undone, and who works on it."""

from datetime import timedelta
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import Actor, Incident, IncidentDraft, Person
from ims.model.coordination import AskDraft, AskState, DecisionDraft, DecisionState, TemporaryChangeDraft
from ims.response import coordination, states
from ims.response.declare import declare
from ims.store import coordination as kept
from ims.ui.incident.asks import time_left
from ims.ui.incident.changes import STAYS, UNDONE, outcome
from ims.ui.session import ACTING_AS
from tests.conftest import HandClock, Team, make_team
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import Do, choose, submit, words_on


@pytest.fixture
def view(open_page: OpenPage, incident: Incident) -> AppTest:
    return open_page("incident", key=incident.key, view="Team")


def press(app: AppTest, key: str) -> AppTest:
    return submit(app, key)


def ask_bob(team: Team, minutes: float = 15) -> AskDraft:
    return AskDraft(text="Restart the pool", person_id=team.bob.id, within=timedelta(minutes=minutes))


def asks(portal: Portal, incident: Incident) -> list[tuple[str, AskState, str]]:
    with portal.reading() as session:
        return [(each.text, each.state, each.outcome) for each in kept.asks(session, incident.id)]


def test_the_view_stands_in_the_address_and_says_what_to_do_when_nothing_is_agreed(view: AppTest) -> None:
    said = words_on(view)
    assert "Nobody is asked for anything now" in said
    assert "Nothing waits for a decision" in said
    assert "Nothing waits to be undone" in said


def test_one_person_is_asked_for_one_thing_with_a_time_box(
    view: AppTest, portal: Portal, incident: Incident, team: Team
) -> None:
    app = press(view, "ask")
    app.selectbox(key="ask_person").set_value(team.bob.id)
    app.text_input(key="ask_text").set_value("Restart <b>the</b> *pool*")
    app.segmented_control(key="ask_box").set_value(5)
    app = press(app, "ask_submit")
    with portal.reading() as session:
        asked = kept.asks(session, incident.id)[0]
    assert (asked.person_id, asked.due_at - asked.asked_at) == (team.bob.id, timedelta(minutes=5))
    said = words_on(app)
    assert "Restart &lt;b&gt;the&lt;/b&gt; *pool*" in said
    assert "5 min left" in said
    assert "has not answered yet" in said


def test_a_typed_time_box_goes_before_the_chosen_one(
    view: AppTest, portal: Portal, incident: Incident, team: Team
) -> None:
    app = press(view, "ask")
    app.selectbox(key="ask_person").set_value(team.bob.id)
    app.text_input(key="ask_text").set_value("Look")
    app.number_input(key="ask_minutes").set_value(42)
    press(app, "ask_submit")
    with portal.reading() as session:
        asked = kept.asks(session, incident.id)[0]
    assert asked.due_at - asked.asked_at == timedelta(minutes=42)


def test_an_ask_without_a_person_is_not_made(view: AppTest, portal: Portal, incident: Incident) -> None:
    app = press(view, "ask")
    app.text_input(key="ask_text").set_value("Look")
    assert "names one person" in words_on(press(app, "ask_submit"))
    assert asks(portal, incident) == []


def test_only_the_one_asked_is_offered_to_acknowledge(
    open_page: OpenPage, portal: Portal, incident: Incident, team: Team, ada_does: Do
) -> None:
    ada_does(lambda work: coordination.ask(work, incident.id, ask_bob(team)))
    with portal.reading() as session:
        key = f"on_it_{kept.asks(session, incident.id)[0].id}"
    app = open_page("incident", key=incident.key, view="Team")
    assert key not in {button.key for button in app.button}
    app.selectbox(key=ACTING_AS).set_value(team.bob.id).run()
    press(app, key)
    assert [state for _, state, _ in asks(portal, incident)] == [AskState.ACKNOWLEDGED]


def test_an_ask_is_settled_with_its_outcome_or_called_off(
    open_page: OpenPage, portal: Portal, incident: Incident, team: Team, ada_does: Do
) -> None:
    for text in ("Restart the pool", "Call Acme"):
        draft = AskDraft(text=text, person_id=team.bob.id, within=timedelta(minutes=5))
        ada_does(partial(coordination.ask, incident_id=incident.id, draft=draft))
    with portal.reading() as session:
        first, second = kept.asks(session, incident.id)
    app = press(open_page("incident", key=incident.key, view="Team"), f"settle_ask_{first.id}")
    app = press(app, "settle_ask_submit")
    assert "Say what came of it" in words_on(app)
    app.text_area(key="ask_outcome").set_value("It is back")
    app = press(press(app, "settle_ask_submit"), f"settle_ask_{second.id}")
    app.radio(key="ask_way").set_value("It is no longer needed")
    app.text_area(key="ask_outcome").set_value("They called us")
    app = press(app, "settle_ask_submit")
    assert asks(portal, incident) == [
        ("Restart the pool", AskState.DONE, "It is back"),
        ("Call Acme", AskState.CALLED_OFF, "They called us"),
    ]
    assert "2 settled asks" in {expander.label for expander in app.expander}


def test_the_last_third_of_a_time_box_is_amber_and_its_end_red(
    portal: Portal, incident: Incident, team: Team, ada_does: Do, clock: HandClock
) -> None:
    ada_does(lambda work: coordination.ask(work, incident.id, ask_bob(team, 15)))
    with portal.reading() as session:
        asked = kept.asks(session, incident.id)[0]
    told = [time_left(asked, clock.now + timedelta(minutes=minutes)) for minutes in (0, 9, 10, 15, 17)]
    assert told == [
        ("15 min left", ""),
        ("6 min left", ""),
        ("5 min left", "amber"),
        ("0 s left", "amber"),
        ("time is up, 2 min ago", "red"),
    ]


def test_a_proposal_gathers_objections_and_is_decided_by_somebody(
    view: AppTest, portal: Portal, incident: Incident
) -> None:
    app = press(view, "propose")
    app.text_input(key="proposal_text").set_value("Fail over")
    app.text_area(key="proposal_risks").set_value("Two minutes of errors")
    app = press(app, "propose_submit")
    with portal.reading() as session:
        number = kept.decisions(session, incident.id)[0].id
    app = press(app, f"object_{number}")
    app.text_area(key="object_text").set_value("Not tested")
    app = press(press(app, "object_submit"), f"decide_{number}")
    assert "Ada Lovelace: Not tested" in words_on(app)
    app.radio(key="decide_way").set_value("Reject")
    app = press(app, "decide_submit")
    assert "Say why it is rejected" in words_on(app)
    app.text_area(key="decide_reason").set_value("Not worth it")
    app = press(app, "decide_submit")
    with portal.reading() as session:
        decision = kept.decisions(session, incident.id)[0]
    assert (decision.state, decision.decided_by) == (DecisionState.REJECTED, "Ada Lovelace")
    assert "Not worth it" in words_on(app)


def test_what_must_be_undone_says_that_it_blocks_and_does(
    view: AppTest, portal: Portal, incident: Incident, ada_does: Do, open_page: OpenPage
) -> None:
    app = press(view, "change")
    app.text_input(key="change_what").set_value("Rate limit off")
    app.text_area(key="change_how").set_value("Limit to 100")
    app = press(app, "change_submit")
    assert "1 change blocks closing" in words_on(app)
    ada_does(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    app = choose(open_page("incident", key=incident.key, view="Team"), "more", "close")
    assert any("Rate limit off" in warning.value for warning in app.warning)
    with portal.reading() as session:
        number = kept.temporary_changes(session, incident.id)[0].id
    app = press(open_page("incident", key=incident.key, view="Team"), f"settle_change_{number}")
    app = press(app, "settle_change_submit")
    with portal.reading() as session:
        assert kept.temporary_changes(session, incident.id)[0].outcome == "Undone"
    assert "1 settled" in {expander.label for expander in app.expander}


def test_that_a_change_stays_needs_its_reason() -> None:
    assert outcome(UNDONE, " ") == "Undone"
    assert outcome(STAYS, " ") == ""
    assert outcome(STAYS, "the old limit was wrong") == "It stays: the old limit was wrong"


def add_people(portal: Portal, *names: str) -> list[int]:
    with portal.work(Actor("Setup")) as work:
        return [work.add(Person(name=name, email=f"{name.lower()}@example.com")).id for name in names]


def test_more_than_seven_reports_bring_the_advice_to_form_sub_teams(
    open_page: OpenPage, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    people = add_people(portal, *("Carol", "Dan", "Eve", "Frances", "Grace", "Hedy", "Ivan", "Joan"))
    for person_id in people[:7]:
        ada_does(partial(coordination.join, incident_id=incident.id, person_id=person_id))
    app = open_page("incident", key=incident.key, view="Team")
    assert not app.warning
    ada_does(lambda work: coordination.join(work, incident.id, people[7]))
    app = open_page("incident", key=incident.key, view="Team")
    assert any("8 people report to Ada Lovelace" in warning.value for warning in app.warning)
    ada_does(lambda work: coordination.join(work, incident.id, people[2], "Database"))
    app = press(open_page("incident", key=incident.key, view="Team"), "bring_in")
    app.multiselect(key="bring_in_people").set_value(people[3:])
    app.selectbox(key="bring_in_sub_team").set_value("Database")
    app = press(app, "bring_in_submit")
    assert not app.warning
    said = words_on(app)
    assert "<bdi>Eve</bdi>" in said
    assert "leads <bdi>Database</bdi>" in said


def test_who_joins_and_who_is_let_go_is_seen(
    view: AppTest, portal: Portal, incident: Incident, team: Team, ada_does: Do
) -> None:
    view.selectbox(key=ACTING_AS).set_value(team.bob.id).run()
    app = press(view, "join_me")
    with portal.reading() as session:
        assert [each.person_id for each in kept.responders(session, incident.id)] == [team.bob.id]
    app.menu_button(key="let_go").click(team.bob.name).run()
    with portal.reading() as session:
        assert kept.responders(session, incident.id) == []


def test_my_open_asks_and_proposals_of_others_come_back_after_a_reload(
    open_page: OpenPage, incident: Incident, team: Team, ada_does: Do
) -> None:
    ada_does(lambda work: coordination.propose(work, incident.id, DecisionDraft(proposal="Fail over")))
    change = TemporaryChangeDraft(what="Limit off", how_to_undo="Limit on")
    ada_does(lambda work: coordination.make_change(work, incident.id, change))
    for _ in range(2):
        said = words_on(open_page("incident", key=incident.key, view="Team"))
        assert "Fail over" in said
        assert "Limit on" in said


def test_what_i_am_asked_for_stands_on_my_landing_page_until_it_is_settled(
    open_page: OpenPage, portal: Portal, incident: Incident, team: Team, ada_does: Do
) -> None:
    ada_does(lambda work: coordination.ask(work, incident.id, ask_bob(team)))
    home = open_page("home")
    assert not any("Restart the pool" in link.label for link in home.page_link)
    home.selectbox(key=ACTING_AS).set_value(team.bob.id).run()
    assert any("Restart the pool" in link.label for link in home.page_link)
    with portal.reading() as session:
        number = kept.asks(session, incident.id)[0].id
    press(home, f"mine_{number}")
    assert [state for _, state, _ in asks(portal, incident)] == [AskState.ACKNOWLEDGED]
    ada_does(lambda work: coordination.settle_ask(work, number, "It is back"))
    home.run()
    assert not any("Restart the pool" in link.label for link in home.page_link)


def test_an_ask_of_an_incident_that_is_over_waits_for_nobody(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(team.as_ada) as work:
        draft = IncidentDraft(title="Payments fail", affects_customers=True)
        number = declare(work, draft, both_portals.procedure).id
        coordination.ask(work, number, ask_bob(team, 30))
        coordination.ask(work, number, AskDraft(text="Sooner", person_id=team.bob.id, within=timedelta(minutes=5)))

    def waiting() -> list[str]:
        with both_portals.reading() as session:
            return [each.text for each in kept.open_asks_of(session, team.bob.id)]

    assert waiting() == ["Sooner", "Restart the pool"]
    with both_portals.work(team.as_ada) as work:
        states.cancel(work, number, "a false alarm")
    assert waiting() == []
