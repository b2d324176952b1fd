"""Reading a document together with the levels of its headings, which tell a part of a section from a section."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import PurePath

from ims.model.outline import Grid, Text
from ims.postmortem.content.block_words import CAPTION
from ims.postmortem.reading import markdown
from ims.postmortem.reading.reader import is_package, read_blocks
from ims.postmortem.reading.understood import RcaReading
from ims.postmortem.word.outline import outline
from ims.postmortem.word.package import open_document

LOWEST = 9  # a line that is only bold ranks below every heading
_WORD = (".docx", ".docm", ".doc")


@dataclass(frozen=True)
class Headed(RcaReading):
    """A document as it was understood; ``levels`` are those of its headings, one for each of its ``sections``."""

    levels: Sequence[int] = ()


def read_headed(file: bytes, name: str = "") -> Headed:
    """Read a ``.docx``, or a file whose name says that it is Markdown or plain text.

    Raises:
        BadFile: it cannot be read at all; the sentence says why.
    """
    is_word = is_package(file) or not name or PurePath(name).suffix.casefold() in _WORD
    return headed(outline(open_document(file)) if is_word else markdown.outline(markdown.decoded(file)))


def headed(blocks: Iterable[Text | Grid]) -> Headed:
    """Read a document from its outline.

    Raises:
        BadFile: it has more paragraphs than anybody reads, or more follow-ups than anybody promises.
    """
    seen: list[tuple[str, int]] = []
    reading = read_blocks(_noting(blocks, seen))
    known = {each.name: getattr(reading, each.name) for each in fields(reading)}
    return Headed(**known, levels=_levels(reading, seen))


def _noting(blocks: Iterable[Text | Grid], seen: list[tuple[str, int]]) -> Iterator[Text | Grid]:
    for block in blocks:
        if isinstance(block, Text) and block.level and not (block.is_code or block.words.startswith(CAPTION)):
            seen.append((block.words, block.level))
        yield block


def _levels(reading: RcaReading, seen: Sequence[tuple[str, int]]) -> Sequence[int]:
    """Return a level for each section; one that is none of the headings in a style was opened by a bold line."""
    left = [each for each in reversed(seen) if each[0]]
    return [left.pop()[1] if left and left[-1][0] == heading else LOWEST for heading, _ in reading.sections]
