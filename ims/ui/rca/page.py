"""One incident after it is over, or without a key in the address: how far each of them is."""

import streamlit as st

from ims.errors import NotFound
from ims.model import Incident
from ims.store import incidents
from ims.ui import places, words
from ims.ui.rca import actions, appointment, customer, document, drafts, elsewhere, listing, refreshing, review, upload
from ims.ui.session import portal
from ims.ui.text import plain


def draw() -> None:
    """Draw the page."""
    key = st.query_params.get("key", "")
    if not key:
        listing.draw()
        return
    try:
        with portal().reading() as session:
            incident = incidents.by_key(session, key)
    except NotFound as problem:
        st.title("Root cause", anchor=False)
        st.error(plain(str(problem)))
        places.link("rca", "All incidents that are over", icon="arrow_back")
        return
    _incident(incident)


def _incident(incident: Incident) -> None:
    st.title(f"Root cause of {incident.key}", anchor="rca-top")
    chip = words.severity_chip(incident.severity)
    places.incident_link(incident.key, incident.title, before=chip)
    if incident.is_active:
        st.info(
            "It is not resolved yet. The document can be started now; it is written anew from the incident each time "
            "it is downloaded.",
            icon=":material/info:",
        )
    if not document.draw(incident):
        return
    customer.draw()
    elsewhere.draw(incident)
    drafts.draw(incident)
    upload.draw(incident)
    refreshing.draw(incident)
    review.draw(incident)
    appointment.draw(incident)
    actions.draw(incident)
    document.sections(incident)
    customer.dialogs(incident)
    review.dialogs(incident)
    appointment.dialogs(incident)
    actions.dialogs(incident)
