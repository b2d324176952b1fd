"""What people did in the document arrives in the portal, once, and nothing is lost on either side."""

from copy import deepcopy
from datetime import date, timedelta

import pytest
from docx.document import Document

from ims.bootstrap import Portal
from ims.errors import BadFile, Refusal
from ims.model import EntryKind, FollowUpDraft, FollowUpKind, FollowUpState, Incident
from ims.postmortem.content.template import Template
from ims.postmortem.document import create
from ims.postmortem.following_up import follow_ups
from ims.postmortem.reading.comparing import Choices
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.taking_in import preview, take_in, take_in_reading
from ims.postmortem.review.taking_over import accept_draft
from ims.store import incidents, postmortem
from tests.conftest import HandClock, Team
from tests.postmortem.conftest import WriteDocument, edit, fill_row, follow_up_table


def kinds(portal: Portal, incident: Incident) -> list[EntryKind]:
    with portal.reading() as session:
        return [entry.kind for entry in incidents.timeline(session, incident.id)]


def test_creating_the_document_twice_makes_one(portal: Portal, team: Team, resolved: Incident) -> None:
    for _ in range(2):
        with portal.work(team.as_ada) as work:
            create(work, resolved.id)
    assert kinds(portal, resolved).count(EntryKind.RCA_CREATED) == 1


