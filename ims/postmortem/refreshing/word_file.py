"""Refreshing a Word file in place: the portal's blocks are written where they stand, everything else is as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ims.model.message import NewRow
from ims.model.outline import Cell, Grid, Text
from ims.postmortem.content.block_words import BlockWords, read_caption
from ims.postmortem.content.blocks import EMPTY_ROWS
from ims.postmortem.content.template import Block
from ims.postmortem.refreshing.finding import SeenBlock
from ims.postmortem.refreshing.planning import Answer, BlockPlan, Plan, Standing, same_words
from ims.postmortem.word import in_place, new_picture
from ims.postmortem.word.look import CAPTION_STYLE, CELL_STYLE
from ims.postmortem.word.outline import placed
from ims.postmortem.word.package import PackageParts, open_parts
from ims.postmortem.word.vocabulary import W

_ANCHOR = "ims_"
_OBJECT = "\ufffc"  # stands for a picture among the words of a cell
_OURS = b"Software\x00IMS"  # as the portal marks what it draws
_TWIPS_PER_CM = 1440 / 2.54
_BORDERS = ("top", "left", "bottom", "right", "insideH", "insideV")


class WordFile:
    """A ``.docx`` that people edited, opened to write the portal's blocks into it.

    Raises:
        BadFile: it cannot be read; the sentence says why.
    """

    def __init__(self, file: bytes) -> None:
        self._parts: PackageParts = open_parts(file)
        self._placed = list(placed(self._parts.accepted))
        self.items: list[Text | Grid] = [self._with_pictures(element, item) for element, item in self._placed]

    @property
    def anchors(self) -> Mapping[int, str]:
        """The blocks' keys by the place of their caption, where the editor kept bookmarks."""
        found: dict[int, str] = {}
        for at, (element, _) in enumerate(self._placed):
            names = [mark.get(f"{W}name", "") for mark in element.iterchildren(f"{W}bookmarkStart")]
            keys = [name.removeprefix(_ANCHOR) for name in names if name.startswith(_ANCHOR)]
            found |= {at: keys[0]} if keys else {}
        return found

    def write(self, plan: Plan, answers: Mapping[str, Answer], picture: bytes | None = None) -> bytes:
        """Write the blocks that change and those that people decided on; return the new file.

        ``picture`` is the portal's drawing as it is now.
        """
        pictures: dict[str, bytes] = {}
        for block in plan.written(answers):
            if block.seen is None:
                caption = self._put_back(block, self._original(plan.found.headings[block.now.key]))
                pictures |= self._drawn(caption, block.now, picture) if picture and block.now.key == "picture" else {}
            else:
                self._rewrite(block, block.seen, keep_theirs=answers.get(block.now.key) is Answer.BOTH)
                caption = self._original(block.seen.caption_at)
                pictures |= self._pictures_of(caption, picture) if picture and block.now.key == "picture" else {}
        if plan.written(answers):
            self._stamp(plan)
        return self._saved(pictures)

    def _stamp(self, plan: Plan) -> None:
        """Say of the blocks that are right as they stand that they are so as of now."""
        for block in plan.blocks:
            if block.standing is Standing.FRESH and block.seen and read_caption(block.seen.caption):
                in_place.set_words(self._original(block.seen.caption_at), block.now.caption, keep_pictures=True)

    def _original(self, at: int) -> Any:
        return self._parts.originals[self._placed[at][0]]

    def _with_pictures(self, element: Any, item: Text | Grid) -> Text | Grid:
        if isinstance(item, Text) or not in_place.has_picture(element):
            return item
        rows = [
            [_marked(words, cell) for words, cell in zip(row, in_place.cells_of(tr), strict=False)]
            for row, tr in zip(item.rows, element.iterchildren(f"{W}tr"), strict=True)
        ]
        return Grid(rows)

    def _rewrite(self, block: BlockPlan, seen: SeenBlock, *, keep_theirs: bool) -> None:
        caption = self._original(seen.caption_at)
        table = self._original(seen.table_at) if seen.table_at is not None else None
        if keep_theirs and block.kept:
            self._keep_theirs(block.kept, caption, table)
            table = None
        elif table is not None and block.in_words().has_new_table:
            self._take_out(table, caption, self._body)
            table = None
        in_place.set_words(caption, block.now.caption, keep_pictures=True)
        if table is None:
            self._add_table(block.now, in_place.outermost(caption, self._body))
        elif not block.rows:
            self._take_out(table, caption, self._body)
        else:
            self._write_table(block.rows, seen, table, caption)

    def _write_table(self, new: Sequence[NewRow], seen: SeenBlock, table: Any, caption: Any) -> None:
        words = seen.rows
        accepted = self._placed[seen.table_at or 0][0]
        rows = [self._parts.originals[row] for row in accepted.iterchildren(f"{W}tr")]
        if [row.was for row in new] == list(range(len(rows))) and all(_stays(row, words) for row in new):
            return
        if next(table.iter(f"{W}vMerge", f"{W}gridSpan"), None) is not None:
            in_place.separate_cells(table)
        like = _like(rows, len(new[0].cells))
        last: Any = None
        for row in new:
            if row.was is not None:
                if row.cells != words[row.was]:
                    in_place.write_row(rows[row.was], row.cells, words[row.was])
                last = rows[row.was]
            else:
                added = in_place.new_row_like(like, row.cells)
                _insert_row(added, last, rows[0], table)
                last = added
        kept = {row.was for row in new}
        for at, gone in enumerate(rows):
            if at not in kept:
                self._take_out(gone, caption, table)

    def _take_out(self, element: Any, caption: Any, within: Any) -> None:
        """Take a row or table out; the comments on it go to the caption."""
        caption.extend(in_place.comment_marks(element))
        outer = in_place.outermost(element, within)
        outer.getparent().remove(outer)

    def _keep_theirs(self, lines: Sequence[str], caption: Any, table: Any) -> None:
        """Make what people wrote their own text below the block."""
        first = in_place.outermost(table if table is not None else caption, self._body)
        for line in lines if table is not None else reversed(lines):
            paragraph = self._paragraph(line)
            first.addprevious(paragraph) if table is not None else first.addnext(paragraph)

    def _put_back(self, block: BlockPlan, heading: Any) -> Any:
        caption = self._paragraph(block.now.caption, CAPTION_STYLE)
        heading_or_control = in_place.outermost(heading, self._body)
        heading_or_control.addnext(caption)
        self._anchor(caption, block.now.bookmark)
        self._add_table(block.now, caption)
        return caption

    def _drawn(self, caption: Any, now: BlockWords, picture: bytes) -> dict[str, bytes]:
        """Show the portal's drawing below its caption, and return the parts of the file that this takes."""
        parts = {part.filename: content for part, content in self._parts.parts}
        relation_id, added = new_picture.new_parts(parts, self._parts.main, picture)
        caption.append(new_picture.run_with(relation_id, picture, self._parts.root, now.words))
        return added

    def _anchor(self, caption: Any, name: str) -> None:
        numbers = [int(mark.get(f"{W}id", "0") or 0) for mark in self._parts.root.iter(f"{W}bookmarkStart")]
        places = {"bookmarkStart": 1 if caption.find(f"{W}pPr") is not None else 0, "bookmarkEnd": len(caption) + 1}
        for tag, at in places.items():
            mark = etree.Element(f"{W}{tag}")
            mark.set(f"{W}id", str(max(numbers, default=0) + 1))
            caption.insert(at, mark)
        caption.find(f"{W}bookmarkStart").set(f"{W}name", name)

    @property
    def _body(self) -> Any:
        return self._parts.root.find(f"{W}body")

    def _style(self, name: str) -> str:
        """Return the id of one of the portal's styles; empty where the editor did not keep it."""
        wanted = name.casefold()
        return next((key for key, style in self._parts.accepted.styles.items() if style.name == wanted), "")

    def _paragraph(self, text: str, style: str = "") -> Any:
        paragraph = etree.Element(f"{W}p")
        if self._style(style):
            etree.SubElement(etree.SubElement(paragraph, f"{W}pPr"), f"{W}pStyle").set(f"{W}val", self._style(style))
        in_place.set_words(paragraph, text)
        return paragraph

    def _add_table(self, now: BlockWords, after: Any) -> None:
        if not now.header:
            return
        table = etree.Element(f"{W}tbl")
        _describe(table, now.widths)
        blank = [("",) * len(now.header)] * (EMPTY_ROWS if now.key == Block.FOLLOW_UPS else 0)
        for at, words in enumerate([now.header, *now.rows, *blank]):
            row = etree.SubElement(table, f"{W}tr")
            for word, width in zip(words, now.widths, strict=True):
                cell = etree.SubElement(row, f"{W}tc")
                _set_width(etree.SubElement(etree.SubElement(cell, f"{W}tcPr"), f"{W}tcW"), width)
                cell.append(self._paragraph(word, CELL_STYLE))
            if at == 0:
                _head(row)
        after.addnext(table)
        following = table.getnext()
        if following is None or following.tag != f"{W}p":  # Word would join two tables
            table.addnext(etree.Element(f"{W}p"))

    def _pictures_of(self, caption: Any, picture: bytes) -> dict[str, bytes]:
        """Return the part that holds the portal's drawing, to be replaced by the one of now; never one of people's."""
        links = self._parts.accepted.links
        targets = [value for blip in caption.iter() for name, value in blip.attrib.items() if name.endswith("}embed")]
        names = {self._parts.target_of(target) for target in targets if target in links}
        ours = [part.filename for part, content in self._parts.parts if part.filename in names and _OURS in content]
        return dict.fromkeys(ours, picture)

    def _saved(self, replaced: Mapping[str, bytes]) -> bytes:
        tree = self._parts.root.getroottree()
        text = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
        file = BytesIO()
        with ZipFile(file, "w") as archive:
            for part, content in self._parts.parts:
                new = text if part.filename == self._parts.main else replaced.get(part.filename, content)
                archive.writestr(part, new)
            for name in replaced.keys() - {part.filename for part, _ in self._parts.parts}:
                archive.writestr(name, replaced[name])
        return file.getvalue()


