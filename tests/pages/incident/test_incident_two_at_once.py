"""Two people at one incident: a choice where both changed the same, drafts that come back, entries that appear."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import (
    AccessRole,
    Customer,
    CustomerDraft,
    Frequency,
    Impact,
    Incident,
    IncidentRole,
    Person,
    Severity,
)
from ims.response import command, definition, links
from ims.response.definition import Definition
from ims.setup.customers import change_customer, shown_customer
from ims.store import drafts, incidents
from ims.store.work import Work
from tests.conftest import HandClock, Team
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import Do, Open, choose, holder, last_entry, now_in, submit, words_on

BEFORE = Definition(Impact.DEGRADED, "Some cards", Frequency.RARE, "", Severity.SEV3)


@pytest.fixture
def bob_does(portal: Portal, team: Team) -> Do:
    """Do something as Bob, in another window."""

    def do(verb: Callable[[Work], object]) -> None:
        with portal.work(team.as_bob) as work:
            verb(work)

    return do


@pytest.fixture
def opened(page: Open, portal: Portal, incident: Incident, ada_does: Do, bob_does: Do, clock: HandClock) -> AppTest:
    """Ada's dialog, opened before Bob changed severity and words to something else."""
    ada_does(lambda work: definition.define(work, incident.id, BEFORE, seen=Definition()))
    app = submit(page(), "define")
    clock.forward(timedelta(minutes=12))
    theirs = replace(BEFORE, severity=Severity.SEV2, impact_text="All **cards**")
    bob_does(lambda work: definition.define(work, incident.id, theirs, seen=BEFORE, reason="More and more"))
    return app


def set_mine(app: AppTest) -> AppTest:
    app.selectbox(key="define_severity").select(Severity.SEV1)
    app.text_area(key="impact_text").set_value("Only Visa")
    app.text_input(key="severity_reason").set_value("Everybody")
    return submit(app, "define_submit")


def kept(portal: Portal, team: Team, place: str) -> dict[str, object] | None:
    with portal.reading() as session:
        draft = drafts.of_person(session, team.ada.id, "INC-1:").get(place)
    return json.loads(draft.text) if draft else None


def test_a_stale_save_shows_both_by_whom_and_when_and_overwrites_nothing(
    opened: AppTest, portal: Portal, incident: Incident
) -> None:
    app = set_mine(opened)
    said = words_on(app)
    assert "Bob Kahn changed this at 03:12, while you had it open" in said
    assert {"All **cards**", "Only Visa", "SEV2", "SEV1"} <= {text.value for text in app.text}
    assert now_in(portal, incident).severity is Severity.SEV2
    assert app.text_area(key="impact_text").value == "Only Visa"


def test_theirs_is_kept_mine_goes_over_it_and_texts_take_both(
    opened: AppTest, portal: Portal, incident: Incident
) -> None:
    app = set_mine(opened)
    app = submit(app, "define_INC-1_over_severity")
    app = submit(app, "define_INC-1_both_impact_text")
    assert app.text_area(key="impact_text").value == "All **cards**\n\nOnly Visa"
    assert any("Nothing is saved yet" in info.value for info in app.info)
    submit(app, "define_submit")
    now = now_in(portal, incident)
    assert (now.severity, now.impact_text) == (Severity.SEV1, "All **cards**\n\nOnly Visa")


def test_keeping_theirs_writes_nothing_of_mine(opened: AppTest, portal: Portal, incident: Incident) -> None:
    app = set_mine(opened)
    app = submit(app, "define_INC-1_keep_severity")
    assert app.selectbox(key="define_severity").value is Severity.SEV2
    app = submit(app, "define_INC-1_keep_impact_text")
    version = now_in(portal, incident).version
    submit(app, "define_submit")
    assert now_in(portal, incident).version == version


