"""The newest uploaded document, brought up to date: shown first, then done, and never over somebody's words."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ims.errors import Conflict, Refusal
from ims.model import EntryKind, RcaDocument
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Block, Template
from ims.postmortem.reading.merging import behind
from ims.postmortem.reading.reader import read_blocks
from ims.postmortem.reading.sections import sections_of
from ims.postmortem.reading.understood import RcaReading
from ims.postmortem.refreshing.planning import Answer, Plan, Standing, plan
from ims.postmortem.refreshing.word_file import WordFile
from ims.postmortem.writing import drawing
from ims.store import incidents
from ims.store.work import Work


@dataclass(frozen=True)
class Preview:
    """What a refresh would do to a file; ``digest`` names exactly this, so that nothing else is done instead."""

    plan: Plan
    digest: str
    reading: RcaReading

    @property
    def remarks(self) -> Sequence[str]:
        """What people must know, in words."""
        return self.plan.remarks


def preview(document: RcaDocument, facts: RcaFacts, template: Template) -> Preview:
    """Say what a refresh would change, without doing it.

    Raises:
        Refusal: nobody has uploaded a document yet, or it is about another incident.
        BadFile: it cannot be read.
    """
    return _opened(document, facts, template)[1]


def refresh(
    work: Work,
    incident_id: int,
    facts: RcaFacts,
    template: Template,
    *,
    shown: str,
    answers: Mapping[str, Answer] | None = None,
) -> RcaDocument:
    """Write the portal's blocks into the newest uploaded file. ``shown`` is the digest of the preview that was seen.

    Raises:
        Conflict: a newer file was uploaded, or the incident changed, since the preview; nothing was written.
        Refusal: there is nothing to refresh.
    """
    incident = work.incident(incident_id)  # locked: one refresh or upload at a time
    document = incidents.rca_document(work.session, incident_id)
    if document is None:
        raise Refusal("The document is not started yet.")
    work.session.refresh(document)
    file, seen = _opened(document, facts, template)
    if seen.digest != shown:
        raise Conflict(_what_happened(work, incident_id))
    chosen = answers or {}
    changed = seen.plan.written(chosen)
    if not changed:
        raise Refusal("Nothing would change, so nothing was written.")
    picture = drawing.picture(facts) if any(each.now.key == Block.PICTURE for each in changed) else None
    read = sections_of(seen.reading, template)
    older = behind(seen.reading, read, template, document.sections, facts.written_at)
    document.file = file.write(seen.plan, chosen, picture)
    fresh = [each for each in seen.plan.blocks if each.standing is Standing.FRESH]
    document.written = document.written | {each.now.key: each.now.text for each in (*fresh, *changed)}
    titles = ", ".join(each.now.title for each in changed)
    work.record(incident, EntryKind.RCA_REFRESHED, f"Root-cause document refreshed: {titles}", **older)
    return document


def brought_up_to_date(document: RcaDocument, facts: RcaFacts, template: Template) -> bytes:
    """Return the newest uploaded file with the portal's blocks written anew; blocks that people edited stay theirs.

    Raises:
        Refusal: nobody has uploaded a document yet, it cannot be read, or it is about another incident.
    """
    file, seen = _opened(document, facts, template)
    changed = seen.plan.written({})
    picture = drawing.picture(facts) if any(each.now.key == Block.PICTURE for each in changed) else None
    return file.write(seen.plan, {}, picture)


def _opened(document: RcaDocument, facts: RcaFacts, template: Template) -> tuple[WordFile, Preview]:
    if document.file is None:
        raise Refusal("Nobody has uploaded the document yet; there is nothing to refresh.")
    file = WordFile(document.file)
    reading = read_blocks(file.items)
    if reading.incident_key not in ("", facts.incident.key):
        raise Refusal(f"This document is about {reading.incident_key}, not {facts.incident.key}; upload the right one.")
    found = plan(file.items, facts, template, anchors=file.anchors, written=document.written)
    texts = [f"{each.standing} {each.now.key} {each.now.text}" for each in found.blocks]
    digest = hashlib.sha256(document.file + "\n".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    return file, Preview(found, digest, reading)


def _what_happened(work: Work, incident_id: int) -> str:
    entries = incidents.timeline(work.session, incident_id)
    last = entries[-1] if entries else None
    who = f"{last.author}: {last.text}" if last else "something changed"
    return f"The document or the incident changed meanwhile ({who}). Nothing was written; look at the changes again."