def _marked(words: Cell, cell: Any) -> Cell:
    has_picture = cell is not None and in_place.has_picture(cell)
    return replace(words, words=f"{words.words} {_OBJECT}".strip()) if has_picture else words


def _stays(row: NewRow, seen: Sequence[Sequence[str]]) -> bool:
    return row.was is not None and same_words(row.cells, seen[row.was])


def _like(rows: Sequence[Any], width: int) -> Any:
    """Return the row that new rows shall look like: the last plain one, else the header."""
    return next((row for row in reversed(rows[1:]) if in_place.is_plain(row, width)), rows[0])


def _insert_row(added: Any, last: Any, first: Any, table: Any) -> None:
    if last is None:
        in_place.outermost(first, table).addprevious(added)
    elif last.getparent().tag in (f"{W}tbl",):
        last.addnext(added)
    else:
        in_place.outermost(last, table).addnext(added)


def _head(row: Any) -> None:
    """Make a row look like a header, on every page."""
    row.insert(0, etree.Element(f"{W}trPr"))
    etree.SubElement(row[0], f"{W}tblHeader")
    for cell in row.iterchildren(f"{W}tc"):
        shade = etree.SubElement(cell.find(f"{W}tcPr"), f"{W}shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", "E8ECF1")):
            shade.set(f"{W}{name}", value)
        for run in cell.iter(f"{W}r"):
            run.insert(0, etree.Element(f"{W}rPr"))
            etree.SubElement(run[0], f"{W}b")


def _set_width(element: Any, centimetres: float) -> None:
    element.set(f"{W}w", str(round(centimetres * _TWIPS_PER_CM)))
    if element.tag == f"{W}tcW":
        element.set(f"{W}type", "dxa")


def _describe(table: Any, widths: Sequence[float]) -> None:
    properties = etree.SubElement(table, f"{W}tblPr")
    width = etree.SubElement(properties, f"{W}tblW")
    width.set(f"{W}w", "5000")
    width.set(f"{W}type", "pct")
    borders = etree.SubElement(properties, f"{W}tblBorders")
    for side in _BORDERS:
        line = etree.SubElement(borders, f"{W}{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "BFC5CD")):
            line.set(f"{W}{name}", value)
    grid = etree.SubElement(table, f"{W}tblGrid")
    for width in widths:
        _set_width(etree.SubElement(grid, f"{W}gridCol"), width)
