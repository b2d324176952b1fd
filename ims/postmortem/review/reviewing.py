"""The way of the document: draft, in review, published, and back to draft. Each move says who, when and why.

Anybody may publish, also who asked for the review: a team of two on a Sunday would otherwise publish nothing. But it is
said, in the timeline and beside the edition, that nobody else has read it.
"""

from collections.abc import Sequence

from ims.errors import Refusal
from ims.model import EntryKind, Incident, RcaDocument, RcaState
from ims.postmortem.content.blocks import ABOUT_DOCUMENT
from ims.postmortem.content.template import Template
from ims.postmortem.review import lint
from ims.postmortem.review.lint import Finding
from ims.store import incidents
from ims.store.work import Work


def send_to_review(work: Work, incident_id: int, template: Template, *, despite: str = "") -> RcaDocument:
    """Ask for the review; repeating it changes nothing. ``despite`` is why it begins although something is missing.

    Raises:
        Refusal: there is no document, it is published, or something is missing that blocks a review.
    """
    incident, document = its_document(work, incident_id)
    if document.state is RcaState.PUBLISHED:
        raise Refusal("The document is published; begin a new edition to change it.")
    if document.state is RcaState.IN_REVIEW:
        return document
    missing = check(work, incident, template, despite)
    document.state = RcaState.IN_REVIEW
    document.review_at, document.review_by = work.now, work.actor.name
    text = f"Root-cause document in review{in_spite(missing, despite)}"
    work.record(incident, EntryKind.RCA_IN_REVIEW, text, missing=[finding.key for finding in missing])
    return document


def back_to_draft(work: Work, incident_id: int, reason: str) -> RcaDocument:
    """Take the document out of its review, or begin a new edition of a published one; its copies stay as they are.

    Raises:
        Refusal: there is no document, or no reason is given.
    """
    incident, document = its_document(work, incident_id)
    if document.state is RcaState.DRAFT:
        return document
    if not reason.strip():
        raise Refusal("Say why it goes back to draft.")
    was_published = document.state is RcaState.PUBLISHED
    document.state = RcaState.DRAFT
    document.review_at, document.review_by = None, ""
    if was_published:  # a deadline that was kept says nothing about the next edition
        document.due_at = None
    what = "New edition of the root-cause document begun" if was_published else "Root-cause document back to draft"
    work.record(incident, EntryKind.NOTE, f"{what}: {reason.strip()}", about=ABOUT_DOCUMENT)
    return document


def its_document(work: Work, incident_id: int) -> tuple[Incident, RcaDocument]:
    """Return an incident, locked, and its document as it is now.

    Raises:
        Refusal: there is no document.
    """
    incident = work.incident(incident_id)
    document = incidents.rca_document(work.session, incident_id)
    if document is None:
        raise Refusal("There is no document yet; start it first.")
    work.session.refresh(document)
    return incident, document


def check(work: Work, incident: Incident, template: Template, despite: str) -> Sequence[Finding]:
    """Return what is missing where somebody said why it goes on all the same.

    Raises:
        Refusal: something blocks, and nobody said why it goes on.
    """
    missing = lint.blocking(lint.of_incident(work.session, incident, template))
    if missing and not despite.strip():
        first = " ".join(finding.sentence for finding in missing[:3])
        more = f" And {len(missing) - 3} more." if len(missing) > 3 else ""  # noqa: PLR2004
        raise Refusal(f"Not yet: {first}{more}")
    return missing


def in_spite(missing: Sequence[Finding], despite: str) -> str:
    """Say, for the timeline, what was missing and why it went on."""
    if not missing:
        return ""
    left = "1 thing to mend is" if len(missing) == 1 else f"{len(missing)} things to mend are"
    return f", although {left} left: {despite.strip()}"