def test_a_new_row_becomes_a_follow_up_and_a_sub_task(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    file = edit(
        written(), lambda document: fill_row(document, 1, action="Alert on depth", owner="bob kahn", due="2026-12-01")
    )
    with portal.work(team.as_ada) as work:
        take_in(work, resolved.id, file, template)
    portal.worker.run_due()
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
        main, sub_task = incidents.tickets(session, resolved.id)
    assert (follow_up.row_id, follow_up.owner_id, follow_up.due_on) == ("FU-1", team.bob.id, date(2026, 12, 1))
    assert (sub_task.parent_id, sub_task.id, sub_task.key) == (main.id, follow_up.ticket_id, f"T-{sub_task.id}")


def test_the_same_file_twice_adds_nothing(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    file = edit(written(), lambda document: fill_row(document, 1, action="Alert on depth", owner="Zoe", state="x"))
    with portal.work(team.as_ada) as work:
        first = take_in(work, resolved.id, file, template)
    before = kinds(portal, resolved)
    with portal.work(team.as_ada) as work:
        second = take_in(work, resolved.id, file, template)
    assert (len(first.changes.new), second.changes.are_none) == (1, True)
    assert kinds(portal, resolved) == before
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
    assert (follow_up.owner_name, follow_up.state) == ("Zoe", FollowUpState.DONE)
    assert any("Zoe" in sentence for sentence in first.not_understood)


def add(portal: Portal, team: Team, incident: Incident, text: str = "Cache less") -> int:
    draft = FollowUpDraft(text=text, owner_id=team.ada.id, due_on=date(2026, 12, 1), kind=FollowUpKind.PREVENT)
    with portal.work(team.as_ada) as work:
        return follow_ups.add(work, incident.id, draft).id


def test_changes_to_known_rows_are_applied(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    add(portal, team, resolved)
    file = edit(
        written(),
        lambda document: fill_row(
            document, 1, action="Cache much less", owner="bob@example.com", due="5 Dec 2026", state="Done"
        ),
    )
    with portal.work(team.as_bob) as work:
        take_in(work, resolved.id, file, template)
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
    assert (follow_up.text, follow_up.owner_id, follow_up.due_on, follow_up.kind, follow_up.state) == (
        "Cache much less",
        team.bob.id,
        date(2026, 12, 5),
        FollowUpKind.PREVENT,
        FollowUpState.DONE,
    )


def test_a_column_that_somebody_took_out_says_nothing(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    add(portal, team, resolved)

    def change(document: Document) -> None:
        fill_row(document, 1, action="Cache much less", owner="", due="", state="Done")
        for name in ("Owner", "Due date"):
            table = follow_up_table(document)
            place = [cell.text for cell in table.rows[0].cells].index(name)
            for row in table.rows:
                row._tr.remove(row.cells[place]._tc)

    with portal.work(team.as_ada) as work:
        take_in(work, resolved.id, edit(written(), change), template)
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
    assert (follow_up.text, follow_up.state) == ("Cache much less", FollowUpState.DONE)
    assert (follow_up.owner_id, follow_up.due_on) == (team.ada.id, date(2026, 12, 1))


def test_a_line_that_repeats_a_follow_up_takes_nothing_from_it(
    portal: Portal, team: Team, resolved: Incident, template: Template
) -> None:
    add(portal, team, resolved)
    with portal.work(team.as_ada) as work:
        reading = read(b"# Actions\n\n- [x] cache less\n", "notes.md")
        take_in_reading(work, resolved.id, reading, template, is_known=False)
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
    assert (follow_up.owner_id, follow_up.due_on) == (team.ada.id, date(2026, 12, 1))
    assert follow_up.state is FollowUpState.DONE


def test_a_text_in_markdown_is_taken_in_once_and_leaves_the_word_file_alone(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    file, text = written(), b"# Root cause and contributing factors\n\nA leak.\n\n# Next steps\n\n- Mend it\n"
    seen = []
    for each, name in ((file, "rca.docx"), (text, "notes.md"), (text, "notes.md")):
        with portal.work(team.as_ada) as work:
            seen.append(take_in(work, resolved.id, each, template, name=name))
    with portal.reading() as session:
        document = incidents.rca_document(session, resolved.id)
    assert [len(each.changes.new) for each in seen] == [0, 1, 0]
    assert document is not None
    assert (document.file, document.sections["root_cause"]) == (file, "A leak.")
    assert kinds(portal, resolved).count(EntryKind.RCA_READ) == 2


def test_a_row_copied_to_write_a_new_one_leaves_the_old_one_what_it_was(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    add(portal, team, resolved)

    def change(document: Document) -> None:
        row = follow_up_table(document).rows[1]._tr
        row.addprevious(deepcopy(row))
        fill_row(document, 1, action="Cache more", owner="Bob Kahn", due="2026-12-24")

    with portal.work(team.as_ada) as work:
        seen = take_in(work, resolved.id, edit(written(), change), template)
    with portal.reading() as session:
        first, second = postmortem.follow_ups(session, resolved.id)
    assert (first.text, first.owner_id, second.text, second.owner_id) == (
        "Cache less",
        team.ada.id,
        "Cache more",
        team.bob.id,
    )
    assert "stands in the document twice" in seen.not_understood[0]


def test_an_untouched_document_changes_nothing(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    add(portal, team, resolved)
    with portal.work(team.as_ada) as work:
        seen = take_in(work, resolved.id, written(), template)
    assert (seen.changes.are_none, seen.not_understood) == (True, [])


def test_an_older_document_does_not_undo_what_was_changed_since(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template, clock: HandClock
) -> None:
    follow_up_id = add(portal, team, resolved)
    file = written()
    clock.forward(timedelta(minutes=5))
    with portal.work(team.as_bob) as work:
        follow_ups.change(work, follow_up_id, FollowUpDraft(text="Cache less", owner_id=team.bob.id))
        follow_ups.finish(work, follow_up_id, "Shipped")
    with portal.work(team.as_ada) as work:
        seen = take_in(work, resolved.id, file, template)
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
    assert (follow_up.owner_id, follow_up.due_on, follow_up.state) == (team.bob.id, None, FollowUpState.DONE)
    assert seen.not_understood == []


def test_two_people_who_change_the_same_thing_are_told(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template, clock: HandClock
) -> None:
    follow_up_id = add(portal, team, resolved)
    file = edit(
        written(), lambda document: fill_row(document, 1, action="Cache less", owner="Ada Lovelace", due="2026-12-24")
    )
    clock.forward(timedelta(minutes=5))
    with portal.work(team.as_bob) as work:
        draft = FollowUpDraft(text="Cache less", owner_id=team.ada.id, due_on=date(2027, 1, 7))
        follow_ups.change(work, follow_up_id, draft)
    with portal.work(team.as_ada) as work:
        seen = take_in(work, resolved.id, file, template)
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
    assert follow_up.due_on == date(2027, 1, 7)
    assert any("FU-1" in sentence and "2026-12-24" in sentence for sentence in seen.not_understood)


def test_of_a_field_that_both_changed_the_documents_word_counts_where_it_is_chosen(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template, clock: HandClock
) -> None:
    follow_up_id = add(portal, team, resolved)
    file = edit(
        written(), lambda document: fill_row(document, 1, action="Cache much less", owner="Zoe", due="2026-12-24")
    )
    clock.forward(timedelta(minutes=5))
    with portal.work(team.as_bob) as work:
        draft = FollowUpDraft(text="Cache nothing", owner_id=team.bob.id, due_on=date(2027, 1, 7))
        follow_ups.change(work, follow_up_id, draft)
    with portal.work(team.as_ada) as work:
        seen = preview(work.session, resolved, file, template)
        take_in(work, resolved.id, file, template, Choices(frozenset({("FU-1", "due_on"), ("FU-1", "owner")})))
    assert [(each.name, each.in_document, each.here) for each in seen.changes.both_changed] == [
        ("text", "Cache much less", "Cache nothing"),
        ("owner", "Zoe", "Bob Kahn"),
        ("due_on", "2026-12-24", "2027-01-07"),
    ]
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
    assert (follow_up.text, follow_up.owner_name, follow_up.due_on) == ("Cache nothing", "Zoe", date(2026, 12, 24))


def test_a_vanished_row_is_dropped_only_with_a_reason(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    add(portal, team, resolved)

    def delete_row(document: Document) -> None:
        row = follow_up_table(document).rows[1]._tr
        row.getparent().remove(row)

    file = edit(written(), delete_row)
    with pytest.raises(Refusal, match="why"), portal.work(team.as_ada) as work:
        take_in(work, resolved.id, file, template, Choices(dropped={"FU-1": " "}))
    with portal.work(team.as_ada) as work:
        seen = take_in(work, resolved.id, file, template, Choices(dropped={"FU-1": "Done elsewhere"}))
    assert seen.not_understood == []
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, resolved.id)
    assert (follow_up.state, follow_up.finish_reason) == (FollowUpState.DROPPED, "Done elsewhere")


def test_a_row_that_vanished_is_reported_and_kept(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    add(portal, team, resolved)

    def delete_row(document: Document) -> None:
        row = follow_up_table(document).rows[1]._tr
        row.getparent().remove(row)

    with portal.work(team.as_ada) as work:
        seen = take_in(work, resolved.id, edit(written(), delete_row), template)
    assert [each.row_id for each in seen.changes.missing] == ["FU-1"]
    assert any("not in the document" in sentence for sentence in seen.not_understood)
    with portal.reading() as session:
        assert len(postmortem.follow_ups(session, resolved.id)) == 1


def test_what_people_wrote_stands_in_the_next_document(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    def write_prose(document: Document) -> None:
        prompt = next(each for each in document.paragraphs if each.text.startswith("Ask why five times"))
        prompt.text = "The pool was too small.\nNobody knew."

    with portal.work(team.as_ada) as work:
        take_in(work, resolved.id, edit(written(), write_prose), template)
    with portal.reading() as session:
        document = incidents.rca_document(session, resolved.id)
    assert document is not None
    assert document.sections["root_cause"] == "The pool was too small.\nNobody knew."
    assert "went_well" not in document.sections
    with portal.work(team.as_ada) as work:
        again = take_in(work, resolved.id, written(), template)
    assert again.sections.texts["root_cause"] == "The pool was too small.\nNobody knew."


def test_a_copy_in_which_a_draft_still_stands_takes_back_nothing_that_was_accepted(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    copy = written()
    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
        accept_draft(work, resolved.id, "summary", "Payments failed for an hour.", template)
    with portal.work(team.as_bob) as work:
        take_in(work, resolved.id, copy, template)
    with portal.reading() as session:
        document = incidents.rca_document(session, resolved.id)
    assert document is not None
    assert document.sections["summary"] == "Payments failed for an hour."


def test_words_that_people_deleted_in_the_document_are_gone(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    def delete(document: Document) -> None:
        next(each for each in document.paragraphs if each.text.startswith("Payments failed")).text = ""

    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
        accept_draft(work, resolved.id, "summary", "Payments failed for an hour.", template)
    with portal.work(team.as_bob) as work:
        take_in(work, resolved.id, edit(written(), delete), template)
    with portal.reading() as session:
        document = incidents.rca_document(session, resolved.id)
    assert document is not None
    assert document.sections["summary"] == ""


def test_a_document_of_another_incident_is_refused(
    portal: Portal, team: Team, resolved: Incident, written: WriteDocument, template: Template
) -> None:
    def retitle(document: Document) -> None:
        document.paragraphs[0].text = "Root cause analysis of INC-77: other"

    with portal.work(team.as_ada) as work, pytest.raises(Refusal, match="INC-77"):
        take_in(work, resolved.id, edit(written(), retitle), template)


def test_a_bad_file_leaves_nothing_behind(portal: Portal, team: Team, resolved: Incident, template: Template) -> None:
    with pytest.raises(BadFile), portal.work(team.as_ada) as work:
        take_in(work, resolved.id, b"no docx", template)
    assert EntryKind.RCA_CREATED not in kinds(portal, resolved)
