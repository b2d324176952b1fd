"""A document as a reader sees it, wherever it was written: headings, paragraphs and tables in order, as plain text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A paragraph: the level of a heading (0 for others), whether it stands in a list, whether it is crossed out.

    ``depth`` counts the items of a list that it stands below, 0 at the margin; a paragraph that stands below one and is
    no item itself continues it. ``is_bold`` is for a line that is bold
    from end to end, ``is_code`` for lines that are shown as they are and mean nothing to a reader.
    """

    words: str
    level: int = 0
    is_item: bool = False
    is_struck: bool = False
    depth: int = 0
    is_bold: bool = False
    is_code: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell's words, the e-mail address its link leads to, and whether the words are crossed out.

    Of merged cells, ``joins_left`` marks the places that the cell to the left takes, without words of their own;
    ``joins_above`` those that repeat the cell above.
    """

    words: str = ""
    email: str = ""
    is_struck: bool = False
    joins_left: bool = False
    joins_above: bool = False


@dataclass(frozen=True)
class Grid:
    """A table, row by row; merged cells are filled up so that columns stay columns."""

    rows: list[list[Cell]]
