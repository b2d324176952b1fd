"""Sections of people that come back in several copies: nothing is undone or published unseen, and nothing is lost."""

from io import BytesIO

import docx
import pytest
from docx.document import Document

from ims.model import EntryKind
from ims.postmortem.reading.comparing import Choices
from ims.postmortem.review.publishing import manuscript
from ims.store import incidents
from tests.postmortem.conftest import WriteDocument, edit
from tests.postmortem.documents import is_heading, says, takes_out
from tests.postmortem.meeting import Meeting
from tests.postmortem.test_refresh import PNG

ROOT_CAUSE, LUCKY = "Root cause and contributing factors", "Where we got lucky"


def published(meeting: Meeting) -> Document:
    """What would be published now."""
    return docx.Document(BytesIO(manuscript(meeting.document, meeting.facts, meeting.template).docx))


def last_reading(meeting: Meeting) -> str:
    with meeting.portal.reading() as session:
        entries = incidents.timeline(session, meeting.incident.id)
    return next(each.text for each in reversed(entries) if each.kind is EntryKind.RCA_READ)


def test_a_section_that_people_took_out_is_not_published_and_their_pictures_are(
    meeting: Meeting, download: WriteDocument
) -> None:
    def fill(document: Document) -> None:
        says(LUCKY, "SECRET: Carl slept.")(document)
        document.add_paragraph().add_run().add_picture(BytesIO(PNG))

    file = edit(download(), fill)
    meeting.takes_in(file)
    seen = meeting.takes_in(edit(file, takes_out(LUCKY)))
    assert [remark for remark in seen.not_understood if LUCKY in remark] == [
        f"“{LUCKY}” is gone from the document, so it is empty here too; the timeline keeps its words."
    ]
    assert "SECRET: Carl slept." in last_reading(meeting)
    paper = published(meeting)
    assert "SECRET" not in "\n".join(each.text for each in paper.paragraphs)
    assert len(paper.inline_shapes) == 2
    assert "SECRET" not in "\n".join(each.text for each in docx.Document(BytesIO(download())).paragraphs)


def test_a_section_written_here_since_is_not_taken_out_by_a_copy_that_never_had_it(
    meeting: Meeting, download: WriteDocument
) -> None:
    older = edit(download(), takes_out(LUCKY))
    meeting.takes_in(edit(download(), says(LUCKY, "It was Sunday.")))
    seen = meeting.takes_in(older)
    assert meeting.document.sections["lucky"] == "It was Sunday."
    assert any("changed here after this copy was made" in remark for remark in seen.remarks)


@pytest.mark.parametrize("text", [b"# Notes\n\nNothing.\n", f"# {ROOT_CAUSE}\n\nA leak.\n".encode()])
def test_a_text_in_markdown_takes_out_no_section_that_it_leaves_out(
    meeting: Meeting, download: WriteDocument, text: bytes
) -> None:
    meeting.takes_in(edit(download(), says(LUCKY, "It was Sunday.")))
    meeting.takes_in(text, "notes.md")
    assert meeting.document.sections["lucky"] == "It was Sunday."


@pytest.mark.parametrize("titles", [[LUCKY], None])
def test_a_heading_that_lost_its_style_takes_nothing_out(
    meeting: Meeting, download: WriteDocument, titles: list[str] | None
) -> None:
    def plain(document: Document) -> None:
        for each in document.paragraphs:
            if is_heading(each) and (titles is None or each.text in titles):
                each.style = document.styles["Normal"]

    meeting.takes_in(edit(download(), says(LUCKY, "It was Sunday.")))
    meeting.takes_in(edit(download(), plain))
    assert meeting.document.sections["lucky"] == "It was Sunday."


