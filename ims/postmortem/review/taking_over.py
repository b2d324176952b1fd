"""A person takes a drafted paragraph over as their own words."""

from ims.errors import Refusal
from ims.model import EntryKind, RcaDocument
from ims.model.types import legible
from ims.postmortem.content.template import Template
from ims.store import incidents
from ims.store.work import Work


def accept_draft(work: Work, incident_id: int, key: str, words: str, template: Template) -> RcaDocument:
    """Keep a drafted paragraph, as it is or rewritten, as what people wrote in a section.

    Raises:
        Refusal: there is no document, no such section, no word, or somebody has written there meanwhile.
    """
    incident = work.incident(incident_id)
    document = incidents.rca_document(work.session, incident_id)
    section = next((each for each in template.of_people if each.key == key), None)
    if document is None or section is None:
        raise Refusal("The document has no such section; start the document first.")
    said = str(legible(words)).strip()
    if not said:
        raise Refusal(f"“{section.title}” is empty; write something, or leave the draft as it is.")
    present = document.sections.get(key, "").strip()
    if present and present != said:
        raise Refusal(f"Somebody has written “{section.title}” meanwhile; their words stay.")
    document.sections = document.sections | {key: said}
    if key not in document.accepted or not present:
        document.accepted = list(dict.fromkeys([*document.accepted, key]))
        text = f"Draft of “{section.title}” accepted for the root-cause document"
        work.record(incident, EntryKind.RCA_READ, text, sections={key: [present, said]})
    return document
