"""The page of a handover: read, read back, accepted or declined; afterwards kept as it was read."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import Actor, Incident, IncidentRole
from ims.model.coordination import AskDraft, TemporaryChangeDraft
from ims.model.handover import Handover, HandoverState
from ims.response import coordination, definition, handover, investigation, states
from ims.response.links import set_war_room
from ims.store import incidents
from tests.conftest import HandClock, Team
from tests.pages.conftest import ROOT, OpenPage
from tests.pages.test_frame import links

OpenAs = Callable[[int], AppTest]


@pytest.fixture
def offered(portal: Portal, team: Team, incident: Incident) -> Handover:
    """Ada offers Bob the command of the incident."""
    with portal.work(team.as_ada) as work:
        investigation.finding(work, incident.id, "The <b>pool</b> is exhausted")
        coordination.ask(
            work, incident.id, AskDraft(text="Roll back", person_id=team.bob.id, within=timedelta(minutes=15))
        )
        change = TemporaryChangeDraft(what="Limit raised", how_to_undo="limit 200")
        coordination.make_change(work, incident.id, change)
        set_war_room(work, incident.id, "https://meet.example/war")
        return handover.offer(work, incident.id, IncidentRole.COMMANDER, team.bob.id, "Watch the gateway")


@pytest.fixture
def open_as(open_page: OpenPage, offered: Handover) -> OpenAs:
    """Open its page as somebody."""

    def open_it(person_id: int) -> AppTest:
        app = open_page("incidents")
        app.selectbox(key="acting_as").select(person_id).run()
        app.switch_page(str(ROOT / "pages" / "briefing.py"))
        app.query_params["handover"] = str(offered.id)
        return app.run()

    return open_it


def now_is(portal: Portal, offered: Handover) -> Handover:
    with portal.reading() as session:
        found = session.get(Handover, offered.id)
    assert found
    return found


def commander(portal: Portal, incident: Incident) -> int | None:
    with portal.reading() as session:
        return incidents.holders(session, [incident.id], IncidentRole.COMMANDER).get(incident.id)


def paper(app: AppTest) -> str:
    assert not app.exception, app.exception[0].value
    return next(element.value for element in app.html if 'class="brief"' in element.value)


def read_back(app: AppTest, impact: str, due_at: datetime | None) -> AppTest:
    app.text_area(key="read_back_impact").set_value(impact)
    if due_at:
        app.time_input(key="read_back_at").set_value(due_at.time())
    return app.button(key="read_back_submit").click().run()


def errors(app: AppTest) -> str:
    return " ".join(error.value for error in app.error)


def test_the_briefing_says_what_the_incomer_must_know(open_as: OpenAs, team: Team) -> None:
    said = paper(open_as(team.bob.id))
    for words in (
        "Payments fail with 502",
        "Watch the gateway",
        "Affected customers: Acme",
        "23 Nov 2026, 03:30 (2026-11-23 03:30:00 UTC)",
        "Bob Kahn: Roll back (until 03:15 UTC, not acknowledged yet)",
        "Limit raised: limit 200",
        "The &lt;b&gt;pool&lt;/b&gt; is exhausted (Ada Lovelace)",
        '<a href="https://meet.example/war" target="_blank" rel="noopener noreferrer">',
    ):
        assert words in said


def test_only_the_incomers_look_counts_as_read(
    open_as: OpenAs, portal: Portal, offered: Handover, team: Team, clock: HandClock
) -> None:
    app = open_as(team.ada.id)
    assert any("what it would say now" in caption.value for caption in app.caption)
    assert now_is(portal, offered).state is HandoverState.OFFERED
    clock.forward(timedelta(minutes=2))
    open_as(team.bob.id)
    briefed = now_is(portal, offered)
    assert (briefed.state, briefed.briefed_at) == (HandoverState.BRIEFED, clock.now)


def test_read_read_back_accepted_and_only_then_the_role_moves(
    open_as: OpenAs, portal: Portal, offered: Handover, team: Team, incident: Incident
) -> None:
    app = open_as(team.bob.id)
    app = read_back(app, "Nobody can pay", incident.next_update_due_at)
    assert commander(portal, incident) == team.ada.id
    app.button(key="accept").click().run()
    assert commander(portal, incident) == team.bob.id
    assert now_is(portal, offered).read_back_impact == "Nobody can pay"
    assert "accept" not in [button.key for button in app.button]
    assert "This handover is accepted" in app.success[0].value
    assert "Go on in INC-1, it is yours" in links(app)
    assert "**Ada Lovelace offered you Incident Commander**" in [each.value for each in app.markdown]


def test_reading_back_nothing_or_the_wrong_time_is_refused_and_what_was_typed_stays(
    open_as: OpenAs, portal: Portal, offered: Handover, team: Team, incident: Incident
) -> None:
    assert incident.next_update_due_at
    app = read_back(open_as(team.bob.id), "", incident.next_update_due_at)
    assert "in your own words" in errors(app)
    app = read_back(app, "Nobody can pay", incident.next_update_due_at + timedelta(minutes=30))
    assert "not when customers hear next" in errors(app)
    assert app.text_area(key="read_back_impact").value == "Nobody can pay"
    assert now_is(portal, offered).state is HandoverState.BRIEFED


def test_without_a_due_update_no_time_is_asked(
    open_as: OpenAs, portal: Portal, offered: Handover, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        definition.set_scope(work, incident.id, portal.procedure, [], [])
    app = open_as(team.bob.id)
    assert "None is due." in paper(app)
    app = read_back(app, "Nobody can pay", None)
    assert now_is(portal, offered).state is HandoverState.READ_BACK


def test_what_happened_since_is_told_and_read_anew(
    open_as: OpenAs, portal: Portal, offered: Handover, team: Team, incident: Incident, clock: HandClock
) -> None:
    app = open_as(team.bob.id)
    clock.forward(timedelta(minutes=3))
    with portal.work(team.as_ada) as work:
        investigation.finding(work, incident.id, "It is the certificate")
    app.run()
    assert "It is the certificate" not in paper(app)
    assert any("1 thing has happened since you read it" in warning.value for warning in app.warning)
    app.button(key="briefing_renew").click().run()
    assert "It is the certificate" in paper(app)
    assert not app.warning


def test_declining_needs_a_reason_and_leaves_the_role_where_it_is(
    open_as: OpenAs, portal: Portal, offered: Handover, team: Team, incident: Incident
) -> None:
    app = open_as(team.bob.id)
    app.button(key="decline_submit").click().run()
    assert "Say why you decline" in errors(app)
    app.text_area(key="decline_reason").set_value("I am ill")
    app.button(key="decline_submit").click().run()
    assert now_is(portal, offered).state is HandoverState.DECLINED
    assert commander(portal, incident) == team.ada.id
    assert "declined: I am ill. The role stayed with Ada Lovelace" in app.info[0].value


def test_whose_role_it_is_may_withdraw_and_the_incomer_then_is_told(
    open_as: OpenAs, portal: Portal, offered: Handover, team: Team
) -> None:
    bobs = open_as(team.bob.id)
    app = open_as(team.ada.id)
    app.text_area(key="withdraw_reason").set_value("I stay")
    app.button(key="withdraw_submit").click().run()
    assert now_is(portal, offered).state is HandoverState.WITHDRAWN
    bobs = read_back(bobs, "Nobody can pay", None)
    assert "This handover is withdrawn: I stay" in bobs.info[0].value


def test_somebody_else_may_only_look(open_as: OpenAs, portal: Portal, team: Team) -> None:
    with portal.work(Actor("Setup")) as work:
        cyd = work.add(type(team.ada)(name="Cyd", email="cyd@example.com"))
    app = open_as(cyd.id)
    acts = {"read_back_submit", "accept", "decline_submit", "withdraw_submit"}
    assert not acts & {button.key for button in app.button}


def test_the_kept_briefing_stays_as_it_was_read(
    open_as: OpenAs, portal: Portal, team: Team, incident: Incident
) -> None:
    app = read_back(open_as(team.bob.id), "Nobody can pay", incident.next_update_due_at)
    app.button(key="accept").click().run()
    with portal.work(team.as_bob) as work:
        states.resolve(work, incident.id, "Rolled back", portal.procedure)
    said = paper(open_as(team.ada.id))
    assert "Rolled back" not in said
    assert "Open, no severity yet" in said
    assert "Nobody can pay" in said


@pytest.mark.parametrize("number", ["", "7", "x", "99999999999999999999", "-1"])
def test_a_number_that_is_no_handover_is_said_in_words(open_page: OpenPage, team: Team, number: str) -> None:
    app = open_page("briefing", handover=number)
    assert "There is no such handover" in app.info[0].value
