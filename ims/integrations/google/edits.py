"""Writing the portal's blocks anew in a document of Google Docs: which requests change them and nothing else. Pure.

Requests are carried out one after the other, each on what the one before it left, so a later place in the document is
changed before an earlier one: then every index is still that of the document as it was read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from ims.integrations.google.reading import Node, Place, pieces, places
from ims.model.message import DocumentRefresh, NewBlock, NewRow
from ims.model.outline import Grid, Text

Request = dict[str, Any]
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\ue000-\uf8ff]")  # Google takes these out of what is inserted
_ALONE = "one of its cells is merged, or holds a table"
_SUGGESTED = "somebody suggests changes there; accept or reject them first"
_CHANGED = "somebody changed it meanwhile"
_CELL_SIZE = 9  # points, as the Word file has it


@dataclass
class Plan:
    """What to ask Google for, which blocks that writes, and which are left alone for which reason."""

    requests: list[Request] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    left_alone: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Line:
    """A line of the document that may be a caption: what stands above it since the last heading, what tables below."""

    above: Sequence[str]
    caption: Place
    tables: Sequence[Place]

    def table_of(self, rows: Sequence[Sequence[str]]) -> Place | None:
        """Return the first table below that says exactly this."""
        return next((table for table in self.tables if _rows(table) == [list(row) for row in rows]), None)


@dataclass(frozen=True)
class _Found:
    """A block of the portal's in the document, as it was seen."""

    caption: Place
    table: Place | None


def plan(document: Node, refresh: DocumentRefresh) -> Plan:
    """Return how the blocks are brought to what they should say."""
    made = Plan()
    lines = list(_lines(list(places(document))))
    parts: list[tuple[_Found, NewBlock]] = []
    for block in refresh.blocks:
        at = next(filter(None, (_as_seen(line, block) for line in lines)), None)
        if at:
            parts.append((at, block))
        elif not any(_is_written(line, block) for line in lines):
            made.left_alone[block.heading] = _CHANGED
    for at, block in sorted(parts, key=lambda part: part[0].caption.start, reverse=True):
        reason = _why_not(at)
        if reason:
            made.left_alone[block.heading] = reason
        else:
            made.requests += _requests(at, block)
            made.written.insert(0, block.heading)
    return made


def batch(requests: Sequence[Request], revision: str) -> dict[str, Any]:
    """Return the body that carries requests out, if the document is still at that revision."""
    return {"requests": list(requests), "writeControl": {"requiredRevisionId": revision}}


def kept(text: str) -> str:
    """Return a text as Google keeps it, and as it is read back."""
    return _REFUSED.sub("", text.replace("\r\n", "\n")).strip()


def _lines(found: Sequence[Place]) -> Iterator[_Line]:
    """Return every line between two headings, each with what stands around it there."""
    above: list[str] = [""]
    for number, place in enumerate(found):
        if isinstance(place.block, Grid):
            continue
        if place.block.level:
            above = []
        else:
            until = takewhile(lambda each: isinstance(each.block, Grid) or not each.block.level, found[number + 1 :])
            yield _Line(tuple(above), place, [each for each in until if isinstance(each.block, Grid)])
        above.append(place.block.words)


def _as_seen(line: _Line, block: NewBlock) -> _Found | None:
    if block.heading not in line.above or _words(line.caption) != block.seen_caption:
        return None
    table = line.table_of(block.seen_rows) if block.seen_rows else None
    return _Found(line.caption, table) if table or not block.seen_rows else None


def _is_written(line: _Line, block: NewBlock) -> bool:
    """Return whether a block says already what it should: an earlier try did it, and its answer was lost."""
    same_caption = block.heading in line.above and _words(line.caption) == kept(block.caption)
    rows = [[kept(cell) for cell in row.cells] for row in block.rows]
    return same_caption and (not rows or line.table_of(rows) is not None)


def _rows(table: Place) -> list[list[str]]:
    return [[cell.words for cell in row] for row in table.block.rows] if isinstance(table.block, Grid) else []


def _why_not(at: _Found) -> str:
    if any(_has_suggestions(place.node) for place in (at.caption, at.table) if place):
        return _SUGGESTED
    return "" if at.table is None or _is_plain(at.table.node) else _ALONE


def _has_suggestions(node: Any) -> bool:
    if isinstance(node, Mapping):
        return any(
            bool(value) if name.startswith("suggested") else _has_suggestions(value) for name, value in node.items()
        )
    return isinstance(node, list) and any(_has_suggestions(each) for each in node)


def _is_plain(table: Node) -> bool:
    rows = [row.get("tableCells", []) for row in table.get("tableRows", [])]
    styles = [cell.get("tableCellStyle", {}) for row in rows for cell in row]
    merged = any(style.get("rowSpan", 1) > 1 or style.get("columnSpan", 1) > 1 for style in styles)
    simple = all("paragraph" in each for row in rows for cell in row for each in cell.get("content", [{}]))
    return simple and not merged and all(len(row) == table.get("columns") for row in rows)


def _requests(at: _Found, block: NewBlock) -> Iterator[Request]:
    """Return the requests for one block, from its end to its start."""
    if at.table:
        yield from _table(at.table, block.rows)
    elif block.rows:
        yield from _new_table(at.caption, block.rows)
    if _words(at.caption) != kept(block.caption):
        yield from _rewritten(at.caption.tab, [_without_picture(at.caption.node)], *_span(at.caption), block.caption)


