"""Starting the document of an incident."""

from ims.errors import Refusal
from ims.model import EntryKind, IncidentState, RcaDocument
from ims.store import incidents
from ims.store.work import Work


def create(work: Work, incident_id: int) -> RcaDocument:
    """Start the root-cause document; repeating it returns the one that is there.

    Raises:
        Refusal: the incident was cancelled.
    """
    incident = work.incident(incident_id)
    present = incidents.rca_document(work.session, incident_id)
    if present:
        return present
    if incident.state is IncidentState.CANCELLED:
        raise Refusal(f"{incident.key} was no incident; there is no root cause to write about.")
    document = work.add(RcaDocument(incident_id=incident_id, created_at=work.now, created_by=work.actor.name))
    work.record(incident, EntryKind.RCA_CREATED, "Root-cause document created", document_id=document.id)
    return document
