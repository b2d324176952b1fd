"""The document itself: started, downloaded, and what people wrote in it."""

from datetime import datetime

import streamlit as st

from ims.model import Incident
from ims.postmortem.content.facts import RcaFacts, collect
from ims.postmortem.document import create
from ims.postmortem.writing.writer import write
from ims.response.similar import similar
from ims.store import incidents
from ims.ui import words
from ims.ui.rca.acting import do
from ims.ui.session import portal
from ims.ui.text import plain

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def draw(incident: Incident) -> bool:
    """Draw the start or the download of the document; return whether it exists."""
    with portal().reading() as session:
        present = incidents.rca_document(session, incident.id)
    if present is None:
        _start(incident)
        return False
    st.download_button(
        "Download the document",
        lambda: write(facts_of(incident.id), portal().rca_template),
        file_name=f"{incident.key}-root-cause.docx",
        mime=DOCX,
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        key="rca_download",
        help="A Word file, written anew from the incident; Google Docs opens it too.",
    )
    read_at = f", read back {words.moment(present.read_at)}" if present.read_at else ", not read back yet"
    st.caption(f"Started by {plain(present.created_by)}, {words.moment(present.created_at)}{read_at}.")
    return True


def sections(incident: Incident) -> None:
    """Show what people wrote, as it was last read."""
    with portal().reading() as session:
        present = incidents.rca_document(session, incident.id)
    written = present.sections if present else {}
    st.subheader("What people wrote", anchor="rca-words")
    if not any(written.values()):
        st.caption("Nothing yet: download the document, fill it in together, and upload it above.")
        return
    for section in portal().rca_template.of_people:
        text = written.get(section.key, "")
        with st.expander(plain(section.title) + ("" if text else " (empty)"), expanded=bool(text)):
            st.markdown(plain(text) if text else ":gray[Nobody has written this yet.]")


def _start(incident: Incident) -> None:
    st.markdown(
        "The document is written from the incident: impact, timeline, customer updates, roles, how the procedure was "
        "followed. People add why it happened and what to do about it."
    )
    if st.button("Start the document", icon=":material/note_add:", type="primary", key="rca_create"):
        do(lambda work: create(work, incident.id), "The document is started")


def facts_of(incident_id: int, at: datetime | None = None) -> RcaFacts:
    """Collect what is known of an incident, as the document says it now, or at another moment."""
    wired = portal()
    with wired.reading() as session:
        incident = session.get_one(Incident, incident_id)
        found = similar(session, incident.title, incident.declared_at, excluding=incident.id)
        alike = [each.incident for each in found]
        return collect(session, incident, wired.procedure_of(session, incident), alike, at or wired.clock())
