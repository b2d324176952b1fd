"""Finding the portal's own blocks in a document that people edited, wherever it lives.

A block is its caption, and the first table after it that looks like the portal's, before the next heading or caption.
Nothing else belongs to it: what people typed around it, between the two, or after it is theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ims.model.outline import Cell, Grid, Text
from ims.postmortem.content.block_words import CAPTION, FRONT, BlockWords, one_line, read_caption, seal
from ims.postmortem.reading.understood import normal

_FACT = "fact"  # the first column of several blocks; there the first row tells them apart


@dataclass(frozen=True)
class SeenBlock:
    """A block as it stands in a document: where, under which heading, its caption, and its table if it has one."""

    key: str
    heading: str
    caption: str
    caption_at: int
    table_at: int | None = None
    grid: Grid = field(default_factory=lambda: Grid([]))

    @cached_property
    def rows(self) -> list[list[str]]:
        """The words of the table, its header among them."""
        return [[cell.words for cell in row] for row in self.grid.rows]


@dataclass(frozen=True)
class Found:
    """The blocks that stand in a document, by their key; where their headings are; and what was odd, in words."""

    blocks: Mapping[str, SeenBlock]
    headings: Mapping[str, int]
    remarks: Sequence[str]


def find(items: Iterable[Text | Grid], now: Mapping[str, BlockWords], anchors: Mapping[int, str]) -> Found:
    """Find the blocks among the items of a document; ``anchors`` are the blocks' keys by the place of their caption."""
    walk = _Walk(list(items), now, anchors)
    blocks: dict[str, SeenBlock] = {}
    remarks: list[str] = []
    for block in walk.captions():
        if block.key not in now:
            remarks.append(
                f"Under “{block.heading[:80]}” stands a block of IMS that cannot be told from its words; left as it is."
            )
        elif block.key in blocks:
            remarks.append(
                f"“{now[block.key].title}” stands in the document twice; the first is refreshed, the other is left."
            )
        else:
            blocks[block.key] = block
    return Found(blocks, walk.headings, remarks)


@dataclass
class _Walk:
    items: list[Text | Grid]
    now: Mapping[str, BlockWords]
    anchors: Mapping[int, str]
    headings: dict[str, int] = field(default_factory=dict)

    def captions(self) -> Iterable[SeenBlock]:
        titles = {normal(block.title): key for key, block in self.now.items() if key != FRONT}
        heading, key = "", FRONT
        for at, item in enumerate(self.items):
            if not isinstance(item, Text):
                continue
            if _is_caption(item):
                yield self._block(at, item, heading, key)
            elif item.level or normal(item.words) in titles:
                heading = item.words
                key = titles.get(normal(item.words), "" if key == FRONT and item.level == 1 and at else key)
                if key in self.now and normal(item.words) in titles:
                    self._note_heading(key, at, item)

    def _note_heading(self, key: str, at: int, heading: Text) -> None:
        """Keep the first real heading; a line that only reads like one may belong to the contents."""
        known = self.items[self.headings.get(key, at)]
        if key not in self.headings or (heading.level and isinstance(known, Text) and not known.level):
            self.headings[key] = at

    def _block(self, at: int, caption: Text, heading: str, by_heading: str) -> SeenBlock:
        tables = list(self._tables_after(at))
        by_table = next((key for _, grid in tables[:1] for key in self._looks_like(grid)), "")
        key = self.anchors.get(at) or by_table or by_heading
        for place, grid in tables:
            if key in self.now and _is_its_table(self.now[key], caption.words, grid):
                return SeenBlock(key, heading, caption.words, at, place, grid)
        return SeenBlock(key, heading, caption.words, at)

    def _tables_after(self, at: int) -> Iterable[tuple[int, Grid]]:
        for place, item in enumerate(self.items[at + 1 :], start=at + 1):
            if isinstance(item, Grid):
                yield place, item
            elif item.level or _is_caption(item):
                return

    def _looks_like(self, grid: Grid) -> Iterable[str]:
        """Return the one block whose table begins with the same words, if there is one."""
        seen = [_names([cell.words for cell in row]) for row in grid.rows[:2]]
        for key, block in self.now.items():
            header = _names(block.header)
            if not header or not seen or seen[0][: len(header)] != header:
                continue
            tells_apart = header[0] != _FACT or (len(seen) > 1 and seen[1][:1] == _names(block.rows[0][:1]))
            if tells_apart:
                yield key


def _is_caption(text: Text) -> bool:
    return one_line(text.words).startswith(CAPTION)


def _is_its_table(block: BlockWords, caption: str, grid: Grid) -> bool:
    """Return whether a table is the portal's: by the seal, or because it still has most of the columns."""
    if not grid.rows:
        return False
    said = read_caption(caption)
    words = [[cell.words for cell in row] for row in grid.rows]
    if said and seal(said[0], words[0], words[1:]) == said[1]:
        return True
    names = _names(block.header)
    return bool(names) and len(set(names) & set(_names(words[0]))) * 2 >= len(names)


def places_of(header: Sequence[str], seen: Sequence[str]) -> list[int] | None:
    """Return where each of the portal's columns stands in a table; ``None`` where one is missing."""
    names = _names(seen)
    return [names.index(name) for name in _names(header)] if set(_names(header)) <= set(names) else None


def words_of_row(row: Sequence[Cell], places: Sequence[int]) -> list[str]:
    """Return the words of a row in the order of the portal's columns."""
    return [row[place].words if place < len(row) else "" for place in places]


def _names(row: Sequence[str]) -> list[str]:
    return [normal(word) for word in row]
