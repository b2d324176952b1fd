"""HTML inside Markdown, as other tools export it where Markdown has no way to say it: tables, tags around words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ims.errors import BadFile
from ims.model.outline import Cell, Grid, Text
from ims.postmortem.word.outline import MOST_CELLS

_KNOWN = (
    "a|abbr|b|big|blockquote|body|br|center|cite|code|col|colgroup|dd|del|details|div|dl|dt|em|font|h[1-6]|head|hr|html|i|"
    "img|input|ins|kbd|label|li|mark|ol|p|pre|q|s|samp|script|small|span|strike|strong|style|sub|summary|sup|table|"
    "tbody|td|tfoot|th|thead|tr|tt|u|ul|var|video|wbr"
)
_TAG = re.compile(rf"</?(?:{_KNOWN})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^<>]*>", re.DOTALL)
_NO_TAG = re.compile(rf"<(?!/?(?:{_KNOWN})(?=[\s/>])[^<>]*>)", re.IGNORECASE)
_CHECK_BOX = re.compile(r"""\btype\s*=\s*["']?checkbox""", re.IGNORECASE)
_CHECKED = re.compile(r"\bchecked\b", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_MAILTO = "mailto:"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LINE_BREAKS = ("br", "li", "p")
_BLOCKS = frozenset(
    {
        *_HEADINGS,
        "li",
        "p",
        "div",
        "tr",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "td",
        "th",
        "blockquote",
        "body",
        "center",
    }
    | {"details", "summary", "hr", "html", "pre", "caption"}
)
_NOT_ENTERED = ("table", "script", "style")
_ROWS_IN = ("tr", "thead", "tbody", "tfoot")
_DEEPEST = 100  # elements inside each other
_MOST_SPANNED = 100  # columns or rows of one cell
_WIDEST = 500  # columns of a table
_COVERED = Cell(joins_left=True)


def without_tags(html: str) -> str:
    """Return the words without comments and tags; what only looks like one, as in “set <name>”, stays."""
    return _TAG.sub("", _COMMENT.sub("", html))


def tables_left_open(html: str) -> int:
    """Return how many more tables begin than end."""
    lower = html.casefold()
    return lower.count("<table") - lower.count("</table")


def of_inline(tag: str) -> str:
    """Return what a tag inside a line says: where a line ends, or a check box."""
    name = tag.strip("</> ").split(maxsplit=1)[0].rstrip("/").casefold() if tag.strip("</> ") else ""
    if name == "input":
        box = "[x]" if _CHECKED.search(tag) else "[ ]"
        return box if _CHECK_BOX.search(tag) else ""
    begins_a_line = name in _LINE_BREAKS and not tag.startswith("</")
    return "\n" if begins_a_line else without_tags(tag)


def blocks(html: str) -> Iterator[Text | Grid]:
    """Go through a piece of HTML: its headings, items of lists and tables, and the lines around them.

    Raises:
        BadFile: its elements are too deep, or a table has more cells than anybody wrote.
    """
    plain = _NO_TAG.sub("&lt;", _COMMENT.sub("", html))
    root = etree.fromstring(plain, etree.HTMLParser(no_network=True, huge_tree=True)) if plain.strip() else None
    if root is not None:
        _refuse_too_deep(root)
        yield from _Walk(root).through()


def _refuse_too_deep(root: Any) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            raise BadFile("The file has HTML inside HTML deeper than anybody reads; it was not read.")


@dataclass
class _Walk:
    """Goes through an element once, remembering the list and the heading it is in."""

    root: Any
    level: int = 0
    lists: int = 0
    items: int = 0
    struck: int = 0
    is_first: bool = False  # the next words are the first of their item
    said: list[tuple[str, bool]] = field(default_factory=list)  # each piece of a line, and whether it is crossed out

    def through(self) -> Iterator[Text | Grid]:
        walk = etree.iterwalk(self.root, events=("start", "end"))
        for event, element in walk:
            name = str(element.tag)
            if name in _BLOCKS:
                yield from self._end_line()
            if event == "start":
                self._enter(element, name)
                if name == "table":
                    yield from _tables(element)
                if name in _NOT_ENTERED:
                    walk.skip_subtree()
            else:
                self._leave(name)
                self._say(element.tail if element is not self.root else "")
        yield from self._end_line()

    def _enter(self, element: Any, name: str) -> None:
        self._count(name, 1)
        self.is_first = name == "li" or (self.is_first and name not in ("ul", "ol"))
        self.level = int(name[1]) if name in _HEADINGS else self.level
        if name == "br":
            self.said.append(("\n", True))
        elif name == "input" and str(element.get("type", "")).casefold() == "checkbox":
            self.said.append(("[x] " if element.get("checked") is not None else "[ ] ", True))
        if name not in _NOT_ENTERED:
            self._say(element.text)

    def _leave(self, name: str) -> None:
        self._count(name, -1)
        self.level = 0 if name in _HEADINGS else self.level

    def _count(self, name: str, change: int) -> None:
        self.lists += change if name in ("ul", "ol") else 0
        self.items += change if name == "li" else 0
        self.struck += change if name in ("s", "del", "strike") else 0

    def _say(self, words: str | None) -> None:
        """Take words in. Inside an item or a heading, where the text file breaks its lines means nothing."""
        if words:
            self.said.append((_BLANKS.sub(" ", words) if self.items or self.level else words, self.struck > 0))

    def _end_line(self) -> Iterator[Text]:
        said, self.said = self.said, []
        lines = [" ".join(line.split()) for line in "".join(words for words, _ in said).split("\n")]
        lines = [line for line in lines if line]
        is_struck = all(struck for words, struck in said if words.strip())
        for line in ["\n".join(lines)] if lines and (self.items or self.level) else lines:
            continues = self.items > 0 and not self.is_first
            depth = max(self.lists - 1, 0) + continues
            yield Text(line, self.level, self.items > 0 and not continues, is_struck, depth)
            self.is_first = False


def _tables(table: Any) -> Iterator[Text | Grid]:
    """Return a table, then those inside its cells; a frame around a part of the text is no table."""
    cells = list(islice(table.iter("th", "td"), 2))
    if len(cells) == 1:
        yield from _Walk(cells[0]).through()
        return
    inside: list[Grid] = []
    yield Grid(_rows(table, inside))
    yield from inside


def _rows(table: Any, inside: list[Grid]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    held: dict[int, int] = {}  # the columns where a cell goes on, and through how many rows more
    cells = 0
    parts = (part.iterchildren("tr") if part.tag != "tr" else (part,) for part in table.iterchildren(*_ROWS_IN))
    for element in chain.from_iterable(parts):
        rows.append(_row(element, rows[-1] if rows else [], held, inside))
        cells += len(rows[-1])
        if cells > MOST_CELLS:
            raise BadFile(f"A table in the file has more than {MOST_CELLS:,} cells; it was not read.")
    return rows


def _row(element: Any, above: Sequence[Cell], held: dict[int, int], inside: list[Grid]) -> list[Cell]:
    """Return a row, with the places of merged cells filled up as in other documents."""
    row: list[Cell] = []
    for each in element.iterchildren("th", "td"):
        while held.get(len(row), 0):
            row.append(_held(above, len(row), held))
        start = len(row)
        row += [_cell(each, inside), *[_COVERED] * (_span(each, "colspan") - 1)]
        held |= dict.fromkeys(range(start, len(row)), _span(each, "rowspan") - 1)
        if len(row) > _WIDEST:
            raise BadFile("The file has a table with more columns than a text can need; it was not read.")
    end = max((place + 1 for place, left in held.items() if left), default=0)
    row += [_held(above, place, held) for place in range(len(row), end)]
    return row


def _held(above: Sequence[Cell], place: int, held: dict[int, int]) -> Cell:
    if not held.get(place, 0) or place >= len(above):
        return Cell()
    held[place] -= 1
    return above[place] if above[place].joins_left else replace(above[place], joins_above=True)


def _span(cell: Any, name: str) -> int:
    said = str(cell.get(name, "1")).strip()
    number = int(said) if said.isdecimal() and len(said) < len("10000") else 1
    return min(number or _MOST_SPANNED, _MOST_SPANNED)  # 0 stands for all that are left


def _cell(cell: Any, inside: list[Grid]) -> Cell:
    said: list[Text] = []
    for block in _Walk(cell).through():
        if isinstance(block, Grid):
            inside.append(block)
        else:
            said.append(block)
    links = [str(link.get("href", "")) for link in cell.iter("a")]
    emails = [link.removeprefix(_MAILTO).split("?")[0] for link in links if link.startswith(_MAILTO)]
    is_struck = bool(said) and all(line.is_struck for line in said)
    return Cell("\n".join(line.words for line in said), emails[0] if emails else "", is_struck)
