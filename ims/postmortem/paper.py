"""Writing ``.docx``: the few things python-docx leaves to XML, and text that can never break it."""

import re
from collections.abc import Sequence

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from ims.model.types import legible

GREY = RGBColor(0x5F, 0x63, 0x68)
INK = RGBColor(0x1F, 0x29, 0x37)
_HEADER_FILL, _LINE = "E8ECF1", "BFC5CD"
_NOT_XML = re.compile("[\ufffe\uffff]")
CAPTION_STYLE, PROMPT_STYLE, CELL_STYLE = "IMS Caption", "IMS Prompt", "IMS Cell"


def safe(text: str) -> str:
    """Return text that XML can hold, without losing a character: each code it refuses becomes a visible sign."""
    return _NOT_XML.sub("\ufffd", str(legible(text)))


def prepare_styles(document: Document) -> None:
    """Set the fonts and distances of the document, and add the portal's own styles."""
    normal = _style(document, "Normal")
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(6)
    for name, size, before in (("Title", 20, 0), ("Heading 1", 14, 16)):
        heading = _style(document, name)
        heading.font.name, heading.font.size = "Calibri", Pt(size)
        heading.font.color.rgb = INK
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(before), Pt(4)
        _same_font_for_all_scripts(heading)
    _add_style(document, CAPTION_STYLE, size=8, italic=False, after=3).paragraph_format.keep_with_next = True
    _add_style(document, PROMPT_STYLE, size=10, italic=True, after=6)
    cell = _add_style(document, CELL_STYLE, size=9, italic=False, after=1)
    cell.font.color.rgb = INK
    cell.paragraph_format.space_before = Pt(1)


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
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.add_run("Page ")
    _field(paragraph, "PAGE")
    paragraph.add_run(" of ")
    _field(paragraph, "NUMPAGES")


def grid(document: Document, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    """Write a table whose header row repeats on each page; ``widths`` in centimetres."""
    table: Table = document.add_table(rows=1, cols=len(header), style="Table Grid")
    table.autofit = False
    _draw_thin_lines(table)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    _fill(table.rows[0].cells, header, widths)
    for cell in table.rows[0].cells:
        _shade(cell)
        cell.paragraphs[0].paragraph_format.keep_with_next = True
    _mark_row(table.rows[0]._tr, "w:tblHeader")
    for row in rows:
        added = table.add_row()  # type: ignore[no-untyped-call]  # python-docx left it untyped
        _fill(added.cells, row, widths)
        _mark_row(added._tr, "w:cantSplit")
    _space_after_table(document)
    return table


def _space_after_table(document: Document) -> None:
    """Keep two tables apart; Word would join them without a paragraph between."""
    gap = document.add_paragraph().paragraph_format
    gap.space_after, gap.line_spacing = Pt(0), Pt(6)


def _draw_thin_lines(table: Table) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", _LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = table._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))  # the schema wants the lines before it
    properties.append(borders) if layout is None else layout.addprevious(borders)


def _fill(cells: Sequence[_Cell], texts: Sequence[str], widths: Sequence[float]) -> None:
    for cell, text, width in zip(cells, texts, widths, strict=True):
        cell.width = Cm(width)
        paragraph = cell.paragraphs[0]
        paragraph._p.style = CELL_STYLE.replace(" ", "")  # its id: looking it up by name costs milliseconds a cell
        paragraph.add_run(safe(text))


def _shade(cell: _Cell) -> None:
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _HEADER_FILL)):
        shading.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shading)
    for run in cell.paragraphs[0].runs:
        run.bold = True


def _mark_row(row: BaseOxmlElement, name: str) -> None:
    row.get_or_add_trPr().append(OxmlElement(name))


def _field(paragraph: Paragraph, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _style(document: Document, name: str) -> ParagraphStyle:
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} is no paragraph style")
    return style


def _add_style(document: Document, name: str, *, size: float, italic: bool, after: float) -> ParagraphStyle:
    document.styles.add_style(name, 1)  # WD_STYLE_TYPE.PARAGRAPH
    style = _style(document, name)
    style.base_style = document.styles["Normal"]
    style.font.size, style.font.italic, style.font.color.rgb = Pt(size), italic, GREY
    style.paragraph_format.space_after = Pt(after)
    return style


def _same_font_for_all_scripts(style: ParagraphStyle) -> None:
    """Drop the theme's fonts, which would win over the named one."""
    fonts = style.element.rPr.rFonts
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
