"""What a document's sections change: the words then, in the document and here, as with the fields of follow-ups.

The words then are told by the timeline: each reading that changes sections says what they were before. So an older copy
does not undo what was written since, and a section that people took out of the document is out here too.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ims.model import TimelineEntry
from ims.model.types import legible
from ims.postmortem.content.block_words import one_line
from ims.postmortem.content.template import Section, Template
from ims.postmortem.reading.sections import Sections
from ims.postmortem.reading.understood import RcaReading, normal

_SECTIONS, _BEHIND, _AGREED, _STAMP = "sections", "behind", "agreed", "written_at"  # in the data of entries
_QUOTED = 300  # characters


@dataclass(frozen=True)
class BothWrote:
    """A section that people changed in the document and in the portal, to different words."""

    section: Section
    in_document: str
    here: str
    is_gone: bool = False  # from the document, heading and all

    @property
    def words(self) -> str:
        """Say both."""
        said = f"says “{_quoted(self.in_document)}”" if self.in_document else "has it no more"
        return (
            f"“{self.section.title}”: the document {said}, but it was changed to “{_quoted(self.here)}” here after "
            "this copy was made. What is here stays unless you choose."
        )


@dataclass
class Merged:
    """The texts that sections get, and what people must know of it.

    ``changes`` are the sections that change, each with its words before and after; ``both_wrote`` those in which what
    is here stays. ``kept`` has the words that will stand nowhere else, in sentences for the timeline.
    """

    texts: dict[str, str] = field(default_factory=dict)
    changes: dict[str, list[str]] = field(default_factory=dict)
    both_wrote: list[BothWrote] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def as_data(self, reading: RcaReading) -> dict[str, Any]:
        """Return what the timeline must know, so that the next document can be compared."""
        return {_SECTIONS: self.changes, _AGREED: sorted(self.texts), _STAMP: _stamp(reading.written_at)}


def merge(
    reading: RcaReading,
    read: Sections,
    template: Template,
    here: Mapping[str, str],
    entries: Iterable[TimelineEntry],
    chosen: Collection[str],
) -> Merged:
    """Say what the sections of a document change in those that are ``here``; ``entries`` tell what they were before."""
    since = _since(entries, reading.written_at)
    merged = Merged()
    for both in _sections(reading, read, template, here):
        key, is_dated = both.section.key, reading.written_at is not None
        _merge(merged, both, since.get(key, _Since()), is_dated=is_dated, is_chosen=key in chosen)
    if reading.written_at and read.strange:
        merged.notes += [
            f"“{section.title}” is not in the document, or has another heading there; its words stay here."
            for section in template.of_people
            if here.get(section.key) and section.key not in read.headings
        ]
    return merged


def behind(
    file: RcaReading, read: Sections, template: Template, here: Mapping[str, str], written_at: datetime
) -> dict[str, Any]:
    """Return what the timeline must know of a file that is dated anew while its sections are left as they are.

    Where they say otherwise than what is here, the file is behind, and its words are no news when it comes back.
    """
    found = _sections(file, read, template, here)
    older = {each.section.key: each.in_document for each in found if not _is_same(each.in_document, each.here)}
    return {_BEHIND: older, _STAMP: _stamp(written_at)}


def _sections(reading: RcaReading, read: Sections, template: Template, here: Mapping[str, str]) -> Iterator[BothWrote]:
    """Return the sections of which a document says something, beside what is here."""
    for section in template.of_people:
        now = here.get(section.key, "")
        is_gone = bool(now) and _is_gone(section, reading, read)
        words = "" if is_gone else read.texts.get(section.key)
        if words is not None:
            yield BothWrote(section, str(legible(words)), now, is_gone=is_gone)


@dataclass
class _Since:
    """What became of a section here since a document was written.

    Copies of one download count as one document. ``by_others`` are the words before each change that another document
    or the page made, ``by_itself`` those before its own; ``is_news`` says that others changed it since the two agreed.
    """

    by_others: list[str] = field(default_factory=list)
    by_itself: list[str] = field(default_factory=list)
    is_news: bool = False

    def add(self, words: str, *, is_own: bool) -> None:
        """Note what it said before a change."""
        (self.by_itself if is_own else self.by_others).append(words)
        self.is_news = self.is_news or not is_own


def _merge(merged: Merged, both: BothWrote, since: _Since, *, is_dated: bool, is_chosen: bool) -> None:
    mine, title = both.in_document, both.section.title
    if _is_same(mine, both.here):
        merged.texts[both.section.key] = mine
    elif is_chosen:
        _take(merged, both)
    elif _is_among(mine, since.by_others):
        merged.notes.append(f"“{title}” was changed here after this copy was made; the newer words stay.")
    elif (since.is_news and is_dated) or (mine and _is_among(mine, since.by_itself)):
        merged.both_wrote.append(both)
        merged.kept += [f"“{title}” stays as it is here; the document said: “{mine}”"] if mine else []
    else:
        _take(merged, both)


def _take(merged: Merged, both: BothWrote) -> None:
    title = both.section.title
    merged.texts[both.section.key] = both.in_document
    merged.changes[both.section.key] = [both.here, both.in_document]
    if not both.in_document:
        what = "is gone from the document" if both.is_gone else "has no words in the document any more"
        merged.notes.append(f"“{title}” {what}, so it is empty here too; the timeline keeps its words.")
        merged.kept.append(f"“{title}” was taken out; it said: “{both.here}”")


def _is_gone(section: Section, reading: RcaReading, read: Sections) -> bool:
    """Return whether people took a section out: its heading is gone from a document that the portal wrote.

    Where no heading is left, or its words stand as a plain line, an editor has only lost what made it a heading; where
    one is strange, it may be this one's new name. A text without the portal's stamp never had all sections.
    """
    if reading.written_at is None or not read.headings or read.strange or section.key in read.headings:
        return False
    title = normal(section.title)
    return not any(normal(line) == title for _, text in reading.sections for line in text.split("\n"))


def _since(entries: Iterable[TimelineEntry], written_at: datetime | None) -> Mapping[str, _Since]:
    """Return what became of each section since a document was written; where it does not say when, at any time."""
    found: dict[str, _Since] = {}
    for entry in sorted(entries, key=lambda each: (each.recorded_at, each.id)):
        is_own = written_at is not None and entry.data.get(_STAMP) == _stamp(written_at)
        for key, words in entry.data.get(_BEHIND, {}).items() if is_own else ():
            found.setdefault(key, _Since()).add(words, is_own=False)
        if written_at is None or entry.recorded_at > written_at:
            _add(found, entry, is_own=is_own)
    return found


def _add(found: dict[str, _Since], entry: TimelineEntry, *, is_own: bool) -> None:
    for key, (old, _) in entry.data.get(_SECTIONS, {}).items():
        found.setdefault(key, _Since()).add(old, is_own=is_own)
    for key in entry.data.get(_AGREED, ()) if is_own else ():
        found.setdefault(key, _Since()).is_news = False


def _stamp(at: datetime | None) -> str:
    """Return a moment as exactly as a document says it."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat() if at else ""


def _is_among(words: str, others: Iterable[str]) -> bool:
    return any(_is_same(words, other) for other in others)


def _is_same(one: str, other: str) -> bool:
    """Return whether two texts say the same, whatever the spaces and empty lines."""
    return _lines(one) == _lines(other)


def _lines(text: str) -> list[str]:
    return [one_line(line) for line in text.split("\n") if line.strip()]


def _quoted(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
