"""A refresh is done as it was shown, on the file that was shown, and leaves its trace."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from docx.document import Document

from ims.bootstrap import Portal
from ims.errors import Conflict, Refusal
from ims.model import EntryKind, FollowUpDraft, Incident, RcaDocument
from ims.postmortem.content.facts import RcaFacts, collect
from ims.postmortem.content.template import Template
from ims.postmortem.document import create
from ims.postmortem.following_up import follow_ups
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.taking_in import take_in
from ims.postmortem.refreshing.planning import Answer
from ims.postmortem.refreshing.refresh import Preview, preview, refresh
from ims.store import incidents, postmortem
from tests.conftest import HandClock, Team
from tests.postmortem.conftest import WriteDocument, edit, fill_row
from tests.postmortem.documents import edited, of_people, parts, table_of

Taking = Callable[[Callable[[Document], object]], bytes]


@pytest.fixture
def taken_in(portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template) -> Taking:
    """Let somebody edit the document of now, and take it in."""

    def take(change: Callable[[Document], object]) -> bytes:
        file = edited(written(), change)
        with portal.work(team.as_ada) as work:
            take_in(work, resolved.id, file, template)
        return file

    return take


def now(portal: Portal, incident: Incident) -> RcaFacts:
    with portal.reading() as session:
        present = session.get_one(Incident, incident.id)
        return collect(session, present, portal.procedure, [], portal.clock())


def document_of(portal: Portal, incident: Incident) -> RcaDocument:
    with portal.reading() as session:
        document = incidents.rca_document(session, incident.id)
    assert document is not None
    return document


def look(portal: Portal, incident: Incident, template: Template) -> Preview:
    return preview(document_of(portal, incident), now(portal, incident), template)


def do(portal: Portal, team: Team, incident: Incident, template: Template, shown: str, **answers: Answer) -> None:
    facts = now(portal, incident)
    with portal.work(team.as_bob) as work:
        refresh(work, incident.id, facts, template, shown=shown, answers=answers)


def add(portal: Portal, team: Team, incident: Incident, text: str) -> None:
    with portal.work(team.as_ada) as work:
        follow_ups.add(work, incident.id, FollowUpDraft(text=text))


def test_a_refresh_writes_what_was_shown_and_leaves_a_trace(
    portal: Portal, team: Team, resolved: Incident, taken_in: Taking, template: Template, clock: HandClock
) -> None:
    file = taken_in(lambda document: document.add_paragraph("Ours alone"))
    clock.forward(timedelta(minutes=5))
    add(portal, team, resolved, "Alert on depth")
    seen = look(portal, resolved, template)
    assert "Follow-up actions" in [each.now.title for each in seen.plan.changing]
    do(portal, team, resolved, template, seen.digest)
    after = document_of(portal, resolved)
    assert after.file is not None
    assert [each.row_id for each in read(after.file).follow_ups] == ["FU-1"]
    assert (of_people(after.file), parts(after.file)) == (of_people(file), parts(file))
    assert "Alert on depth" in after.written["follow_ups"]
    with portal.reading() as session:
        last = incidents.timeline(session, resolved.id)[-1]
    assert (last.kind, last.author) == (EntryKind.RCA_REFRESHED, "Bob Kahn")
    assert look(portal, resolved, template).plan.written({}) == []


def test_a_row_of_people_gets_its_id_and_its_ticket_in_the_document(
    portal: Portal, team: Team, resolved: Incident, taken_in: Taking, template: Template
) -> None:
    taken_in(lambda document: fill_row(document, 1, action="Alert on depth", owner="bob@example.com", due="5 Dec 2026"))
    portal.worker.run_due()
    do(portal, team, resolved, template, look(portal, resolved, template).digest)
    with portal.reading() as session:
        [mine] = postmortem.follow_ups(session, resolved.id)
        keys = {ticket.id: ticket.key for ticket in incidents.tickets(session, resolved.id)}
    new: list[list[str]] = []
    edited(
        document_of(portal, resolved).file or b"",
        lambda document: new.append([cell.text for cell in table_of(document, "Action").rows[1].cells]),
    )
    ticket = keys[mine.ticket_id or 0]
    assert new == [["FU-1", "Alert on depth", "bob@example.com", "5 Dec 2026", "", "Open", ticket]]


def test_a_file_uploaded_since_the_preview_is_not_written_over(
    portal: Portal, team: Team, resolved: Incident, taken_in: Taking, template: Template
) -> None:
    taken_in(lambda document: document.add_paragraph("First"))
    add(portal, team, resolved, "Alert on depth")
    seen = look(portal, resolved, template)
    newer = taken_in(lambda document: document.add_paragraph("Second"))
    with pytest.raises(Conflict, match="changed meanwhile"):
        do(portal, team, resolved, template, seen.digest)
    assert document_of(portal, resolved).file == newer


def test_what_the_incident_learnt_since_the_preview_is_not_written_unseen(
    portal: Portal, team: Team, resolved: Incident, taken_in: Taking, template: Template
) -> None:
    file = taken_in(lambda document: document.add_paragraph("First"))
    seen = look(portal, resolved, template)
    add(portal, team, resolved, "Alert on depth")
    with pytest.raises(Conflict, match="Ada Lovelace"):
        do(portal, team, resolved, template, seen.digest)
    assert document_of(portal, resolved).file == file


def test_a_refresh_without_a_change_or_a_file_is_refused(
    portal: Portal, team: Team, resolved: Incident, taken_in: Taking, template: Template
) -> None:
    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
    with pytest.raises(Refusal, match="uploaded"):
        look(portal, resolved, template)
    taken_in(lambda document: document.add_paragraph("First"))
    with pytest.raises(Refusal, match="Nothing would change"):
        do(portal, team, resolved, template, look(portal, resolved, template).digest)


def test_a_document_of_another_incident_is_not_refreshed(
    portal: Portal, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    def retitle(document: Document) -> None:
        document.paragraphs[0].text = "Root cause analysis of INC-77: other"

    other = RcaDocument(incident_id=resolved.id, created_at=portal.clock(), file=edit(written(), retitle))
    with pytest.raises(Refusal, match="INC-77"):
        preview(other, now(portal, resolved), template)
