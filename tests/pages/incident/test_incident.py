"""The incident page: what it shows, where it leads, and its one primary button."""

import re
from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.model import (
    PORTAL,
    DeliveryState,
    EntryKind,
    Impact,
    Incident,
    IncidentDraft,
    IncidentRole,
    Reference,
)
from ims.response import command, definition, investigation
from ims.response.declare import declare
from ims.store import deliveries, incidents, references
from ims.store.work import Work
from tests.conftest import HandClock, Team
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import (
    Do,
    Open,
    choose,
    define,
    facts,
    last_entry,
    now_in,
    primary,
    submit,
    tell,
    words_on,
)
from tests.pages.test_frame import links

HOSTILE = "<b>x</b> [a](javascript:1) $x$ :red[x] **x**"


@pytest.mark.parametrize("key", ["", "INC-999", "nonsense", "<b>1</b>"])
def test_an_unknown_key_is_answered_with_words_and_incidents_to_choose_from(
    open_page: OpenPage, incident: Incident, key: str
) -> None:
    app = open_page("incident", key=key)
    assert app.info
    assert any(incident.title in link.value for link in app.page_link)


def test_without_any_incident_the_page_leads_to_declaring_one(open_page: OpenPage) -> None:
    app = open_page("incident")
    assert any("Declare" in link.value for link in app.page_link)


def test_a_fresh_incident_asks_to_be_acknowledged_and_shows_what_is_known(page: Open, team: Team) -> None:
    app = page()
    words = words_on(app)
    assert "Acknowledge" in primary(app)
    assert "kept by the IC" in words
    assert team.ada.name in words
    assert "Payments fail with 502" in words
    assert "Acme" in words


def test_acknowledging_takes_the_communications_role_as_offered(page: Open, portal: Portal, incident: Incident) -> None:
    app = submit(page(), "primary")
    assert now_in(portal, incident).acknowledged_at is not None
    with portal.reading() as session:
        assert IncidentRole.COMMUNICATIONS in incidents.current_roles(session, incident.id)
    assert "Confirm the roles" in primary(app)


def test_acknowledging_without_the_role_leaves_it_with_the_commander(
    page: Open, portal: Portal, incident: Incident
) -> None:
    app = page()
    app.checkbox(key="take_communications").uncheck()
    submit(app, "primary")
    with portal.reading() as session:
        assert IncidentRole.COMMUNICATIONS not in incidents.current_roles(session, incident.id)


