"""Writing words into the XML of a ``.docx`` where they stand, leaving formatting, comments and bookmarks in place."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ims.postmortem.word.accepting import accept_changes
from ims.postmortem.word.paper import safe
from ims.postmortem.word.vocabulary import W, value_of

_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_PARAGRAPH_IDS = ("paraId", "textId")
_STARTS = (f"{W}bookmarkStart", f"{W}commentRangeStart")
_ENDS = (f"{W}bookmarkEnd", f"{W}commentRangeEnd")
_KEPT_IN_RUNS = tuple(f"{W}{name}" for name in ("commentReference", "footnoteReference", "endnoteReference"))
_DRAWN = tuple(f"{W}{name}" for name in ("drawing", "pict", "object"))
_MARKS = (*_STARTS, *_ENDS, *_KEPT_IN_RUNS)
_CHANGES = tuple(f"{W}{name}" for name in ("ins", "del", "rPrChange", "strike", "dstrike"))
_WRAPPERS = tuple(f"{W}{name}" for name in ("sdtContent", "customXml", "ins"))
_BREAKS = {"\n": "br", "\t": "tab"}


def set_words(holder: Any, text: str, *, keep_pictures: bool = False) -> None:
    """Give a paragraph, or a cell, new words in the look of its first; comments and bookmarks stay around them.

    With ``keep_pictures`` the runs that hold a picture stay behind the words.
    """
    paragraphs = [holder] if holder.tag == f"{W}p" else _own_paragraphs(holder)
    first = paragraphs[0] if paragraphs else etree.SubElement(holder, f"{W}p")
    run = _run(first, text)
    starts, ends = _anchors(holder, keep_pictures=keep_pictures)
    properties = first.find(f"{W}pPr")
    _clear(first, properties)
    first.extend([*starts, *([run] if text else []), *ends])
    if holder is not first:
        _clear(holder, holder.find(f"{W}tcPr"))
        holder.append(first)
    for mark in list(first.iterfind(f"{W}pPr/{W}rPr/{W}del")):
        mark.getparent().remove(mark)


def has_picture(element: Any) -> bool:
    """Return whether something other than words stands in an element: a picture, an object, a footnote."""
    return next(element.iter(*_DRAWN, f"{W}footnoteReference", f"{W}endnoteReference"), None) is not None


def cells_of(row: Any) -> list[Any]:
    """Return the cell at each column of a row; a cell over several columns stands at each of them."""
    before = row.find(f"{W}trPr/{W}gridBefore")
    cells: list[Any] = [None] * _count(value_of(before), 0)
    for cell in _inside(row, f"{W}tc"):
        cells += [cell] * _count(value_of(cell.find(f"{W}tcPr/{W}gridSpan")), 1)
    return cells


def write_row(row: Any, words: Sequence[str], seen: Sequence[str]) -> None:
    """Write those cells of a row that say something else than was seen in them."""
    cells = cells_of(row)
    for place, (cell, word) in enumerate(zip(cells, words, strict=False)):
        was = seen[place] if place < len(seen) else ""
        if cell is not None and " ".join(word.split()) != " ".join(was.split()):
            set_words(cell, word)


def separate_cells(table: Any) -> None:
    """Take apart the cells that people merged, so that each can have its own words; each keeps what it read."""
    above: list[Any] = []
    for row in _inside(table, f"{W}tr"):
        for cell in list(_inside(row, f"{W}tc")):
            for _ in range(_split(cell)):
                cell.addnext(_empty_like(cell))
        cells = cells_of(row)
        for place, cell in enumerate(cells):
            merge = cell.find(f"{W}tcPr/{W}vMerge") if cell is not None else None
            if merge is not None:
                merge.getparent().remove(merge)
                if merge.get(f"{W}val") != "restart" and place < len(above) and above[place] is not None:
                    set_words(cell, _plain_words(above[place]))
        above = cells


def new_row_like(row: Any, words: Sequence[str]) -> Any:
    """Return a row that looks like another, with its own words and nothing of the other's."""
    wrapped = etree.Element(f"{W}tbl")
    wrapped.append(deepcopy(row))
    accept_changes(wrapped)
    copied = wrapped[0]
    for mark in list(copied.iter(*_MARKS, f"{W}tblHeader")):
        mark.getparent().remove(mark)
    for change in [each for each in copied.iter(*_CHANGES) if each.getparent() is not None]:
        change.getparent().remove(change)
    for element in copied.iter(etree.Element):
        for name in [name for name in element.attrib if name.rpartition("}")[2] in _PARAGRAPH_IDS]:
            del element.attrib[name]
    for cell, word in zip(cells_of(copied), words, strict=False):
        set_words(cell, word)
    return copied


