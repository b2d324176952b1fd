"""The incident page and the landing page while a role changes hands, and while nobody answers."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import PORTAL, EntryKind, Incident, IncidentRole, Reading
from ims.model.handover import HandoverState
from ims.response import command, handover, states
from ims.store import coordination, on_call
from tests.conftest import START, HandClock, Team
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import Do, Open, choose, last_entry, submit, words_on
from tests.pages.test_frame import links

Live = Callable[[int], None]


@pytest.fixture
def live(portal: Portal, clock: HandClock) -> Live:
    """Let some minutes pass, the worker looking each minute."""

    def through(minutes: int) -> None:
        for _ in range(minutes):
            clock.forward(timedelta(minutes=1))
            portal.watch.round()
            portal.worker.run_due()

    return through


def as_bob(app: AppTest, team: Team) -> AppTest:
    app.selectbox(key="acting_as").select(team.bob.id).run()
    assert not app.exception, app.exception[0].value
    return app


def offer(app: AppTest, person_id: int) -> AppTest:
    app = choose(app, "role_menu", "hand_over")
    app.selectbox(key="hand_over_role").select(IncidentRole.COMMANDER)
    app.selectbox(key="hand_over_to").select(person_id)
    app.text_area(key="hand_over_note").set_value("Watch the gateway")
    return submit(app, "hand_over_submit")


def states_of(portal: Portal, incident: Incident) -> list[HandoverState]:
    with portal.reading() as session:
        return [each.state for each in coordination.handovers(session, incident.id)]


def test_a_role_is_offered_and_both_see_it_on_both_pages(
    page: Open, open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    app = offer(page(), team.bob.id)
    assert states_of(portal, incident) == [HandoverState.OFFERED]
    assert "**You offer Bob Kahn Incident Commander**: the briefing is not read yet" in words_on(app)
    app = as_bob(app, team)
    assert "**Ada Lovelace offers you Incident Commander**" in words_on(app)
    assert "**Read the briefing and take over**" in links(app)
    home = open_page("home")
    assert "**INC-1 You offer Bob Kahn Incident Commander**" in links(home)
    assert "**INC-1 Ada Lovelace offers you Incident Commander**" in links(as_bob(home, team))


def test_everybody_sees_how_far_it_is(
    page: Open, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    app = offer(page(), team.bob.id)
    with portal.work(team.as_bob) as work:
        handover.read_briefing(work, 1, portal.procedure)
    assert "Bob Kahn is reading the briefing" in words_on(app.run())
    with portal.work(team.as_bob) as work:
        handover.read_back(work, 1, "Nobody can pay", incident.next_update_due_at)
    assert "Bob Kahn has read it back, and has still to accept" in words_on(app.run())
    with portal.work(team.as_bob) as work:
        handover.accept(work, 1)
    app.run()
    assert "offers you" not in words_on(app)
    assert "You offer" not in words_on(app)
    assert ":small[its briefing]" in links(app)
    assert "Bob Kahn took over as Incident Commander from Ada Lovelace, effective 03:00 UTC" in words_on(app)


def test_an_offer_without_a_person_or_to_its_holder_or_twice_is_refused_in_words(
    page: Open, portal: Portal, team: Team, incident: Incident
) -> None:
    app = choose(page(), "role_menu", "hand_over")
    app = submit(app, "hand_over_submit")
    assert app.error[0].value == "Choose to whom you hand over."
    app.selectbox(key="hand_over_to").select(team.ada.id)
    app = submit(app, "hand_over_submit")
    assert "Ada Lovelace holds this role already" in app.error[0].value
    app.selectbox(key="hand_over_to").select(team.bob.id)
    app = submit(app, "hand_over_submit")
    app = offer(app, team.bob.id)
    assert "A handover of this role is under way" in app.error[0].value
    assert app.text_area(key="hand_over_note").value == "Watch the gateway"


def test_an_offer_is_withdrawn_with_a_reason(page: Open, portal: Portal, team: Team, incident: Incident) -> None:
    app = submit(offer(page(), team.bob.id), "withdraw_1")
    app = submit(app, "withdraw_submit")
    assert "Say why the offer is withdrawn" in app.error[0].value
    app.text_area(key="withdraw_reason").set_value("I stay")
    submit(app, "withdraw_submit")
    assert states_of(portal, incident) == [HandoverState.WITHDRAWN]


def test_who_has_no_part_in_it_cannot_withdraw_it(page: Open, portal: Portal, team: Team, incident: Incident) -> None:
    app = as_bob(offer(page(), team.bob.id), team)
    assert "withdraw_1" not in [button.key for button in app.button]


def test_at_the_end_of_the_shift_its_holder_is_asked_and_others_are_told(
    page: Open, open_page: OpenPage, portal: Portal, team: Team, ada_does: Do, incident: Incident, live: Live
) -> None:
    ada_does(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    live(6 * 60)
    app = page()
    assert "**Your shift ended at 09:00.** Hand over, or stay on." in words_on(app)
    home = open_page("home")
    assert any("Your shift has ended: hand over, or stay on" in label for label in links(home))
    assert not any("Hand over ownership when a shift ends" in label for label in links(home))
    assert not any("Your shift has ended" in label for label in links(as_bob(home, team)))
    app = as_bob(app, team)
    assert "The shift of Ada Lovelace ended at 09:00" in words_on(app)
    assert "shift_stay_on" not in [button.key for button in app.button]


def test_staying_on_needs_a_reason_and_ends_the_question(
    page: Open, open_page: OpenPage, portal: Portal, ada_does: Do, incident: Incident, live: Live
) -> None:
    ada_does(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    live(6 * 60)
    app = submit(submit(page(), "shift_stay_on"), "stay_on_submit")
    assert "Say why you stay on" in app.error[0].value
    app.text_area(key="stay_on_reason").set_value("Nearly done")
    app = submit(app, "stay_on_submit")
    assert "Your shift ended" not in words_on(app)
    assert last_entry(portal, incident).kind is EntryKind.STAYED_ON
    assert not any("Your shift has ended" in label for label in links(open_page("home")))


def test_the_question_leads_to_the_offer(
    page: Open, open_page: OpenPage, portal: Portal, team: Team, ada_does: Do, incident: Incident, live: Live
) -> None:
    ada_does(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    live(6 * 60)
    app = submit(page(), "shift_hand_over")
    app.selectbox(key="hand_over_to").select(team.bob.id)
    app = submit(app, "hand_over_submit")
    assert states_of(portal, incident) == [HandoverState.OFFERED]
    assert "Your shift ended" not in words_on(app)
    assert not any("Your shift has ended" in label for label in links(open_page("home")))


def test_the_page_says_who_was_paged_and_who_is_next_and_why(page: Open, ada_does: Do, incident: Incident) -> None:
    said = words_on(page())
    assert "Paged: <bdi>Ada Lovelace</bdi>" in said
    assert "Next: <bdi>Bob Kahn</bdi> in 5 min" in said
    assert "because nobody has acknowledged and nobody has taken the Communications Lead role" in said


@pytest.mark.parametrize(
    ("name", "query"), [("incident", {"key": "INC-1"}), ("declare", {}), ("settings", {"settings": "Rota"})]
)
def test_each_page_that_names_the_on_call_says_when_the_schedule_is_away(
    open_page: OpenPage, portal: Portal, incident: Incident, name: str, query: dict[str, str]
) -> None:
    with portal.work(PORTAL) as work:
        work.add(Reading(name=on_call.READING, asked_at=START, failed_at=START, problem="OnCall cannot be reached."))
    said = unescape(words_on(open_page(name, **query))).replace("\\", "")
    assert "The schedule could not be read, so the portal's own rota counts. OnCall cannot be reached." in said


def test_paging_goes_on_after_an_acknowledgement_and_visibly_ends_with_the_role(
    page: Open, ada_does: Do, incident: Incident, live: Live
) -> None:
    live(6)
    ada_does(lambda work: command.acknowledge(work, incident.id))
    said = words_on(page())
    assert "<bdi>Bob Kahn</bdi> <time" in said
    assert "Next: <bdi>Ada Lovelace</bdi> in 4 min" in said
    assert "because nobody has taken the Communications Lead role" in said
    ada_does(lambda work: command.acknowledge(work, incident.id, take_communications=True))
    assert "Answered: nobody is paged any more." in words_on(page())


def test_an_incident_that_is_over_has_no_paging_and_nothing_to_hand_over(
    page: Open, portal: Portal, ada_does: Do, incident: Incident
) -> None:
    ada_does(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    app = page()
    assert "Paging" not in words_on(app)
    assert not any("with a briefing" in option for option in app.menu_button(key="role_menu").options)
