"""The follow-up table as it will be: the rows of people with their ids, states and tickets, and those still missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from ims.model import FollowUp, FollowUpState
from ims.model.message import NewRow
from ims.model.outline import Cell, Grid, Text
from ims.postmortem.content.block_words import BlockWords
from ims.postmortem.content.blocks import EMPTY_ROWS
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.wording import label
from ims.postmortem.reading.matching import EarlierWords, earlier_words, had_words, is_same
from ims.postmortem.reading.owners import says_the_owner
from ims.postmortem.reading.reader import read_blocks
from ims.postmortem.reading.tables import Column, header_of, read_table
from ims.postmortem.reading.understood import ReadFollowUp, normal
from ims.postmortem.refreshing.finding import SeenBlock

_TICKET = "ticket"


def rows_now(grid: Grid, facts: RcaFacts, elsewhere: Sequence[ReadFollowUp]) -> tuple[list[NewRow], list[str]]:
    """Return the rows as they will be, and what people must know, in words.

    A cell that means what the portal knows stays as people spelled it. Rows that were not taken in stay as they are.
    A follow-up that stands ``elsewhere`` in the document gets no row, unless it says there what is true no more.
    """
    found = header_of(grid, certain=False)
    if found is None:
        return [NewRow(cells=_words(row), was=at) for at, row in enumerate(grid.rows)], []
    table = _Table(grid, found[0], found[1], facts, elsewhere)
    return table.rows(), table.remarks


def elsewhere(items: Sequence[Text | Grid], block: SeenBlock | None) -> Sequence[ReadFollowUp]:
    """Return the follow-ups that stand outside of the portal's table: in a list, or in the rest of a split table."""
    seen = list(items)
    found = header_of(block.grid, certain=False) if block else None
    if block and block.table_at is not None and found:
        seen[block.table_at] = Grid(block.grid.rows[: found[0] + 1])
    return read_blocks(seen).follow_ups


def without(now: BlockWords, others: Sequence[ReadFollowUp], facts: RcaFacts) -> BlockWords:
    """Return a table that is written anew without the follow-ups that stand elsewhere in the document."""
    ours = _taken(list(facts.follow_ups), others, facts)
    pairs = zip(others, ours, strict=True)
    there = {mine.row_id for read, mine in pairs if mine and not _says_otherwise(read, mine, facts)}
    return replace(now, rows=[row for row in now.rows if row[0] not in there])


