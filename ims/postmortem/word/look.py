"""The styles of the document: Word's own where it has them, so that people can restyle it as they are used to."""

from functools import cache
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

GREY = RGBColor(0x5F, 0x63, 0x68)
INK = RGBColor(0x1F, 0x29, 0x37)
HEADER_FILL, LINE = "E8ECF1", "BFC5CD"
_AMBER, _PALE_AMBER = "D97706", "FFF7E6"
CAPTION_STYLE, PROMPT_STYLE, DRAFT_STYLE = "Caption", "IMS Prompt", "IMS Draft"
CELL_STYLE, HEADER_CELL_STYLE, TABLE_STYLE = "IMS Cell", "IMS Header Cell", "IMS Table"
_FONT = "Calibri"
_WORDS_MODE = "15"  # without it Word opens the document in its compatibility mode


def blank() -> Document:
    """Return an empty document in the portal's styles."""
    return docx.Document(BytesIO(_blank_file()))


@cache
def _blank_file() -> bytes:
    document, file = docx.Document(), BytesIO()
    _prepare_styles(document)
    document.save(file)
    return file.getvalue()


def _prepare_styles(document: Document) -> None:
    """Set the fonts and distances of a new document, and add the portal's own styles."""
    normal = _style(document, "Normal")
    normal.font.name, normal.font.size = _FONT, Pt(10.5)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.widow_control = True
    for name, size, before in (("Title", 22, 0), ("Heading 1", 15, 18), ("Heading 2", 12.5, 12), ("Heading 3", 11, 8)):
        _restyle(_style(document, name), size, before)
    _take_line_off(_style(document, "Title"))
    _restyle(_style(document, "TOC Heading"), 12.5, 12)
    caption = _style(document, CAPTION_STYLE)
    caption.font.size, caption.font.bold, caption.font.color.rgb = Pt(8.5), False, GREY
    caption.paragraph_format.space_after, caption.paragraph_format.keep_with_next = Pt(4), True
    add_own_styles(document)
    document.styles.element.append(parse_xml(_CONTENTS_STYLE.format(namespaces=nsdecls("w"))))
    for name in ("Header", "Footer"):
        _let_tab_reach_right(_style(document, name))
    _modernise(document)


def add_own_styles(document: Document) -> None:
    """Add the styles that the portal's blocks need and a document does not have yet; those it has stay as they are."""
    _add_style(document, CAPTION_STYLE, size=8.5, colour=GREY, after=4)
    _add_style(document, PROMPT_STYLE, size=10, colour=GREY, after=6, italic=True)
    _add_style(document, DRAFT_STYLE, size=10.5, colour=INK, after=6)
    _add_style(document, CELL_STYLE, size=9, colour=INK, after=1)
    _add_style(document, HEADER_CELL_STYLE, size=9, colour=INK, after=1, bold=True)
    _frame_drafts(_style(document, DRAFT_STYLE))
    if TABLE_STYLE not in document.styles:
        document.styles.element.append(
            parse_xml(_TABLE_STYLE.format(namespaces=nsdecls("w"), line=LINE, fill=HEADER_FILL))
        )


_CONTENTS_STYLE = (
    '<w:style {namespaces} w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/><w:basedOn w:val="Normal"/>'
    '<w:uiPriority w:val="39"/><w:pPr>'
    '<w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:rPr><w:sz w:val="20"/></w:rPr></w:style>'
)
_TABLE_STYLE = (
    '<w:style {namespaces} w:type="table" w:customStyle="1" w:styleId="IMSTable"><w:name w:val="IMS Table"/>'
    '<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:tblPr><w:tblBorders>'
    '<w:top w:val="single" w:sz="4" w:space="0" w:color="{line}"/>'
    '<w:left w:val="single" w:sz="4" w:space="0" w:color="{line}"/>'
    '<w:bottom w:val="single" w:sz="4" w:space="0" w:color="{line}"/>'
    '<w:right w:val="single" w:sz="4" w:space="0" w:color="{line}"/>'
    '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{line}"/>'
    '<w:insideV w:val="single" w:sz="4" w:space="0" w:color="{line}"/>'
    '</w:tblBorders><w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>'
    '<w:bottom w:w="20" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    '<w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{fill}"/></w:tcPr>'
    "</w:tblStylePr></w:style>"
)


def _restyle(style: ParagraphStyle, size: float, before: float) -> None:
    style.font.name, style.font.size, style.font.bold = _FONT, Pt(size), True
    style.font.color.rgb = INK
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(4)
    style.paragraph_format.keep_with_next = True
    fonts = style.element.rPr.rFonts
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # they would win over the named font
        fonts.attrib.pop(qn(f"w:{name}"), None)


def _let_tab_reach_right(style: ParagraphStyle) -> None:
    style.paragraph_format.tab_stops.clear_all()
    style.paragraph_format.tab_stops.add_tab_stop(Cm(17), WD_TAB_ALIGNMENT.RIGHT)
    style.font.size, style.font.color.rgb = Pt(9), GREY


def _take_line_off(title: ParagraphStyle) -> None:
    title.paragraph_format.space_after = Pt(8)
    border = title.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)


def _add_style(
    document: Document,
    name: str,
    *,
    size: float,
    colour: RGBColor,
    after: float,
    italic: bool = False,
    bold: bool = False,
) -> None:
    if name in document.styles:
        return
    document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style = _style(document, name)
    style.base_style = document.styles["Normal"]
    style.font.size, style.font.italic, style.font.bold, style.font.color.rgb = Pt(size), italic, bold, colour
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(1), Pt(after)


def _frame_drafts(style: ParagraphStyle) -> None:
    """Draw an amber bar beside drafts, so that nobody takes them for what people wrote."""
    properties = style.element.get_or_add_pPr()
    if properties.find(qn("w:pBdr")) is not None:
        return
    bar = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="24" w:space="8" w:color="{_AMBER}"/></w:pBdr>'
    )
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{_PALE_AMBER}"/>')
    spacing = properties.find(qn("w:spacing"))  # the schema wants both before it
    for element in (bar, shade):
        properties.append(element) if spacing is None else spacing.addprevious(element)


def _modernise(document: Document) -> None:
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), _WORDS_MODE)


def _style(document: Document, name: str) -> ParagraphStyle:
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} is no paragraph style")
    return style
