"""Publishing freezes what was published: copies with their SHA-256 that nothing changes, and the library's entry."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.document import Document
from sqlalchemy import UpdateBase
from sqlalchemy.exc import DBAPIError
from sqlmodel import delete, update

from ims.bootstrap import Portal
from ims.errors import Conflict, Refusal
from ims.model import Actor, EntryKind, Incident, IncidentDraft, PublishedCopy, RcaState
from ims.postmortem.content.facts import collect
from ims.postmortem.content.template import Template, read_template
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.sections import sections_of
from ims.postmortem.reading.taking_in import take_in
from ims.postmortem.refreshing.planning import Standing
from ims.postmortem.refreshing.refresh import preview
from ims.postmortem.review.publishing import Manuscript, add_pdf, is_intact, publish
from ims.postmortem.review.publishing import manuscript as manuscript_of_people
from ims.postmortem.review.reviewing import back_to_draft, send_to_review
from ims.postmortem.word.finishing import finished
from ims.postmortem.writing.writer import write
from ims.response import states
from ims.response.declare import declare
from ims.store import incidents, postmortem, publications
from tests.conftest import Team, make_team
from tests.postmortem.conftest import edit
from tests.postmortem.test_reviewing import complete, document_of


@pytest.fixture
def both_teams(both_portals: Portal) -> Team:
    return make_team(both_portals)


@pytest.fixture
def plan(both_portals: Portal) -> Template:
    return read_template(both_portals.settings.data_dir)


@pytest.fixture
def in_review(both_portals: Portal, both_teams: Team, plan: Template) -> Incident:
    return reviewed(both_portals, both_teams, plan)


def reviewed(portal: Portal, team: Team, plan: Template, *, drill: bool = False) -> Incident:
    """An incident that is over, its document in review."""
    draft = IncidentDraft(title="Payments fail | with *502*", affects_customers=True, service_ids=[team.payments.id])
    with portal.work(team.as_ada) as work:
        declared = declare(work, draft, portal.procedure)
        declared.drill = drill
        incident = states.resolve(work, declared.id, "Restarted", portal.procedure)
    complete(portal, team.as_ada, incident, plan)
    with portal.work(team.as_ada) as work:
        send_to_review(work, incident.id, plan)
    return incident


def manuscript(portal: Portal, incident: Incident, plan: Template) -> Manuscript:
    with portal.reading() as session:
        here = session.get_one(Incident, incident.id)
        facts = collect(session, here, portal.procedure, [], portal.clock())
    return Manuscript(facts, write(facts, plan))


def publish_now(portal: Portal, actor: Actor, incident: Incident, plan: Template) -> None:
    written = manuscript(portal, incident, plan)
    with portal.work(actor) as work:
        publish(work, incident.id, written, plan, portal.causes)


def add_own_table(document: Document) -> None:
    """Put a table of one's own under the root cause, as people do."""
    heading = next(each for each in document.paragraphs if each.text.startswith("Root cause and"))
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text = "Latency by region"
    heading._p.getnext().addnext(table._tbl)


def copies(portal: Portal, incident: Incident) -> dict[tuple[int, str], PublishedCopy]:
    with portal.reading() as session:
        document = incidents.rca_document(session, incident.id)
        assert document is not None
        listed = publications.copies(session, document.id)
        return {(each.edition, each.format): session.get_one(PublishedCopy, each.id) for each in listed if each.content}


