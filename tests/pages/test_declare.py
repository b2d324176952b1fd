"""Declaring an incident takes two answers and a title."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import Alert, Incident, TriageState
from ims.response.states import cancel
from ims.store import incidents
from ims.store.deliveries import of_incident
from tests.conftest import HandClock, Team
from tests.pages.conftest import ROOT, OpenPage
from tests.pages.test_frame import links, shown
from tests.pages.test_home import firing


def answer(app: AppTest, customers: str, sla: str) -> None:
    app.segmented_control(key="declare_customers_affected").set_value(customers)
    app.segmented_control(key="declare_sla_affected").set_value(sla).run()


def declared(portal: Portal) -> list[Incident]:
    with portal.reading() as session:
        return list(session.exec(select(Incident)))


@pytest.fixture
def alerts(portal: Portal, team: Team, clock: HandClock) -> list[int]:
    """Two waiting alerts about payments."""
    with portal.work(team.as_ada) as work:
        return [work.add(firing(f"f{number}", clock)).id for number in range(2)]


def test_two_answers_and_a_title_are_enough(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("declare")
    answer(app, "Yes", "No")
    app.text_input(key="declare_title").input("Payments fail").run()
    app.button(key="declare_submit").click().run()
    assert not app.exception
    [incident] = declared(portal)
    assert (incident.title, incident.affects_customers, incident.affects_sla) == ("Payments fail", True, False)


def test_everything_else_says_that_it_is_optional(open_page: OpenPage, team: Team) -> None:
    app = open_page("declare")
    fields = [*app.segmented_control, *app.main.text_input, *app.multiselect, *app.text_area, *app.datetime_input]
    required = [field.label for field in fields if "optional" not in field.label]
    assert len(fields) == 7
    assert len(required) <= 5
    assert required == [
        "**Are customers affected?**",
        "**Is their SLA affected?**",
        "**Title**: what is broken, for whom",
    ]


def test_the_on_call_becomes_commander_and_is_paged(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("declare")
    assert "**Ada Lovelace** is on call: will be paged at once" in shown(app)
    answer(app, "No", "Yes")
    app.text_input(key="declare_title").input("Payments fail").run()
    app.button(key="declare_submit").click().run()
    with portal.reading() as session:
        kinds = [delivery.kind for delivery in of_incident(session, declared(portal)[0].id)]
    assert declared(portal)[0].owner_id == team.ada.id
    assert "page" in kinds


def test_the_customers_of_a_service_are_filled_in_and_those_added_by_hand_stay(open_page: OpenPage, team: Team) -> None:
    app = open_page("declare")
    app.multiselect(key="declare_services").select(team.payments.id).run()
    assert app.multiselect(key="declare_customers").value == [team.acme.id, team.globex.id]
    app.multiselect(key="declare_services").unselect(team.payments.id).run()
    assert app.multiselect(key="declare_customers").value == []
    app.multiselect(key="declare_customers").select(team.globex.id).run()
    app.multiselect(key="declare_services").select(team.search.id).run()
    assert app.multiselect(key="declare_customers").value == [team.globex.id]


def test_the_questions_must_be_answered(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("declare")
    app.text_input(key="declare_title").input("Payments fail").run()
    app.button(key="declare_submit").click().run()
    assert "Answer the two questions" in app.error[0].value
    assert app.text_input(key="declare_title").value == "Payments fail"
    assert not declared(portal)


def test_a_missing_title_is_named_and_nothing_typed_is_lost(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("declare")
    answer(app, "Yes", "Yes")
    app.text_area(key="declare_summary").input("502 at the checkout").run()
    app.button(key="declare_submit").click().run()
    assert app.error[0].value == "Title: is empty; please fill it in."
    assert app.text_area(key="declare_summary").value == "502 at the checkout"
    assert app.segmented_control(key="declare_sla_affected").value == "Yes"
    assert not declared(portal)


def test_what_was_typed_waits_while_somebody_looks_at_another_page(open_page: OpenPage, team: Team) -> None:
    app = open_page("declare")
    app.text_input(key="declare_title").input("Payments fail").run()
    app.switch_page(str(ROOT / "pages" / "incidents.py")).run()
    app.switch_page(str(ROOT / "pages" / "declare.py")).run()
    assert app.text_input(key="declare_title").value == "Payments fail"


def test_the_form_is_empty_again_after_declaring(open_page: OpenPage, team: Team) -> None:
    app = open_page("declare")
    answer(app, "Yes", "No")
    app.text_input(key="declare_title").input("Payments fail").run()
    app.button(key="declare_submit").click().run()
    app.switch_page(str(ROOT / "pages" / "declare.py")).run()
    assert app.text_input(key="declare_title").value == ""
    assert app.segmented_control(key="declare_customers_affected").value is None


def test_whoever_comes_back_after_declaring_is_led_on_to_what_was_declared(
    open_page: OpenPage, portal: Portal, team: Team
) -> None:
    app = open_page("declare")
    answer(app, "Yes", "No")
    app.text_input(key="declare_title").input("Payments fail").run()
    app.button(key="declare_submit").click().run()
    app.switch_page(str(ROOT / "pages" / "declare.py")).run()
    assert "You have declared this" in shown(app)
    assert any("**INC-1** Payments fail" in label for label in links(app))
    with portal.work(team.as_ada) as work:
        cancel(work, 1, "It was none")
    assert "You have declared this" not in shown(app.run())


def test_a_beginning_is_read_in_the_viewers_zone_and_never_in_the_future(
    open_page: OpenPage, portal: Portal, team: Team
) -> None:
    app = open_page("declare")
    answer(app, "Yes", "No")
    app.text_input(key="declare_title").input("Payments fail").run()
    app.datetime_input(key="declare_began").set_value(datetime(2026, 11, 23, 9, 0)).run()  # noqa: DTZ001
    app.button(key="declare_submit").click().run()
    assert "cannot have begun in the future" in app.error[0].value
    app.datetime_input(key="declare_began").set_value(datetime(2026, 11, 23, 2, 0)).run()  # noqa: DTZ001
    app.button(key="declare_submit").click().run()
    assert declared(portal)[0].began_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_when_nobody_is_affected_it_offers_a_precaution(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("declare")
    answer(app, "No", "No")
    app.text_input(key="declare_title").input("Disk fills").run()
    app.button(key="declare_submit").click().run()
    assert "record it as a precaution" in app.error[0].value
    app.checkbox(key="declare_precaution").check().run()
    app.button(key="declare_submit").click().run()
    [incident] = declared(portal)
    assert incident.precaution
    assert incident.next_update_due_at is None


def test_a_double_click_declares_once(open_page: OpenPage, portal: Portal, team: Team) -> None:
    app = open_page("declare")
    answer(app, "Yes", "No")
    app.text_input(key="declare_title").input("Payments fail").run()
    key = app.session_state["declare_request"]
    app.button(key="declare_submit").click().run()
    again = open_page("declare")
    answer(again, "Yes", "No")
    again.text_input(key="declare_title").input("Payments fail").run()
    again.session_state["declare_request"] = key  # the second click of the same form
    again.button(key="declare_submit").click().run()
    assert not again.exception
    assert len(declared(portal)) == 1


def test_it_is_prefilled_from_alerts_and_they_become_part_of_the_incident(
    open_page: OpenPage, portal: Portal, team: Team, alerts: list[int], clock: HandClock
) -> None:
    app = open_page("declare", alerts=",".join(map(str, alerts)))
    assert app.text_input(key="declare_title").value == "payments: HighErrorRate"
    assert app.multiselect(key="declare_services").value == [team.payments.id]
    assert app.multiselect(key="declare_customers").value == [team.acme.id, team.globex.id]
    answer(app, "Yes", "No")
    app.button(key="declare_submit").click().run()
    [incident] = declared(portal)
    assert incident.began_at == clock.now - timedelta(minutes=5)
    with portal.reading() as session:
        assert {alert.incident_id for alert in session.exec(select(Alert))} == {incident.id}


def test_alerts_that_affect_nobody_are_dismissed_with_a_reason(
    open_page: OpenPage, portal: Portal, alerts: list[int]
) -> None:
    app = open_page("declare", alerts=",".join(map(str, alerts)))
    answer(app, "No", "No")
    app.button(key="declare_dismiss").click().run()
    assert "Say why" in app.error[0].value
    app.text_input(key="declare_dismiss_reason").input("load test").run()
    app.button(key="declare_dismiss").click().run()
    with portal.reading() as session:
        assert {alert.triage for alert in session.exec(select(Alert))} == {TriageState.DISMISSED}


def test_alerts_are_attached_to_the_running_incident_they_belong_to(
    open_page: OpenPage, portal: Portal, incident: Incident, alerts: list[int]
) -> None:
    app = open_page("declare", alerts=",".join(map(str, alerts)))
    app.button(key=f"attach_{incident.id}").click().run()
    with portal.reading() as session:
        assert {alert.incident_id for alert in session.exec(select(Alert))} == {incident.id}
        assert len(incidents.active(session)) == 1


def test_an_incident_like_it_is_shown_while_typing(open_page: OpenPage, incident: Incident, clock: HandClock) -> None:
    clock.forward(timedelta(minutes=1))
    app = open_page("declare")
    app.text_input(key="declare_title").input("payments fail again").run()
    assert [caption.value for caption in app.caption if "Running now" in caption.value]
    assert sum("Payments fail with 502" in label for label in links(app)) == 2  # in the strip, and here


def test_nonsense_in_the_address_opens_an_empty_form(open_page: OpenPage, team: Team) -> None:
    app = open_page("declare", alerts="1,x,999999999999999999999,-3,&")
    assert app.text_input(key="declare_title").value == ""
