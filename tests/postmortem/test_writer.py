"""The document as a file: real styles, contents, running heads, pictures with words, and text that cannot break it."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from ims.model import EntryKind, TimelineEntry
from ims.postmortem.content.block_words import CAPTION
from ims.postmortem.content.template import Block, Template
from ims.postmortem.word import paper
from ims.postmortem.word.look import blank
from ims.postmortem.writing.writer import write
from tests.postmortem.conftest import Facts, WriteDocument


@pytest.fixture
def document(written: WriteDocument) -> Document:
    return docx.Document(BytesIO(written()))


def test_headings_title_and_captions_have_the_styles_that_editors_know(document: Document, template: Template) -> None:
    by_style: dict[str, list[str]] = {}
    for paragraph in document.paragraphs:
        assert paragraph.style is not None
        by_style.setdefault(str(paragraph.style.name), []).append(paragraph.text)
    assert by_style["Heading 1"] == [section.title for section in template.sections]
    assert len(by_style["Title"]) == 1
    assert all(text.startswith(CAPTION) for text in by_style["Caption"])
    assert {str(table.style.name) for table in document.tables if table.style} == {"IMS Table"}


def test_the_contents_link_to_every_heading_and_can_be_updated(document: Document, template: Template) -> None:
    contents = document.element.body.find(qn("w:sdt"))
    links = [link.get(qn("w:anchor")) for link in contents.iter(qn("w:hyperlink"))][1:]
    anchors = [mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))]
    assert len(links) == len(template.sections)
    assert set(links) <= set(anchors)
    assert "TOC \\o" in "".join(text.text or "" for text in contents.iter(qn("w:instrText")))


def test_every_bookmark_has_a_number_and_a_name_of_its_own(document: Document) -> None:
    marks = [
        (mark.get(qn("w:id")), mark.get(qn("w:name"))) for mark in document.element.body.iter(qn("w:bookmarkStart"))
    ]
    assert len({number for number, _ in marks}) == len({name for _, name in marks}) == len(marks)
    assert {f"ims_{block}" for block in Block} <= {name for _, name in marks}


def test_the_running_head_has_key_and_state_and_the_foot_the_pages(document: Document) -> None:
    page = document.sections[0]
    assert page.header.paragraphs[0].text == "INC-1 · Resolved\tRoot cause analysis"
    fields = [field.get(qn("w:instr")) for field in page.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


def test_the_picture_stands_in_its_caption_with_words_for_those_who_do_not_see_it(document: Document) -> None:
    [caption] = [each for each in document.paragraphs if "Times in UTC: began " in each.text]
    [described] = caption._p.iter(qn("wp:docPr"))
    assert described.get("descr", "").startswith("Times in UTC: began ")
    assert described.get("descr") in caption.text


def test_no_table_is_wider_than_the_text_and_each_repeats_its_head(document: Document) -> None:
    width = paper.text_width(document)
    for table in document.tables:
        assert sum(column.width or 0 for column in table.columns) <= width + 1000
        assert len(list(table.rows[0]._tr.iter(qn("w:tblHeader")))) == 1


def test_a_table_on_a_narrow_page_is_narrow_too() -> None:
    document = blank()
    document.sections[0].page_width = docx.shared.Cm(12)
    table = paper.grid(document, ("A", "B"), [("1", "2")], (8.5, 8.5))
    assert sum(column.width or 0 for column in table.columns) <= paper.text_width(document)


@pytest.mark.parametrize(
    "text", ["<b>&amp;</b> ]]>", "=1+1", "a\x00b\x0bc\uffff", "\u202eltr", "x" * 10_000, "a\n\tb", " "]
)
def test_any_text_stands_in_a_cell_as_it_is(facts: Facts, template: Template, text: str) -> None:
    known = facts()
    entry = TimelineEntry(
        incident_id=1,
        kind=EntryKind.NOTE,
        text=text,
        occurred_at=known.written_at,
        recorded_at=known.written_at,
        author=text,
    )
    file = write(facts(timeline=[entry]), template)
    cells = [cell.text for table in docx.Document(BytesIO(file)).tables for row in table.rows for cell in row.cells]
    assert paper.safe(text) in cells


def test_every_part_of_the_file_is_well_formed_and_no_style_is_missing(written: WriteDocument) -> None:
    with ZipFile(BytesIO(written())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            parse_xml(content)
    styles = {style.get(qn("w:styleId")) for style in parse_xml(parts["word/styles.xml"]).iter(qn("w:style"))}
    body: Any = parse_xml(parts["word/document.xml"])
    used = {each.get(qn("w:val")) for each in body.iter(qn("w:pStyle"), qn("w:tblStyle"))}
    assert used <= styles


def test_two_documents_of_the_same_facts_say_the_same(facts: Facts, template: Template) -> None:
    def parts(file: bytes) -> dict[str, bytes]:
        with ZipFile(BytesIO(file)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    known = facts()
    assert parts(write(known, template)) == parts(write(known, template))
