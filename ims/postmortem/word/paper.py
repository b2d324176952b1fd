"""Writing ``.docx``: the few things python-docx leaves to XML, and text that can never break it."""

import re
from collections.abc import Sequence
from io import BytesIO
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape

from docx.document import Document
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Length, Pt
from docx.styles import BabelFish
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from ims.model.types import legible
from ims.postmortem.word.look import HEADER_FILL, LINE

_NOT_XML = re.compile("[\ufffe\uffff]")
_BREAK = re.compile(r"([\n\t])")
_TALL = 1_200  # characters; a row that may not break and is taller than a page is cut off
_ROUGHLY_A_LINE = 40  # characters of a cell
_STYLE_IDS: WeakKeyDictionary[Part, dict[str, str]] = WeakKeyDictionary()


def safe(text: str) -> str:
    """Return text that XML can hold, without losing a character: each code it refuses becomes a visible sign."""
    if text.isprintable():  # as nearly all is, and asking is far quicker than replacing
        return text
    return _NOT_XML.sub("\ufffd", str(legible(text)))


def paragraph(document: Document, text: str, style: str = "Normal") -> Paragraph:
    """Add a paragraph in a style by its name. python-docx would first look for the default of each kind of style."""
    added = document.add_paragraph()
    if style != "Normal":
        added._p.style = _style_id(document, style)
    if text:
        added.add_run(safe(text))
    return added


def _style_id(document: Document, name: str) -> str | None:
    """Return the id of a style, searched for once in a document: there are 160 of them, and many paragraphs."""
    known = _STYLE_IDS.setdefault(document.part, {})
    if name not in known:
        found = document.styles.element.get_by_name(BabelFish.ui2internal(name))
        if found is None:
            return None
        known[name] = found.styleId
    return known[name]


def bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """Anchor a paragraph by a name that stays the same in every version of the document."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(end)


def page_numbers(paragraph: Paragraph) -> None:
    """Write “Page n of m” with fields that Word counts itself."""
    paragraph.add_run("Page ")
    _field(paragraph, "PAGE")
    paragraph.add_run(" of ")
    _field(paragraph, "NUMPAGES")


def picture(document: Document, run: Run, png: bytes, width: Length, said: str) -> None:
    """Show a picture in the line, not wider than the text; ``said`` is read to those who do not see it."""
    inline = run.add_picture(BytesIO(png), width=min(width, text_width(document)))._inline
    inline.docPr.set("descr", said)
    for side in ("distT", "distB", "distL", "distR"):  # left out, LibreOffice keeps three millimetres free
        inline.set(side, "0")


def text_width(document: Document) -> Length:
    """Return the width between the margins of the last section."""
    page = document.sections[-1]
    width, left, right = page.page_width or Cm(21), page.left_margin or Cm(2), page.right_margin or Cm(2)
    return Length(width - left - right)


def grid(document: Document, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    """Write a table whose header row repeats on each page; ``widths`` in centimetres, less on a narrower page."""
    share = min(1.0, text_width(document) / Cm(sum(widths)))
    twips = [int(Cm(width).twips * share) for width in widths]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="IMSTable"/><w:tblW w:w="{sum(twips)}" w:type="dxa"/>'
        f'{_BORDERS}<w:tblLayout w:type="fixed"/>{_LOOK}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
        f"{_header(header, twips)}{''.join(_row(row, twips) for row in rows)}</w:tbl>"
    )
    document.element.body.insert_element_before(table, "w:sectPr")
    _space_after_table(document)
    return Table(table, document._body)


# Google Docs reads the lines of a table, but not those of its style.
_BORDERS = "".join(
    (
        "<w:tblBorders>",
        *(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        ),
        "</w:tblBorders>",
    )
)
_LOOK = '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1"/>'


def _header(texts: Sequence[str], twips: Sequence[int]) -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{HEADER_FILL}"/>'
    cells = (
        _cell(text, width, "IMSHeaderCell", shade, "<w:keepNext/>") for text, width in zip(texts, twips, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"


def _row(texts: Sequence[str], twips: Sequence[int]) -> str:
    is_low = all(len(text) + _ROUGHLY_A_LINE * text.count("\n") < _TALL for text in texts)
    properties = "<w:trPr><w:cantSplit/></w:trPr>" if is_low else ""
    cells = (_cell(text, width, "IMSCell") for text, width in zip(texts, twips, strict=True))
    return f"<w:tr>{properties}{''.join(cells)}</w:tr>"


def _cell(text: str, width: int, style: str, shade: str = "", keep: str = "") -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}</w:pPr>{_run(text)}</w:p></w:tc>'
    )


def _run(text: str) -> str:
    pieces = (_PIECES.get(piece) or _text(piece) for piece in _BREAK.split(safe(text)) if piece)
    return f"<w:r>{''.join(pieces)}</w:r>" if text else ""


_PIECES = {"\n": "<w:br/>", "\t": "<w:tab/>"}


def _text(piece: str) -> str:
    return f'<w:t xml:space="preserve">{escape(piece)}</w:t>'


def _space_after_table(document: Document) -> None:
    """Keep two tables apart; Word would join them without a paragraph between."""
    gap = document.add_paragraph().paragraph_format
    gap.space_after, gap.line_spacing = Pt(0), Pt(6)


def _field(paragraph: Paragraph, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)
