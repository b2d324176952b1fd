"""The library's entry of an incident: its published document, to be found by its words, services and cause."""

from ims.model import LibraryEntry, RcaDocument
from ims.store import incidents, publications
from ims.store.work import Work

SOURCE = "portal"
MARKDOWN = "md"


def keep(work: Work, document: RcaDocument) -> LibraryEntry | None:
    """Keep the newest edition of a document in the library, in place of an earlier one.

    A drill has no place there, nor a document that was never published; then nothing is kept.
    """
    incident = work.incident(document.incident_id)
    edition = publications.last_edition(work.session, document.id)
    copy = publications.copy_of(work.session, document.id, edition, MARKDOWN)
    if incident.drill or copy is None:
        return None
    present = publications.library_entry(work.session, incident.id)
    entry = present or LibraryEntry(incident_id=incident.id, source=SOURCE, title="", text="", kept_at=work.now)
    entry.title = incident.title
    entry.occurred_on = incident.began_at.date()
    entry.services = ", ".join(service.name for service in incidents.services_of(work.session, incident.id))
    entry.cause, entry.text = document.cause, copy.content.decode()
    entry.kept_at, entry.kept_by = work.now, work.actor.name
    return work.add(entry)
