"""What the tests of the incident page share: opening it, acting as Ada, and reading what it says."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import (
    CustomerUpdateDraft,
    Frequency,
    Impact,
    Incident,
    IncidentRole,
    Severity,
    TimelineEntry,
)
from ims.response import command, customers, definition
from ims.store import incidents
from ims.store.work import Work
from tests.conftest import Team
from tests.pages.conftest import OpenPage

Open = Callable[[], AppTest]
Do = Callable[[Callable[[Work], object]], None]


@pytest.fixture
def page(open_page: OpenPage, incident: Incident) -> Open:
    """Open the page of the incident, anew each time."""
    return lambda: open_page("incident", key=incident.key)


@pytest.fixture
def ada_does(portal: Portal, team: Team) -> Do:
    """Do something as Ada, and let the worker carry out what follows."""

    def do(verb: Callable[[Work], object]) -> None:
        with portal.work(team.as_ada) as work:
            verb(work)
        portal.worker.run_due()

    return do


def now_in(portal: Portal, incident: Incident) -> Incident:
    with portal.reading() as session:
        return incidents.by_key(session, incident.key)


def last_entry(portal: Portal, incident: Incident) -> TimelineEntry:
    with portal.reading() as session:
        return incidents.timeline(session, incident.id)[-1]


def words_on(app: AppTest) -> str:
    assert not app.exception, app.exception[0].value
    drawn = [*app.html, *app.markdown, *app.caption, *app.text, *app.subheader, *app.warning, *app.error, *app.info]
    return "\n".join(str(element.value) for element in drawn)


def primary(app: AppTest) -> str:
    return str(app.button(key="primary").label)


def submit(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, app.exception[0].value
    return app


def choose(app: AppTest, key: str, option: str) -> AppTest:
    app.menu_button(key=key).click(option).run()
    assert not app.exception, app.exception[0].value
    return app


def holder(portal: Portal, incident: Incident, role: IncidentRole) -> int | None:
    with portal.reading() as session:
        return incidents.holders(session, [incident.id], role).get(incident.id)


def log(app: AppTest) -> str:
    assert not app.exception, app.exception[0].value
    return next((element.value for element in app.html if "ims-log" in element.value and "<li" in element.value), "")


def facts(app: AppTest) -> str:
    return next(element.value for element in app.html if "Next customer update" in element.value)


def define(work: Work, incident: Incident) -> None:
    command.acknowledge(work, incident.id)
    command.confirm_roles(work, incident.id)
    definition.define_impact(work, incident.id, Impact.OUTAGE, "")
    definition.define_frequency(work, incident.id, Frequency.CONSTANT, "")
    definition.decide_severity(work, incident.id, Severity.SEV1)


def tell(work: Work, incident: Incident, phase: str, number: int) -> None:
    promised = work.now + timedelta(hours=1) if phase != "resolved" else None
    draft = CustomerUpdateDraft.model_validate(
        {"phase": phase, "subject": "Payments", "body": "We look into it.", "next_update_at": promised}
    )
    customers.send_update(work, incident.id, draft, number=number)