def test_what_i_did_not_touch_follows_theirs(opened: AppTest, portal: Portal, incident: Incident) -> None:
    opened.selectbox(key="define_frequency").select(Frequency.CONSTANT)
    submit(opened, "define_submit")
    now = now_in(portal, incident)
    assert (now.severity, now.frequency, now.impact_text) == (Severity.SEV2, Frequency.CONSTANT, "All **cards**")


def test_a_war_room_set_meanwhile_asks(page: Open, portal: Portal, incident: Incident, bob_does: Do) -> None:
    app = choose(page(), "more", "war_room")
    bob_does(lambda work: links.set_war_room(work, incident.id, "https://meet.example/bob"))
    app.text_input(key="war_room_link").set_value("https://meet.example/ada")
    app = submit(app, "war_room_submit")
    assert "https://meet.example/bob" in {text.value for text in app.text}
    app = submit(app, "war_room_INC-1_over_war_room")
    submit(app, "war_room_submit")
    assert now_in(portal, incident).war_room == "https://meet.example/ada"


def test_a_customer_added_meanwhile_stays(
    page: Open, portal: Portal, team: Team, incident: Incident, bob_does: Do
) -> None:
    app = submit(page(), "scope")
    both = [team.acme.id, team.globex.id]
    bob_does(lambda work: definition.set_scope(work, incident.id, portal.procedure, [team.payments.id], both))
    app.multiselect(key="scope_services").set_value([team.payments.id, team.search.id])
    submit(app, "scope_submit")
    with portal.reading() as session:
        assert (
            len(incidents.customers_of(session, incident.id)) == len(incidents.services_of(session, incident.id)) == 2
        )


def test_a_role_taken_from_an_old_page_tells_who_has_it_and_a_second_time_means_it(
    page: Open, portal: Portal, team: Team, incident: Incident, bob_does: Do
) -> None:
    app = page()
    bob_does(lambda work: command.assign_role(work, incident.id, IncidentRole.OPERATIONS, team.bob.id))
    app = choose(app, "role_menu", "take:operations_lead")
    assert "Bob Kahn gave Operations Lead to Bob Kahn at 03\\:00" in words_on(app)
    assert holder(portal, incident, IncidentRole.OPERATIONS) == team.bob.id
    choose(app, "role_menu", "take:operations_lead")
    assert holder(portal, incident, IncidentRole.OPERATIONS) == team.ada.id


def test_a_role_assigned_from_an_old_dialog_tells_who_has_it_and_a_second_time_means_it(
    page: Open, portal: Portal, team: Team, incident: Incident, bob_does: Do
) -> None:
    app = choose(page(), "role_menu", "assign")
    bob_does(lambda work: command.assign_role(work, incident.id, IncidentRole.OPERATIONS, team.bob.id))
    app.selectbox(key="assign_role").select(IncidentRole.OPERATIONS)
    app.selectbox(key="assign_person").select(team.ada.id)
    app = submit(app, "assign_submit")
    assert "gave Operations Lead to Bob Kahn" in words_on(app)
    submit(app, "assign_submit")
    assert holder(portal, incident, IncidentRole.OPERATIONS) == team.ada.id