@dataclass
class _Table:
    grid: Grid
    header_at: int
    places: dict[Column, int]
    facts: RcaFacts
    elsewhere: Sequence[ReadFollowUp]
    remarks: list[str] = field(default_factory=list)

    def rows(self) -> list[NewRow]:
        left = list(self.facts.follow_ups)
        read = [self._read(row) if at > self.header_at else None for at, row in enumerate(self.grid.rows)]
        ours = _taken(left, [*read, *self.elsewhere], self.facts)
        left += self._stale(ours[len(read) :])
        ours = ours[: len(read)]
        rows = []
        for at, (row, each, mine) in enumerate(zip(self.grid.rows, read, ours, strict=True)):
            rows.append(NewRow(cells=self._filled(row, each, mine) if each and mine else _words(row), was=at))
            if each and not mine:
                self.remarks.append(f"“{each.text[:60]}” is not taken in yet; its row stays as it is.")
        added = [NewRow(cells=self._added(mine)) for mine in left if mine.state is not FollowUpState.DROPPED]
        blank = [row for row in rows if not any(row.cells)]
        end = max((at for at, row in enumerate(rows) if any(row.cells)), default=0) + 1
        width = len(self.grid.rows[self.header_at])
        new_blank = [] if blank else [NewRow(cells=("",) * width)] * EMPTY_ROWS
        return [*rows[:end], *added, *rows[end:], *(new_blank if added else [])]

    def _read(self, row: list[Cell]) -> ReadFollowUp | None:
        alone = Grid([self.grid.rows[self.header_at], row])
        return next(iter(read_table(alone, 0, self.places).follow_ups), None)

    def _stale(self, ours: Sequence[FollowUp | None]) -> list[FollowUp]:
        """Return those that say elsewhere what is true no more; alone there, that would be read back as a change."""
        pairs = zip(self.elsewhere, ours, strict=True)
        found = [mine for read, mine in pairs if mine and _says_otherwise(read, mine, self.facts)]
        found = [mine for mine in found if mine.state is not FollowUpState.DROPPED]
        self.remarks += [
            f"{mine.row_id} stands outside of the table, and says there what is true no more; it gets a row, and what "
            "stands outside counts no more. Take it out."
            for mine in found
        ]
        return sorted(found, key=lambda mine: mine.number)

    def _filled(self, row: list[Cell], read: ReadFollowUp, mine: FollowUp) -> Sequence[str]:
        now = self._ours(mine)
        words = _words(row)
        agrees = {
            Column.ROW_ID: read.row_id == mine.row_id,
            Column.ACTION: is_same(read.text, mine.text),
            Column.OWNER: says_the_owner(list(self.facts.people.values()), read, mine),
            Column.DUE: read.due == mine.due_on,
            Column.KIND: read.kind == mine.kind or mine.kind is None,
            Column.STATE: read.state is mine.state or (read.state is None and mine.state is FollowUpState.OPEN),
        }
        for column, place in self.places.items():
            is_blank_state = column is Column.STATE and place < len(words) and not words[place]
            if place < len(words) and (not agrees[column] or is_blank_state):
                words[place] = now[column]
        return self._with_ticket(words, mine)

    def _added(self, mine: FollowUp) -> Sequence[str]:
        words = [""] * len(self.grid.rows[self.header_at])
        for column, place in self.places.items():
            words[place] = self._ours(mine)[column]
        return self._with_ticket(words, mine)

    def _ours(self, mine: FollowUp) -> dict[Column, str]:
        return {
            Column.ROW_ID: mine.row_id,
            Column.ACTION: mine.text,
            Column.OWNER: self.facts.owner_of(mine),
            Column.DUE: mine.due_on.isoformat() if mine.due_on else "",
            Column.KIND: label(mine.kind) if mine.kind else "",
            Column.STATE: label(mine.state),
        }

    def _with_ticket(self, words: list[str], mine: FollowUp) -> list[str]:
        names = [normal(cell.words) for cell in self.grid.rows[self.header_at]]
        key = self.facts.ticket_keys.get(mine.ticket_id or 0, "")
        if key and _TICKET in names and names.index(_TICKET) < len(words):
            words[names.index(_TICKET)] = key
        return words


def _taken(left: list[FollowUp], read: Sequence[ReadFollowUp | None], facts: RcaFacts) -> list[FollowUp | None]:
    """Match rows as taking in does: first all by id, then by today's words, then by those of before.

    What is matched leaves ``left``.
    """
    earlier = earlier_words(facts.timeline)
    ours: list[FollowUp | None] = [None] * len(read)
    for is_it in (_has_its_id, _has_its_words, partial(_has_earlier_words, earlier)):
        for at, each in enumerate(read):
            found = [mine for mine in left if each and not ours[at] and is_it(each, mine)]
            if each and found:
                ours[at] = mine = next((mine for mine in found if not _says_otherwise(each, mine, facts)), found[0])
                left.remove(mine)
    return ours


def _says_otherwise(read: ReadFollowUp, mine: FollowUp, facts: RcaFacts) -> bool:
    """Return whether a row would change a follow-up if it were taken in."""
    people = list(facts.people.values())
    return not (
        is_same(read.text, mine.text)
        and ("owner" in read.unsaid or says_the_owner(people, read, mine))
        and ("due_on" in read.unsaid or read.due == mine.due_on)
        and read.kind in (None, mine.kind)
        and read.state in (None, mine.state)
    )


def _has_its_id(read: ReadFollowUp, mine: FollowUp) -> bool:
    return read.row_id == mine.row_id


def _has_its_words(read: ReadFollowUp, mine: FollowUp) -> bool:
    return is_same(read.text, mine.text)


def _has_earlier_words(earlier: EarlierWords, read: ReadFollowUp, mine: FollowUp) -> bool:
    return had_words(mine, read.text, earlier)


def _words(row: Sequence[Cell]) -> list[str]:
    return [cell.words for cell in row]
