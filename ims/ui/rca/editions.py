"""The published editions of a document: its copies to download, each with the SHA-256 that proves it unchanged."""

from collections.abc import Sequence

import streamlit as st

from ims.errors import Refusal
from ims.model import Incident, PublishedCopy, RcaDocument
from ims.postmortem.review.publishing import MARKDOWN, PDF, WORD, add_pdf, is_intact
from ims.postmortem.writing import pdf
from ims.store import incidents, publications
from ims.ui import words
from ims.ui.session import attempt, portal
from ims.ui.text import plain

_FORMAT = {
    WORD: ("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    PDF: ("PDF", "application/pdf"),
    MARKDOWN: ("Markdown", "text/markdown"),
}
_PROBLEM = "rca_pdf_problem"


def draw(incident: Incident, document: RcaDocument) -> None:
    """Draw the editions, the newest first; nothing before the first."""
    with portal().reading() as session:
        found = publications.copies(session, document.id)
    numbers = sorted({copy.edition for copy in found}, reverse=True)
    if not numbers:
        return
    st.markdown("**Published editions**")
    for number in numbers:
        _edition(incident, [copy for copy in found if copy.edition == number], newest=number == numbers[0])


def newest(document: RcaDocument) -> int:
    """Return the number of the newest edition, 0 before the first."""
    with portal().reading() as session:
        return publications.last_edition(session, document.id)


def make_pdf(incident: Incident) -> None:
    """Make the PDF of the newest edition; where that fails, the reason stays until the next try."""
    with portal().reading() as session:
        document = incidents.rca_document(session, incident.id)
        edition = publications.last_edition(session, document.id) if document else 0
        word = publications.copy_of(session, document.id, edition, WORD) if document else None
    if word is None:
        return
    st.session_state.pop(_PROBLEM, None)
    try:
        with st.spinner("LibreOffice writes the PDF…"):
            content = pdf.convert(word.content)
    except Refusal as refusal:
        st.session_state[_PROBLEM] = str(refusal)
        return
    attempt(lambda work: add_pdf(work, incident.id, edition, content))


def _edition(incident: Incident, copies: Sequence[PublishedCopy], *, newest: bool) -> None:
    first = copies[0]
    with st.container(border=True):
        who = f"{plain(first.created_by)}, {words.moment(first.created_at)}"
        st.markdown(f"**Edition {first.edition}** · {who}", help=words.utc(first.created_at))
        with st.container(horizontal=True):
            for copy in sorted(copies, key=lambda each: list(_FORMAT).index(each.format)):
                _download(incident, copy)
        if newest and PDF not in {copy.format for copy in copies}:
            _without_pdf(incident)
        with st.expander("SHA-256, to prove that a copy is unchanged", icon=":material/verified:"):
            for copy in copies:
                st.caption(_FORMAT[copy.format][0])
                st.code(copy.digest, language=None, wrap_lines=True)


def _download(incident: Incident, copy: PublishedCopy) -> None:
    title, mime = _FORMAT[copy.format]
    st.download_button(
        title,
        lambda: _content(copy),
        file_name=f"{incident.key}-root-cause-edition-{copy.edition}.{copy.format}",
        mime=mime,
        icon=":material/download:",
        on_click="ignore",
        key=f"rca_copy_{copy.id}",
    )


def _content(copy: PublishedCopy) -> bytes:
    """Read a copy, and refuse one that is not what was published."""
    with portal().reading() as session:
        kept = session.get_one(PublishedCopy, copy.id)
        if not is_intact(kept):
            raise Refusal("This copy is not what was published: its SHA-256 differs. Restore it from a backup.")
        return kept.content


def _without_pdf(incident: Incident) -> None:
    if not pdf.is_possible():
        st.caption("There is no PDF, because LibreOffice is not installed on the portal's machine.")
        return
    problem = st.session_state.get(_PROBLEM)
    if problem:
        st.warning(plain(problem), icon=":material/warning:")
    if st.button("Make the PDF", icon=":material/picture_as_pdf:", key="rca_pdf"):
        make_pdf(incident)
        st.rerun()
