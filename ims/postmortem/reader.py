"""Reading a root-cause document back, from Word, LibreOffice or Google Docs: what people wrote, and the follow-ups.

What the portal wrote itself is known by its caption, which survives every editor; bookmarks and properties do not.
Whatever cannot be placed is said in words and never dropped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ims.errors import BadFile
from ims.model.outline import Grid, Text
from ims.postmortem.lists import is_item, read_item
from ims.postmortem.outline import outline
from ims.postmortem.package import open_document
from ims.postmortem.reading import HEADINGS, NOTHING, RcaReading, ReadFollowUp, normal
from ims.postmortem.tables import Column, header_of, read_table
from ims.postmortem.writer import CAPTION

MOST_FOLLOW_UPS = 1_000
_STAMP = re.compile(r"As of (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\.")
_KEY = re.compile(r"\bINC-\d{1,9}\b")
_BOLD_LINE = 9  # a line that is only bold ranks below every heading
_QUOTED = 120  # characters


def read(file: bytes) -> RcaReading:
    """Read a ``.docx``.

    Raises:
        BadFile: it cannot be read at all; the sentence says why.
    """
    reader = _Reader()
    for block in outline(open_document(file)):
        reader.take(block)
    return reader.finish()


@dataclass
class _Reader:
    """Walks through the blocks once, remembering under which heading it is."""

    heading: str = ""
    follow_ups_level: int = 0  # of the heading for follow-ups we are under, 0 elsewhere
    after_caption: bool = False
    key: str = ""
    stamps: list[datetime] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=dict)
    listed: list[ReadFollowUp] = field(default_factory=list)
    tables: list[tuple[str, bool, Grid, int, dict[Column, int]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def take(self, block: Text | Grid) -> None:
        """Take the next block of the document."""
        if isinstance(block, Grid):
            self._take_table(block)
            self.after_caption = False
        elif block.words:
            self._take_text(block)

    def finish(self) -> RcaReading:
        """Read the tables, preferring those under the heading for follow-ups, and put everything together."""
        follow_ups = list(self.listed)
        preferred = [table for table in self.tables if table[1]]
        for _, _, grid, header_at, places in preferred or self.tables:
            table = read_table(grid, header_at, places)
            follow_ups += table.follow_ups
            self.problems += table.not_understood
            if len(follow_ups) > MOST_FOLLOW_UPS:
                raise BadFile(f"The document has more than {MOST_FOLLOW_UPS:,} follow-ups; it was not read.")
        passed_over = [table for table in self.tables if preferred and not table[1]]
        for heading, *_ in passed_over:
            self.problems.append(
                f"A table of actions under “{heading[:_QUOTED]}” was not read, because there is one under the heading "
                "for follow-up actions; move its rows there."
            )
        return RcaReading(
            follow_ups,
            {heading: "\n".join(lines).strip() for heading, lines in self.sections.items()},
            self.problems,
            self.key,
            min(self.stamps, default=None),
        )

    def _take_text(self, text: Text) -> None:
        self.after_caption = text.words.startswith(CAPTION)
        if self.after_caption:
            self.stamps += [_moment(stamp) for stamp in _STAMP.findall(text.words)]
        elif text.level or (normal(text.words) in HEADINGS and not is_item(text)):
            self._take_heading(text.words, text.level)
        elif self.follow_ups_level:
            self._take_line(text)
        else:
            self._write(text.words)

    def _take_heading(self, words: str, level: int) -> None:
        if not self.sections and not self.key:
            found = _KEY.search(words)
            self.key = found[0] if found else ""
        if normal(words) in HEADINGS:
            self.follow_ups_level = level or _BOLD_LINE
        elif level <= self.follow_ups_level:  # a deeper one ("Prevent", "Detect") only groups them
            self.follow_ups_level = 0
        self.heading = words
        self.sections.setdefault(words, [])

    def _take_line(self, text: Text) -> None:
        if is_item(text):
            read, problems = read_item(text)
            self.listed += [read] if read else []
            self.problems += problems
        elif text.words.casefold().strip(" .") not in NOTHING:
            self.problems.append(
                f"Under “{self.heading}” this is neither a row of the table nor an item of a list: "
                f"“{text.words[:_QUOTED]}”."
            )
        self._write(text.words)

    def _take_table(self, grid: Grid) -> None:
        in_follow_ups = self.follow_ups_level > 0
        found = header_of(grid, certain=not in_follow_ups)
        if found:
            self.tables.append((self.heading, in_follow_ups, grid, *found))
        elif in_follow_ups and _has_words(grid.rows):
            self.problems.append(
                f"A table under “{self.heading}” was not read: its first row does not name Action, Owner and Due date."
            )
        elif not self.after_caption:
            self._write("\n".join(" | ".join(cell.words for cell in row) for row in grid.rows))

    def _write(self, words: str) -> None:
        self.sections.setdefault(self.heading, []).append(words)


def _has_words(rows: Sequence[Sequence[object]]) -> bool:
    return any(getattr(cell, "words", "") for row in rows for cell in row)


def _moment(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:  # somebody edited the caption
        return datetime.min.replace(tzinfo=UTC)
