"""Drafted paragraphs: the portal proposes, and a person accepts or rewrites them."""

from collections.abc import Mapping

import streamlit as st

from ims.model import Incident
from ims.postmortem.content.drafting import DRAFTED, drafted
from ims.postmortem.content.template import Section, Template
from ims.postmortem.review.taking_over import accept_draft
from ims.store import incidents
from ims.ui.rca.acting import do
from ims.ui.rca.document import facts_of
from ims.ui.session import portal
from ims.ui.text import plain

_HEIGHT = 120


def draw(incident: Incident) -> None:
    """Draw each draft that waits, with a button that takes it over; nothing where none waits."""
    template = portal().rca_template
    waiting = _waiting(incident, template)
    if not waiting:
        return
    st.subheader("Drafts to accept", anchor="rca-drafts")
    st.caption("Written by IMS from the facts. They stay marked as drafts in the document until somebody accepts them.")
    for section in template.of_people:
        if section.key in waiting:
            _draft(incident, section, waiting[section.key])


def _waiting(incident: Incident, template: Template) -> Mapping[str, str]:
    with portal().reading() as session:
        present = incidents.rca_document(session, incident.id)
    if present is None or all(present.sections.get(key, "").strip() for key in DRAFTED):
        return {}
    return drafted(facts_of(incident.id), template.of_people)


def _draft(incident: Incident, section: Section, draft: str) -> None:
    key = f"rca_draft_{section.key}"
    words = st.text_area(plain(section.title), value=draft, height=_HEIGHT, key=f"{key}_{incident.id}")
    if st.button("Accept", icon=":material/check:", key=f"{key}_accept"):
        template = portal().rca_template
        do(lambda work: accept_draft(work, incident.id, section.key, words, template), "The paragraph is accepted")