def test_the_roles_are_confirmed_by_the_primary_button(
    page: Open, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    ada_does(lambda work: command.acknowledge(work, incident.id))
    app = submit(page(), "primary")
    assert last_entry(portal, incident).kind is EntryKind.ROLES_CONFIRMED
    assert "Define it" in primary(app)


def test_the_first_customer_update_is_one_click_away(page: Open, incident: Incident, ada_does: Do) -> None:
    ada_does(lambda work: define(work, incident))
    app = page()
    assert "first customer update" in primary(app)
    app = submit(app, "primary")
    assert app.session_state["view"] == "Customers"


def test_the_war_room_takes_web_addresses_only(page: Open, portal: Portal, incident: Incident) -> None:
    app = choose(page(), "more", "war_room")
    app.text_input(key="war_room_link").set_value("javascript:alert(1)")
    submit(app, "war_room_submit")
    assert any("not a web address" in error.value for error in app.error)
    app.text_input(key="war_room_link").set_value("https://meet.example/abc")
    app = submit(app, "war_room_submit")
    assert now_in(portal, incident).war_room == "https://meet.example/abc"
    assert 'href="https://meet.example/abc"' in words_on(app)


def test_text_from_people_appears_literally_everywhere(
    open_page: OpenPage, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    def say_it(work: Work) -> None:
        work.incident(incident.id).title = HOSTILE
        investigation.note(work, incident.id, HOSTILE)
        definition.define_impact(work, incident.id, Impact.MINOR, HOSTILE)
        investigation.waive_step(work, incident.id, portal.procedure, "hand_over", HOSTILE)

    ada_does(say_it)
    app = open_page("incident", key=incident.key)
    html = "\n".join(element.value for element in app.html)
    assert html.count("&lt;b&gt;x&lt;/b&gt; [a](javascript:1) $x$ :red[x] **x**") >= 4
    assert "<b>x</b>" not in html
    title = app.subheader[0].value
    assert "[a](" not in title
    assert ":red[x]" not in title.replace("\\:red\\[x\\]", "")


def test_similar_incidents_of_the_last_ninety_days_are_counted_and_linked(
    open_page: OpenPage, portal: Portal, team: Team, clock: HandClock, incident: Incident
) -> None:
    clock.forward(timedelta(days=10))
    draft = IncidentDraft.model_validate({"title": "Payments fail with 502 again", "precaution": True})
    with portal.work(team.as_ada) as work:
        later = declare(work, draft, portal.procedure)
    app = open_page("incident", key=later.key)
    assert "1 time in 90 days" in words_on(app)
    assert f"(/incident?key={incident.key})" in words_on(app)
    assert "Precaution" in words_on(app)


def test_the_countdown_turns_red_when_customers_wait_too_long(page: Open, clock: HandClock, incident: Incident) -> None:
    assert "ims-red" not in facts(page())
    clock.forward(timedelta(minutes=25))
    assert "ims-amber" in facts(page())
    clock.forward(timedelta(minutes=10))
    assert "late by 5 min" in facts(page())


@pytest.mark.parametrize("view", ["Customers", "Alerts & links", "Deliveries"])
def test_the_address_names_the_view(open_page: OpenPage, incident: Incident, view: str) -> None:
    app = open_page("incident", key=incident.key, view=view)
    assert app.segmented_control(key="view").value == view
    assert "step_menu" not in [menu.key for menu in app.menu_button]


def test_what_customers_have_not_got_stands_above_every_view_until_they_have(
    page: Open, portal: Portal, incident: Incident, ada_does: Do, open_page: OpenPage
) -> None:
    ada_does(lambda work: define(work, incident))
    ada_does(lambda work: tell(work, incident, "investigating", 1))
    assert not any("Not told yet" in label for label in links(page()))

    def fail(work: Work, state: DeliveryState) -> None:
        for row in deliveries.of_incident(work.session, incident.id):
            if row.kind == "customer_post":
                row.state, row.problem = state, "Slack answered 503."

    with portal.work(PORTAL) as work:
        fail(work, DeliveryState.FAILING)
    app = page()
    assert any("**Not told yet: Acme**" in label and ":orange" in label for label in links(app))
    assert "Slack answered 503. The portal tries again by itself" in words_on(app)
    assert any("**INC-1** 1 message to a customer has not arrived" in label for label in links(open_page("home")))
    with portal.work(PORTAL) as work:
        fail(work, DeliveryState.STOPPED)
    app = page()
    assert any("**Not told yet: Acme**" in label and ":red" in label for label in links(app))
    assert "until somebody mends it" in words_on(app)


def test_channel_and_ticket_stand_beside_the_war_room(page: Open, portal: Portal, incident: Incident) -> None:
    with portal.work(PORTAL) as work:
        work.incident(incident.id).war_room = "https://meet.example/abc"
        for name, value in (("channel", "C1"), ("ticket", "OPS-1")):
            url = f"https://{name}.example/{value}"
            references.keep(
                work.session, Reference(incident_id=incident.id, name=name, value=value, system="x", url=url)
            )
    drawn = words_on(page())
    for address, shown in (("meet.example/abc", "War room"), ("channel.example/C1", "Channel"),
                           ("ticket.example/OPS-1", "Ticket OPS-1")):  # fmt: skip
        assert re.search(f'href="https://{address}"[^>]*><bdi>{shown}</bdi>', drawn)
