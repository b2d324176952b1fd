"""The table of contents: a list of links, filled in already, that Word can update.

It has no page numbers: only the editor that lays out the pages knows them, and LibreOffice and Google Docs would show
what was written into the file.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.text.paragraph import Paragraph

from ims.postmortem.word import paper

_FIRST_BOOKMARK = 1000  # the blocks' own have lower numbers


def anchor(heading: Paragraph, number: int) -> None:
    """Give a heading the anchor by which the table of contents finds it; ``number`` is its place, from 1."""
    paper.bookmark(heading, _name(number), _FIRST_BOOKMARK + number)


def table_of_contents(document: Document, titles: Sequence[str]) -> None:
    """Write the table of contents of the headings that follow, in their order."""
    last = len(titles)
    entries = "".join(_entry(title, number, last) for number, title in enumerate(titles, start=1))
    contents = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtPr><w:docPartObj>"
        '<w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{_HEADING}{entries}</w:sdtContent></w:sdt>"
    )
    document.element.body.insert_element_before(contents, "w:sectPr")


# A link, so that a reader of the document knows by it that the line belongs to the contents.
_HEADING = (
    '<w:p><w:pPr><w:pStyle w:val="TOCHeading"/></w:pPr><w:hyperlink w:anchor="ims_front"><w:r><w:t>Contents</w:t></w:r>'
    "</w:hyperlink></w:p>"
)
_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    r'<w:r><w:instrText xml:space="preserve"> TOC \o "1-2" \n \h \z \u </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
)
_FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def _entry(title: str, number: int, last: int) -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr>{_FIELD if number == 1 else ""}'
        f'<w:hyperlink w:anchor="{_name(number)}" w:history="1"><w:r><w:t xml:space="preserve">'
        f"{escape(paper.safe(title))}</w:t></w:r></w:hyperlink>{_FIELD_END if number == last else ''}</w:p>"
    )


def _name(number: int) -> str:
    return f"_Toc{number:06d}"