def outermost(element: Any, within: Any) -> Any:
    """Return what must be moved or taken out together with an element: the content controls that hold it alone."""
    while element.getparent() is not within and element.getparent().tag in (*_WRAPPERS, f"{W}sdt"):
        if element.tag != f"{W}sdtContent" and len(element.getparent()) > 1:
            return element
        element = element.getparent()
    return element


def comment_marks(element: Any) -> list[Any]:
    """Return what ties comments to an element, to tie them to another before it goes."""
    starts, ends = _anchors(element, keep_pictures=False)
    return [each for each in (*starts, *ends) if not each.tag.startswith(f"{W}bookmark")]


def rows_of(table: Any) -> list[Any]:
    """Return the rows of a table, those inside content controls too."""
    return list(_inside(table, f"{W}tr"))


def is_plain(row: Any, width: int) -> bool:
    """Return whether a row has one cell for each column and is no header."""
    cells = cells_of(row)
    merged = any(cell is None or cell.find(f"{W}tcPr/{W}vMerge") is not None for cell in cells)
    return not merged and len({id(cell) for cell in cells}) == width and row.find(f"{W}trPr/{W}tblHeader") is None


def _inside(parent: Any, tag: str) -> Iterator[Any]:
    for child in parent.iterchildren(etree.Element):
        if child.tag == tag:
            yield child
        elif child.tag in (*_WRAPPERS, f"{W}sdt"):
            yield from _inside(child, tag)


def _own_paragraphs(cell: Any) -> list[Any]:
    return list(_inside(cell, f"{W}p"))


def _anchors(holder: Any, *, keep_pictures: bool) -> tuple[list[Any], list[Any]]:
    starts = list(holder.iter(*_STARTS))
    kept = (*_KEPT_IN_RUNS, *(_DRAWN if keep_pictures else ()))
    ends = [
        each for each in holder.iter(*_ENDS, f"{W}r") if each.tag != f"{W}r" or next(each.iter(*kept), None) is not None
    ]
    for run in ends:
        for text in list(run.iter(f"{W}t")) if run.tag == f"{W}r" else ():
            text.getparent().remove(text)
    return starts, ends


def _run(paragraph: Any, text: str) -> Any:
    run = etree.Element(f"{W}r")
    spoken = (each for each in paragraph.iter(f"{W}r") if each.find(f"{W}t") is not None)
    first = next(spoken, None)
    look = first.find(f"{W}rPr") if first is not None else paragraph.find(f"{W}pPr/{W}rPr")
    if look is not None:
        run.append(deepcopy(look))
        for change in list(run[0].iterchildren(*_CHANGES)):
            run[0].remove(change)
    _say(run, safe(text))
    return run


def _say(run: Any, text: str) -> None:
    said = ""
    for sign in [*text, ""]:
        if sign and sign not in _BREAKS:
            said += sign
            continue
        if said:
            piece = etree.SubElement(run, f"{W}t")
            piece.text, said = said, ""
            piece.set(_XML_SPACE, "preserve")
        if sign:
            etree.SubElement(run, f"{W}{_BREAKS[sign]}")


def _clear(element: Any, kept: Any) -> None:
    for child in list(element):
        if child is not kept:
            element.remove(child)


def _split(cell: Any) -> int:
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    if span is None:
        return 0
    span.getparent().remove(span)
    return _count(value_of(span), 1) - 1


def _empty_like(cell: Any) -> Any:
    empty = etree.Element(f"{W}tc")
    if cell.find(f"{W}tcPr") is not None:
        empty.append(deepcopy(cell.find(f"{W}tcPr")))
    etree.SubElement(empty, f"{W}p")
    return empty


def _plain_words(cell: Any) -> str:
    return "\n".join(
        "".join(text.text or "" for text in paragraph.iter(f"{W}t")) for paragraph in _own_paragraphs(cell)
    )


def _count(number: str, otherwise: int) -> int:
    return min(int(number), 63) if number.isdecimal() and len(number) <= len("63") else otherwise
