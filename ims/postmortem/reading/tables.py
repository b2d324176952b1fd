"""The follow-up table: recognised by its header row, whatever the order of its columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from ims.model import FollowUpKind, FollowUpState
from ims.model.outline import Cell, Grid
from ims.postmortem.reading.dates import LIKE_A_DAY, NotADate, read_due
from ims.postmortem.reading.headings import KIND_OF
from ims.postmortem.reading.marks import take_box, take_mark
from ims.postmortem.reading.states import state_of
from ims.postmortem.reading.understood import NOTHING, ROW_ID, ReadFollowUp, is_placeholder, normal
from ims.postmortem.reading.unread_columns import unread_columns

_HEADER_ROWS = 3  # a title may stand above the header


class Column(Enum):
    """The columns the reader knows, with the names people give them."""

    ACTION = (
        *("action", "actions", "action item", "action items", "action point", "follow up", "follow ups", "followup"),
        *("follow up action", "follow up actions", "corrective action", "preventive action", "remediation", "task"),
        *("tasks", "to do", "todo", "what", "item", "improvement"),
    )
    OWNER = (
        *("owner", "owners", "action owner", "owned by", "assign", "assigned", "assignee", "assignees"),
        *("assigned to", "responsible", "responsible person", "person responsible", "who", "dri", "lead"),
    )
    DUE = (
        *("due date", "due dates", "due", "due on", "due by", "date due", "deadline", "target date", "target"),
        *("by when", "eta", "completion date", "target completion", "target completion date"),
    )
    KIND = ("kind", "type", "category")
    STATE = ("state", "status", "done", "completed", "complete", "progress")
    ROW_ID = ("id", "no", "nr", "#")


_CERTAIN = {Column.ACTION, Column.OWNER, Column.DUE}
_OF_A_TIMELINE = {"time", "timestamp", "date and time", "when it happened", "event"}
_COLUMNS: Mapping[str, Column] = {name: column for column in Column for name in column.value}
_DONE_BESIDE = re.compile(r"\bDONE\s*$")
_ROW_ID_FIRST = re.compile(rf"^{ROW_ID.pattern}\s+", re.IGNORECASE)


@dataclass
class ReadTable:
    """The follow-ups of a table, and what was not understood in it."""

    follow_ups: list[ReadFollowUp] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
    unread_columns: list[str] = field(default_factory=list)  # a sentence each


def header_of(grid: Grid, *, certain: bool) -> tuple[int, dict[Column, int]] | None:
    """Return where the header row is and which column stands where, or ``None`` for another kind of table.

    With ``certain`` it must name Action, Owner and Due date; under the heading for follow-ups Action and another
    column that the reader knows are enough. A table with times of events is a timeline, whatever else it names.
    """
    for number, row in enumerate(grid.rows[:_HEADER_ROWS]):
        names = [normal(cell.words) for cell in row]
        places = _places(row)
        if not certain and Column.OWNER in places and "when" in names:  # “Who, what, when”
            places.setdefault(Column.DUE, names.index("when"))
        enough = set(places) >= _CERTAIN if certain else Column.ACTION in places and len(places) > 1
        if enough and not any(map(_is_of_a_timeline, row)):
            return number, places
    return None


def _places(row: Sequence[Cell]) -> dict[Column, int]:
    """Return which column stands where. Names that are said whole count before those like “Owner / Besitzer”."""
    places: dict[Column, int] = {}
    for place, cell in enumerate(row):
        if normal(cell.words) in _COLUMNS:
            places.setdefault(_COLUMNS[normal(cell.words)], place)
    for place, cell in enumerate(row):
        named = _named(cell)
        if place not in places.values() and len(named) == 1:  # “Owner / Due date” are two in one
            places.setdefault(next(iter(named)), place)
    return places


def _named(cell: Cell) -> set[Column]:
    """Return the columns that a name of several parts stands for; “Who / When” is no owner alone."""
    parts = _parts(cell)
    return set() if "when" in parts else {_COLUMNS[part] for part in parts if part in _COLUMNS}


def _parts(cell: Cell) -> set[str]:
    return {normal(part) for part in (cell.words, *cell.words.split("/"))}


def _is_of_a_timeline(cell: Cell) -> bool:
    return bool(_OF_A_TIMELINE & _parts(cell)) and Column.DUE not in _named(cell)  # “Deadline / time” is none


def is_header_of_another(row: Sequence[Cell], places: Mapping[Column, int]) -> bool:
    """Return whether a row would make no sense below these columns, as the header of another table does not.

    A header leaves no cell empty, and has neither a date below “Due date” nor a state below “State”.
    """
    said = {column: row[place].words.strip() for column, place in places.items() if place < len(row)}
    due = said.get(Column.DUE, "")
    makes_sense = (
        any(map(str.isdigit, due)) or bool(LIKE_A_DAY.match(due)),
        bool(_state(said.get(Column.STATE, ""), [])),
        said.get(Column.KIND, "").casefold() in {kind.value for kind in FollowUpKind},
        bool(ROW_ID.fullmatch(said.get(Column.ROW_ID, ""))),
    )
    return all(cell.words for cell in row) and not any(makes_sense)


def read_table(grid: Grid, header_at: int, places: Mapping[Column, int], kind: FollowUpKind | None = None) -> ReadTable:
    """Read the rows below the header; empty ones and repeated headers are passed over."""
    read = ReadTable()
    header = [normal(cell.words) for cell in grid.rows[header_at]]
    rows: list[list[Cell]] = []
    for number, row in enumerate(grid.rows[header_at + 1 :], start=1):
        if _is_label(row):
            kind = KIND_OF.get(normal(row[0].words), kind)
            read.not_understood += _said_of_label(row[0].words)
        elif not _repeats(header, row):
            rows.append(row)
            _read_row(read, _Row(row, places, number), kind)
    if all(_is_nothing(follow_up) for follow_up in read.follow_ups):
        read.follow_ups = []
    else:
        read.unread_columns = unread_columns(grid.rows[header_at], rows, places.values())
    return read


def _repeats(header: list[str], row: list[Cell]) -> bool:
    return len(header) == len(row) and all(normal(cell.words) == name for cell, name in zip(row, header, strict=True))


def _is_nothing(follow_up: ReadFollowUp) -> bool:
    text = follow_up.text.casefold().rstrip(".")
    return not follow_up.row_id and (text in NOTHING or is_placeholder(follow_up.text))


def _is_label(row: list[Cell]) -> bool:
    """Return whether one cell goes through the whole row, as a title above a group of rows."""
    return len(row) > 1 and not row[0].joins_left and all(cell.joins_left for cell in row[1:])


def _said_of_label(words: str) -> list[str]:
    known = not words or normal(words) in KIND_OF
    return [] if known else [f"“{words[:120]}” goes through the whole follow-up table; it was taken for a title."]


@dataclass(frozen=True)
class _Row:
    """A row below the header. Where cells were merged, the words of the whole count for each column."""

    cells: list[Cell]
    places: Mapping[Column, int]
    number: int

    def cell(self, column: Column) -> Cell:
        place = self.places.get(column, len(self.cells))
        return self.cells[place] if place < len(self.cells) else Cell()

    @property
    def action(self) -> Cell:
        """Return the action, which may have been merged with the cells to its left."""
        place = self.places[Column.ACTION]
        while 0 < place < len(self.cells) and self.cells[place].joins_left:
            place -= 1
        if place == self.places[Column.ACTION]:
            return self.cell(Column.ACTION)
        return replace(self.cells[place], words=_ROW_ID_FIRST.sub("", self.cells[place].words))

    @property
    def without_place(self) -> frozenset[str]:
        """Return the fields that have no column, perhaps because somebody took it out."""
        fields = {"owner": Column.OWNER, "due_on": Column.DUE}
        return frozenset(name for name, column in fields.items() if column not in self.places)

    @property
    def row_id(self) -> str:
        """Return our row id, from its own column or from the first one, should its header be gone."""
        place = self.places.get(Column.ROW_ID, 0)
        cell = self.cells[place] if place < len(self.cells) else Cell()
        words = "" if cell.joins_above else cell.words.strip()
        merged = self.cell(Column.ACTION).joins_left and _ROW_ID_FIRST.match(words)
        found = merged or ROW_ID.fullmatch(words)
        return f"FU-{int(found[1])}" if found and self.places[Column.ACTION] != place else ""

    @property
    def name(self) -> str:
        """Say which row it is."""
        return self.row_id or f"Row {self.number}"


def _read_row(read: ReadTable, row: _Row, kind: FollowUpKind | None) -> None:
    action, owner, due = row.action, row.cell(Column.OWNER), row.cell(Column.DUE)
    if action.joins_above and not row.row_id:
        _read_continued(read, row)
    elif not action.words:
        _read_without_action(read, row)
    else:
        problems: list[str] = []
        due_on, due_is_clear = _due(due.words, problems)
        state, text = _state_and_text(row, action, problems)
        read.follow_ups.append(
            ReadFollowUp(
                text=text,
                owner="" if owner.words.casefold() in NOTHING else owner.words,
                owner_email=owner.email,
                due=due_on,
                kind=_kind(row.cell(Column.KIND).words, problems) or kind,
                state=state,
                row_id=row.row_id,
                unsaid=row.without_place if due_is_clear else row.without_place | {"due_on"},
            )
        )
        read.not_understood += [f"{row.name} (“{text[:60]}”): {problem}." for problem in problems]


def _read_continued(read: ReadTable, row: _Row) -> None:
    said = " · ".join(cell.words for cell in row.cells if cell.words and not cell.joins_above)
    if said:
        read.not_understood.append(
            f"{row.name} of the follow-up table shares its action with the row above; “{said[:120]}” was not taken in."
        )


def _read_without_action(read: ReadTable, row: _Row) -> None:
    said = " · ".join(cell.words for cell in row.cells if cell.words)
    if row.row_id:
        read.not_understood.append(f"{row.row_id} has no action any more; what it said is kept.")
    elif row.cell(Column.OWNER).words or row.cell(Column.DUE).words:
        read.not_understood.append(f"{row.name} of the follow-up table has no action: “{said[:120]}”.")


def _state_and_text(row: _Row, action: Cell, problems: list[str]) -> tuple[FollowUpState | None, str]:
    """Return the state by its column; in a table without one, by a mark in the action."""
    if action.is_struck:
        return FollowUpState.DONE, action.words
    if Column.STATE in row.places:
        return _state(row.cell(Column.STATE).words, problems), action.words
    box, words = take_box(action.words)
    mark, text = take_mark(words)
    others = [cell.words for place, cell in enumerate(row.cells) if place not in row.places.values()]
    is_done_beside = any(_DONE_BESIDE.search(said) for said in others)  # “Bug 555 DONE”
    return mark or box or (FollowUpState.DONE if is_done_beside else None), text


def _due(words: str, problems: list[str]) -> tuple[date | None, bool]:
    """Return the due date, and whether the words are clear about it."""
    try:
        return read_due(words), True
    except NotADate as problem:
        problems.append(f"the due date {problem}")
        return None, False


def _kind(words: str, problems: list[str]) -> FollowUpKind | None:
    said = words.casefold().strip()
    if said in {kind.value for kind in FollowUpKind}:
        return FollowUpKind(said)
    if said not in NOTHING:
        problems.append(f"the kind “{words[:40]}” is none of {', '.join(kind.value for kind in FollowUpKind)}")
    return None


def _state(words: str, problems: list[str]) -> FollowUpState | None:
    try:
        return state_of(words)
    except ValueError as problem:
        problems.append(str(problem))
        return None
