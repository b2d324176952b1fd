"""A document as a reader sees it, wherever it was written: headings, paragraphs and tables in order, as plain text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A paragraph: the level of a heading (0 for others), whether it stands in a list, whether it is crossed out."""

    words: str
    level: int = 0
    is_item: bool = False
    is_struck: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell's words, the e-mail address its link leads to, and whether the words are crossed out."""

    words: str = ""
    email: str = ""
    is_struck: bool = False


@dataclass(frozen=True)
class Grid:
    """A table, row by row; merged cells are filled up so that columns stay columns."""

    rows: list[list[Cell]]
