"""Reading a root-cause document back, from wherever it was written: what people wrote, and the follow-ups.

What the portal wrote itself is known by its caption, which survives every editor; bookmarks and properties do not.
Whatever cannot be placed is said in words and never dropped.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePath

from ims.errors import BadFile
from ims.model import FollowUpKind
from ims.model.outline import Grid, Text
from ims.postmortem.content.block_words import CAPTION
from ims.postmortem.reading import markdown
from ims.postmortem.reading.headings import KIND_OF, is_elsewhere, opens_follow_ups
from ims.postmortem.reading.lists import ReadList, has_box, is_item, read_line, read_list
from ims.postmortem.reading.marks import asked_for
from ims.postmortem.reading.tables import Column, header_of, is_header_of_another, read_table
from ims.postmortem.reading.understood import LOWEST, NOTHING, ROW_ID, RcaReading, ReadFollowUp, normal
from ims.postmortem.word.outline import MOST_BLOCKS, TOO_LONG, outline
from ims.postmortem.word.package import open_document

MOST_FOLLOW_UPS = 1_000
_MOST_ITEMS = MOST_FOLLOW_UPS * 5  # those below others among them
_TOO_MANY = f"The document has more than {MOST_FOLLOW_UPS:,} follow-ups; it was not read."
_STAMP = re.compile(r"As of (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\.")
_KEY = re.compile(r"\bINC-\d{1,9}\b")
_MOST_REMARKS = 200
_QUOTED = 120  # characters


def read(file: bytes, name: str = "") -> RcaReading:
    """Read a ``.docx``, or a file whose name says that it is Markdown or plain text.

    Raises:
        BadFile: it cannot be read at all; the sentence says why.
    """
    if is_package(file) or not name or PurePath(name).suffix.casefold() in (".docx", ".docm", ".doc"):
        return read_blocks(outline(open_document(file)))
    text = markdown.decoded(file)
    reading = read_blocks(markdown.outline(text))
    facts = markdown.facts(text)
    return replace(reading, facts=facts, title=facts.get("title", "") or reading.title)


def is_package(file: bytes) -> bool:
    """Return whether a file is one of an office, whatever its name says."""
    return file.startswith((b"PK", b"\xd0\xcf\x11\xe0"))


def read_blocks(blocks: Iterable[Text | Grid]) -> RcaReading:
    """Read a document from its outline, which comes from a file or from the system where it lives.

    Raises:
        BadFile: it has more paragraphs than anybody reads, or more follow-ups than anybody promises.
    """
    reader = _Reader()
    for number, block in enumerate(blocks):
        if number >= MOST_BLOCKS:
            raise BadFile(TOO_LONG)
        reader.take(block)
    return reader.finish()


@dataclass
class _Group:
    """What stands under one heading among the follow-ups: items, loose lines, and whether a table was there."""

    kind: FollowUpKind | None = None
    items: list[Text] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    has_table: bool = False


@dataclass
class _FoundTable:
    """A table of follow-ups, not read yet: others may be preferred."""

    heading: str
    is_preferred: bool
    grid: Grid
    header_at: int
    places: dict[Column, int]
    kind: FollowUpKind | None


@dataclass
class _Reader:
    """Walks through the blocks once, remembering under which heading it is."""

    heading: str = ""
    title: str = ""
    follow_ups_level: int = 0  # of the heading for follow-ups we are under, 0 elsewhere
    elsewhere: int = 0  # level of a heading among the follow-ups that is about something else
    group: _Group = field(default_factory=_Group)
    after_caption: bool = False
    after_follow_ups: bool = False  # nothing stands between their table and here
    key: str = ""
    stamps: list[datetime] = field(default_factory=list)
    of_follow_ups: list[datetime] = field(default_factory=list)  # a block that people edited may be older
    sections: list[tuple[str, list[str]]] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)  # of their headings
    boxes: Counter[str] = field(default_factory=Counter)  # seen under headings that are not about follow-ups
    listed: list[ReadFollowUp] = field(default_factory=list)
    tables: list[_FoundTable] = field(default_factory=list)
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
        self._end_group()
        follow_ups = [*self.listed, *self._from_tables()]
        if len(follow_ups) > MOST_FOLLOW_UPS:
            raise BadFile(_TOO_MANY)
        return RcaReading(
            follow_ups,
            [(heading, "\n".join(lines).strip()) for heading, lines in self.sections],
            self._remarks(),
            self.key,
            min(self.of_follow_ups or self.stamps, default=None),
            self.title,
            levels=self.levels,
        )

    def _remarks(self) -> list[str]:
        elsewhere = [
            f"Under “{heading[:_QUOTED]}” {'is 1 check box' if count == 1 else f'are {count} check boxes'}; what is a "
            "follow-up stands under a heading such as “Follow-up actions”."
            for heading, count in self.boxes.items()
        ]
        said = [*self.problems, *elsewhere]
        more = f"{len(said) - _MOST_REMARKS:,} more remarks were left out."
        return said if len(said) <= _MOST_REMARKS else [*said[:_MOST_REMARKS], more]

    def _from_tables(self) -> list[ReadFollowUp]:
        preferred = [table for table in self.tables if table.is_preferred]
        found: list[ReadFollowUp] = []
        for table in preferred or self.tables:
            if len(table.grid.rows) > MOST_FOLLOW_UPS * 2:
                raise BadFile(_TOO_MANY)
            read = read_table(table.grid, table.header_at, table.places, table.kind)
            found += read.follow_ups
            self.problems += read.not_understood
            self.problems += [said for said in read.unread_columns if said not in self.problems]
        for table in self.tables:
            if preferred and not table.is_preferred:
                self.problems.append(
                    f"A table of actions under “{table.heading[:_QUOTED]}” was not read, because there is one under "
                    "the heading for follow-up actions; move its rows there."
                )
        return found

    @property
    def _among_follow_ups(self) -> bool:
        return self.follow_ups_level > 0 and not self.elsewhere

    def _take_text(self, text: Text) -> None:
        self.after_follow_ups = False
        self.after_caption = text.words.startswith(CAPTION)
        if self.after_caption:
            stamps = [_moment(stamp) for stamp in _STAMP.findall(text.words)]
            self.stamps += stamps
            self.of_follow_ups += stamps if self._among_follow_ups else []
        elif text.is_code:
            self._write(text.words)
        elif text.level or (not is_item(text) and self._is_heading(text)):
            self._take_heading(text.words, text.level or LOWEST)
        elif self._among_follow_ups:
            self._take_line(text)
        else:
            self.boxes.update([self.heading] if has_box(text) else [])
            self._write(text.words)

    def _is_heading(self, text: Text) -> bool:
        """Return whether a line that has no heading's style is one, as people make them when in a hurry."""
        is_label = text.words.endswith(":") and is_elsewhere(text.words)
        return opens_follow_ups(text.words) or ((text.is_bold or is_label) and self.follow_ups_level > 0)

    def _take_heading(self, words: str, level: int) -> None:
        self._end_group()
        self.title = self.title or words
        if not self.sections and not self.key:
            found = _KEY.search(words)
            self.key = found[0] if found else ""
        self.heading = words
        self._open_section(words, level)
        if level <= self.elsewhere:
            self.elsewhere = 0
        if opens_follow_ups(words) and not self.follow_ups_level:
            self.follow_ups_level = level
        elif level <= self.follow_ups_level and not (level == LOWEST and normal(words) in KIND_OF):
            self.follow_ups_level = level if opens_follow_ups(words) else 0
        elif self.follow_ups_level and is_elsewhere(words):
            self.elsewhere = self.elsewhere or level
        self.group = _Group(KIND_OF.get(normal(words)) if self.follow_ups_level else None)

    def _take_line(self, text: Text) -> None:
        if is_item(text):
            self.group.items.append(text)
            if len(self.group.items) > _MOST_ITEMS:
                raise BadFile(_TOO_MANY)
        elif text.words.casefold().strip(" .") not in NOTHING and not text.words.endswith(":"):
            self.group.loose.append(text.words)
        self._write(text.words)

    def _end_group(self) -> None:
        """Read the items under the last heading. Where there are none, a line that asks for work is one."""
        group, self.group = self.group, _Group()
        self._keep(read_list(group.items, group.kind))
        for words in group.loose:
            asked = [] if group.items or group.has_table else asked_for(words)
            for order in asked:
                self._keep(read_line(order, group.kind))
                self.problems.append(
                    f"Under “{self.heading[:_QUOTED]}” this line was read as a follow-up: “{order[:_QUOTED]}”."
                )
            if not asked:
                self.problems.append(
                    f"Under “{self.heading[:_QUOTED]}” this is neither a row of the table nor an item of a list: "
                    f"“{words[:_QUOTED]}”."
                )

    def _keep(self, read: ReadList) -> None:
        self.listed += read.follow_ups
        if len(self.listed) > MOST_FOLLOW_UPS:
            raise BadFile(_TOO_MANY)
        self.problems += read.not_understood

    def _take_table(self, grid: Grid) -> None:
        found = header_of(grid, certain=not self._among_follow_ups)
        if found:
            self.group.has_table = True
            kind = self.group.kind if self._among_follow_ups else None
            self.tables.append(_FoundTable(self.heading, self._among_follow_ups, Grid([*grid.rows]), *found, kind))
            self.after_follow_ups = True
            return
        if self._continues(grid):
            self.tables[-1].grid.rows.extend(grid.rows)
            return
        self.after_follow_ups = False
        if self._among_follow_ups and _has_words(grid.rows):
            self.problems.append(
                f"A table under “{self.heading}” was not read: its first row does not name Action, Owner and Due date."
            )
        elif not self.after_caption:
            self._say_of_actions(grid)
            self._write("\n".join(" | ".join(cell.words for cell in row) for row in grid.rows))

    def _continues(self, grid: Grid) -> bool:
        """Return whether a table without a header is the rest of the one above, which somebody split."""
        if not (self.group.has_table and grid.rows and len(grid.rows[0]) == len(self.tables[-1].grid.rows[0])):
            return False
        places = self.tables[-1].places
        if self.after_follow_ups and not is_header_of_another(grid.rows[0], places):
            return True
        place = places.get(Column.ROW_ID, 0)
        ids = (ROW_ID.fullmatch(row[place].words.strip()) for row in grid.rows if place < len(row))
        return self._among_follow_ups and any(ids)

    def _say_of_actions(self, grid: Grid) -> None:
        found = header_of(grid, certain=False)
        if found and Column.OWNER in found[1]:
            self.problems.append(
                f"A table of actions and owners under “{self.heading[:_QUOTED]}” was not read; if they are follow-ups, "
                "move it under a heading such as “Follow-up actions”."
            )

    def _open_section(self, heading: str, level: int) -> None:
        self.sections.append((heading, []))
        self.levels.append(level)

    def _write(self, words: str) -> None:
        if not self.sections:
            self._open_section("", LOWEST)
        self.sections[-1][1].append(words)


def _has_words(rows: Sequence[Sequence[object]]) -> bool:
    return any(getattr(cell, "words", "") for row in rows for cell in row)


def _moment(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:  # somebody edited the caption
        return datetime.min.replace(tzinfo=UTC)