def test_an_older_copy_does_not_undo_a_section_that_was_rewritten_since(
    meeting: Meeting, download: WriteDocument
) -> None:
    first = edit(download(), says(ROOT_CAUSE, "Version one."))
    meeting.takes_in(first)
    meeting.takes_in(edit(download(), says(ROOT_CAUSE, "Version two.")))
    seen = meeting.takes_in(edit(first, says(LUCKY, "It was Sunday.")))
    sections = meeting.document.sections
    assert (sections["root_cause"], sections["lucky"]) == ("Version two.", "It was Sunday.")
    assert seen.remarks == [f"“{ROOT_CAUSE}” was changed here after this copy was made; the newer words stay."]


def test_of_a_section_that_both_rewrote_the_newest_words_stay_and_the_others_are_said_and_kept(
    meeting: Meeting, download: WriteDocument
) -> None:
    file = edit(download(), says(ROOT_CAUSE, "Ada found a leak."))
    meeting.takes_in(edit(download(), says(ROOT_CAUSE, "Bob found a lock.")))
    seen = meeting.takes_in(file)
    assert meeting.document.sections["root_cause"] == "Bob found a lock."
    [said] = seen.not_understood
    assert "Ada found a leak." in said
    assert "Bob found a lock." in said
    assert "Ada found a leak." in last_reading(meeting)


def test_of_a_section_that_both_rewrote_the_documents_words_count_where_they_are_chosen(
    meeting: Meeting, download: WriteDocument
) -> None:
    file = edit(download(), says(ROOT_CAUSE, "Ada found a leak."))
    meeting.takes_in(edit(download(), says(ROOT_CAUSE, "Bob found a lock.")))
    meeting.takes_in(file)
    seen = meeting.takes_in(file, choices=Choices(texts=frozenset({"root_cause"})))
    assert (meeting.document.sections["root_cause"], seen.not_understood) == ("Ada found a leak.", [])
    meeting.takes_in(edit(file, says(ROOT_CAUSE, "Ada found a leak and a lock.")))
    assert meeting.document.sections["root_cause"] == "Ada found a leak and a lock."


def test_a_file_in_which_people_go_on_writing_is_taken_in_again_and_again_without_a_question(
    meeting: Meeting, download: WriteDocument
) -> None:
    file = download()
    for words in ("A leak.", "A leak, and a lock.", "Two locks."):
        file = edit(file, says(ROOT_CAUSE, words))
        assert meeting.takes_in(file).not_understood == []
        assert meeting.document.sections["root_cause"] == words


def test_words_accepted_on_the_page_are_not_undone_by_a_copy_from_before(
    meeting: Meeting, download: WriteDocument
) -> None:
    meeting.takes_in(download())
    file = edit(download(), says("Summary", "Payments were slow."))
    meeting.waits()
    meeting.accepts("summary", "Payments failed.")
    assert any("Payments were slow." in said for said in meeting.takes_in(file).not_understood)
    assert meeting.document.sections["summary"] == "Payments failed."


def test_a_refresh_makes_nothing_newer_that_it_left_as_it_was(meeting: Meeting, download: WriteDocument) -> None:
    older = edit(download(), says(ROOT_CAUSE, "A leak."))
    meeting.takes_in(older)
    meeting.takes_in(f"# {ROOT_CAUSE}\n\nA lock.\n".encode(), "notes.md")
    refreshed = meeting.refreshes()
    assert any(ROOT_CAUSE in remark for remark in meeting.takes_in(refreshed).remarks)
    assert meeting.document.sections["root_cause"] == "A lock."
    meeting.takes_in(edit(refreshed, says(ROOT_CAUSE, "A leak, after all.")))
    assert meeting.document.sections["root_cause"] == "A lock."


def test_the_same_file_again_leaves_no_trace_and_what_was_written_since_alone(
    meeting: Meeting, download: WriteDocument
) -> None:
    file = edit(download(), says(ROOT_CAUSE, "A leak."))
    meeting.takes_in(file)
    meeting.takes_in(f"# {ROOT_CAUSE}\n\nA lock.\n".encode(), "notes.md")
    before = meeting.document.read_at
    meeting.takes_in(file)
    assert (meeting.document.sections["root_cause"], meeting.document.read_at) == ("A lock.", before)
