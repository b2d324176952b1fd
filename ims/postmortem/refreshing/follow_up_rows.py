"""The follow-up table as it will be: the rows of people with their ids, states and tickets, and those still missing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from ims.model import FollowUp, FollowUpState
from ims.model.message import NewRow
from ims.model.outline import Cell, Grid
from ims.postmortem.content.blocks import EMPTY_ROWS
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.wording import label
from ims.postmortem.reading.matching import EarlierWords, earlier_words, is_same
from ims.postmortem.reading.owners import says_the_owner
from ims.postmortem.reading.tables import Column, header_of, read_table
from ims.postmortem.reading.understood import ReadFollowUp, normal

_TICKET = "ticket"


def rows_now(grid: Grid, facts: RcaFacts) -> tuple[list[NewRow], list[str]]:
    """Return the rows as they will be, and what people must know, in words.

    A cell that means what the portal knows stays as people spelled it. Rows that were not taken in stay as they are.
    """
    found = header_of(grid, certain=False)
    if found is None:
        return [NewRow(cells=_words(row), was=at) for at, row in enumerate(grid.rows)], []
    table = _Table(grid, found[0], found[1], facts)
    return table.rows(), table.remarks


@dataclass
class _Table:
    grid: Grid
    header_at: int
    places: dict[Column, int]
    facts: RcaFacts
    remarks: list[str] = field(default_factory=list)

    def rows(self) -> list[NewRow]:
        left = list(self.facts.follow_ups)
        read = [self._read(row) if at > self.header_at else None for at, row in enumerate(self.grid.rows)]
        ours = self._taken(left, read)
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

    def _taken(self, left: list[FollowUp], read: Sequence[ReadFollowUp | None]) -> list[FollowUp | None]:
        """Match rows as taking in does: first all by id, then by today's words, then by those of before."""
        earlier = earlier_words(self.facts.timeline)
        ours: list[FollowUp | None] = [None] * len(read)
        for is_it in (_has_its_id, _has_its_words, partial(_has_earlier_words, earlier)):
            ours = [mine or _take(left, each, is_it) for mine, each in zip(ours, read, strict=True)]
        return ours

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


def _take(
    left: list[FollowUp], read: ReadFollowUp | None, is_it: Callable[[ReadFollowUp, FollowUp], bool]
) -> FollowUp | None:
    mine = next((each for each in left if read and is_it(read, each)), None)
    if mine:
        left.remove(mine)
    return mine


def _has_its_id(read: ReadFollowUp, mine: FollowUp) -> bool:
    return read.row_id == mine.row_id


def _has_its_words(read: ReadFollowUp, mine: FollowUp) -> bool:
    return is_same(read.text, mine.text)


def _has_earlier_words(earlier: EarlierWords, read: ReadFollowUp, mine: FollowUp) -> bool:
    return any(is_same(read.text, words) for words in earlier.get(mine.id, ()))


def _words(row: Sequence[Cell]) -> list[str]:
    return [cell.words for cell in row]
