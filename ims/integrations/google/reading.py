"""What stands in a document of Google Docs, as the portal reads it: from the API's JSON to headings, lists, tables.

It is read as if every suggestion were accepted, as tracked changes in Word are: what somebody suggests to insert is
there, what they suggest to delete is not. Indices are those of the API, in UTF-16 code units.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ims.model.outline import Cell, Grid, Text

Node = Mapping[str, Any]
PICTURE = "[picture]"
_STAND_IN = "\ue907"  # what Google writes into a text for what is none
_LINE_BREAK = "\v"  # Google's sign for a line break inside a paragraph
_MOST_MERGED = 1_000  # rows or columns; nobody merges more
_MAILTO = "mailto:"
_LEVELS = {"TITLE": 1, "SUBTITLE": 1, **{f"HEADING_{level}": level for level in range(1, 7)}}


@dataclass(frozen=True)
class Place:
    """A block of the document and where it stands: the tab, the first index and the one after its last."""

    block: Text | Grid
    node: Node
    tab: str = ""
    start: int = 0
    end: int = 0


def places(document: Node) -> Iterator[Place]:
    """Go through the blocks of all tabs, those inside others too. Each tab but the first starts with its title."""
    for number, tab in enumerate(_tabs(document.get("tabs", []))):
        properties = tab.get("tabProperties", {})
        if number:
            yield Place(Text(str(properties.get("title", "")), level=1), {})
        content = tab.get("documentTab", {}).get("body", {}).get("content", [])
        yield from _blocks(content, str(properties.get("tabId", "")))


def pieces(paragraph: Node) -> Iterator[tuple[str, Node]]:
    """Return what a paragraph is made of: each part's kind, and the part; without what is suggested to go."""
    for element in paragraph.get("elements", []):
        for kind, part in element.items():
            if isinstance(part, dict) and not part.get("suggestedDeletionIds"):
                yield kind, part


def _tabs(tabs: Iterable[Node]) -> Iterator[Node]:
    for tab in tabs:
        yield tab
        yield from _tabs(tab.get("childTabs", []))


def _blocks(content: Iterable[Node], tab: str) -> Iterator[Place]:
    for element in content:
        where = (tab, int(element.get("startIndex", 0)), int(element.get("endIndex", 0)))
        if "paragraph" in element:
            yield Place(_text(element["paragraph"]), element["paragraph"], *where)
        elif "table" in element and not element["table"].get("suggestedDeletionIds"):
            yield Place(_grid(element["table"]), element["table"], *where)


def _text(paragraph: Node) -> Text:
    bullet = paragraph.get("bullet")
    style = paragraph.get("paragraphStyle", {}).get("namedStyleType", "")
    level = _LEVELS.get(style, 0)
    struck = _all(paragraph, "strikethrough") or bool((bullet or {}).get("textStyle", {}).get("strikethrough"))
    depth = int(bullet.get("nestingLevel", 0)) if bullet else 0
    words = _words(paragraph, in_list=bullet is not None)
    return Text(words, level, bullet is not None, struck and bool(words), depth, _all(paragraph, "bold"))


def _words(paragraph: Node, *, in_list: bool = False) -> str:
    parts = list(pieces(paragraph))
    words = "".join(_word(kind, part, in_list=in_list) for kind, part in parts).strip()
    return words or (PICTURE if any(kind == "inlineObjectElement" for kind, _ in parts) else "")


def _word(kind: str, part: Node, *, in_list: bool) -> str:
    match kind:
        case "textRun":
            return str(part.get("content", "")).replace(_LINE_BREAK, "\n").replace(_STAND_IN, "")
        case "person":
            return _person(part.get("personProperties", {}), in_list=in_list)
        case "dateElement":
            return _date(part.get("dateElementProperties", {}))
        case "richLink":
            link = part.get("richLinkProperties", {})
            return str(link.get("title") or link.get("uri", ""))
        case "dropdown":
            return str(part.get("dropdownProperties", {}).get("displayValue", ""))
    return ""


