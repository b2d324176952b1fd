"""HTML inside Markdown, as other tools export it where Markdown has no way to say it: tables, tags around words."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ims.model.outline import Cell, Grid

_KNOWN = (
    "a|abbr|b|big|blockquote|body|br|center|cite|code|col|colgroup|dd|del|details|div|dl|dt|em|font|h[1-6]|head|hr|html|i|"
    "img|input|ins|kbd|label|li|mark|ol|p|pre|q|s|samp|script|small|span|strike|strong|style|sub|summary|sup|table|"
    "tbody|td|tfoot|th|thead|tr|tt|u|ul|var|video|wbr"
)
_TAG = re.compile(rf"</?(?:{_KNOWN})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^<>]*>", re.DOTALL)
_TABLE = re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)
_MAILTO = "mailto:"


def without_tags(html: str) -> str:
    """Return the words without comments and tags; what only looks like one, as in “set <name>”, stays."""
    return _TAG.sub("", _COMMENT.sub("", html))


def tables_left_open(html: str) -> int:
    """Return how many more tables begin than end."""
    lower = html.casefold()
    return lower.count("<table") - lower.count("</table")


def blocks(html: str) -> Iterator[str | Grid]:
    """Go through a piece of HTML: its tables, and the lines around them."""
    html = _COMMENT.sub("", html)
    at = 0
    for found in _TABLE.finditer(html):
        yield from _lines(html[at : found.start()])
        yield _grid(found[0])
        at = found.end()
    yield from _lines(html[at:])


def _lines(html: str) -> Iterator[str]:
    return (line for each in without_tags(html).split("\n") if (line := each.strip()))


def _grid(html: str) -> Grid:
    root = etree.fromstring(html, etree.HTMLParser(no_network=True))
    rows = root.iter("tr") if root is not None else ()
    return Grid([[_cell(cell) for cell in row.iterchildren("th", "td")] for row in rows])


def _cell(cell: Any) -> Cell:
    for line_break in cell.iter("br"):
        line_break.tail = f"\n{line_break.tail or ''}"
    words = "\n".join(" ".join(line.split()) for line in "".join(cell.itertext()).strip().split("\n"))
    links = [str(link.get("href", "")) for link in cell.iter("a")]
    emails = [link.removeprefix(_MAILTO).split("?")[0] for link in links if link.startswith(_MAILTO)]
    return Cell(words, emails[0] if emails else "")
