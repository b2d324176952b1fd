"""What a refresh would change in a document, block by block, before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from ims.model.message import NewBlock, NewRow
from ims.model.outline import Grid, Text
from ims.postmortem.content.block_words import (
    CAPTION,
    FRONT,
    BlockWords,
    blocks_now,
    one_line,
    read_caption,
    seal,
    text_of,
)
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Block, Template
from ims.postmortem.reading.understood import ReadFollowUp
from ims.postmortem.refreshing.finding import Found, SeenBlock, find, places_of, words_of_row
from ims.postmortem.refreshing.follow_up_rows import elsewhere, rows_now, without

_KEPT = "Kept from this document, as people had changed it:"


class Standing(StrEnum):
    """How a block of the document stands beside what the portal would write now."""

    FRESH = "fresh"
    CHANGES = "changes"
    EDITED = "edited"  # by people
    MISSING = "missing"


class Answer(StrEnum):
    """What shall become of a block that people edited or deleted."""

    THEIRS = "theirs"  # it stays as it is, or stays away
    OURS = "ours"  # it is written anew, or put back under its heading
    BOTH = "both"  # it is written anew, and theirs stands below it as their own text


@dataclass(frozen=True)
class BlockPlan:
    """What a refresh means for one block; ``rows`` are those it will have, its header among them.

    ``heading`` is the one under which a block that is missing can be put back, as it reads in the document.
    """

    now: BlockWords
    standing: Standing
    seen: SeenBlock | None = None
    rows: Sequence[NewRow] = ()
    heading: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether a person must say what shall become of it."""
        return self.standing is Standing.EDITED or (self.standing is Standing.MISSING and bool(self.heading))

    @property
    def choices(self) -> Sequence[Answer]:
        """What people can answer. Two tables of actions would both be read, so of theirs there is never a second."""
        can_have_both = self.standing is Standing.EDITED and self.now.key != Block.FOLLOW_UPS
        return (Answer.THEIRS, Answer.OURS, *((Answer.BOTH,) if can_have_both else ()))

    @property
    def kept(self) -> Sequence[str]:
        """The lines that stand above what people made of the block, once it is written anew and theirs stays below."""
        if self.seen is None or Answer.BOTH not in self.choices:
            return ()
        said = one_line(self.seen.caption).removeprefix(CAPTION).strip()
        return (_KEPT, said) if said and self.seen.table_at is None else (_KEPT,)

    @property
    def changed_rows(self) -> list[tuple[Sequence[str], Sequence[str]]]:
        """Each row that changes, before and after; one of them is empty for a row that comes or goes."""
        seen = self.seen.rows if self.seen else []
        kept = {row.was for row in self.rows}
        gone = [(row, ()) for at, row in enumerate(seen) if at not in kept and any(row)]
        pairs = [(seen[row.was] if row.was is not None else (), row.cells) for row in self.rows]
        return [*gone, *(pair for pair in pairs if not same_words(*pair) and any(pair[0]) | any(pair[1]))]

    def in_words(self, answer: Answer = Answer.OURS) -> NewBlock:
        """Return it as the system in which a document lives is asked for it."""
        seen = self.seen or SeenBlock(self.now.key, self.heading, "", 0)
        kept = self.kept if answer is Answer.BOTH else ()
        return NewBlock(
            heading=seen.heading,
            seen_caption=seen.caption,
            seen_rows=seen.rows,
            caption=self.now.caption,
            rows=[NewRow(cells=row) for row in _table(self.now)] if kept else self.rows,
            kept=kept,
        )


@dataclass(frozen=True)
class Plan:
    """What a refresh would do to a document; nothing of it is done yet."""

    blocks: Sequence[BlockPlan]
    found: Found
    remarks: Sequence[str]

    @property
    def changing(self) -> list[BlockPlan]:
        """The blocks that will change without a question."""
        return [each for each in self.blocks if each.standing is Standing.CHANGES]

    @property
    def asked(self) -> list[BlockPlan]:
        """The blocks that a person is asked about."""
        return [each for each in self.blocks if each.is_asked]

    def written(self, answers: Mapping[str, Answer]) -> list[BlockPlan]:
        """Return the blocks that will be written, once people have answered; without an answer theirs stays."""
        return [
            each
            for each in self.blocks
            if each.standing is Standing.CHANGES
            or (each.is_asked and answers.get(each.now.key, Answer.THEIRS) is not Answer.THEIRS)
        ]


def plan(
    items: Iterable[Text | Grid],
    facts: RcaFacts,
    template: Template,
    *,
    anchors: Mapping[int, str] | None = None,
    written: Mapping[str, str] | None = None,
) -> Plan:
    """Say what a refresh would do to a document with these paragraphs and tables.

    ``anchors`` are the blocks' keys by the place of their caption, where the editor keeps bookmarks; ``written`` is
    what the portal wrote last into each block.
    """
    now, seen = blocks_now(facts, template), list(items)
    found = find(seen, now, anchors or {})
    headings = {key: item.words for key, at in found.headings.items() if isinstance(item := seen[at], Text)}
    remarks = list(found.remarks)
    others = elsewhere(seen, found.blocks.get(Block.FOLLOW_UPS))
    blocks = [
        _follow_ups(each, found.blocks.get(key), facts, others, headings.get(key, ""), remarks)
        if key == Block.FOLLOW_UPS
        else _portal_block(each, found.blocks[key], written or {}, remarks)
        if key in found.blocks
        else _missing(each, headings.get(key, ""), remarks)
        for key, each in now.items()
    ]
    return Plan(blocks, found, remarks)


