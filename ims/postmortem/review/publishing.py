"""Publishing: the document is frozen as Word and Markdown, later as PDF, each copy with its SHA-256."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from ims.errors import Conflict, Refusal
from ims.model import EntryKind, PublishedCopy, RcaDocument, RcaState
from ims.postmortem.content.causes import Causes
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Template
from ims.postmortem.content.wording import moment
from ims.postmortem.library import entry as library
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.sections import sections_of
from ims.postmortem.refreshing.refresh import brought_up_to_date
from ims.postmortem.review.reviewing import check, in_spite, its_document
from ims.postmortem.word.finishing import finished
from ims.postmortem.writing import as_markdown, pdf
from ims.postmortem.writing.writer import write
from ims.store import publications
from ims.store.work import Work

WORD, MARKDOWN, PDF = "docx", library.MARKDOWN, "pdf"


@dataclass(frozen=True)
class Manuscript:
    """What is to be published, written before the transaction: Word takes long, and alerts must not wait for it."""

    facts: RcaFacts
    docx: bytes


def manuscript(
    document: RcaDocument, facts: RcaFacts, template: Template, exported: bytes | None = None, *, note: str = ""
) -> Manuscript:
    """Return what would be published: the file that people edited, with their pictures and tables, brought up to date.

    Of a document that lives elsewhere it is what was ``exported`` from there, as it stands.

    Where there is none, or it lacks words that people gave elsewhere, the document is written anew from all of them.
    What only asks people to write is left out, and the ``note`` stands at the foot of the pages.
    """
    file = _of_people(document, facts, template, exported) or write(facts, template)
    if file is exported:
        return Manuscript(facts, file)
    prompts = {section.prompt for section in template.of_people if section.prompt}
    return Manuscript(facts, finished(file, prompts, note))


def _of_people(document: RcaDocument, facts: RcaFacts, template: Template, exported: bytes | None) -> bytes | None:
    file = document.file if document.home == "portal" else exported
    if file is None:
        return None
    try:
        there = sections_of(read(file), template).texts
        if any(text.strip() != there.get(key, "").strip() for key, text in document.sections.items()):
            return None
        return exported or brought_up_to_date(document, facts, template)
    except Refusal:
        return None


def publish(
    work: Work,
    incident_id: int,
    manuscript: Manuscript,
    template: Template,
    causes: Causes,
    *,
    despite: str = "",
) -> RcaDocument:
    """Publish the next edition: its Word and Markdown copies are kept for ever, the library gets its text.

    Repeating it returns what was published. The PDF is added afterwards by ``add_pdf``.

    Raises:
        Refusal: it is not in review, or something is missing that blocks it and nobody says why it goes on.
        Conflict: the incident changed since the manuscript was written.
    """
    incident, document = its_document(work, incident_id)
    if document.state is RcaState.PUBLISHED:
        return document
    if document.state is RcaState.DRAFT:
        raise Refusal("Send it to review first, so that somebody else can read it.")
    if manuscript.facts.incident.version != incident.version:
        raise Conflict(f"{incident.key} changed while its document was written; look at it, and publish once more.")
    missing = check(work, incident, template, despite)
    edition = publications.last_edition(work.session, document.id) + 1
    alone = document.review_by == work.actor.name
    document.state, document.published_at, document.published_by = RcaState.PUBLISHED, work.now, work.actor.name
    notes = [edition_note(document, edition, work.actor.name, work.now), f"Cause: {causes.label(document.cause)}."]
    markdown = as_markdown.write(manuscript.facts, template, notes=notes).encode()
    digests = {
        copy.format: copy.digest
        for copy in (
            _freeze(work, document, edition, WORD, manuscript.docx),
            _freeze(work, document, edition, MARKDOWN, markdown),
        )
    }
    library.keep(work, document)
    text = f"Root-cause document published, edition {edition}{in_spite(missing, despite)}"
    text += ". Nobody else has reviewed it" if alone else ""
    work.record(incident, EntryKind.RCA_PUBLISHED, text, edition=edition, digests=digests, alone=alone)
    return document


def add_pdf(work: Work, incident_id: int, edition: int, content: bytes) -> PublishedCopy:
    """Keep the PDF of an edition; the first one stays.

    Raises:
        Refusal: there is no such edition.
    """
    _, document = its_document(work, incident_id)
    present = publications.copy_of(work.session, document.id, edition, PDF)
    if present:
        return present
    if publications.copy_of(work.session, document.id, edition, WORD) is None:
        raise Refusal(f"There is no edition {edition} of this document.")
    return _freeze(work, document, edition, PDF, content)


def make_pdf(docx: bytes) -> bytes:
    """Return the PDF of a published Word copy.

    Raises:
        Refusal: LibreOffice is not installed, took too long, or could not do it.
    """
    return pdf.convert(docx)


def is_intact(copy: PublishedCopy) -> bool:
    """Return whether a copy is still what was published: its content has the digest that was written down."""
    return sha256(copy.content).hexdigest() == copy.digest


def _freeze(work: Work, document: RcaDocument, edition: int, format_: str, content: bytes) -> PublishedCopy:
    return work.add(
        PublishedCopy(
            document_id=document.id,
            edition=edition,
            format=format_,
            content=content,
            digest=sha256(content).hexdigest(),
            created_at=work.now,
            created_by=work.actor.name,
        )
    )


def edition_note(document: RcaDocument, edition: int, who: str, at: datetime) -> str:
    """Say which edition it is, who published it when, and who asked for its review."""
    asked = f"; review asked for by {document.review_by}" if document.review_by else ""
    return f"Edition {edition}, published by {who}, {moment(at)}{asked}."
