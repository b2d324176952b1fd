"""The root-cause page: empty, started, a document coming back, the meeting, filing."""

from io import BytesIO

import docx
import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import Actor, FollowUpDraft, Incident, IncidentState, MeetingState
from ims.postmortem import meeting
from ims.postmortem.content.facts import collect
from ims.postmortem.content.template import read_template
from ims.postmortem.document import create
from ims.postmortem.following_up import follow_ups
from ims.postmortem.writing.writer import write
from ims.response import states
from ims.store import deliveries, incidents, postmortem
from tests.conftest import Team
from tests.pages.conftest import OpenPage


@pytest.fixture
def resolved(portal: Portal, team: Team, incident: Incident) -> Incident:
    with portal.work(team.as_ada) as work:
        return states.resolve(work, incident.id, "Restarted", portal.procedure)


@pytest.fixture
def started(portal: Portal, team: Team, resolved: Incident) -> Incident:
    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
    return resolved


def filled_in(portal: Portal, incident: Incident, action: str, due: str = "2026-12-01") -> bytes:
    """Return the document of an incident with one action typed into the first empty row."""
    with portal.reading() as session:
        facts = collect(session, incident, portal.procedure, [], portal.clock())
    document = docx.Document(BytesIO(write(facts, read_template(portal.settings.data_dir))))
    table = next(table for table in document.tables if table.rows[0].cells[1].text == "Action")
    row = next(row for row in table.rows if not row.cells[1].text)
    row.cells[1].text, row.cells[2].text, row.cells[3].text = action, "Bob Kahn", due
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def words_on(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.error, app.info) for element in kind)


def test_without_incidents_the_page_says_what_will_be_here(open_page: OpenPage) -> None:
    assert "No incident is over yet" in words_on(open_page("rca"))


def test_the_list_says_how_far_each_incident_is(open_page: OpenPage, started: Incident) -> None:
    [row] = open_page("rca").dataframe[0].value.to_dict("records")
    assert (row["Incident"], row["Document"], row["Follow-ups"]) == ("INC-1", "Draft", "none")


def test_an_unknown_key_is_said_in_words(open_page: OpenPage) -> None:
    assert "no incident" in words_on(open_page("rca", key="INC-99"))


def test_the_document_is_started_once(open_page: OpenPage, resolved: Incident, portal: Portal) -> None:
    app = open_page("rca", key="INC-1")
    app.button(key="rca_create").click().run()
    assert not app.exception
    assert "Started by Ada Lovelace" in words_on(app)
    with portal.reading() as session:
        assert incidents.rca_document(session, resolved.id) is not None


def test_what_was_read_is_shown_before_it_is_taken_in(open_page: OpenPage, started: Incident, portal: Portal) -> None:
    app = open_page("rca", key="INC-1")
    file = filled_in(portal, started, "Alert on *depth*", due="01/12/2026")
    app.file_uploader[0].upload("rca.docx", file).run()
    assert r"Alert on \*depth\*" in words_on(app)
    assert "01/12/2026" in words_on(app)
    with portal.reading() as session:
        assert not postmortem.follow_ups(session, started.id)
    app.button(key="rca_take_in").click().run()
    assert not app.exception
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, started.id)
    assert follow_up.text == "Alert on *depth*"
    assert list(app.dataframe[0].value["Action"]) == ["Alert on *depth*"]


def test_notes_in_markdown_are_taken_in_too(open_page: OpenPage, started: Incident, portal: Portal) -> None:
    app = open_page("rca", key="INC-1")
    app.file_uploader[0].upload("notes.md", b"# Action items\n\n- [ ] Alert on depth\n", "text/markdown").run()
    app.button(key="rca_take_in").click().run()
    assert not app.exception
    assert list(app.dataframe[0].value["Action"]) == ["Alert on depth"]


def test_a_file_that_is_none_is_refused_in_words(open_page: OpenPage, started: Incident) -> None:
    app = open_page("rca", key="INC-1")
    app.file_uploader[0].upload("rca.docx", b"hello").run()
    assert "no Word document" in words_on(app)
    assert not app.exception


def test_what_is_missing_before_the_review_is_listed(
    open_page: OpenPage, started: Incident, portal: Portal, team: Team
) -> None:
    with portal.work(team.as_ada) as work:
        follow_ups.add(work, started.id, FollowUpDraft(text="Add a test"))
    said = words_on(open_page("rca", key="INC-1"))
    assert "lacks an owner, a due date and a kind" in said
    assert "impact has no number" in said
    assert "neither planned nor waived" in said


def test_the_meeting_is_planned_with_everyone_involved(open_page: OpenPage, started: Incident, portal: Portal) -> None:
    app = open_page("rca", key="INC-1")
    app.button(key="meeting_plan").click().run()
    assert app.multiselect(key="meeting_attendees").value == ["ada@example.com"]
    app.button(key="meeting_submit").click().run()
    assert not app.exception
    with portal.reading() as session:
        planned = meeting.current(session, started.id)
    assert planned is not None
    assert planned.state is MeetingState.PLANNED
    assert planned.starts_at.hour == 10


@pytest.mark.parametrize("link", ["https://meet.example/abc", "Room 4, first floor"])
def test_the_video_call_of_the_meeting_is_one_click_away(
    open_page: OpenPage, started: Incident, portal: Portal, team: Team, link: str
) -> None:
    proposed = meeting.proposal(started, [team.ada], portal.clock(), "https://ims.example.com")
    assert proposed
    with portal.work(team.as_ada) as work:
        meeting.plan(work, started.id, proposed.model_copy(update={"link": link}))
    app = open_page("rca", key="INC-1")
    opens = [button.proto.url for button in app.get("link_button")]
    assert opens == [link] if link.startswith("https") else link in words_on(app)


def test_who_was_invited_and_whom_it_did_not_reach_stands_beside_the_meeting(
    open_page: OpenPage, started: Incident, portal: Portal
) -> None:
    open_page("rca", key="INC-1").button(key="meeting_plan").click().run().button(key="meeting_submit").click().run()
    portal.worker.run_due()
    with portal.work(Actor("Setup")) as work:
        sent = deliveries.newest_of(work.session, started.id, "invitation")
        assert sent
        sent.system, sent.proof, sent.problem = "smtp", "Accepted for ada", "bob@example.com did not get it (550 no)"
    seen = words_on(open_page("rca", key="INC-1"))
    assert ":orange-badge[Sent, with a problem] Accepted for ada" in seen
    assert "did not get it (550 no)" in seen


def test_waiving_without_a_reason_is_refused(open_page: OpenPage, started: Incident, portal: Portal) -> None:
    app = open_page("rca", key="INC-1")
    app.button(key="meeting_waive").click().run()
    app.button(key="meeting_waive_submit").click().run()
    assert "Say why no meeting is needed" in words_on(app)


def test_follow_ups_are_added_and_filed(open_page: OpenPage, started: Incident, portal: Portal) -> None:
    app = open_page("rca", key="INC-1")
    app.button(key="rca_add").click().run()
    app.text_input(key="rca_add_text").set_value("Add a test")
    app.button(key="rca_add_submit").click().run()
    app.button(key="rca_file_follow_ups").click().run()
    assert not app.exception
    assert "Follow-ups filed: FU-1" in words_on(app)


def test_an_incident_that_is_not_over_may_start_its_document(open_page: OpenPage, incident: Incident) -> None:
    app = open_page("rca", key="INC-1")
    assert incident.state is IncidentState.OPEN
    assert "not resolved yet" in words_on(app)
    assert app.button(key="rca_create")
