"""Taking a document in: its file, what people wrote, and what it changes about the follow-ups."""

from dataclasses import dataclass

from sqlmodel import Session

from ims.errors import Refusal
from ims.model import EntryKind, FollowUpState, Incident, RcaDocument, TimelineEntry
from ims.model.types import legible
from ims.postmortem.content.template import Template
from ims.postmortem.document import create
from ims.postmortem.following_up import follow_ups
from ims.postmortem.reading.comparing import Changes, Choices, compare
from ims.postmortem.reading.merging import Merged, merge
from ims.postmortem.reading.reader import is_package, read
from ims.postmortem.reading.sections import Sections, sections_of
from ims.postmortem.reading.understood import RcaReading
from ims.store import incidents, postmortem
from ims.store.work import Work

_NOTE = "Marked as done in the document"


@dataclass(frozen=True)
class Preview:
    """A document as it was read, and what taking it in would do."""

    reading: RcaReading
    changes: Changes
    sections: Sections
    merged: Merged

    @property
    def remarks(self) -> list[str]:
        """What people must look at and are not asked about, in words."""
        mine = [*self.sections.not_understood, *self.merged.notes]
        return [*self.reading.not_understood, *mine, *self.changes.notes]

    @property
    def not_understood(self) -> list[str]:
        """Everything that people must look at themselves, in words."""
        missing = [
            f"{each.row_id} (“{each.text[:60]}”) is not in the document; it stays here. Drop it with a reason if it is "
            "not wanted any more."
            for each in self.changes.missing
            if each.state is not FollowUpState.DROPPED
        ]
        both = [each.words for each in self.merged.both_wrote]
        both += [each.words for each in self.changes.both_changed]
        return [*self.remarks, *both, *missing]


def preview(session: Session, incident: Incident, file: bytes, template: Template, name: str = "") -> Preview:
    """Read a document and say what taking it in would do, without doing it. Markdown is known by the file's ``name``.

    Raises:
        BadFile: it cannot be read.
        Refusal: it is about another incident.
    """
    return preview_of(session, incident, read(file, name), template)


def preview_of(
    session: Session, incident: Incident, reading: RcaReading, template: Template, choices: Choices | None = None
) -> Preview:
    """Say what taking in a document that was read would do, with what people chose, without doing it.

    Raises:
        Refusal: it is about another incident.
    """
    if reading.incident_key not in ("", incident.key):
        raise Refusal(f"This document is about {reading.incident_key}, not {incident.key}; choose the right one.")
    document = incidents.rca_document(session, incident.id)
    sections = sections_of(reading, template)
    merged = merge(
        reading,
        sections,
        template,
        document.sections if document else {},
        _entries(session, incident.id),
        choices.texts if choices else (),
    )
    return Preview(reading, compare(session, incident.id, reading, choices), sections, merged)


def _entries(session: Session, incident_id: int) -> list[TimelineEntry]:
    kinds = (EntryKind.RCA_READ, EntryKind.RCA_REFRESHED)
    return [entry for kind in kinds for entry in postmortem.entries_of_kind(session, incident_id, kind)]


def take_in(
    work: Work, incident_id: int, file: bytes, template: Template, choices: Choices | None = None, name: str = ""
) -> Preview:
    """Keep a document and apply what it changes; return what that was. The same file again changes nothing.

    A text in Markdown, known by its ``name``, is taken in too, but a Word file that is kept stays.

    Raises:
        BadFile: it cannot be read; nothing is kept.
        Refusal: it is about another incident, or a row is to be dropped without a reason.
    """
    reading = read(file, name)
    document = create(work, incident_id)
    if not is_package(file):
        return take_in_reading(work, incident_id, reading, template, choices, is_known=True)
    seen = take_in_reading(work, incident_id, reading, template, choices, is_known=document.file == file)
    document.file = file
    return seen


def take_in_reading(
    work: Work,
    incident_id: int,
    reading: RcaReading,
    template: Template,
    choices: Choices | None = None,
    *,
    is_known: bool,
) -> Preview:
    """Apply what a document changes, wherever it was read; one that ``is_known`` and changes nothing leaves no trace.

    Raises:
        Refusal: it is about another incident.
    """
    incident = work.incident(incident_id)
    document = create(work, incident_id)
    chosen = choices or Choices()
    seen = preview_of(work.session, incident, reading, template, chosen)
    if is_known and seen.changes.are_none and not seen.merged.changes and not chosen.dropped:
        return seen
    for new in seen.changes.new:
        follow_up = follow_ups.add(work, incident_id, new.draft)
        _move(work, follow_up.id, new.state)
    for changed in seen.changes.changed:
        follow_ups.change(work, changed.follow_up.id, changed.draft)
        _move(work, changed.follow_up.id, changed.state)
    for gone in [each for each in seen.changes.missing if each.row_id in chosen.dropped]:
        follow_ups.drop(work, gone.id, chosen.dropped[gone.row_id])
    _keep(work, document, seen)
    counts = f"{len(seen.changes.new)} new follow-ups, {len(seen.changes.changed)} changed"
    unclear = f", {len(seen.not_understood)} remarks" if seen.not_understood else ""
    text = ". ".join([f"Root-cause document read: {counts}{unclear}", *seen.merged.kept])
    work.record(incident, EntryKind.RCA_READ, text, **seen.merged.as_data(seen.reading))
    return seen


def _move(work: Work, follow_up_id: int, state: FollowUpState | None) -> None:
    if state is FollowUpState.DONE:
        follow_ups.finish(work, follow_up_id, _NOTE)
    elif state is FollowUpState.IN_PROGRESS:
        follow_ups.start(work, follow_up_id)


def _keep(work: Work, document: RcaDocument, seen: Preview) -> None:
    document.read_at = work.now
    document.sections = document.sections | seen.merged.texts
    document.not_understood = [str(legible(sentence)) for sentence in seen.not_understood]