def same_words(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two rows say the same, whatever the spaces."""
    return [one_line(cell) for cell in one] == [one_line(cell) for cell in other]


def _missing(now: BlockWords, heading: str, remarks: list[str]) -> BlockPlan:
    if not heading and now.key != FRONT:
        remarks.append(f"The heading “{now.title}” is gone from the document, and the block with it; left out.")
    return BlockPlan(now, Standing.MISSING, rows=[NewRow(cells=row) for row in _table(now)], heading=heading)


def _follow_ups(
    now: BlockWords,
    seen: SeenBlock | None,
    facts: RcaFacts,
    others: Sequence[ReadFollowUp],
    heading: str,
    remarks: list[str],
) -> BlockPlan:
    """People write into this table; what they wrote is no drift. Only its caption or its absence is."""
    if seen is None or not seen.grid.rows:
        anew = without(now, others, facts)
        if seen is None:
            return _missing(anew, heading, remarks)
        return BlockPlan(anew, Standing.EDITED, seen, [NewRow(cells=row) for row in _table(anew)])
    rows, said = rows_now(seen.grid, facts, others)
    remarks += said
    changes = len(rows) != len(seen.rows) or any(
        row.was is None or not same_words(seen.rows[row.was], row.cells) for row in rows
    )
    if read_caption(seen.caption) is None:
        return BlockPlan(now, Standing.EDITED, seen, rows)
    return BlockPlan(now, Standing.CHANGES if changes else Standing.FRESH, seen, rows)


def _portal_block(now: BlockWords, seen: SeenBlock, written: Mapping[str, str], remarks: list[str]) -> BlockPlan:
    header = seen.rows[0] if seen.rows else []
    places = places_of(now.header or header, header) if header else []
    if places is None and len(header) == len(now.header) and _is_sealed(seen):
        places = list(range(len(header)))  # the portal names a column otherwise now
    standing = _standing(now, seen, places, written)
    if standing is Standing.FRESH:
        return BlockPlan(now, standing, seen, [NewRow(cells=row, was=at) for at, row in enumerate(seen.rows)])
    if places is None:
        return BlockPlan(now, standing, seen, [NewRow(cells=row) for row in _table(now)])
    return BlockPlan(now, standing, seen, _merged(now, seen, places, remarks))


def _is_sealed(seen: SeenBlock) -> bool:
    said = read_caption(seen.caption)
    return said is not None and seal(said[0], seen.rows[0], seen.rows[1:]) == said[1]


def _standing(now: BlockWords, seen: SeenBlock, places: list[int] | None, written: Mapping[str, str]) -> Standing:
    rows = [words_of_row(row, places) for row in seen.grid.rows] if places is not None else seen.rows
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    said = read_caption(seen.caption)
    words = said[0] if said else seen.caption
    text = text_of(words, header, body)
    if text == now.text:
        return Standing.FRESH
    is_ours = said is not None and (seal(words, header, body) == said[1] or text == written.get(now.key))
    return Standing.CHANGES if is_ours else Standing.EDITED


def _merged(now: BlockWords, seen: SeenBlock, places: list[int], remarks: list[str]) -> list[NewRow]:
    """Return the rows as they will be: those that say the same stay, the others are written where they stand.

    Columns that people added keep their words; so does a row that goes, when they wrote something beside it.
    """
    mine = [words_of_row(row, places) for row in seen.grid.rows]
    wanted = _table(now)
    width = len(seen.rows[0]) if seen.rows else len(now.header)
    matcher = SequenceMatcher(
        None, [tuple(map(one_line, row)) for row in mine], [tuple(map(one_line, row)) for row in wanted], autojunk=False
    )
    rows: list[NewRow] = []
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        for at in range(max(end - start, new_end - new_start)):
            was = start + at if start + at < end else None
            new = wanted[new_start + at] if new_start + at < new_end else None
            if kind == "equal" and was is not None:
                rows.append(NewRow(cells=seen.rows[was], was=was))
            elif new is not None:
                rows.append(
                    NewRow(cells=_placed(new, seen.rows[was] if was is not None else [], places, width), was=was)
                )
            elif was is not None and _beside(seen.rows[was], places):
                rows.append(NewRow(cells=seen.rows[was], was=was))
                said = _beside(seen.rows[was], places)[:60]
                remarks.append(f"In “{now.title}” a row stays because people wrote “{said}” beside it.")
    return rows


def _placed(new: Sequence[str], was: Sequence[str], places: Sequence[int], width: int) -> list[str]:
    cells = [*was, *[""] * (width - len(was))]
    for place, word in zip(places or range(len(new)), new, strict=True):
        cells[place] = word
    return cells


def _beside(row: Sequence[str], places: Sequence[int]) -> str:
    return " ".join(word for place, word in enumerate(row) if place not in places and word)


def _table(now: BlockWords) -> list[Sequence[str]]:
    return [now.header, *now.rows] if now.header else []