def _span(caption: Place) -> tuple[int, int]:
    """Return where the words of a caption start and end; a picture may follow them in the same paragraph."""
    shown = [each for each in caption.node.get("elements", []) if "inlineObjectElement" in each]
    return caption.start, int(shown[0]["startIndex"]) if shown else caption.end - 1


def _without_picture(caption: Node) -> Node:
    """Return the part of a caption that is words, as a paragraph; the line break before a picture ends it."""
    elements = caption.get("elements", [])
    pictures = [place for place, each in enumerate(elements) if "inlineObjectElement" in each]
    return {"elements": elements[: pictures[0]]} if pictures else caption


def _table(place: Place, rows: Sequence[NewRow]) -> Iterator[Request]:
    """Bring a table from what it says to new rows, from its last row to its first."""
    if not rows:
        yield {"deleteContentRange": {"range": _range(place.tab, place.start, place.end)}}
        return
    below: dict[int, list[NewRow]] = {}
    staying: dict[int, NewRow] = {}
    last = 0
    for row in rows:
        if row.was is None:
            below.setdefault(last, []).append(row)
        else:
            last = row.was
            staying[last] = row
    present = place.node.get("tableRows", [])
    for number in reversed(range(len(present))):
        for row in reversed(below.get(number, [])):
            yield from _inserted(place, number, int(present[number]["endIndex"]), row.cells)
        if number in staying:
            yield from _cells(place.tab, present[number]["tableCells"], staying[number].cells)
        else:
            yield {"deleteTableRow": {"tableCellLocation": _cell_at(place, number)}}


def _inserted(place: Place, number: int, end: int, cells: Sequence[str]) -> Iterator[Request]:
    """Insert a row below another one that ends at an index, and fill it.

    Google counts one for the start of a row, and two for an empty cell: its start and the end of its paragraph.
    """
    yield {"insertTableRow": {"tableCellLocation": _cell_at(place, number), "insertBelow": True}}
    yield from _filled(place.tab, end, [cells], is_header=False)


def _new_table(caption: Place, rows: Sequence[NewRow]) -> Iterator[Request]:
    """Insert a table right below a caption; Google ends the paragraph before it."""
    at = {"index": caption.end - 1, "tabId": caption.tab}
    yield {"insertTable": {"rows": len(rows), "columns": len(rows[0].cells), "location": at}}
    yield from _filled(caption.tab, caption.end + 1, [row.cells for row in rows], is_header=True)


def _filled(tab: str, start: int, rows: Sequence[Sequence[str]], *, is_header: bool) -> Iterator[Request]:
    """Fill empty rows, the first of which begins at an index, from the last cell to the first."""
    width = 1 + 2 * len(rows[0])
    for number in reversed(range(len(rows))):
        for column in reversed(range(len(rows[number]))):
            at = start + number * width + 2 + 2 * column
            text = kept(rows[number][column])
            if text:
                yield _insert(tab, at, text)
                yield _styled(tab, at, at + _length(text), is_bold=is_header and number == 0)


def _cells(tab: str, cells: Sequence[Node], texts: Sequence[str]) -> Iterator[Request]:
    for cell, text in reversed(list(zip(cells, texts, strict=False))):
        content = cell["content"]
        paragraphs = [each["paragraph"] for each in content]
        yield from _rewritten(tab, paragraphs, int(content[0]["startIndex"]), int(content[-1]["endIndex"]) - 1, text)


def _rewritten(tab: str, paragraphs: Sequence[Node], start: int, stop: int, text: str) -> Iterator[Request]:
    """Change a text to another by what differs between the two, so that comments and formats around it stay."""
    raw, wanted = _raw(paragraphs), kept(text)
    if raw is not None:
        present = raw.rstrip()
        before = _same(present, wanted)
        after = _same(present[before:][::-1], wanted[before:][::-1])
        wanted = wanted[before : len(wanted) - after]
        stop -= _length(raw[len(present) - after :])
        start += _length(present[:before])
    if stop > start:
        yield {"deleteContentRange": {"range": _range(tab, start, stop)}}
    if wanted:
        yield _insert(tab, start, wanted)


def _raw(paragraphs: Sequence[Node]) -> str | None:
    """Return a text as Google counts it, without its last paragraph's end; ``None`` where it holds more than text."""
    parts = [part for paragraph in paragraphs for part in pieces(paragraph)]
    if any(kind != "textRun" for kind, _ in parts):
        return None
    text = "".join(str(part.get("content", "")) for _, part in parts)
    return text.removesuffix("\n").replace("\v", "\n")


def _same(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in pairs)


def _words(place: Place) -> str:
    return place.block.words if isinstance(place.block, Text) else ""


def _length(text: str) -> int:
    """Return how long Google finds a text: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _insert(tab: str, index: int, text: str) -> Request:
    """Insert a text without starting a paragraph: a line break inside one is Google's vertical tab."""
    return {"insertText": {"text": text.replace("\n", "\v"), "location": {"index": index, "tabId": tab}}}


def _styled(tab: str, start: int, end: int, *, is_bold: bool) -> Request:
    style = {"bold": is_bold, "fontSize": {"magnitude": _CELL_SIZE, "unit": "PT"}}
    return {"updateTextStyle": {"range": _range(tab, start, end), "textStyle": style, "fields": "bold,fontSize"}}


def _range(tab: str, start: int, end: int) -> dict[str, Any]:
    return {"startIndex": start, "endIndex": end, "tabId": tab}


def _cell_at(place: Place, row: int) -> dict[str, Any]:
    return {"tableStartLocation": {"index": place.start, "tabId": place.tab}, "rowIndex": row, "columnIndex": 0}
