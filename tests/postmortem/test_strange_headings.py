"""Headings that are none of the template's: what stands below them is no part of the section above."""

from collections.abc import Callable

import pytest
from docx.document import Document

from ims.postmortem.writing.customer_copy import customer_copy
from tests.postmortem.conftest import WriteDocument, edit
from tests.postmortem.documents import says, section
from tests.postmortem.meeting import Meeting

HOW_OFTEN = "How often does it happen"


def renames(title: str, new: str, words: str = "") -> Callable[[Document], None]:
    """Give a section another heading, and write above what stands in it."""

    def change(document: Document) -> None:
        heading, *_, last = section(document, title)
        heading.text = new
        last.insert_paragraph_before(words)

    return change


def adds(title: str, words: str, *, below: str, level: int = 1) -> Callable[[Document], None]:
    """Put a heading with words at the end of a section."""

    def change(document: Document) -> None:
        *_, last = section(document, below)
        for text, style in ((words, "Normal"), (title, f"Heading {level}")):
            last._p.addnext(document.add_paragraph(text, style=style)._p)

    return change


def both(*changes: Callable[[Document], None]) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        for each in changes:
            each(document)

    return change


def for_customers(meeting: Meeting) -> str:
    return str(customer_copy(meeting.facts, meeting.template).words)


def test_a_section_under_another_heading_is_said_and_never_put_into_the_one_above(
    meeting: Meeting, download: WriteDocument
) -> None:
    change = both(says("Impact", "42 customers saw errors."), renames("Frequency", HOW_OFTEN, "Third time this year."))
    seen = meeting.takes_in(edit(download(), change))
    assert meeting.document.sections == {"impact": "42 customers saw errors."}
    assert "Third time" not in for_customers(meeting)
    assert seen.remarks == [
        f"The heading “{HOW_OFTEN}” is none of the template's; its words were not taken in: “Third time this year.”."
    ]


@pytest.mark.parametrize(("title", "key"), [("Summary", "summary"), ("Frequency", "frequency")])
def test_a_section_under_another_heading_keeps_the_words_it_has_here(
    meeting: Meeting, download: WriteDocument, title: str, key: str
) -> None:
    meeting.takes_in(edit(download(), says(title, "Once before.")))
    seen = meeting.takes_in(edit(download(), renames(title, "In other words")))
    assert meeting.document.sections[key] == "Once before."
    assert f"“{title}” is not in the document, or has another heading there; its words stay here." in seen.remarks


def test_a_heading_as_high_as_a_sections_is_never_part_of_what_customers_read(
    meeting: Meeting, download: WriteDocument
) -> None:
    change = both(
        says("For customers", "We are sorry."), adds("Internal", "Nobody paid for it.", below="For customers")
    )
    seen = meeting.takes_in(edit(download(), change))
    assert meeting.document.sections["customers"] == "We are sorry."
    assert any("“Internal” is none of the template's" in remark for remark in seen.remarks)


def test_what_groups_a_list_of_follow_ups_is_never_part_of_what_customers_read(meeting: Meeting) -> None:
    text = b"# For customers\n\nWe are sorry.\n\n# Next steps\n\n## Detect\n\n- Watch the boss\n"
    seen = meeting.takes_in(text, "notes.md")
    assert meeting.document.sections["customers"] == "We are sorry."
    assert [each.draft.text for each in seen.changes.new] == ["Watch the boss"]


@pytest.mark.parametrize("is_one_missing", [False, True])
def test_a_heading_below_that_of_a_section_stays_in_the_section(
    meeting: Meeting, download: WriteDocument, *, is_one_missing: bool
) -> None:
    first, title = says("What went well", "The alarm."), "What went well"
    change = both(first, adds("And also", "The runbook.", below=title, level=2))
    if is_one_missing:
        change = both(change, renames("Frequency", HOW_OFTEN))
    meeting.takes_in(edit(download(), change))
    assert meeting.document.sections["went_well"] == "The alarm.\nAnd also\nThe runbook."


def test_a_heading_that_people_added_stays_in_the_section_where_none_is_missing(
    meeting: Meeting, download: WriteDocument
) -> None:
    change = both(says("What went well", "The alarm."), adds("And also", "The runbook.", below="What went well"))
    assert meeting.takes_in(edit(download(), change)).remarks == []
    assert meeting.document.sections["went_well"] == "The alarm.\nAnd also\nThe runbook."


def test_words_typed_above_the_grey_line_are_taken_in_without_it(meeting: Meeting, download: WriteDocument) -> None:
    def write_above(document: Document) -> None:
        section(document, "What went well")[1].insert_paragraph_before("The alarm.")

    meeting.takes_in(edit(download(), write_above))
    assert meeting.document.sections["went_well"] == "The alarm."
