"""The settings page: people, services, customers and rota are changed in place; the rest is shown."""

from datetime import date, time, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import AccessRole, Actor, Customer, Incident, Person, Rota, Service
from ims.store import catalogue, readings
from ims.store.on_call import READING
from tests.conftest import START, HandClock, Team
from tests.pages.conftest import OpenPage

HOSTILE = "<b>bold</b> **stars** [link](https://example.com) :red[x] =1+1"
TABS = ["People", "Services", "Customers", "Rota", "Procedure", "Severity", "System"]


def click(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, app.exception[0].value
    return app


def cells(app: AppTest, table: int = 0) -> str:
    return str(app.dataframe[table].value.to_csv())


def everything(app: AppTest) -> str:
    parts = [each.value for kind in (app.markdown, app.caption, app.info, app.warning) for each in kind]
    return "\n".join([*parts, *(cells(app, n) for n in range(len(app.dataframe)))])


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_on_an_empty_portal(open_page: OpenPage, tab: str) -> None:
    app = open_page("settings", settings=tab)
    assert not app.error
    assert "no administrator" in app.info[0].value


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_with_a_team_at_work(open_page: OpenPage, incident: Incident, tab: str) -> None:
    assert open_page("settings", settings=tab).dataframe


def test_only_the_open_tab_is_computed(open_page: OpenPage, team: Team) -> None:
    keys = {button.key for button in open_page("settings", settings="Services").button}
    assert "service_new_save" in keys
    assert "person_new_save" not in keys


def test_the_first_person_becomes_administrator_and_is_found_in_the_table(open_page: OpenPage, portal: Portal) -> None:
    app = open_page("settings")
    app.text_input(key="person_new_name").set_value("Cy Young")
    app.text_input(key="person_new_email").set_value("CY@example.com")
    click(app, "person_new_save")
    assert "Cy Young,cy@example.com,,Administrator,active" in cells(app)
    assert app.text_input(key="person_new_name_1").value == ""
    with portal.reading() as session:
        (person,) = catalogue.people(session)
    assert person.access is AccessRole.ADMINISTRATOR


def test_what_is_wrong_is_said_in_words_and_what_was_typed_stays(open_page: OpenPage, team: Team) -> None:
    app = open_page("settings")
    app.text_input(key="person_new_email").set_value("nonsense")
    click(app, "person_new_save")
    said = [error.value.replace("\\", "") for error in app.error]
    assert any("Name: is empty; please fill it in" in sentence for sentence in said)
    assert any("“nonsense” is not an e-mail address" in sentence for sentence in said)
    assert app.text_input(key="person_new_email").value == "nonsense"


def test_a_person_is_changed_in_place(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("settings")
    app.selectbox(key="person").set_value(str(team.bob.id)).run()
    app.text_input(key=f"person_{team.bob.id}_name").set_value("Robert Kahn")
    click(app, f"person_{team.bob.id}_save")
    with portal.reading() as session:
        assert session.get_one(Person, team.bob.id).name == "Robert Kahn"


def test_an_address_that_is_taken_is_refused_in_words(open_page: OpenPage, team: Team) -> None:
    app = open_page("settings")
    app.text_input(key="person_new_name").set_value("Eve")
    app.text_input(key="person_new_email").set_value("ada@example.com")
    click(app, "person_new_save")
    assert "belongs to Ada Lovelace already" in app.error[0].value


def test_somebody_in_the_rota_is_not_retired(open_page: OpenPage, team: Team) -> None:
    app = open_page("settings")
    app.selectbox(key="person").set_value(str(team.bob.id)).run()
    click(app, f"person_{team.bob.id}_retire")
    assert "is in the rota SRE" in app.error[0].value


def test_a_responder_is_told_whom_to_ask(open_page: OpenPage, portal: Portal, team: Team) -> None:
    with portal.work(team.as_ada) as work:
        work.get(Person, team.bob.id).access = AccessRole.ADMINISTRATOR
    app = open_page("settings", settings="Services")
    app.selectbox(key="acting_as").select(team.ada.id).run()
    assert "ask an administrator: Bob Kahn" in app.info[0].value
    app.text_input(key="service_new_name").set_value("mail")
    click(app, "service_new_save")
    assert "Only an administrator changes settings; ask Bob Kahn" in app.error[0].value


def test_a_service_is_added_retired_and_brought_back(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("settings", settings="Services")
    app.text_input(key="service_new_name").set_value("mail")
    click(app, "service_new_save")
    with portal.reading() as session:
        mail = catalogue.services_named(session, ["mail"])[0]
    app.selectbox(key="service").set_value(str(mail.id)).run()
    click(app, f"service_{mail.id}_retire")
    with portal.reading() as session:
        assert not session.get_one(Service, mail.id).active
    click(app, f"service_{mail.id}_restore")
    with portal.reading() as session:
        assert session.get_one(Service, mail.id).active


def test_a_customer_is_added_with_every_way_to_reach_them(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("settings", settings="Customers")
    for name, value in {
        "name": "Initech",
        "channel": "#initech",
        "contacts": "a@initech.example, b@initech.example",
        "manager": "Bill",
        "manager_email": "bill@initech.example",
    }.items():
        app.text_input(key=f"customer_new_{name}").set_value(value)
    app.number_input(key="customer_new_minutes").set_value(30)
    app.multiselect(key="customer_new_services").set_value([team.search.id])
    click(app, "customer_new_save")
    with portal.reading() as session:
        added = next(each for each in catalogue.customers(session) if each.name == "Initech")
        assert catalogue.service_ids_of_customer(session, added.id) == [team.search.id]
    assert (added.gaps(), len(added.contacts)) == ([], 2)
    assert "30 min" in cells(app)


def test_gaps_are_pointed_out_until_they_are_filled(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("settings", settings="Customers", customer="Globex")
    assert "Globex: no manager for the CC" in app.warning[0].value
    app.text_input(key=f"customer_{team.globex.id}_manager_email").set_value("gus@globex.example")
    click(app, f"customer_{team.globex.id}_save")
    assert not app.warning
    with portal.reading() as session:
        kept = session.get_one(Customer, team.globex.id)
        assert catalogue.service_ids_of_customer(session, kept.id) == [team.payments.id]
    assert kept.contacts == ["it@globex.example"]


def test_the_rota_shows_who_is_on_call_now_and_the_next_eight_shifts(open_page: OpenPage, team: Team) -> None:
    app = open_page("settings", settings="Rota")
    assert any("**Ada Lovelace** is on call now" in each.value for each in app.markdown)
    assert list(app.dataframe[0].value["Who"]) == ["Ada Lovelace", "Bob Kahn"] * 4


def test_beside_an_outside_schedule_the_rota_is_called_what_it_would_be(
    open_page: OpenPage, portal: Portal, team: Team
) -> None:
    with portal.work(_nobody()) as work:
        readings.take_turn(work.session, READING, "oncall", START, timedelta(minutes=1))
        rows = [["bob@example.com", START.isoformat(), (START + timedelta(hours=2)).isoformat()]]
        readings.succeeded(work.session, READING, START, rows)
    app = open_page("settings", settings="Rota")
    assert "By the outside schedule **Bob Kahn** is on call" in app.success[0].value
    assert any("By the portal's own rota it would be **Ada Lovelace**" in each.value for each in app.markdown)


def test_a_rota_is_set_up_from_nothing(open_page: OpenPage, portal: Portal) -> None:
    with portal.work(_nobody()) as work:
        cy = work.add(Person(name="Cy", email="cy@example.com"))
    app = open_page("settings", settings="Rota")
    assert any("Nobody is on call" in each.value for each in app.info)
    app.multiselect(key="rota_new_order").set_value([cy.id])
    app.selectbox(key="rota_new_zone").set_value("Europe/Berlin")
    app.date_input(key="rota_new_starts_on").set_value(date(2026, 11, 2))
    app.time_input(key="rota_new_handover").set_value(time(10, 30))
    click(app, "rota_new_save")
    with portal.reading() as session:
        rota = session.get_one(Rota, 1)
    assert (rota.time_zone, rota.starts_on, rota.handover_at) == ("Europe/Berlin", date(2026, 11, 2), time(10, 30))
    assert any("**Cy** is on call now" in each.value for each in app.markdown)


@pytest.mark.parametrize("hour", [0, 3, 8, 9, 23])
def test_who_is_named_first_in_a_new_rota_is_on_call_at_once_also_in_the_night(
    open_page: OpenPage, portal: Portal, clock: HandClock, hour: int
) -> None:
    clock.now = START.replace(hour=hour)
    with portal.work(_nobody()) as work:
        order = [work.add(Person(name=name, email=f"{name}@example.com")).id for name in ("Ada", "Bob")]
    app = open_page("settings", settings="Rota")
    app.multiselect(key="rota_new_order").set_value(order)
    click(app, "rota_new_save")
    assert any("**Ada** is on call now" in each.value for each in app.markdown)


def test_an_empty_order_is_refused_in_words(open_page: OpenPage, team: Team) -> None:
    app = open_page("settings", settings="Rota")
    app.multiselect(key="rota_1_order").set_value([])
    click(app, "rota_1_save")
    assert "Name at least one person, or nobody is on call" in app.error[0].value


def test_an_override_is_planned_and_taken_back(open_page: OpenPage, team: Team) -> None:
    app = open_page("settings", settings="Rota")
    app.selectbox(key="override_new_person").set_value(team.bob.id)
    click(app, "override_new_save")
    assert list(app.dataframe[0].value["To"])[:2] == ["23 Nov 2026, 04:00", "24 Nov 2026, 04:00"]
    assert list(app.dataframe[0].value["Who"])[:2] == ["Ada Lovelace", "Bob Kahn"]
    click(app, "override_1_remove")
    assert list(app.dataframe[0].value["To"])[:2] == ["23 Nov 2026, 09:00", "30 Nov 2026, 09:00"]


def test_the_procedure_is_shown_as_it_was_read(open_page: OpenPage, portal: Portal) -> None:
    app = open_page("settings", settings="Procedure")
    steps = [step for table in app.dataframe for step in table.value["Step"]]
    assert steps == [step.title for step in portal.procedure.steps]
    assert portal.procedure.digest[:12] in everything(app)


def test_the_severity_matrix_is_shown_whole(open_page: OpenPage) -> None:
    table = open_page("settings", settings="Severity").dataframe[0].value
    assert table.shape == (4, 5)
    assert table.iloc[0, 1] == "SEV1"


def test_the_system_tab_names_what_runs_and_hides_secrets(
    open_page: OpenPage, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = portal.settings.model_copy(update={"database_url": "postgresql://ims:hunter2@db/ims"})
    token = type(portal.settings).model_validate({"alertmanager_token": "hunter2"}).alertmanager_token
    monkeypatch.setattr(portal, "settings", secret.model_copy(update={"alertmanager_token": token}))
    app = open_page("settings", settings="System")
    shown = everything(app)
    assert "SQLite, " in shown
    assert any(link.proto.label.startswith("Outside systems") for link in app.get("page_link"))
    assert 'IMS_ALERTMANAGER_TOKEN,"set, hidden"' in shown
    assert "hunter2" not in shown


def test_the_system_tab_says_what_to_mend_with_its_code(open_page: OpenPage, team: Team) -> None:
    shown = everything(open_page("settings", settings="System"))
    assert "Globex cannot be told as the procedure asks: no manager for the CC." in shown
    assert "IMS-303" in shown


def test_what_people_typed_appears_literally(open_page: OpenPage, portal: Portal, team: Team) -> None:
    with portal.work(_nobody()) as work:
        work.get(Customer, team.globex.id).name = HOSTILE
        work.get(Person, team.ada.id).name = HOSTILE
    app = open_page("settings", settings="Customers")
    assert HOSTILE in list(app.dataframe[0].value["Name"])
    assert r"\*\*stars\*\*" in app.warning[0].value
    rota = open_page("settings", settings="Rota")
    assert any(r"\*\*stars\*\*" in each.value for each in rota.markdown)


def _nobody() -> Actor:
    return Actor("Setup")
