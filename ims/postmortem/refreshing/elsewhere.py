"""The document in the system where people write together: asked for, shared, read back, refreshed in place.

What is asked is an effect like any other: a row of the outbox, written with the change that asks for it. What is read
is shown first and taken in only when somebody says so; the same goes for what a refresh would write.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence

from sqlmodel import Session

from ims.delivery.queue import enqueue
from ims.errors import Refusal
from ims.model import Delivery, Incident, RcaDocument
from ims.model.message import DocumentRefresh, DocumentRequest, DocumentShare
from ims.ports import PORTAL_ITSELF, DocumentCopy
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Template
from ims.postmortem.document import create
from ims.postmortem.reading.comparing import Choices
from ims.postmortem.reading.reader import read_blocks
from ims.postmortem.reading.taking_in import Preview, preview_of, take_in_reading
from ims.postmortem.refreshing.planning import Answer, Plan, plan
from ims.store import catalogue, deliveries, incidents, postmortem
from ims.store.work import Work

_LARGEST = 5_000_000  # bytes; more does not go in one piece


def lives_elsewhere(document: RcaDocument) -> bool:
    """Return whether a document is kept in another system."""
    return document.home != PORTAL_ITSELF and bool(document.outside_id)


def involved(session: Session, incident: Incident) -> list[str]:
    """Return the e-mail addresses of those who took part and still work here."""
    found = catalogue.people_by_id(session, postmortem.involved_ids(session, incident)).values()
    return sorted(person.email for person in found if person.active and person.email)


def asked_for(session: Session, document: RcaDocument) -> Delivery | None:
    """Return what was asked last: to make the document elsewhere."""
    return deliveries.by_key(session, _key(document))


def ask_for(work: Work, incident_id: int, file: bytes) -> Delivery:
    """Ask for the document elsewhere, made of a ``.docx``. Asking again returns what was asked before.

    Where it lives elsewhere already, this asks for another one in its place, for when that was deleted there.

    Raises:
        Refusal: the file is too large, or the incident was cancelled.
    """
    if len(file) > _LARGEST:
        raise Refusal(f"The document has more than {_LARGEST // 1_000_000} MB; take pictures out of the template.")
    incident = work.incident(incident_id)
    document = create(work, incident_id)
    request = DocumentRequest(
        incident_key=incident.key,
        mark=f"ims-rca-{incident.name_everywhere}",
        title=f"{incident.key} {incident.title}",
        content=base64.b64encode(file).decode(),
        share_with=involved(work.session, incident),
    )
    return enqueue(work, request, key=_key(document), stream=_stream(incident), incident_id=incident.id)


def share(work: Work, incident_id: int, emails: Sequence[str]) -> Delivery:
    """Let people write in it.

    Raises:
        Refusal: nobody is named, or it does not live elsewhere.
    """
    incident, document = _present(work, incident_id)
    if not emails:
        raise Refusal("Nobody is named; choose at least one person.")
    message = DocumentShare(incident_key=incident.key, share_with=sorted(emails))
    key = f"document_share:{document.id}:{_sum(document.outside_id, *message.share_with)}"
    return enqueue(work, message, key=key, stream=_stream(incident), incident_id=incident.id)


def preview(session: Session, incident: Incident, copy: DocumentCopy, template: Template) -> Preview:
    """Say what taking in what stands there would do, without doing it.

    Raises:
        Refusal: it is about another incident, or has more follow-ups than anybody promises.
    """
    return preview_of(session, incident, read_blocks(copy.outline), template)


def take_in(
    work: Work, incident_id: int, copy: DocumentCopy, template: Template, choices: Choices | None = None
) -> Preview:
    """Take in what stands there, with what people chose; the same again changes nothing.

    Raises:
        Refusal: it is about another incident, or does not live elsewhere.
    """
    _, document = _present(work, incident_id)
    is_known = bool(copy.revision) and document.revision == copy.revision
    seen = take_in_reading(work, incident_id, read_blocks(copy.outline), template, choices, is_known=is_known)
    document.revision = copy.revision
    return seen


def plan_refresh(copy: DocumentCopy, facts: RcaFacts, template: Template) -> Plan:
    """Say what a refresh would write into it."""
    return plan(copy.outline, facts, template)


def ask_to_refresh(work: Work, incident_id: int, made: Plan, answers: Mapping[str, Answer]) -> Delivery:
    """Ask for the blocks of a plan to be written, those that people edited or deleted as they answered.

    Raises:
        Refusal: nothing would be written, or it does not live elsewhere.
    """
    incident, document = _present(work, incident_id)
    blocks = [each.in_words(answers.get(each.now.key, Answer.OURS)) for each in made.written(answers)]
    if not blocks:
        raise Refusal("Nothing has to be written; the document says what the portal knows.")
    message = DocumentRefresh(incident_key=incident.key, blocks=blocks)
    key = f"document_refresh:{document.id}:{_sum(document.outside_id, message.model_dump_json())}"
    return enqueue(work, message, key=key, stream=_stream(incident), incident_id=incident.id)


def _present(work: Work, incident_id: int) -> tuple[Incident, RcaDocument]:
    incident = work.incident(incident_id)
    document = incidents.rca_document(work.session, incident_id)
    if document is None or not lives_elsewhere(document):
        raise Refusal("The document does not live in another system yet; create it there first.")
    return incident, document


def _key(document: RcaDocument) -> str:
    return f"document:{document.id}:{document.outside_id}"


def _stream(incident: Incident) -> str:
    return f"document:{incident.id}"


def _sum(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
