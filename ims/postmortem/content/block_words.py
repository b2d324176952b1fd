"""The words of each block of the portal, as plain data: the same for a Word file and for a document elsewhere.

A block is a caption and perhaps a table. The caption says who wrote it and when, and ends with a seal: a short sum of
what the portal wrote. A block whose words no longer give its seal was edited by people. A line of text survives every
editor, which bookmarks and properties do not, and it travels with each copy.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from ims.postmortem.content.blocks import GRIDS
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Block, Section, Template
from ims.postmortem.content.wording import label
from ims.postmortem.word.paper import safe

CAPTION = "Written by IMS; refreshed from the incident."
FRONT = "front"
_HOW_TO_FOLLOW_UP = "Add a row for each new action and leave its ID empty: IMS reads this table back."
_SEALED = re.compile(
    rf"{re.escape(CAPTION)} As of \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\."
    r"(?: (?P<words>.*))? Seal (?P<seal>[0-9a-f]{8})\."
)


@dataclass(frozen=True)
class BlockWords:
    """What a block says. ``key`` is the block's word, ``front`` for the line under the title; ``title`` its heading.

    ``widths`` are those of its columns, in centimetres of the portal's own page.
    """

    key: str
    title: str
    words: str
    written_at: datetime
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[float] = ()

    @cached_property
    def caption(self) -> str:
        """The line that stands above the table, or alone."""
        said = f" {self.words}" if self.words else ""
        return f"{CAPTION} {stamp(self.written_at)}{said} Seal {seal(self.words, self.header, self.rows)}."

    @property
    def bookmark(self) -> str:
        """Its anchor, where the editor keeps anchors."""
        return f"ims_{self.key}"

    @cached_property
    def text(self) -> str:
        """Everything it says but for the moment, one line for each row; two equal texts say the same."""
        return text_of(self.words, self.header, self.rows)


def blocks_now(facts: RcaFacts, template: Template) -> Mapping[str, BlockWords]:
    """Return what each block of the document says now, by its key, in the order of the document.

    Empty rows for people to fill in are not among the rows.
    """
    found = {FRONT: front(facts)}
    for section in template.sections:
        if section.block:
            found[section.block.value] = block_words(facts, section, section.block)
    return found


def front(facts: RcaFacts) -> BlockWords:
    """Say how the incident stands, under the title."""
    incident = facts.incident
    severity = label(incident.severity) if incident.severity else "not decided"
    words = f"State: {label(incident.state)}. Severity: {severity}."
    return BlockWords(FRONT, "Under the title", words, facts.written_at)


def block_words(facts: RcaFacts, section: Section, block: Block) -> BlockWords:
    """Say what the block of one section says now."""
    grid = GRIDS[block](facts)
    rows = [[safe(cell) for cell in row] for row in grid.rows if any(row)]
    words = _HOW_TO_FOLLOW_UP if block is Block.FOLLOW_UPS else "" if rows else grid.empty
    header = grid.header if rows or block is Block.FOLLOW_UPS else ()
    return BlockWords(block.value, section.title, words, facts.written_at, header, rows, grid.widths)


def stamp(at: datetime) -> str:
    """Say when a block was written, so that the reader knows what the portal knew then."""
    return f"As of {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC."


def text_of(words: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the text of a block without what editors change: spaces, empty rows, the place of line breaks."""
    lines = [[one_line(cell) for cell in row] for row in (header, *rows)]
    return "\n".join([one_line(words), *(" | ".join(line) for line in lines if any(line))])


def seal(words: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the short sum of a block's text."""
    text = text_of(words, header, rows).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:8]


def read_caption(caption: str) -> tuple[str, str] | None:
    """Return the words and the seal of a caption; ``None`` for one that people changed, or that has no seal yet."""
    found = _SEALED.fullmatch(one_line(caption))
    return (found["words"] or "", found["seal"]) if found else None


def one_line(text: str) -> str:
    """Return a text with each run of white space as one space."""
    return " ".join(text.split())
