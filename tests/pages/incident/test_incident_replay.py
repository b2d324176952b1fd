"""The Replay view: what was known at a minute, marked as the past, with nothing to press."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import Actor, Incident, IncidentState, Severity
from ims.response import definition, investigation
from ims.store.work import Work
from tests.conftest import START, HandClock, somebody
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import Do, log, words_on


@pytest.fixture
def told(incident: Incident, ada_does: Do, clock: HandClock) -> Incident:
    """An incident that was thought to be small at 03:20 and known to be large at 03:40."""
    for minutes, severity, text in ((20, Severity.SEV3, "looks small"), (40, Severity.SEV1, "it is everywhere")):
        clock.now = START + timedelta(minutes=minutes, seconds=30)

        def act(work: Work, severity: Severity = severity, text: str = text) -> None:
            definition.decide_severity(work, incident.id, severity, text)
            investigation.note(work, incident.id, f"Note: {text}")

        ada_does(act)
    return incident


def replay(open_page: OpenPage, incident: Incident, at: str = "") -> AppTest:
    query = {"at": at} if at else {}
    return open_page("incident", key=incident.key, view="Replay", **query)


def chip(app: AppTest) -> str:
    """Return the severity chip of the past; the first one on the page is the present."""
    return [each.value for each in app.markdown if "foreground" in each.value][-1]


def test_the_address_says_which_minute_is_looked_at(open_page: OpenPage, told: Incident) -> None:
    app = replay(open_page, told, "2026-11-23T03:20Z")
    assert "This is the past" in words_on(app)
    assert "SEV3" in chip(app)
    assert "looks small" in log(app)
    assert "it is everywhere" not in log(app)


def test_without_a_minute_the_last_thing_known_is_shown(open_page: OpenPage, told: Incident) -> None:
    app = replay(open_page, told)
    assert "SEV1" in chip(app)
    assert "it is everywhere" in log(app)


def test_sliding_changes_the_address_and_what_was_known(open_page: OpenPage, told: Incident) -> None:
    app = replay(open_page, told)
    app.select_slider(key="replay_slider").set_value(START + timedelta(minutes=20)).run()
    assert app.query_params["at"] == "2026-11-23T03:20Z"
    assert "SEV3" in chip(app)


def test_a_time_between_two_entries_can_be_typed(open_page: OpenPage, told: Incident) -> None:
    app = replay(open_page, told)
    app.datetime_input(key="replay_typed").set_value((START + timedelta(minutes=33)).replace(tzinfo=None)).run()
    assert app.query_params["at"] == "2026-11-23T03:33Z"
    assert "SEV3" in chip(app)


@pytest.mark.parametrize("at", ["yesterday", "1999-01-01T00:00Z", "2999-01-01T00:00Z", "2026-11-23T03:20"])
def test_a_minute_that_cannot_be_read_or_is_outside_does_no_harm(open_page: OpenPage, told: Incident, at: str) -> None:
    assert "This is the past" in words_on(replay(open_page, told, at))


def test_nothing_can_be_done_from_the_past(open_page: OpenPage, told: Incident) -> None:
    keys = {button.key for button in replay(open_page, told).button}
    assert not {"primary", "more", "entry_submit", "correct", "define"} & keys
    assert "primary" in {button.key for button in open_page("incident", key=told.key).button}


def test_an_incident_of_one_minute_needs_no_slider(open_page: OpenPage, incident: Incident) -> None:
    app = replay(open_page, incident)
    assert not app.select_slider
    assert "Declared" in log(app)


def test_an_imported_incident_says_that_nothing_was_written_down_here(open_page: OpenPage, portal: Portal) -> None:
    with portal.work(Actor("Import")) as work:
        row = Incident(
            title="Mail down", origin="csv", origin_key="7", state=IncidentState.RESOLVED, owner_id=somebody(work),
            began_at=START, detected_at=START, declared_at=START, resolved_at=START,
        )  # fmt: skip
        imported = work.add(row)
    assert "came from a file" in words_on(replay(open_page, imported))


def test_another_view_forgets_the_minute_in_the_address(open_page: OpenPage, told: Incident) -> None:
    app = replay(open_page, told, "2026-11-23T03:20Z")
    app.segmented_control(key="view").set_value("Team").run()
    assert "at" not in app.query_params
    assert not app.exception
