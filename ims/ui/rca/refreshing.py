"""The uploaded document, brought up to date: what will change is shown first, and done when somebody says so."""

import streamlit as st

from ims.errors import Refusal
from ims.model import Incident, RcaDocument
from ims.ports import PORTAL_ITSELF
from ims.postmortem.refreshing.refresh import preview, refresh
from ims.store import incidents
from ims.ui import words
from ims.ui.rca import deciding
from ims.ui.rca.document import DOCX, facts_of
from ims.ui.session import attempt, portal
from ims.ui.text import plain

_SINCE, _SHOWN = "rca_refresh_since", "rca_refresh_shown"


def draw(incident: Incident) -> None:
    """Draw the uploaded document: its download, and its refresh."""
    with portal().reading() as session:
        present = incidents.rca_document(session, incident.id)
    if present is None or present.file is None or present.home != PORTAL_ITSELF:
        return
    with st.container(border=True, key="rca_refresh"):
        st.markdown("**The document that people edited**")
        with st.container(horizontal=True):
            _download(incident, present.file)
            st.button(
                "See what is new",
                icon=":material/compare_arrows:",
                key="rca_compare",
                on_click=_open,
                args=(incident.id,),
                help="Compares the parts that IMS writes with the incident. Nothing is changed before you say so.",
            )
        if f"{_SINCE}_{incident.id}" in st.session_state:
            _preview(incident, present)


def _download(incident: Incident, file: bytes) -> None:
    st.download_button(
        "Download it",
        file,
        file_name=f"{incident.key}-root-cause.docx",
        mime=DOCX,
        icon=":material/download:",
        on_click="ignore",
        key="rca_download_edited",
        help="The file that was uploaded or refreshed last, with everything people put into it.",
    )


def _open(incident_id: int) -> None:
    """Hold the moment for which the preview is made, so that only what really changed can differ from it."""
    st.session_state[f"{_SINCE}_{incident_id}"] = portal().clock()
    st.session_state.pop(_SHOWN, None)


def _preview(incident: Incident, present: RcaDocument) -> None:
    facts = facts_of(incident.id, st.session_state[f"{_SINCE}_{incident.id}"])
    template = portal().rca_template
    try:
        seen = preview(present, facts, template)
    except Refusal as problem:
        st.error(plain(str(problem)))
        return
    shown = st.session_state.get(_SHOWN, seen.digest)
    st.session_state[_SHOWN] = seen.digest
    if shown != seen.digest:
        st.warning("The document or the incident changed meanwhile. Nothing was written; this is what is new now.")
    answers = deciding.show(incident, seen.plan)
    changed = seen.plan.written(answers)
    if changed and st.button(
        f"Refresh {words.counted(len(changed), 'block')}", icon=":material/sync:", type="primary", key="rca_refresh_do"
    ):
        if shown != seen.digest:
            return  # said above
        done = attempt(
            lambda work: refresh(work, incident.id, facts, template, shown=shown, answers=answers),
            "The document is refreshed; every word of people stayed",
        )
        if done:
            st.session_state.pop(f"{_SINCE}_{incident.id}", None)
            st.rerun()
