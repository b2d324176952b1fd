"""A Google document as Google keeps it: paragraphs, tables and chips, each at its index in UTF-16 code units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.google.violation import Violation


@dataclass
class Run:
    """A stretch of text in one style, or a chip (``{"person": {…}}``), which is one unit long.

    ``suggested`` is ``insertion`` or ``deletion`` where somebody only suggests it.
    """

    text: str = ""
    style: dict[str, Any] = field(default_factory=dict)
    chip: dict[str, Any] = field(default_factory=dict)
    suggested: str = ""

    @property
    def length(self) -> int:
        return 1 if self.chip else units(self.text)


@dataclass
class Paragraph:
    """A line; its end counts one. ``list_id`` names the list that it stands in."""

    runs: list[Run] = field(default_factory=list)
    style: str = "NORMAL_TEXT"
    list_id: str = ""
    depth: int = 0

    @property
    def length(self) -> int:
        return sum(run.length for run in self.runs) + 1

    @property
    def words(self) -> str:
        return "".join(run.text for run in self.runs)

    def split(self, offset: int) -> tuple[list[Run], list[Run]]:
        """Return what stands before and after an offset."""
        before: list[Run] = []
        after: list[Run] = []
        for run in self.runs:
            if offset >= run.length:
                before.append(run)
            elif offset <= 0:
                after.append(run)
            else:
                left, right = cut(run.text, offset)
                before.append(Run(left, run.style, suggested=run.suggested))
                after.append(Run(right, run.style, suggested=run.suggested))
            offset -= run.length
        return before, after


@dataclass
class Cell:
    """A cell, never without a paragraph. With a ``span`` (rows, columns) it covers the cells beside it."""

    blocks: list["Paragraph | Table"] = field(default_factory=lambda: [Paragraph()])
    span: tuple[int, int] = (1, 1)

    @property
    def length(self) -> int:
        return 1 + sum(block.length for block in self.blocks)

    @property
    def words(self) -> str:
        return "\n".join(block.words for block in self.blocks if isinstance(block, Paragraph))


@dataclass
class Table:
    """A table; its start and the start of each row and cell count one."""

    rows: list[list[Cell]]

    @property
    def length(self) -> int:
        return 1 + sum(row_length(row) for row in self.rows)

    @property
    def words(self) -> list[list[str]]:
        return [[cell.words for cell in row] for row in self.rows]


Block = Paragraph | Table


def row_length(row: Sequence[Cell]) -> int:
    return 1 + sum(cell.length for cell in row)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, offset: int) -> tuple[str, str]:
    """Cut a text at a number of units.

    Raises:
        Violation: that would tear a character in two.
    """
    raw = text.encode("utf-16-le")
    try:
        return raw[: 2 * offset].decode("utf-16-le"), raw[2 * offset :].decode("utf-16-le")
    except UnicodeDecodeError:
        raise Violation("Cannot delete one code unit of a surrogate pair.") from None


@dataclass(frozen=True)
class Spot:
    """A block where it stands: in which list of blocks, at which place in it, from which index on."""

    within: list[Block]
    place: int
    block: Block
    start: int

    @property
    def end(self) -> int:
        return self.start + self.block.length


def spots(blocks: list[Block], start: int) -> Iterator[Spot]:
    """Go through blocks, and through those in the cells of tables."""
    for place, block in enumerate(blocks):
        yield Spot(blocks, place, block, start)
        if isinstance(block, Table):
            at = start + 1
            for row in block.rows:
                at += 1
                for cell in row:
                    yield from spots(cell.blocks, at + 1)
                    at += cell.length
        start += block.length


def as_json(blocks: Sequence[Block], start: int) -> list[dict[str, Any]]:
    """Return blocks as the API tells them."""
    told = []
    for block in blocks:
        end = start + block.length
        inner = (
            {"paragraph": _paragraph(block, start)} if isinstance(block, Paragraph) else {"table": _table(block, start)}
        )
        told.append({"startIndex": start, "endIndex": end, **inner})
        start = end
    return told


def _paragraph(paragraph: Paragraph, start: int) -> dict[str, Any]:
    elements = []
    for run in [*paragraph.runs, Run("\n")]:
        elements.append({"startIndex": start, "endIndex": start + run.length, **_run(run)})
        start += run.length
    told: dict[str, Any] = {"elements": elements, "paragraphStyle": {"namedStyleType": paragraph.style}}
    if paragraph.list_id:
        told["bullet"] = {"listId": paragraph.list_id, "textStyle": {}}
        told["bullet"] |= {"nestingLevel": paragraph.depth} if paragraph.depth else {}
    return told


def _run(run: Run) -> dict[str, Any]:
    marks = {f"suggested{run.suggested.title()}Ids": ["suggest.1"]} if run.suggested else {}
    if not run.chip:
        return {"textRun": {"content": run.text, "textStyle": run.style, **marks}}
    [(kind, inner)] = run.chip.items()
    return {kind: {**inner, "textStyle": run.style, **marks}} if kind != "equation" else {kind: inner}


def _table(table: Table, start: int) -> dict[str, Any]:
    rows, at = [], start + 1
    for row in table.rows:
        cells, inside = [], at + 1
        for cell in row:
            style = {"rowSpan": cell.span[0], "columnSpan": cell.span[1]}
            content = as_json(cell.blocks, inside + 1)
            end = inside + cell.length
            cells.append({"startIndex": inside, "endIndex": end, "content": content, "tableCellStyle": style})
            inside = end
        rows.append({"startIndex": at, "endIndex": at + row_length(row), "tableCells": cells})
        at += row_length(row)
    return {"rows": len(table.rows), "columns": max(len(row) for row in table.rows), "tableRows": rows}
