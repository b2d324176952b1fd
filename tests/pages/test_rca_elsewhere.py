"""The root-cause page with Google beside it: created there, read, refreshed, shared."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.clock import utc_now
from ims.integrations.registry import ports
from ims.model import EntryKind, Incident, RcaDocument
from ims.postmortem.document import create
from ims.store import incidents, postmortem
from tests.conftest import Team
from tests.fakes.google import FakeDocument, FakeGoogle, Paragraph, Run
from tests.pages.conftest import OpenPage


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, portal: Portal) -> Iterator[FakeGoogle]:
    with FakeGoogle() as fake:
        for name, value in fake.oauth_settings().items():
            monkeypatch.setenv(f"IMS_GOOGLE_{name.upper()}", str(value))
        portal.ports = portal.worker.ports = ports(utc_now)
        yield fake
        assert fake.violations == []


@pytest.fixture
def started(portal: Portal, team: Team, incident: Incident) -> Incident:
    with portal.work(team.as_ada) as work:
        create(work, incident.id)
    return incident


def words_on(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.error, app.info) for element in kind)


def pressed(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def document_of(portal: Portal, incident: Incident) -> RcaDocument:
    with portal.reading() as session:
        found = incidents.rca_document(session, incident.id)
    assert found is not None
    return found


@pytest.fixture
def shared(portal: Portal, google: FakeGoogle, started: Incident, open_page: OpenPage) -> FakeDocument:
    pressed(open_page("rca", key=started.key), "rca_elsewhere_create")
    portal.worker.run_due()
    return google.docs.documents[document_of(portal, started).outside_id]


def test_without_google_nothing_of_it_is_shown(open_page: OpenPage, started: Incident) -> None:
    assert not [each for each in open_page("rca", key=started.key).button if "elsewhere" in str(each.key)]


def test_the_document_is_created_and_then_opened_there(
    open_page: OpenPage, portal: Portal, google: FakeGoogle, started: Incident
) -> None:
    app = pressed(open_page("rca", key=started.key), "rca_elsewhere_create")
    assert "being created" in words_on(app)
    portal.worker.run_due()
    app.run()
    assert "The document lives in Google Docs" in words_on(app)
    assert len(google.drive.files) == 1


def test_what_people_wrote_there_is_shown_before_it_is_taken_in(
    open_page: OpenPage, portal: Portal, started: Incident, shared: FakeDocument
) -> None:
    row = next(row for row in shared.table("Follow-up actions").rows if not any(cell.words for cell in row))
    row[1].blocks = [Paragraph([Run("Raise the *limit*")])]
    shared.touch()
    app = pressed(open_page("rca", key=started.key), "rca_elsewhere_read")
    assert r"Raise the \*limit\*" in words_on(app)
    with portal.reading() as session:
        assert list(postmortem.follow_ups(session, started.id)) == []
    pressed(app, "rca_elsewhere_take_in")
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, started.id)
    assert follow_up.text == "Raise the *limit*"


def test_a_refresh_is_shown_before_it_is_done(
    open_page: OpenPage, portal: Portal, team: Team, started: Incident, shared: FakeDocument
) -> None:
    with portal.work(team.as_ada) as work:
        work.record(work.incident(started.id), EntryKind.NOTE, "Rolled back")
    app = pressed(open_page("rca", key=started.key), "rca_elsewhere_refresh")
    assert "Rolled back" in words_on(app)
    assert shared.table("Timeline").words[-1][1] != "Rolled back"
    pressed(app, "rca_elsewhere_refresh_do")
    portal.worker.run_due()
    assert shared.table("Timeline").words[-1][1] == "Rolled back"


def test_a_document_that_is_gone_can_be_created_anew(
    open_page: OpenPage, portal: Portal, google: FakeGoogle, started: Incident, shared: FakeDocument
) -> None:
    google.drive.purge(shared.name)
    app = pressed(open_page("rca", key=started.key), "rca_elsewhere_read")
    assert "create it anew" in words_on(app)
    pressed(app, "rca_elsewhere_again")
    portal.worker.run_due()
    assert document_of(portal, started).outside_id != shared.name
