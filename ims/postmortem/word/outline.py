"""The neutral outline of a ``.docx``: its blocks in order, whatever editor made it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ims.errors import BadFile
from ims.model.outline import Cell, Grid, Text
from ims.postmortem.word.package import OpenedDocument
from ims.postmortem.word.vocabulary import TEXT_BOX, M, R, W, value_of

MOST_BLOCKS = 30_000
TOO_LONG = f"The document has more than {MOST_BLOCKS:,} paragraphs; it was not read."
MOST_ROWS = 20_000
MOST_CELLS = 40_000
_OUTLINE_LEVELS = tuple("012345678")  # 9 is body text
_OFF = ("0", "false", "off", "none")
_MOST_COLUMNS = 63  # in Word
_DEEPEST = 8  # level of a list in Word, from 0
_TEXTS = (f"{W}t", f"{M}t")
_PIECES = (*_TEXTS, *(f"{W}{name}" for name in ("tab", "br", "cr", "noBreakHyphen", "sym", "checkBox")))
_CELL, _PARAGRAPH, _TAB = f"{W}tc", f"{W}p", f"{W}tab"
_STRIKES, _BOLDS = ("strike", "dstrike"), ("b",)
_NOT_PLAIN = (
    *(f"{W}{name}" for name in ("vMerge", "gridSpan", "gridBefore", "hyperlink", *_STRIKES)),
    TEXT_BOX,
)
_SYMBOLS = {"F0FC": "✓", "F0FE": "☑", "F0FB": "✗", "F0A8": "☐", "F06F": "☐"}  # Wingdings, as Word inserts ticks


def outline(document: OpenedDocument) -> Iterator[Text | Grid]:
    """Go through the blocks of a document; a table of contents is left out, for it repeats the headings.

    Raises:
        BadFile: there are more paragraphs, or a table has more rows, than anybody wrote.
    """
    if len(document.body) > MOST_BLOCKS + 1:  # with the page's properties; known before anything is read
        raise BadFile(TOO_LONG)
    yield from _blocks(document.body, document)


def placed(document: OpenedDocument) -> Iterator[tuple[Any, Text | Grid]]:
    """Go through the paragraphs and tables of the text itself, each with its element.

    Raises:
        BadFile: a table has more rows than anybody wrote.
    """
    for element in document.body.iterchildren(f"{W}p", f"{W}tbl"):
        is_table = element.tag == f"{W}tbl"
        yield element, _grid(element, document) if is_table else _text(element, document)


def _blocks(parent: Any, document: OpenedDocument) -> Iterator[Text | Grid]:
    for element in parent.iterchildren(f"{W}p", f"{W}tbl"):
        if element.tag == f"{W}tbl":
            yield from _tables(element, document)
        elif not _is_of_contents(element, document):
            yield _text(element, document)
            for box in _boxes(element):
                yield from _blocks(box, document)


def _boxes(paragraph: Any) -> list[Any]:
    """Return the text boxes that hang on a paragraph; those inside them hang on paragraphs of theirs."""
    return [box for box in paragraph.iter(TEXT_BOX) if next(box.iterancestors(f"{W}p")) is paragraph]


def _tables(table: Any, document: OpenedDocument) -> Iterator[Text | Grid]:
    """Return a table, then those inside its cells; a frame around a part of the text is no table."""
    cells = list(islice(table.iterfind(f"{W}tr/{W}tc"), 2))
    if len(cells) == 1:
        yield from _blocks(cells[0], document)
        return
    for each in table.iter(f"{W}tbl"):
        yield _grid(each, document)


def _is_of_contents(paragraph: Any, document: OpenedDocument) -> bool:
    if document.style_of(paragraph).name.startswith(("toc ", "contents ")):
        return True
    links = paragraph.findall(f"{W}hyperlink")
    inside = bool(links) and all(link.get(f"{W}anchor") for link in links)  # Google's contents have no style
    return inside and not words_of(paragraph, without=links)


def _text(paragraph: Any, document: OpenedDocument) -> Text:
    style = document.style_of(paragraph)
    number = paragraph.find(f"{W}pPr/{W}numPr/{W}numId")
    is_item = number.get(f"{W}val") != "0" if number is not None else style.is_list
    return Text(
        words_of(paragraph),
        _level(paragraph, style.level),
        is_item,
        _is_all(paragraph, _STRIKES),
        _depth(paragraph, style.depth) if is_item else 0,
        _is_all(paragraph, _BOLDS),
    )


def _level(paragraph: Any, of_style: int) -> int:
    number = value_of(paragraph.find(f"{W}pPr/{W}outlineLvl"))
    return of_style or (int(number) + 1 if number in _OUTLINE_LEVELS else 0)


def _depth(paragraph: Any, of_style: int) -> int:
    number = value_of(paragraph.find(f"{W}pPr/{W}numPr/{W}ilvl"))
    return min(int(number), _DEEPEST) if number.isdecimal() else of_style


def _grid(table: Any, document: OpenedDocument) -> Grid:
    rows: list[list[Cell]] = []
    cells = 0
    is_plain = all(element is table for element in table.iter(f"{W}tbl", *_NOT_PLAIN))
    for number, row in enumerate(table.iterchildren(f"{W}tr")):
        if number >= MOST_ROWS:
            raise BadFile(f"A table in the file has more than {MOST_ROWS:,} rows; it was not read.")
        if is_plain:  # as nearly all are; looking in each cell for what is in none takes as long as reading it
            rows.append(_plain_row(row))
        else:
            rows.append(_row(row, rows[-1] if rows else [], document))
        cells += len(rows[-1])
        if cells > MOST_CELLS:
            raise BadFile(f"A table in the file has more than {MOST_CELLS:,} cells; it was not read.")
    return Grid(rows)


def _row(row: Any, above: list[Cell], document: OpenedDocument) -> list[Cell]:
    skipped = _count(row.find(f"{W}trPr/{W}gridBefore"), 0)
    cells = [Cell() for _ in range(skipped)]
    for element in row.iterchildren(f"{W}tc"):
        merge = element.find(f"{W}tcPr/{W}vMerge")
        continues = merge is not None and merge.get(f"{W}val") != "restart" and len(cells) < len(above)
        cells.append(_joined(above[len(cells)]) if continues else _cell(element, document))
        span = _count(element.find(f"{W}tcPr/{W}gridSpan"), 1)
        cells.extend(Cell(joins_left=True) for _ in range(span - 1))
    return cells


def _joined(above: Cell) -> Cell:
    return Cell(above.words, above.email, above.is_struck, joins_above=True)


def _count(element: Any, otherwise: int) -> int:
    number = value_of(element)
    return min(int(number), _MOST_COLUMNS) if number.isdecimal() and len(number) <= len("63") else otherwise


def _plain_row(row: Any) -> list[Cell]:
    """Read a row in one go; a long timeline has thousands of cells."""
    cells: list[list[str]] = []  # the lines of each
    lines: list[str] = []
    for element in row.iter(_CELL, _PARAGRAPH, *_PIECES):
        if element.tag == _CELL:
            lines = []
            cells.append(lines)
        elif element.tag == _PARAGRAPH:
            lines.append("")
        elif lines:
            lines[-1] += _piece(element)
    return [Cell("\n".join(line.strip() for line in each).strip()) for each in cells]


def _cell(element: Any, document: OpenedDocument) -> Cell:
    lines = []
    for paragraph in element.iterchildren(f"{W}p"):
        lines.append(words_of(paragraph))
        lines += [words_of(each) for box in paragraph.iter(TEXT_BOX) for each in box.iterchildren(f"{W}p")]
    links = [document.links.get(link.get(f"{R}id", ""), "") for link in element.iter(f"{W}hyperlink")]
    emails = [link.removeprefix("mailto:").split("?")[0] for link in links if link.startswith("mailto:")]
    return Cell("\n".join(lines).strip(), emails[0] if emails else "", _is_all(element, _STRIKES))


def words_of(paragraph: Any, without: list[Any] | None = None) -> str:
    """Return the words of a paragraph, tabs and line breaks included, without those of text boxes beside it."""
    beside = {*(without or ()), *paragraph.iter(TEXT_BOX)}
    return "".join(
        _piece(element)
        for element in paragraph.iter(_PIECES)
        if not (beside and any(parent in beside for parent in element.iterancestors()))
    ).strip()


def _piece(element: Any) -> str:
    if element.tag in _TEXTS:
        return element.text or ""
    if element.tag == _TAB:
        # Tab stops are described by the same element, inside the paragraph's properties.
        return "\t" if element.getparent().tag == f"{W}r" else ""
    name = element.tag.removeprefix(W)
    if name == "sym":
        return _SYMBOLS.get(element.get(f"{W}char", "").upper(), "")
    if name == "checkBox":
        return "☑ " if _is_on(element.find(f"{W}checked")) else "☐ "
    return "-" if name == "noBreakHyphen" else "\n"


def _is_all(element: Any, names: tuple[str, ...]) -> bool:
    """Return whether every word has one of the marks, as crossed out or bold."""
    if next(element.iter(*(f"{W}{name}" for name in names)), None) is None:
        return False
    runs = [run for run in element.iter(f"{W}r") if any((text.text or "").strip() for text in run.iter(f"{W}t"))]
    return bool(runs) and all(_has(run, names) for run in runs)


def _has(run: Any, names: tuple[str, ...]) -> bool:
    return any(_is_on(run.find(f"{W}rPr/{W}{name}")) for name in names)


def _is_on(mark: Any) -> bool:
    return mark is not None and mark.get(f"{W}val", "1") not in _OFF
