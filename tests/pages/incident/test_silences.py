"""Silencing alerts on the incident's page: which labels, how long, why, and whether Alertmanager has it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.delivery.queue import give_up
from ims.integrations.alertmanager.settings import AlertmanagerSettings
from ims.integrations.alertmanager.silencer import AlertmanagerSilencer
from ims.model import Alert, EntryKind, Incident, Silence
from ims.response import silences
from ims.response.declare import attach_alerts
from ims.response.states import cancel
from ims.store import deliveries
from ims.store.silences import of_incident
from ims.ui.incident.silences import grouped
from ims.ui.incident.views import View
from tests.conftest import HandClock
from tests.fakes.alertmanager import FakeAlertmanager
from tests.intake.alert_bodies import kept as kept_alerts
from tests.intake.alert_bodies import post, written
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import Do, last_entry, submit, words_on

HOUR = timedelta(hours=1)
ALL, DOWN, SLOW = "All 3 alerts", "PaymentsDown (2)", "PaymentsSlow (1)"


def labels(name: str, **others: str) -> dict[str, str]:
    return {"alertname": name, "service": "payments"} | others


@pytest.fixture
def attached(portal: Portal, incident: Incident, ada_does: Do) -> list[Alert]:
    """Three alerts of two names that share their service, part of the incident."""
    post(
        portal,
        written(fingerprint="1", labels=labels("PaymentsDown", instance="pay-1")),
        written(fingerprint="2", labels=labels("PaymentsDown", instance="pay-2")),
        written(fingerprint="3", labels=labels("PaymentsSlow", instance="pay-1", note="<b>*x*</b>")),
    )
    ids = [alert.id for alert in kept_alerts(portal)]
    ada_does(lambda work: attach_alerts(work, incident.id, ids))
    return kept_alerts(portal)


@pytest.fixture
def alertmanager(portal: Portal) -> Iterator[FakeAlertmanager]:
    with FakeAlertmanager() as fake:
        adapter = AlertmanagerSilencer(AlertmanagerSettings(api_url=fake.url, api_timeout_seconds=1), portal.clock)
        portal.ports = replace(portal.ports, silences=adapter, configured=frozenset({"silences"}))
        portal.worker.ports = portal.ports
        yield fake


@pytest.fixture
def page(open_page: OpenPage, incident: Incident) -> Callable[[], AppTest]:
    """Open the view of alerts and links, anew each time."""
    return lambda: open_page("incident", key=incident.key, view=View.SURROUNDINGS.value)


def made(portal: Portal, incident: Incident) -> list[Silence]:
    with portal.reading() as session:
        return list(of_incident(session, incident.id))


def silence(ada_does: Do, incident: Incident) -> None:
    ada_does(
        lambda work: silences.silence(work, incident.id, labels("PaymentsDown"), for_=HOUR, reason="It *recovers*")
    )


def test_alerts_are_silenced_by_what_they_share(
    page: Callable[[], AppTest],
    portal: Portal,
    incident: Incident,
    attached: list[Alert],
    alertmanager: FakeAlertmanager,
) -> None:
    app = page()
    assert "Nothing is silenced" in words_on(app)
    app = submit(app, "silence")
    assert app.selectbox(key="silence_which").options == [DOWN, SLOW, ALL]
    app.selectbox(key="silence_which").select(ALL).run()
    assert app.multiselect(key=f"silence_labels_{ALL}").value == ["service=payments"]
    assert "Silences 3 of the 3 alerts" in words_on(app)
    assert "alerts of every name are silent" in words_on(app)
    app.selectbox(key="silence_which").select(DOWN).run()
    assert "alerts of every name are silent" not in words_on(app)
    assert app.multiselect(key=f"silence_labels_{DOWN}").value == ["alertname=PaymentsDown", "service=payments"]
    assert "Silences 2 of the 3 alerts" in words_on(app)
    assert "No Alertmanager is configured" not in words_on(app)
    app.segmented_control(key="silence_length").set_value(120)
    app.text_input(key="silence_reason").set_value("Rolled back, it recovers")
    app = submit(app, "silence_submit")
    [silenced] = made(portal, incident)
    assert (silenced.matchers, silenced.ends_at - silenced.starts_at) == (labels("PaymentsDown"), 2 * HOUR)
    assert last_entry(portal, incident).kind is EntryKind.SILENCED
    assert "Alertmanager is being told" in words_on(app)
    portal.worker.run_due()
    assert len(alertmanager.silences) == 1
    said = words_on(page())
    assert "alertname=PaymentsDown, service=payments" in said
    assert "2 h left" in said
    assert "Ada Lovelace</bdi>: <bdi>Rolled back, it recovers" in said
    assert "Alertmanager has it" in said


@pytest.mark.usefixtures("attached")
def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(
    page: Callable[[], AppTest], portal: Portal, incident: Incident
) -> None:
    app = submit(page(), "silence")
    assert "No Alertmanager is configured" in words_on(app)
    app.text_input(key="silence_reason").set_value("Known")
    app.segmented_control(key="silence_length").set_value(None)
    app = submit(app, "silence_submit")
    assert [error.value for error in app.error] == ["Say for how long."]
    app.segmented_control(key="silence_length").set_value(30)
    app.multiselect(key=f"silence_labels_{DOWN}").set_value([])
    app = submit(app, "silence_submit")
    assert "at least one label" in app.error[0].value
    assert app.text_input(key="silence_reason").value == "Known"
    app.multiselect(key=f"silence_labels_{DOWN}").set_value(["service=payments"])
    app.text_input(key="silence_reason").set_value("")
    app = submit(app, "silence_submit")
    assert "Say why" in app.error[0].value
    assert made(portal, incident) == []


@pytest.mark.usefixtures("attached")
def test_a_silence_is_ended_by_its_button(
    page: Callable[[], AppTest],
    portal: Portal,
    incident: Incident,
    ada_does: Do,
    alertmanager: FakeAlertmanager,
    clock: HandClock,
) -> None:
    silence(ada_does, incident)
    clock.forward(timedelta(minutes=10))
    app = submit(page(), f"end_silence_{made(portal, incident)[0].id}")
    assert "Alertmanager is being told" in words_on(app)  # until it has heard of it the alerts are quiet
    portal.worker.run_due()
    assert [held["status"]["state"] for held in alertmanager.silences.values()] == ["expired"]
    app = page()
    assert "Nothing is silenced" in words_on(app)
    assert "ended early" in words_on(app)
    assert "It *recovers*" in words_on(app)


@pytest.mark.usefixtures("attached")
def test_a_silence_that_ran_out_is_over(
    page: Callable[[], AppTest], incident: Incident, ada_does: Do, clock: HandClock
) -> None:
    silence(ada_does, incident)
    clock.forward(HOUR)
    said = words_on(page())
    assert "Nothing is silenced" in said
    assert "ended early" not in said


@pytest.mark.usefixtures("attached")
def test_what_alertmanager_does_not_have_is_said_in_colour(
    page: Callable[[], AppTest], portal: Portal, incident: Incident, ada_does: Do, alertmanager: FakeAlertmanager
) -> None:
    alertmanager.fail_next("broken")
    silence(ada_does, incident)
    said = words_on(page())
    assert '<span class="ims-amber">not yet</span>' in said
    assert "does not have it yet. Alertmanager (127.0.0.1" in said
    with portal.reading() as session:
        delivery = deliveries.by_key(session, silences.stream_of(made(portal, incident)[0].id))
    assert delivery is not None
    ada_does(lambda work: give_up(work, delivery.id, "Done by hand"))
    said = words_on(page())
    assert '<span class="ims-red">stopped</span>' in said
    assert "does not have it. Given up by Ada Lovelace: Done by hand" in said


@pytest.mark.usefixtures("attached")
def test_an_end_that_alertmanager_did_not_hear_of_is_not_called_over(
    page: Callable[[], AppTest], portal: Portal, incident: Incident, ada_does: Do, alertmanager: FakeAlertmanager
) -> None:
    silence(ada_does, incident)
    alertmanager.fail_next("broken")
    number = made(portal, incident)[0].id
    ada_does(lambda work: silences.end(work, number))
    app = page()
    assert "has not ended it yet" in words_on(app)
    assert f"end_silence_{number}" not in [button.key for button in app.button]


@pytest.mark.usefixtures("attached")
def test_without_an_alertmanager_the_page_says_what_to_do_there(
    page: Callable[[], AppTest], incident: Incident, ada_does: Do
) -> None:
    silence(ada_does, incident)
    said = words_on(page())
    assert "silence alertname=PaymentsDown, service=payments in your Alertmanager yourself" in said


def test_without_alerts_nothing_is_offered(page: Callable[[], AppTest]) -> None:
    app = page()
    assert "Silences" not in words_on(app)
    assert "silence" not in [button.key for button in app.button]


@pytest.mark.usefixtures("attached")
def test_an_incident_that_is_over_offers_no_new_silence_but_ends_those_that_hold(
    page: Callable[[], AppTest], incident: Incident, ada_does: Do
) -> None:
    silence(ada_does, incident)
    ada_does(lambda work: cancel(work, incident.id, "A test"))
    keys = [button.key for button in page().button]
    assert "silence" not in keys
    assert any(key and key.startswith("end_silence_") for key in keys)


def test_alerts_of_one_name_are_offered_once(attached: list[Alert]) -> None:
    assert list(grouped(attached[:2])) == [DOWN]
    assert list(grouped([])) == []