def _person(person: Node, *, in_list: bool) -> str:
    """Name a person; in a list by their address, because that is where the owner of an action is read from."""
    email, name = str(person.get("email", "")), str(person.get("name", ""))
    return f"@{email}" if in_list and email else name or email


def _date(date: Node) -> str:
    """Return the day, written so that nobody takes it for another one."""
    try:
        moment = datetime.fromisoformat(date["timestamp"])
        return moment.astimezone(ZoneInfo(date.get("timeZoneId") or "UTC")).date().isoformat()
    except (KeyError, ValueError, ZoneInfoNotFoundError):
        return str(date.get("displayText", ""))


def _all(paragraph: Node, style: str) -> bool:
    """Return whether every word has a style."""
    runs = [part for kind, part in pieces(paragraph) if kind == "textRun" and part.get("content", "").strip()]
    return bool(runs) and all(run.get("textStyle", {}).get(style) for run in runs)


def _grid(table: Node) -> Grid:
    rows: list[list[Cell]] = []
    taken: dict[tuple[int, int], bool] = {}  # by row and column: whether the cell above reaches there
    width = int(table.get("columns", 0))
    for number, row in enumerate(_staying(table.get("tableRows", []))):
        rows.append(_row(_staying(row.get("tableCells", [])), number, width, taken, rows[-1] if rows else []))
    return Grid(rows)


def _row(
    cells: Sequence[Node], number: int, width: int, taken: dict[tuple[int, int], bool], above: Sequence[Cell]
) -> list[Cell]:
    """Return a row with merged cells filled up, whether or not Google lists the cells that others cover."""
    listed = len(cells) >= width
    left = iter(cells)
    row: list[Cell] = []
    for column in range(max(width, len(cells))):
        covered = taken.get((number, column))
        cell = next(left, None) if listed or covered is None else None
        if covered is not None:
            row.append(_covered(above, column, from_above=covered))
        elif cell is not None:
            row.append(_cell(cell))
            _take(cell.get("tableCellStyle", {}), number, column, taken)
        else:
            row.append(Cell())
    return row


def _covered(above: Sequence[Cell], column: int, *, from_above: bool) -> Cell:
    if from_above and column < len(above):
        return replace(above[column], joins_above=True)
    return Cell(joins_left=True)


def _take(style: Node, number: int, column: int, taken: dict[tuple[int, int], bool]) -> None:
    for down in range(min(int(style.get("rowSpan", 1)), _MOST_MERGED)):
        for right in range(min(int(style.get("columnSpan", 1)), _MOST_MERGED)):
            if down or right:
                taken[number + down, column + right] = down > 0


def _cell(cell: Node) -> Cell:
    paragraphs = list(_paragraphs(cell.get("content", [])))
    words = "\n".join(_words(paragraph) for paragraph in paragraphs).strip()
    emails = [email for paragraph in paragraphs for email in _emails(paragraph)]
    written = [paragraph for paragraph in paragraphs if _words(paragraph)]
    struck = bool(written) and all(_all(paragraph, "strikethrough") for paragraph in written)
    return Cell(words, emails[0] if emails else "", struck)


def _paragraphs(content: Iterable[Node]) -> Iterator[Node]:
    """Return the paragraphs of a cell, those of tables in it too."""
    for element in content:
        if "paragraph" in element:
            yield element["paragraph"]
        for row in element.get("table", {}).get("tableRows", []):
            for cell in row.get("tableCells", []):
                yield from _paragraphs(cell.get("content", []))


def _emails(paragraph: Node) -> Iterator[str]:
    for kind, part in pieces(paragraph):
        if kind == "person":
            yield str(part.get("personProperties", {}).get("email", ""))
        url = str(part.get("textStyle", {}).get("link", {}).get("url", ""))
        if url.startswith(_MAILTO):
            yield url.removeprefix(_MAILTO).split("?")[0]


def _staying(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if not node.get("suggestedDeletionIds")]
