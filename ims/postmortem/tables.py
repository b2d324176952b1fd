"""The follow-up table: recognised by its header row, whatever the order of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from ims.model import FollowUpKind, FollowUpState
from ims.model.outline import Cell, Grid
from ims.postmortem.dates import NotADate, read_due
from ims.postmortem.reading import NOTHING, ROW_ID, ReadFollowUp, normal, state_of

_HEADER_ROWS = 3  # a title may stand above the header


class Column(Enum):
    """The columns the reader knows, with the names people give them."""

    ACTION = ("action", "actions", "action item", "action items", "follow up", "follow up action", "task", "to do")
    OWNER = ("owner", "owners", "action owner", "assignee", "assigned to", "responsible", "who", "dri")
    DUE = ("due date", "due", "due on", "due by", "deadline", "target date", "by when", "date due")
    KIND = ("kind", "type", "category")
    STATE = ("state", "status", "done", "completed", "complete")
    ROW_ID = ("id", "no", "nr", "#")


_CERTAIN = {Column.ACTION, Column.OWNER, Column.DUE}
_COLUMNS: Mapping[str, Column] = {name: column for column in Column for name in column.value}


@dataclass
class ReadTable:
    """The follow-ups of a table, and what was not understood in it."""

    follow_ups: list[ReadFollowUp] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)


def header_of(grid: Grid, *, certain: bool) -> tuple[int, dict[Column, int]] | None:
    """Return where the header row is and which column stands where, or ``None`` for another kind of table.

    With ``certain`` it must name Action, Owner and Due date; under the heading for follow-ups two of them are enough.
    """
    for number, row in enumerate(grid.rows[:_HEADER_ROWS]):
        places: dict[Column, int] = {}
        for place, cell in enumerate(row):
            column = _COLUMNS.get(normal(cell.words))
            if column:
                places.setdefault(column, place)
        enough = set(places) >= _CERTAIN if certain else Column.ACTION in places and len(_CERTAIN & set(places)) > 1
        if enough:
            return number, places
    return None


def read_table(grid: Grid, header_at: int, places: Mapping[Column, int]) -> ReadTable:
    """Read the rows below the header; empty ones and repeated headers are passed over."""
    read = ReadTable()
    header = [normal(cell.words) for cell in grid.rows[header_at]]
    for number, row in enumerate(grid.rows[header_at + 1 :], start=1):
        if [normal(cell.words) for cell in row] != header:
            _read_row(read, row, places, number)
    if all(_is_nothing(follow_up) for follow_up in read.follow_ups):
        read.follow_ups = []
    return read


def _is_nothing(follow_up: ReadFollowUp) -> bool:
    return not follow_up.row_id and follow_up.text.casefold().rstrip(".") in NOTHING


def _read_row(read: ReadTable, row: list[Cell], places: Mapping[Column, int], number: int) -> None:
    def cell(column: Column) -> Cell:
        place = places.get(column, len(row))
        return row[place] if place < len(row) else Cell()

    action, owner, due, state = map(cell, (Column.ACTION, Column.OWNER, Column.DUE, Column.STATE))
    row_id = _row_id(row, places)
    name = row_id or f"Row {number}"
    if not action.words:
        if row_id:
            read.not_understood.append(f"{row_id} has no action any more; what it said is kept.")
        elif owner.words or due.words:
            said = " · ".join(each.words for each in row if each.words)
            read.not_understood.append(f"{name} of the follow-up table has no action: “{said[:120]}”.")
        return
    problems: list[str] = []
    due_on, due_is_unclear = _due(due.words, problems)
    read.follow_ups.append(
        ReadFollowUp(
            text=action.words,
            owner="" if owner.words.casefold() in NOTHING else owner.words,
            owner_email=owner.email,
            due=due_on,
            due_is_unclear=due_is_unclear,
            kind=_kind(cell(Column.KIND).words, problems),
            state=FollowUpState.DONE if action.is_struck else _state(state.words, problems),
            row_id=row_id,
        )
    )
    read.not_understood += [f"{name} (“{action.words[:60]}”): {problem}." for problem in problems]


def _row_id(row: list[Cell], places: Mapping[Column, int]) -> str:
    """Return our row id, from its own column or from the first one, should its header be gone."""
    place = places.get(Column.ROW_ID, 0)
    found = ROW_ID.fullmatch(row[place].words.strip()) if place < len(row) else None
    return f"FU-{int(found[1])}" if found and places.get(Column.ACTION) != place else ""


def _due(words: str, problems: list[str]) -> tuple[date | None, bool]:
    try:
        return read_due(words), False
    except NotADate as problem:
        problems.append(f"the due date {problem}")
        return None, True


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
