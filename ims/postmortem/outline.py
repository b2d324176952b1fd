"""The document as a reader sees it: headings, paragraphs and tables in order, as plain text."""

from collections.abc import Iterator
from typing import Any

from ims.errors import BadFile
from ims.model.outline import Cell, Grid, Text
from ims.postmortem.package import OpenedDocument, R, W, paragraphs

MOST_ROWS = 20_000
_HEADING_STYLES = ("heading", "title", "subtitle")
_OUTLINE_LEVELS = tuple("012345678")  # 9 is body text
_OFF = ("0", "false", "off", "none")


def outline(document: OpenedDocument) -> Iterator[Text | Grid]:
    """Go through the blocks of a document.

    Raises:
        BadFile: a table has more rows than anybody wrote.
    """
    for element in document.body:
        if element.tag == f"{W}p":
            yield _text(element, document)
        elif element.tag == f"{W}tbl":
            yield _grid(element, document)


def _text(paragraph: Any, document: OpenedDocument) -> Text:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    style_id = style.get(f"{W}val", "") if style is not None else ""
    name = document.style_names.get(style_id, style_id.casefold())
    in_list = paragraph.find(f"{W}pPr/{W}numPr") is not None or name.startswith("list")
    return Text(words_of(paragraph), _level(paragraph, name), in_list, _is_struck(paragraph))


def _level(paragraph: Any, style_name: str) -> int:
    if style_name.startswith(_HEADING_STYLES):
        number = style_name.rsplit(" ", 1)[-1]
        return int(number) if number.isdecimal() else 1
    outline_level = paragraph.find(f"{W}pPr/{W}outlineLvl")
    number = outline_level.get(f"{W}val", "") if outline_level is not None else ""
    return int(number) + 1 if number in _OUTLINE_LEVELS else 0


def _grid(table: Any, document: OpenedDocument) -> Grid:
    rows: list[list[Cell]] = []
    for number, row in enumerate(table.iterchildren(f"{W}tr")):
        if number >= MOST_ROWS:
            raise BadFile(f"A table in the file has more than {MOST_ROWS:,} rows; it was not read.")
        rows.append(_row(row, rows[-1] if rows else [], document))
    return Grid(rows)


def _row(row: Any, above: list[Cell], document: OpenedDocument) -> list[Cell]:
    cells: list[Cell] = []
    for element in row.iterchildren(f"{W}tc"):
        merge = element.find(f"{W}tcPr/{W}vMerge")
        continues = merge is not None and merge.get(f"{W}val") != "restart"
        from_above = above[len(cells)] if continues and len(cells) < len(above) else None
        cells.append(from_above or _cell(element, document))
        cells.extend(Cell() for _ in range(_span(element) - 1))
    return cells


def _span(cell: Any) -> int:
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    text = span.get(f"{W}val", "1") if span is not None else "1"
    return min(int(text), 63) if text.isdecimal() else 1  # Word has at most 63 columns


def _cell(element: Any, document: OpenedDocument) -> Cell:
    lines = [words_of(paragraph) for paragraph in paragraphs(element)]
    links = [document.links.get(link.get(f"{R}id", ""), "") for link in element.iter(f"{W}hyperlink")]
    emails = [link.removeprefix("mailto:").split("?")[0] for link in links if link.startswith("mailto:")]
    return Cell("\n".join(lines).strip(), emails[0] if emails else "", _is_struck(element))


def words_of(paragraph: Any) -> str:
    """Return the words of a paragraph, tabs and line breaks included, without those of text boxes beside it."""
    return "".join(_pieces(paragraph)).strip()


def _pieces(paragraph: Any) -> Iterator[str]:
    for element in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br", f"{W}cr", f"{W}noBreakHyphen", f"{W}sym"):
        if element.tag == f"{W}t":
            yield element.text or ""
        elif element.tag == f"{W}tab":
            # Tab stops are described by the same element, inside the paragraph's properties.
            yield "\t" if element.getparent().tag == f"{W}r" else ""
        elif element.tag == f"{W}noBreakHyphen":
            yield "-"
        elif element.tag == f"{W}sym":
            yield _SYMBOLS.get(element.get(f"{W}char", "").upper(), "")
        else:
            yield "\n"


_SYMBOLS = {"F0FC": "✓", "F0FE": "☑", "F0FB": "✗", "F0A8": "☐", "F06F": "☐"}  # Wingdings, as Word inserts ticks


def _is_struck(element: Any) -> bool:
    """Return whether every word is crossed out."""
    runs = [run for run in element.iter(f"{W}r") if any((text.text or "").strip() for text in run.iter(f"{W}t"))]
    return bool(runs) and all(_run_is_struck(run) for run in runs)


def _run_is_struck(run: Any) -> bool:
    marks = [run.find(f"{W}rPr/{W}{name}") for name in ("strike", "dstrike")]
    return any(mark is not None and mark.get(f"{W}val", "1") not in _OFF for mark in marks)
