"""The requests that write one block of the portal's into a document of Google Docs. Pure.

They are carried out one after the other, so they go from the end of a block to its start: then every index is still
that of the document as it was read.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from ims.integrations.google.reading import Node, Place, pieces
from ims.model.message import NewBlock, NewRow
from ims.model.outline import Text

Request = dict[str, Any]
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\ue000-\uf8ff]")  # Google takes these out of what is inserted
_CELL_SIZE, _CAPTION_SIZE = 9, 8.5  # points, as the Word file has them
_GREY = {"color": {"rgbColor": {"red": 0.373, "green": 0.388, "blue": 0.408}}}


def kept(text: str) -> str:
    """Return a text as Google keeps it, and as it is read back."""
    return _REFUSED.sub("", text.replace("\r\n", "\n")).strip()


def words(place: Place) -> str:
    """Return the words of a paragraph; a table has none."""
    return place.block.words if isinstance(place.block, Text) else ""


def requests(caption: Place, table: Place | None, block: NewBlock) -> Iterator[Request]:
    """Return the requests for one block, from its end to its start."""
    if block.is_put_back:
        yield from _put_back(caption, block)
        return
    if block.kept:
        yield _insert(caption.tab, caption.end - 1, "", *block.kept)
    if table and not block.kept and (block.has_new_table or not block.rows):
        yield {"deleteContentRange": {"range": _range(table.tab, table.start, table.end)}}
    if block.has_new_table:
        yield from _new_table(caption.tab, caption.end, block.rows)
    elif table and block.rows:
        yield from _table(table, block.rows)
    if words(caption) != kept(block.caption):
        yield from _rewritten(caption.tab, [_without_picture(caption.node)], *_span(caption), block.caption)


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


def _put_back(heading: Place, block: NewBlock) -> Iterator[Request]:
    """Insert a block right below its heading, not in the heading's look."""
    tab, start = heading.tab, heading.end
    end = start + _length(kept(block.caption)) + 1
    yield _insert(tab, start - 1, "", kept(block.caption))
    plain, field = {"namedStyleType": "NORMAL_TEXT"}, "namedStyleType"
    yield {"updateParagraphStyle": {"range": _range(tab, start, end), "paragraphStyle": plain, "fields": field}}
    yield _styled(tab, start, end - 1, bold=False, fontSize=_points(_CAPTION_SIZE), foregroundColor=_GREY)
    if block.rows:
        yield from _new_table(tab, end, block.rows)


def _new_table(tab: str, end: int, rows: Sequence[NewRow]) -> Iterator[Request]:
    """Insert a table right below a caption that ends at an index; Google ends the paragraph before it."""
    at = {"index": end - 1, "tabId": tab}
    yield {"insertTable": {"rows": len(rows), "columns": len(rows[0].cells), "location": at}}
    yield from _filled(tab, end + 1, [row.cells for row in rows], is_header=True)


def _filled(tab: str, start: int, rows: Sequence[Sequence[str]], *, is_header: bool) -> Iterator[Request]:
    """Fill empty rows, the first of which begins at an index, from the last cell to the first."""
    width = 1 + 2 * len(rows[0])
    for number in reversed(range(len(rows))):
        for column in reversed(range(len(rows[number]))):
            at = start + number * width + 2 + 2 * column
            text = kept(rows[number][column])
            if text:
                yield _insert(tab, at, text)
                yield _styled(tab, at, at + _length(text), bold=is_header and number == 0, fontSize=_points(_CELL_SIZE))


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


def _length(text: str) -> int:
    """Return how long Google finds a text: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _insert(tab: str, index: int, *paragraphs: str) -> Request:
    """Insert text; a line break inside of a paragraph is Google's vertical tab, so that it starts no new one."""
    text = "\n".join(each.replace("\n", "\v") for each in paragraphs)
    return {"insertText": {"text": text, "location": {"index": index, "tabId": tab}}}


def _styled(tab: str, start: int, end: int, **style: object) -> Request:
    return {"updateTextStyle": {"range": _range(tab, start, end), "textStyle": style, "fields": ",".join(style)}}


def _points(size: float) -> dict[str, Any]:
    return {"magnitude": size, "unit": "PT"}


def _range(tab: str, start: int, end: int) -> dict[str, Any]:
    return {"startIndex": start, "endIndex": end, "tabId": tab}


def _cell_at(place: Place, row: int) -> dict[str, Any]:
    return {"tableStartLocation": {"index": place.start, "tabId": place.tab}, "rowIndex": row, "columnIndex": 0}
