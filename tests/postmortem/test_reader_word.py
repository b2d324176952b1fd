"""What Word makes of a document that people write in a hurry."""

from collections.abc import Callable
from io import BytesIO

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from ims.model import FollowUpKind, FollowUpState, Person
from ims.postmortem.reading.owners import meant
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.understood import RcaReading, ReadFollowUp


def reading_of(build: Callable[[Document], object]) -> RcaReading:
    document = docx.Document()
    build(document)
    saved = BytesIO()
    document.save(saved)
    return read(saved.getvalue())


def items(document: Document, *texts: str, style: str = "List Bullet") -> None:
    for text in texts:
        document.add_paragraph(text, style=style)


def test_nested_lists_are_told_apart_by_style_and_by_level() -> None:
    def build(document: Document) -> None:
        document.add_heading("Action items", level=1)
        items(document, "Improve alerts")
        items(document, "for queues", style="List Bullet 2")
        items(document, "Write it down", "this is deeper")
        level = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="3"/><w:numId w:val="1"/></w:numPr>')
        document.paragraphs[-1]._p.get_or_add_pPr().append(level)

    reading = reading_of(build)
    assert [each.text for each in reading.follow_ups] == ["Improve alerts", "Write it down"]
    assert len(reading.not_understood) == 2


def test_a_paragraph_taken_out_of_its_list_is_no_item() -> None:
    def build(document: Document) -> None:
        document.add_heading("Action items", level=1)
        items(document, "Somebody might look")
        off = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>')
        document.paragraphs[-1]._p.get_or_add_pPr().append(off)

    reading = reading_of(build)
    assert reading.follow_ups == []
    assert "Somebody might look" in reading.not_understood[0]


def test_a_style_of_ones_own_based_on_a_heading_is_one() -> None:
    def build(document: Document) -> None:
        for name, base in (("Our chapter", "Heading 2"), ("Our action", "List Bullet")):
            document.styles.add_style(name, 1).base_style = document.styles[base]
        document.add_paragraph("Next steps", style="Our chapter")
        document.add_paragraph("Add a test", style="Our action")
        document.add_paragraph("Attendees", style="Our chapter")
        document.add_paragraph("Ada", style="Our action")

    assert [each.text for each in reading_of(build).follow_ups] == ["Add a test"]


def test_bold_lines_are_headings_where_nobody_used_styles() -> None:
    def build(document: Document) -> None:
        for bold, words in ((True, "Action items"), (False, "- Add a test"), (True, "Attendees"), (False, "- Ada")):
            document.add_paragraph().add_run(words).bold = bold

    assert [each.text for each in reading_of(build).follow_ups] == ["Add a test"]


@pytest.mark.parametrize("how", ["style", "control", "links"])
def test_a_table_of_contents_opens_no_follow_ups(how: str) -> None:
    def build(document: Document) -> None:
        line = document.add_paragraph()._p
        run = "<w:r><w:t>Action items</w:t></w:r>"
        if how == "style":
            document.styles.add_style("toc 1", 1)
            document.paragraphs[-1].style = "toc 1"
        link = f'<w:hyperlink {nsdecls("w")} w:anchor="_heading=h.1">{run}</w:hyperlink>'
        line.append(parse_xml(link if how == "links" else run.replace("<w:r>", f"<w:r {nsdecls('w')}>")))
        if how == "control":
            gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
            control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent/></w:sdt>")
            line.addprevious(control)
            control.find(qn("w:sdtContent")).append(line)
        items(document, "Not an action")

    assert reading_of(build).follow_ups == []


def test_a_check_list_of_google_has_struck_what_is_done() -> None:
    def build(document: Document) -> None:
        document.add_heading("To-dos", level=2)
        items(document, "Old thing", "New thing")
        document.paragraphs[-2].runs[0].font.strike = True

    assert [each.state for each in reading_of(build).follow_ups] == [FollowUpState.DONE, None]


def test_tables_under_headings_for_kinds_take_their_kind() -> None:
    def build(document: Document) -> None:
        document.add_heading("Follow-up actions", level=1)
        for kind in ("Prevent", "Detection"):
            document.add_heading(kind, level=2)
            table = document.add_table(rows=2, cols=2)
            for cell, words in zip(table._cells, ("Task", "Status", f"{kind} it", "closed 2026-11-02"), strict=True):
                cell.text = words

    follow_ups = reading_of(build).follow_ups
    assert [each.kind for each in follow_ups] == [FollowUpKind.PREVENT, FollowUpKind.DETECT]
    assert all(each.done for each in follow_ups)


def test_a_table_inside_a_cell_is_read() -> None:
    def build(document: Document) -> None:
        document.add_heading("Action items", level=1)
        inner = document.add_table(rows=1, cols=2).cell(0, 1).add_table(rows=2, cols=3)
        for cell, words in zip(inner._cells, ("Action", "Owner", "Due", "Add a test", "Ada", ""), strict=True):
            cell.text = words

    assert [each.text for each in reading_of(build).follow_ups] == ["Add a test"]


def test_a_check_box_of_an_old_form_is_read() -> None:
    def build(document: Document) -> None:
        document.add_heading("Action items", level=1)
        for checked in ("1", "0"):
            state = f'<w:checkBox><w:checked w:val="{checked}"/></w:checkBox>'
            box = f'<w:fldChar w:fldCharType="begin"><w:ffData>{state}</w:ffData></w:fldChar>'
            paragraph = document.add_paragraph()
            paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}>{box}</w:r>"))
            paragraph.add_run("Add a test")

    assert [each.done for each in reading_of(build).follow_ups] == [True, False]


@pytest.mark.parametrize("said", ["Ada Lovelace", "ada lovelace (SRE)", "@ada", "Ada", "ada@example.com (on call)"])
def test_an_owner_is_known_by_what_people_write(said: str) -> None:
    ada = Person(id=1, name="Ada Lovelace", email="ada@example.com", slack="@ada")
    bob = Person(id=2, name="Bob Kahn", email="bob@example.com", slack="@bob")
    assert meant([ada, bob], ReadFollowUp("Add a test", owner=said)) == [ada]
