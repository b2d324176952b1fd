"""The review on the root-cause page: what is missing and where to mend it, the way to published, the copies."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import Incident, RcaState
from ims.postmortem import meeting
from ims.postmortem.content.causes import choose_cause
from ims.postmortem.content.template import read_template
from ims.postmortem.document import create
from ims.postmortem.writing import pdf
from ims.response import states
from ims.store import incidents, publications
from tests.conftest import HandClock, Team
from tests.pages.conftest import OpenPage
from tests.pages.test_frame import links
from tests.pages.test_rca import words_on


@pytest.fixture
def started(portal: Portal, team: Team, incident: Incident) -> Incident:
    with portal.work(team.as_ada) as work:
        create(work, incident.id)
        return states.resolve(work, incident.id, "Restarted", portal.procedure)


@pytest.fixture
def ready(portal: Portal, team: Team, started: Incident) -> Incident:
    with portal.work(team.as_ada) as work:
        document = create(work, started.id)
        people = read_template(portal.settings.data_dir).of_people
        document.sections = {section.key: "It touched 40 customers." for section in people}
        document.read_at = work.now
        choose_cause(work, started.id, "expiry", portal.causes)
        meeting.waive(work, started.id, portal.procedure, "Seen before")
    return started


def without_office(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder))


def state_of(portal: Portal, incident: Incident) -> RcaState:
    with portal.reading() as session:
        document = incidents.rca_document(session, incident.id)
    assert document is not None
    return document.state


def formats(portal: Portal, incident: Incident) -> set[tuple[int, str]]:
    with portal.reading() as session:
        document = incidents.rca_document(session, incident.id)
        assert document is not None
        return {(copy.edition, copy.format) for copy in publications.copies(session, document.id)}


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_what_blocks_is_said_with_how_to_mend_it_and_leads_there(open_page: OpenPage, started: Incident) -> None:
    app = open_page("rca", key="INC-1")
    said = words_on(app)
    assert "things to mend before the review" in said
    assert "The cause is not chosen." in said
    assert "Plan it with everyone involved, or waive it and say why." in said
    assert "[Go there](#rca-meeting)" in said
    assert app.button(key="review_anyway")
    assert "review_send" not in {button.key for button in app.button}


def test_each_place_that_a_finding_leads_to_is_on_the_page(open_page: OpenPage, started: Incident) -> None:
    app = open_page("rca", key="INC-1")
    anchors = {element.proto.anchor for kind in (app.title, app.subheader) for element in kind}
    leads = {word.split(")")[0] for word in words_on(app).split("](#")[1:]}
    assert leads
    assert leads <= anchors


def test_a_cause_is_chosen_on_the_page(open_page: OpenPage, started: Incident, portal: Portal) -> None:
    app = open_page("rca", key="INC-1")
    app.selectbox(key=f"rca_cause_{started.id}_").select("capacity").run()
    assert not app.exception
    assert "There was more to do than the system could hold" in words_on(app)
    assert "The cause is not chosen." not in words_on(app)
    with portal.reading() as session:
        document = incidents.rca_document(session, started.id)
    assert document is not None
    assert document.cause == "capacity"


def test_a_complete_document_goes_all_the_way(
    open_page: OpenPage, ready: Incident, portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_office(monkeypatch, tmp_path)
    app = press(open_page("rca", key="INC-1"), "review_send")
    assert "In review" in words_on(app)
    assert "asked for by Ada Lovelace" in words_on(app)
    press(app, "review_publish")
    assert state_of(portal, ready) is RcaState.PUBLISHED
    assert formats(portal, ready) == {(1, "docx"), (1, "md")}
    said = words_on(app)
    assert "Edition 1" in said
    assert "LibreOffice is not installed" in said
    assert {len(code.value) for code in app.code} == {64}


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_the_same_press_makes_the_pdf(open_page: OpenPage, ready: Incident, portal: Portal) -> None:
    press(press(open_page("rca", key="INC-1"), "review_send"), "review_publish")
    assert formats(portal, ready) == {(1, "docx"), (1, "md"), (1, "pdf")}


def test_a_pdf_that_failed_is_said_and_can_be_made_later(
    open_page: OpenPage, ready: Incident, portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    without_office(monkeypatch, tmp_path)
    app = press(press(open_page("rca", key="INC-1"), "review_send"), "review_publish")
    assert state_of(portal, ready) is RcaState.PUBLISHED
    assert "could not make a PDF" in app.warning[0].value
    monkeypatch.setattr(pdf, "convert", lambda _docx: b"%PDF")
    press(app, "rca_pdf")
    assert (1, "pdf") in formats(portal, ready)


def test_it_goes_on_with_a_reason_only(open_page: OpenPage, started: Incident, portal: Portal) -> None:
    app = press(open_page("rca", key="INC-1"), "review_anyway")
    press(app, "review_despite_submit")
    assert "Say why it goes on" in words_on(app)
    assert state_of(portal, started) is RcaState.DRAFT
    app.text_area(key="review_despite").set_value("The owner is away")
    press(app, "review_despite_submit")
    assert state_of(portal, started) is RcaState.IN_REVIEW


def test_a_published_document_begins_a_new_edition_with_a_reason(
    open_page: OpenPage, ready: Incident, portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_office(monkeypatch, tmp_path)
    app = press(press(open_page("rca", key="INC-1"), "review_send"), "review_publish")
    press(app, "review_back")
    press(app, "review_back_submit")
    assert "Say why" in words_on(app)
    app.text_area(key="review_back_reason").set_value("A number was wrong")
    press(app, "review_back_submit")
    assert state_of(portal, ready) is RcaState.DRAFT
    assert "Edition 1" in words_on(app)


def test_the_deadline_is_shown_and_red_once_it_has_passed(
    open_page: OpenPage, started: Incident, clock: HandClock
) -> None:
    assert "to be published by 07 Dec 2026, in 14 d" in words_on(open_page("rca", key="INC-1"))
    clock.forward(timedelta(days=16))
    assert ":red[**was due on 07 Dec 2026, 2 d ago**]" in words_on(open_page("rca", key="INC-1"))


def test_home_says_which_document_is_due_soon_and_only_then(
    open_page: OpenPage, started: Incident, clock: HandClock
) -> None:
    assert not [label for label in links(open_page("home")) if "root-cause document" in label]
    clock.forward(timedelta(days=13))
    assert "**INC-1 Publish the root-cause document**" in links(open_page("home"))
