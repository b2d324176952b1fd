"""Writing the portal's blocks anew in a document of Google Docs: which requests change them and nothing else. Pure.

Requests are carried out one after the other, each on what the one before it left, so a later place in the document is
changed before an earlier one: then every index is still that of the document as it was read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from ims.integrations.google.reading import Node, Place, places
from ims.integrations.google.rewriting import Request, kept, requests, words
from ims.model.message import DocumentRefresh, NewBlock
from ims.model.outline import Grid, Text

_ALONE = "one of its cells is merged, or holds a table"
_SUGGESTED = "somebody suggests changes there; accept or reject them first"
_CHANGED = "somebody changed it meanwhile"


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
    """A block of the portal's in the document, as it was seen; for one to put back, the heading is in its place."""

    caption: Place
    table: Place | None = None


def plan(document: Node, refresh: DocumentRefresh) -> Plan:
    """Return how the blocks are brought to what they should say."""
    made = Plan()
    found = list(places(document))
    lines = list(_lines(found))
    parts: list[tuple[_Found, NewBlock]] = []
    for block in refresh.blocks:
        at = _free_heading(found, lines, block) if block.is_put_back else _first(lines, block)
        if at:
            parts.append((at, block))
        elif not any(_is_written(line, block) for line in lines):
            made.left_alone[block.heading] = _CHANGED
    for at, block in sorted(parts, key=lambda part: part[0].caption.start, reverse=True):
        reason = _why_not(at, block)
        if reason:
            made.left_alone[block.heading] = reason
        else:
            made.requests += requests(at.caption, at.table, block)
            made.written.insert(0, block.heading)
    return made


def batch(requests: Sequence[Request], revision: str) -> dict[str, Any]:
    """Return the body that carries requests out, if the document is still at that revision."""
    return {"requests": list(requests), "writeControl": {"requiredRevisionId": revision}}


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


def _first(lines: Sequence[_Line], block: NewBlock) -> _Found | None:
    return next(filter(None, (_as_seen(line, block) for line in lines)), None)


def _free_heading(found: Sequence[Place], lines: Sequence[_Line], block: NewBlock) -> _Found | None:
    """Return the heading of a block to put back, if no block of the portal's stands there by now."""
    opening = block.caption.partition(" As of ")[0]
    if any(block.heading in line.above and words(line.caption).startswith(opening) for line in lines):
        return None
    same = [place for place in found if place.end and words(place) == block.heading]
    return next((_Found(place) for place in sorted(same, key=_is_no_heading)), None)


def _is_no_heading(place: Place) -> bool:
    """Return whether it only reads like a heading, as a line of the contents does."""
    return not (isinstance(place.block, Text) and place.block.level)


def _as_seen(line: _Line, block: NewBlock) -> _Found | None:
    if block.heading not in line.above or words(line.caption) != block.seen_caption:
        return None
    table = line.table_of(block.seen_rows) if block.seen_rows else None
    return _Found(line.caption, table) if table or not block.seen_rows else None


def _is_written(line: _Line, block: NewBlock) -> bool:
    """Return whether a block says already what it should: an earlier try did it, and its answer was lost."""
    same_caption = block.heading in line.above and words(line.caption) == kept(block.caption)
    rows = [[kept(cell) for cell in row.cells] for row in block.rows]
    return same_caption and (not rows or line.table_of(rows) is not None)


def _rows(table: Place) -> list[list[str]]:
    return [[cell.words for cell in row] for row in table.block.rows] if isinstance(table.block, Grid) else []


def _why_not(at: _Found, block: NewBlock) -> str:
    table = None if block.kept else at.table  # theirs stays as it is
    if any(_has_suggestions(place.node) for place in (at.caption, table) if place):
        return _SUGGESTED
    return "" if table is None or block.has_new_table or _is_plain(table.node) else _ALONE


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