def test_a_note_that_was_begun_is_there_after_a_reload_until_it_is_written_down(
    page: Open, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    app = page()
    app.segmented_control(key="entry_kind").set_value("Team").run()
    app.text_area(key="entry_text").set_value("They own the gateway").run()
    app.text_input(key="entry_team").set_value("Network").run()
    clock.forward(timedelta(minutes=20))
    app = page()
    assert app.segmented_control(key="entry_kind").value == "Team"
    assert app.text_area(key="entry_text").value == "They own the gateway"
    assert app.text_input(key="entry_team").value == "Network"
    assert "Draft from 03\\:00 kept" in words_on(app)
    app = submit(app, "entry_submit")
    assert last_entry(portal, incident).text == "Brought in Network: They own the gateway"
    assert kept(portal, team, "INC-1:entry") is None
    assert page().text_area(key="entry_text").value == ""


def test_a_draft_is_thrown_away(page: Open, portal: Portal, team: Team) -> None:
    app = page()
    app.text_area(key="entry_text").set_value("Never mind").run()
    assert kept(portal, team, "INC-1:entry")
    app = submit(app, "entry_throw_away")
    assert app.text_area(key="entry_text").value == ""
    assert kept(portal, team, "INC-1:entry") is None
    assert "Draft from" not in words_on(app)


def test_a_viewer_types_in_vain_but_in_peace(page: Open, portal: Portal, team: Team) -> None:
    with portal.work(team.as_ada) as work:
        work.get(Person, team.ada.id).access = AccessRole.VIEWER
    app = page()
    app.text_area(key="entry_text").set_value("I may only look").run()
    assert not app.error
    assert kept(portal, team, "INC-1:entry") is None


def test_a_definition_that_was_begun_is_there_after_a_reload_and_still_meets_what_changed(
    opened: AppTest, page: Open, portal: Portal, team: Team, incident: Incident
) -> None:
    opened.selectbox(key="define_severity").select(Severity.SEV1).run()
    opened.text_input(key="severity_reason").set_value("Everybody").run()
    app = submit(page(), "define")
    assert app.selectbox(key="define_severity").value is Severity.SEV1
    assert app.text_area(key="impact_text").value == "All **cards**"
    assert app.text_input(key="severity_reason").value == "Everybody"
    app = submit(app, "define_submit")
    assert "Bob Kahn changed this" in words_on(app)
    submit(submit(app, "define_INC-1_over_severity"), "define_submit")
    assert now_in(portal, incident).severity is Severity.SEV1
    assert kept(portal, team, "INC-1:define") is None


def test_an_unsent_update_is_there_after_a_reload_with_its_number(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    app = open_page("incident", key=incident.key, view="Customers")
    assert kept(portal, team, "INC-1:update") is None
    app.text_area(key="update_1_body").set_value("We found it, and mend it by 03:20.").run()
    app = open_page("incident", key=incident.key, view="Customers")
    assert app.text_area(key="update_1_body").value == "We found it, and mend it by 03:20."
    assert "Draft from" in words_on(app)
    app.button(key="update_1_send").click().run()
    assert kept(portal, team, "INC-1:update") is None
    with portal.reading() as session:
        assert incidents.updates(session, incident.id)[0].body == "We found it, and mend it by 03:20."


def test_an_unsent_update_that_is_thrown_away_starts_from_the_template_again(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    app = open_page("incident", key=incident.key, view="Customers")
    template = app.text_area(key="update_1_body").value
    app.text_area(key="update_1_body").set_value("Never mind").run()
    app = submit(app, "update_1_kept_throw_away")
    assert app.text_area(key="update_1_body").value == template
    assert kept(portal, team, "INC-1:update") is None


def test_a_setting_that_somebody_else_saved_meanwhile_asks(
    open_page: OpenPage, portal: Portal, team: Team, bob_does: Do
) -> None:
    app = open_page("settings", settings="Customers", customer="Globex")
    seen = shown_customer(team.globex, [team.payments.id])
    values = {name: value for name, value in seen.items() if name != "service_ids"}
    draft = CustomerDraft.model_validate(values | {"contacts": ["new@globex.example"], "manager_name": "Gus"})
    bob_does(lambda work: change_customer(work, team.globex.id, draft, seen=seen))
    prefix = f"customer_{team.globex.id}"
    app.text_input(key=f"{prefix}_contacts").set_value("mine@globex.example")
    app.text_input(key=f"{prefix}_channel").set_value("#globex-2")
    app = submit(app, f"{prefix}_save")
    assert "new@globex.example" in {text.value for text in app.text}
    app = submit(app, f"{prefix}_form_keep_contacts")
    assert app.text_input(key=f"{prefix}_contacts").value == "new@globex.example"
    submit(app, f"{prefix}_save")
    with portal.reading() as session:
        now = session.get_one(Customer, team.globex.id)
    assert (now.contacts, now.slack_channel, now.manager_name) == (["new@globex.example"], "#globex-2", "Gus")