def test_what_is_published_is_frozen_as_word_and_markdown(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    publish_now(both_portals, both_teams.as_bob, in_review, plan)
    kept = copies(both_portals, in_review)
    assert set(kept) == {(1, "docx"), (1, "md")}
    for copy in kept.values():
        assert copy.digest == sha256(copy.content).hexdigest()
        assert is_intact(copy)
    assert docx.Document(BytesIO(kept[1, "docx"].content)).paragraphs
    text = kept[1, "md"].content.decode()
    assert r"Payments fail \| with \*502\*" in text
    assert "Edition 1, published by Bob Kahn" in text
    assert "Cause: Certificate, key or quota ran out." in text
    document = document_of(both_portals, in_review)
    assert (document.state, document.published_by) == (RcaState.PUBLISHED, "Bob Kahn")
    assert document.published_at == both_portals.clock()


def test_pictures_and_tables_that_people_put_into_their_file_are_published_too(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    edited = edit(manuscript(both_portals, in_review, plan).docx, add_own_table)
    with both_portals.work(both_teams.as_ada) as work:
        take_in(work, in_review.id, edited, plan)
    document = document_of(both_portals, in_review)
    written = manuscript_of_people(document, manuscript(both_portals, in_review, plan).facts, plan)
    with both_portals.work(both_teams.as_bob) as work:
        publish(work, in_review.id, written, plan, both_portals.causes)
    published = docx.Document(BytesIO(copies(both_portals, in_review)[1, "docx"].content))
    assert "Latency by region" in [table.rows[0].cells[0].text for table in published.tables]


def test_words_that_people_gave_on_the_page_are_published_although_their_file_lacks_them(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    with both_portals.work(both_teams.as_ada) as work:
        take_in(work, in_review.id, manuscript(both_portals, in_review, plan).docx, plan)
        document = incidents.rca_document(work.session, in_review.id)
        assert document is not None
        document.sections = {**document.sections, "lucky": "It was a holiday for 3 customers."}
    now = manuscript(both_portals, in_review, plan).facts
    written = manuscript_of_people(document_of(both_portals, in_review), now, plan)
    said = "\n".join(paragraph.text for paragraph in docx.Document(BytesIO(written.docx)).paragraphs)
    assert "It was a holiday for 3 customers." in said


def test_a_published_copy_asks_nobody_to_write_and_says_which_edition_it_is(
    both_portals: Portal, in_review: Incident, plan: Template
) -> None:
    unwritten = write(replace(manuscript(both_portals, in_review, plan).facts, written={}), plan)
    prompts = {section.prompt for section in plan.of_people if section.prompt}
    first = finished(unwritten, prompts, "Edition 1, published by Ada.")
    assert "Nothing was written here." not in sections_of(read(first), plan).texts.values()
    second = docx.Document(BytesIO(finished(first, prompts, "Edition 2, published by Bob.")))
    said = {each.text for each in second.paragraphs}
    assert "Nothing was written here." in said
    assert not prompts & said
    [actions] = [each for each in second.tables if "Action" in [cell.text for cell in each.rows[0].cells]]
    assert all(any(cell.text for cell in row.cells) for row in actions.rows)
    assert [each.text for each in second.sections[0].footer.paragraphs][1:] == ["Edition 2, published by Bob."]


def test_a_published_copy_that_comes_back_was_edited_by_nobody(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    facts = manuscript(both_portals, in_review, plan).facts
    copy = manuscript_of_people(document_of(both_portals, in_review), facts, plan, note="Edition 1, by Ada.").docx
    with both_portals.work(both_teams.as_ada) as work:
        take_in(work, in_review.id, copy, plan)
    seen = preview(document_of(both_portals, in_review), facts, plan)
    assert Standing.EDITED not in {each.standing for each in seen.plan.blocks}


def test_a_file_that_the_library_cannot_open_is_published_as_it_is() -> None:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert finished(file.getvalue(), (), "Edition 1, by Ada.") == file.getvalue()


def test_the_timeline_says_who_published_and_with_which_digests(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    publish_now(both_portals, both_teams.as_bob, in_review, plan)
    with both_portals.reading() as session:
        [entry] = postmortem.entries_of_kind(session, in_review.id, EntryKind.RCA_PUBLISHED)
    assert (entry.author, entry.text) == ("Bob Kahn", "Root-cause document published, edition 1")
    assert entry.data["digests"] == {key[1]: copy.digest for key, copy in copies(both_portals, in_review).items()}


def test_who_publishes_what_nobody_else_has_read_may_but_it_is_said(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    publish_now(both_portals, both_teams.as_ada, in_review, plan)
    with both_portals.reading() as session:
        [entry] = postmortem.entries_of_kind(session, in_review.id, EntryKind.RCA_PUBLISHED)
    assert entry.text.endswith("Nobody else has reviewed it")
    assert entry.data["alone"] is True


def test_publishing_twice_makes_one_edition_and_after_a_draft_another(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    for _ in range(2):
        publish_now(both_portals, both_teams.as_bob, in_review, plan)
    first = copies(both_portals, in_review)
    assert set(first) == {(1, "docx"), (1, "md")}
    with both_portals.work(both_teams.as_ada) as work:
        document = back_to_draft(work, in_review.id, "A number was wrong")
        document.sections = {**document.sections, "summary": "It touched 41 customers."}
        send_to_review(work, in_review.id, plan)
    publish_now(both_portals, both_teams.as_bob, in_review, plan)
    both = copies(both_portals, in_review)
    assert set(both) == {(1, "docx"), (1, "md"), (2, "docx"), (2, "md")}
    assert {key: copy.digest for key, copy in both.items() if key[0] == 1} == {
        key: copy.digest for key, copy in first.items()
    }
    assert "41 customers" in both[2, "md"].content.decode()
    assert "41 customers" not in both[1, "md"].content.decode()


@pytest.mark.parametrize(
    "tamper",
    [
        update(PublishedCopy).values(content=b"other", digest=sha256(b"other").hexdigest()),
        update(PublishedCopy).values(created_by="Somebody else"),
        delete(PublishedCopy),
    ],
    ids=["content", "author", "row"],
)
def test_the_database_itself_refuses_to_change_a_copy(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template, tamper: UpdateBase
) -> None:
    publish_now(both_portals, both_teams.as_bob, in_review, plan)
    before = {key: copy.digest for key, copy in copies(both_portals, in_review).items()}
    with pytest.raises(DBAPIError, match="never changes"), both_portals.work(both_teams.as_ada) as work:
        work.session.exec(tamper)
    assert {key: copy.digest for key, copy in copies(both_portals, in_review).items()} == before


def test_a_copy_that_differs_from_its_digest_is_known(in_review: Incident) -> None:
    values: dict[str, Any] = {"document_id": 1, "edition": 1, "created_at": in_review.began_at, "created_by": "Ada"}
    copy = PublishedCopy(format="md", content=b"a", digest=sha256(b"b").hexdigest(), **values)
    assert not is_intact(copy)


def test_a_draft_is_not_published(both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template) -> None:
    with both_portals.work(both_teams.as_ada) as work:
        back_to_draft(work, in_review.id, "Not yet")
    with pytest.raises(Refusal, match="Send it to review first"):
        publish_now(both_portals, both_teams.as_bob, in_review, plan)


def test_what_went_missing_during_the_review_blocks_until_somebody_says_why_not(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    with both_portals.work(both_teams.as_ada) as work:
        document = incidents.rca_document(work.session, in_review.id)
        assert document is not None
        document.sections = {**document.sections, "root_cause": ""}
    with pytest.raises(Refusal, match="Not yet: Nobody has written the root cause"):
        publish_now(both_portals, both_teams.as_bob, in_review, plan)
    written = manuscript(both_portals, in_review, plan)
    with both_portals.work(both_teams.as_bob) as work:
        publish(work, in_review.id, written, plan, both_portals.causes, despite="The vendor still looks")
    assert document_of(both_portals, in_review).state is RcaState.PUBLISHED


def test_an_incident_that_changed_while_the_copies_were_written_is_looked_at_again(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    written = manuscript(both_portals, in_review, plan)
    with both_portals.work(both_teams.as_ada) as work:
        work.record(work.incident(in_review.id), EntryKind.NOTE, "One more thing")
    with pytest.raises(Conflict, match="publish once more"), both_portals.work(both_teams.as_bob) as work:
        publish(work, in_review.id, written, plan, both_portals.causes)
    assert not copies(both_portals, in_review)


def test_the_pdf_comes_after_and_the_first_one_stays(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    publish_now(both_portals, both_teams.as_bob, in_review, plan)
    for content in (b"%PDF-1", b"%PDF-2"):
        with both_portals.work(both_teams.as_bob) as work:
            add_pdf(work, in_review.id, 1, content)
    assert copies(both_portals, in_review)[1, "pdf"].content == b"%PDF-1"
    with pytest.raises(Refusal, match="no edition 2"), both_portals.work(both_teams.as_bob) as work:
        add_pdf(work, in_review.id, 2, b"%PDF")


def test_the_library_has_the_newest_edition_once(
    both_portals: Portal, both_teams: Team, in_review: Incident, plan: Template
) -> None:
    publish_now(both_portals, both_teams.as_bob, in_review, plan)
    with both_portals.work(both_teams.as_ada) as work:
        document = back_to_draft(work, in_review.id, "A number was wrong")
        document.sections = {**document.sections, "summary": "It touched 41 customers."}
        send_to_review(work, in_review.id, plan)
    publish_now(both_portals, both_teams.as_bob, in_review, plan)
    with both_portals.reading() as session:
        entry = publications.library_entry(session, in_review.id)
    assert entry is not None
    assert (entry.source, entry.title, entry.services, entry.cause) == (
        "portal",
        "Payments fail | with *502*",
        "payments",
        "expiry",
    )
    assert entry.occurred_on == in_review.began_at.date()
    assert entry.text.encode() == copies(both_portals, in_review)[2, "md"].content


def test_a_drill_is_published_but_has_no_place_in_the_library(both_portals: Portal, plan: Template) -> None:
    team = make_team(both_portals)
    drilled = reviewed(both_portals, team, plan, drill=True)
    publish_now(both_portals, team.as_bob, drilled, plan)
    with both_portals.reading() as session:
        assert publications.library_entry(session, drilled.id) is None
