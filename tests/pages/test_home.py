"""The landing page says what needs me now."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import (
    PORTAL,
    AccessRole,
    Alert,
    AlertStatus,
    Delivery,
    DeliveryState,
    FollowUp,
    Incident,
    IncidentRole,
)
from ims.response.command import acknowledge, assign_role
from ims.response.states import cancel, resolve
from ims.store import catalogue, readings
from ims.store.incidents import by_key
from ims.store.on_call import READING
from tests.conftest import START, HandClock, Team
from tests.pages.conftest import OpenPage
from tests.pages.test_frame import links, shown


def test_an_empty_portal_explains_itself_and_offers_three_ways_to_begin(open_page: OpenPage) -> None:
    app = open_page("home")
    assert app.title[0].value == "Welcome to the incident portal"
    assert app.button(key="load_demo")
    assert app.text_input(key="start_name")
    assert "Import past incidents" in links(app)


def test_the_first_person_becomes_administrator_and_goes_on_to_settings(open_page: OpenPage, portal: Portal) -> None:
    app = open_page("home")
    app.text_input(key="start_name").input("Ada Lovelace")
    app.text_input(key="start_email").input("Ada@example.com")
    app.text_input(key="start_service").input("payments")
    app.button(key="start_submit").click().run()
    assert not app.exception
    with portal.reading() as session:
        person = catalogue.person_by_email(session, "ada@example.com")
        services = [service.name for service in catalogue.services(session)]
    assert person is not None
    assert (person.name, person.access, services) == ("Ada Lovelace", AccessRole.ADMINISTRATOR, ["payments"])
    assert app.title[0].value != "Welcome to the incident portal"


def test_a_wrong_address_is_refused_in_words_and_nothing_is_kept(open_page: OpenPage, portal: Portal) -> None:
    app = open_page("home")
    app.text_input(key="start_name").input("Ada")
    app.text_input(key="start_email").input("ada at home")
    app.button(key="start_submit").click().run()
    assert "is not an e-mail address" in app.error[0].value
    assert app.text_input(key="start_name").value == "Ada"
    with portal.reading() as session:
        assert not catalogue.people(session)


def test_the_demo_is_loaded_from_the_welcome(
    open_page: OpenPage, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Portal] = []
    monkeypatch.setattr("ims.ui.welcome.load", lambda wired, progress: loaded.append(wired))
    open_page("home").button(key="load_demo").click().run()
    assert loaded == [portal]


def test_a_quiet_day_is_calm(open_page: OpenPage, team: Team) -> None:
    app = open_page("home")
    assert app.success[0].value == "Nothing needs you."
    assert "No incident was declared so far." in shown(app)


def test_a_quiet_day_names_the_last_incident(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        cancel(work, incident.id, "A test alert")
    clock.forward(timedelta(days=3))
    app = open_page("home")
    assert app.success
    assert "The last incident was declared 3 d ago:" in shown(app)
    assert any("INC-1" in label for label in links(app))


def test_it_says_who_is_on_call_until_when_and_who_is_next(open_page: OpenPage, team: Team) -> None:
    assert "On call: **Ada Lovelace** until 23 Nov 2026, 09:00, then Bob Kahn" in shown(open_page("home"))


def test_the_outside_schedule_counts_while_it_can_be_read_and_the_page_says_when_it_cannot(
    open_page: OpenPage, portal: Portal, team: Team, clock: HandClock
) -> None:
    end, later = START + timedelta(hours=2), START + timedelta(hours=9)
    shifts = [("bob@example.com", START, end), ("ada@example.com", end, later)]
    with portal.work(PORTAL) as work:
        readings.take_turn(work.session, READING, "oncall", START, timedelta(minutes=1))
        rows = [[email, *(at.isoformat() for at in span)] for email, *span in shifts]
        readings.succeeded(work.session, READING, START, rows)
    assert "On call: **Bob Kahn** until 23 Nov 2026, 05:00, then Ada Lovelace" in shown(open_page("home"))
    clock.forward(timedelta(minutes=16))
    said = shown(open_page("home"))
    assert "On call: **Ada Lovelace** until 23 Nov 2026, 09:00, then Bob Kahn" in said
    assert "The schedule could not be read since" in said


def test_an_unacknowledged_page_is_acknowledged_with_one_click(
    open_page: OpenPage, portal: Portal, incident: Incident, clock: HandClock
) -> None:
    clock.forward(timedelta(minutes=4))
    app = open_page("home")
    assert "nobody has acknowledged it for 4 min" in shown(app)
    app.button(key="acknowledge_1").click().run()
    with portal.reading() as session:
        assert by_key(session, "INC-1").acknowledged_at == clock.now


def test_what_is_late_comes_first_and_says_by_how_much(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        acknowledge(work, incident.id)
    clock.forward(timedelta(minutes=12))
    mine = [label for label in links(open_page("home")) if "INC-1" in label and incident.title not in label]
    assert mine[0].endswith("Assign incident management roles")
    assert "late by 2 min" in shown(open_page("home"))


def test_a_delegated_step_is_asked_of_who_holds_the_role(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        acknowledge(work, incident.id)
        assign_role(work, incident.id, IncidentRole.COMMUNICATIONS, team.bob.id)
    app = open_page("home")
    assert not any("Inform the customer" in label for label in links(app))
    app.selectbox(key="acting_as").select(team.bob.id).run()
    assert any("Inform the customer" in label for label in links(app))


def test_what_follows_a_resolved_incident_still_waits(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        acknowledge(work, incident.id)
        resolve(work, incident.id, "restarted", portal.procedure)
    labels = links(open_page("home"))
    assert any("1 resolved incident waits for the root-cause work" in label for label in labels)


def test_waiting_alerts_stopped_messages_and_follow_ups_are_listed(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        for number in range(2):
            work.add(firing(f"f{number}", clock))
        work.add(
            Delivery(
                key="d", kind="page", recipient="Bob", created_at=work.now, due_at=work.now, state=DeliveryState.STOPPED
            )
        )
        work.add(
            FollowUp(
                incident_id=incident.id,
                number=1,
                text="Write a runbook",
                owner_id=team.ada.id,
                due_on=date(2026, 11, 20),
                created_at=work.now,
            )
        )
    app = open_page("home")
    labels = "\n".join(links(app))
    assert "**2 firing alerts to decide about**, the newest 5 min ago: HighErrorRate" in labels
    assert "1 message stopped and needs a person" in labels
    assert "Write a runbook" in labels
    assert ":red[**overdue 20 Nov 2026**]" in shown(app)


def firing(fingerprint: str, clock: HandClock) -> Alert:
    """An alert that nobody has decided about."""
    return Alert(
        fingerprint=fingerprint,
        starts_at=clock.now - timedelta(minutes=5),
        status=AlertStatus.FIRING,
        name="HighErrorRate",
        labels={"service": "payments"},
        annotations={"summary": "5xx above 5 %"},
        last_received_at=clock.now,
    )


def headings(app: AppTest) -> list[str]:
    """Return the headings."""
    return [heading.value for heading in app.subheader]


def test_somebody_without_a_task_is_told_so(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        acknowledge(work, incident.id)
    app = open_page("home")
    app.selectbox(key="acting_as").select(team.bob.id).run()
    assert "Bob Kahn, this is yours" in headings(app)
    assert "Nothing needs you." in shown(app)
