"""The uploaded document is compared with the incident on the page, and refreshed when somebody says so."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import docx
import pytest
from docx.document import Document
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import FollowUpDraft, FollowUpState, Incident
from ims.postmortem.content.facts import collect
from ims.postmortem.following_up import follow_ups
from ims.postmortem.reading.taking_in import take_in
from ims.postmortem.writing.writer import write
from ims.response import states
from ims.store import incidents, postmortem
from tests.conftest import HandClock, Team
from tests.pages.conftest import OpenPage
from tests.postmortem.documents import edited, table_of

Upload = Callable[[Callable[[Document], object]], Incident]


@pytest.fixture
def upload(portal: Portal, team: Team, incident: Incident) -> Upload:
    """Download the document, let somebody edit it, and take it in."""

    def edit_and_upload(edit: Callable[[Document], object]) -> Incident:
        with portal.reading() as session:
            present = session.get_one(Incident, incident.id)
            facts = collect(session, present, portal.procedure, [], portal.clock())
        document = docx.Document(BytesIO(write(facts, portal.rca_template)))
        edit(document)
        saved = BytesIO()
        document.save(saved)
        with portal.work(team.as_ada) as work:
            take_in(work, incident.id, saved.getvalue(), portal.rca_template)
        return incident

    return edit_and_upload


def resolve(portal: Portal, team: Team, incident: Incident, clock: HandClock) -> None:
    clock.forward(timedelta(hours=1))
    with portal.work(team.as_ada) as work:
        states.resolve(work, incident.id, "Restarted the gateway", portal.procedure)


def words_on(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.error, app.info) for element in kind)


def compare(open_page: OpenPage) -> AppTest:
    app = open_page("rca", key="INC-1")
    app.button(key="rca_compare").click().run()
    assert not app.exception
    return app


def file_of(portal: Portal, incident: Incident) -> bytes:
    with portal.reading() as session:
        document = incidents.rca_document(session, incident.id)
    assert document is not None
    return document.file or b""


def test_without_an_upload_there_is_nothing_to_compare(open_page: OpenPage, incident: Incident) -> None:
    assert "rca_compare" not in [each.key for each in open_page("rca", key="INC-1").button]


def test_the_number_of_blocks_is_shown_before_anything_is_written(
    open_page: OpenPage, portal: Portal, team: Team, upload: Upload, clock: HandClock
) -> None:
    incident = upload(lambda document: document.add_paragraph("Ours alone"))
    resolve(portal, team, incident, clock)
    before = file_of(portal, incident)
    app = compare(open_page)
    assert "blocks will change, your words stay" in words_on(app)
    assert file_of(portal, incident) == before
    app.button(key="rca_refresh_do").click().run()
    assert not app.exception
    after = docx.Document(BytesIO(file_of(portal, incident)))
    assert "Ours alone" in [each.text for each in after.paragraphs]
    assert any("Restarted the gateway" in cell.text for table in after.tables for cell in table.columns[1].cells)
    assert "Nothing is new" in words_on(compare(open_page))


def test_an_edited_block_is_asked_about_and_kept_unless_somebody_chooses(
    open_page: OpenPage, portal: Portal, upload: Upload
) -> None:
    def retell(document: Document) -> None:
        table_of(document, "What happened").rows[1].cells[1].text = "It was the <b>cat</b>"

    incident = upload(retell)
    app = compare(open_page)
    assert "was edited by people" in words_on(app)
    choice = app.radio(key=f"rca_answer_{incident.id}_timeline")
    assert choice.value == "theirs"
    choice.set_value("both").run()
    app.button(key="rca_refresh_do").click().run()
    tables = docx.Document(BytesIO(file_of(portal, incident))).tables
    told = [each.rows[1].cells[1].text for each in tables if each.rows[0].cells[1].text == "What happened"]
    assert told[0] != "It was the <b>cat</b>"
    assert told[1] == "It was the <b>cat</b>"


def test_what_changed_since_the_preview_is_not_written_over(
    open_page: OpenPage, portal: Portal, team: Team, upload: Upload, clock: HandClock
) -> None:
    incident = upload(lambda document: document.add_paragraph("First"))
    resolve(portal, team, incident, clock)
    app = compare(open_page)
    upload(lambda document: document.add_paragraph("Second"))
    newer = file_of(portal, incident)
    app.button(key="rca_refresh_do").click().run()
    assert not app.exception
    assert "changed meanwhile" in app.warning[0].value
    assert file_of(portal, incident) == newer


def test_a_field_that_both_changed_and_a_row_that_is_gone_are_asked_about(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident, upload: Upload, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        first = follow_ups.add(work, incident.id, FollowUpDraft(text="Cache less")).id
        follow_ups.add(work, incident.id, FollowUpDraft(text="Alert on depth"))
    upload(lambda document: document.add_paragraph("First"))

    def edit(document: Document) -> None:
        table = table_of(document, "Action")
        table.rows[1].cells[1].text = "Cache much less"
        table._tbl.remove(table.rows[2]._tr)

    document = docx.Document(BytesIO(file_of(portal, incident)))
    edit(document)
    saved = BytesIO()
    document.save(saved)
    clock.forward(timedelta(minutes=5))
    with portal.work(team.as_bob) as work:
        follow_ups.change(work, first, FollowUpDraft(text="Cache nothing"))
    app = open_page("rca", key="INC-1")
    app.file_uploader[0].upload("rca.docx", saved.getvalue()).run()
    app.radio(key=f"rca_both_{incident.id}_FU-1_text").set_value(True).run()
    app.radio(key=f"rca_gone_{incident.id}_FU-2").set_value("Drop it").run()
    app.text_input(key=f"rca_gone_{incident.id}_FU-2_reason").input("Done elsewhere").run()
    app.button(key="rca_take_in").click().run()
    assert not app.exception
    with portal.reading() as session:
        one, other = postmortem.follow_ups(session, incident.id)
    assert (one.text, other.state) == ("Cache much less", FollowUpState.DROPPED)


def test_a_section_that_both_rewrote_is_shown_from_both_sides_and_asked_about(
    open_page: OpenPage, portal: Portal, upload: Upload, clock: HandClock
) -> None:
    def says(words: str) -> Callable[[Document], object]:
        def write(document: Document) -> None:
            next(each for each in document.paragraphs if each.text.startswith("Ask why five times")).text = words

        return write

    incident = upload(lambda document: document.add_paragraph("First"))
    older = edited(file_of(portal, incident), says("Ada found a *leak*."))
    clock.forward(timedelta(minutes=5))
    upload(says("Bob found a lock."))
    app = open_page("rca", key="INC-1")
    app.file_uploader[0].upload("rca.docx", older).run()
    assert "Bob found a lock." in words_on(app)
    assert "Ada found a \\*leak\\*." in words_on(app)
    app.radio(key=f"rca_both_{incident.id}_root_cause").set_value("Those in the document").run()
    app.button(key="rca_take_in").click().run()
    assert not app.exception
    with portal.reading() as session:
        present = incidents.rca_document(session, incident.id)
    assert present is not None
    assert present.sections["root_cause"] == "Ada found a *leak*."


def test_a_copy_from_before_the_last_refresh_is_told_apart(
    open_page: OpenPage, portal: Portal, team: Team, upload: Upload, clock: HandClock
) -> None:
    incident = upload(lambda document: document.add_paragraph("First"))
    older = file_of(portal, incident)
    resolve(portal, team, incident, clock)
    app = compare(open_page)
    app.button(key="rca_refresh_do").click().run()
    app.file_uploader[0].upload("rca.docx", older).run()
    assert "refreshed the document" in app.warning[0].value
    app = open_page("rca", key="INC-1")
    app.file_uploader[0].upload("rca.docx", file_of(portal, incident)).run()
    assert not app.warning
