"""Columns of a follow-up table that say something and were not read; people must know that it was not taken in."""

import re
from collections.abc import Collection, Sequence

from ims.model.outline import Cell
from ims.postmortem.reading.understood import NOTHING, ROW_ID, is_placeholder, normal

_WRITTEN_BY_US = {"ticket"}  # a ticket is opened in the portal; the column only shows which
_NUMBER = re.compile(r"#?\d{1,4}[.)]?")
_LONGEST_NAME = 60  # characters


def unread_columns(header: Sequence[Cell], rows: Sequence[Sequence[Cell]], read: Collection[int]) -> list[str]:
    """Say in a sentence each which columns have words and are not among those that were ``read``."""
    width = max(map(len, rows), default=0)
    filled = [place for place in range(width) if place not in read and any(_says(row, place) for row in rows)]
    names = [_name(header, place) for place in filled]
    known = [name for name, place in zip(names, filled, strict=True) if name or not _only_numbers(rows, place)]
    return [_sentence(name) for name in dict.fromkeys(known) if normal(name) not in _WRITTEN_BY_US]


def _says(row: Sequence[Cell], place: int) -> bool:
    words = row[place].words.strip() if place < len(row) else ""
    return words.casefold() not in NOTHING and not is_placeholder(words) and not ROW_ID.fullmatch(words)


def _only_numbers(rows: Sequence[Sequence[Cell]], place: int) -> bool:
    """Return whether a column only numbers the rows."""
    return all(_NUMBER.fullmatch(row[place].words.strip()) for row in rows if _says(row, place))


def _name(header: Sequence[Cell], place: int) -> str:
    """Return what stands above a column, perhaps above several that share it."""
    while 0 < place < len(header) and header[place].joins_left:
        place -= 1
    return " ".join(header[place].words.split()) if place < len(header) else ""


def _sentence(name: str) -> str:
    column = f"The column “{name[:_LONGEST_NAME]}”" if name else "A column without a name"
    return f"{column} of the follow-up table was not read."
