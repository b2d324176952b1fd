"""The document comes back: what was read is shown first, and taken in only when somebody says so."""

import streamlit as st

from ims.errors import Refusal
from ims.model import EntryKind, Incident
from ims.postmortem.content.template import Template
from ims.postmortem.reading.comparing import Choices
from ims.postmortem.reading.sections import filled
from ims.postmortem.reading.taking_in import Preview, preview, take_in
from ims.postmortem.word.package import LARGEST_FILE
from ims.store import catalogue, incidents, postmortem
from ims.ui import words
from ims.ui.rca.choosing import choose
from ims.ui.session import attempt, portal
from ims.ui.text import line, plain

_FILE, _ROUND = "rca_file", "rca_round"


def draw(incident: Incident) -> None:
    """Draw the upload and, once a file is there, what was read in it."""
    template = portal().rca_template
    file = st.file_uploader(
        "Upload the document that people filled in (Word or Markdown)",
        type=["docx", "md", "markdown", "txt"],
        max_upload_size=LARGEST_FILE // 1_000_000,
        key=f"{_FILE}_{incident.id}_{st.session_state.get(_ROUND, 0)}",
        help="From Word, LibreOffice, or Google Docs (File, Download, Microsoft Word).",
    )
    if file is None:
        _remarks_of_last_time(incident)
        return
    try:
        with portal().reading() as session:
            seen = preview(session, incident, file.getvalue(), template, file.name)
    except Refusal as problem:
        st.error(plain(str(problem)))
        return
    _warn_of_an_older_copy(incident, seen)
    show(seen, template)
    choices = choose(incident, seen)
    if not _is_confirmed(seen, choices):
        return
    data, name = file.getvalue(), file.name
    if attempt(lambda work: take_in(work, incident.id, data, template, choices, name), "The document is taken in"):
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # a new, empty upload
        st.rerun()


def _warn_of_an_older_copy(incident: Incident, seen: Preview) -> None:
    """Say so where the document was refreshed since this copy was made: it would take the refreshed one's place."""
    with portal().reading() as session:
        refreshed = postmortem.entries_of_kind(session, incident.id, EntryKind.RCA_REFRESHED)
    if (
        refreshed
        and seen.reading.written_at
        and seen.reading.written_at < refreshed[-1].recorded_at.replace(microsecond=0)
    ):
        last = refreshed[-1]
        st.warning(
            f"{plain(last.author)} refreshed the document {words.moment(last.recorded_at)}, after this copy was made. "
            "Download that one first if you want to keep what people put into it; this copy would take its place.",
            icon=":material/history:",
        )


def show(seen: Preview, template: Template) -> None:
    """Show what was read in a document, and what taking it in would change."""
    done, all_of_them = filled(seen.sections.texts, template)
    st.markdown(f"**What was read.** {done} of {all_of_them} sections are filled in.")
    with portal().reading() as session:
        names = {person.id: person.name for person in catalogue.people(session, active_only=False)}
    for new in seen.changes.new:
        draft = new.draft
        owner = names.get(draft.owner_id or 0) or draft.owner_name or "no owner"
        due = draft.due_on.isoformat() if draft.due_on else "no due date"
        state = f" · {words.FOLLOW_UP_STATE[new.state]}" if new.state else ""
        st.markdown(f":green-badge[New] {line(draft.text)} · {plain(owner)} · {due}{state}")
    for changed in seen.changes.changed:
        st.markdown(f":blue-badge[Changed] {plain(changed.words)}")
    if seen.changes.are_none:
        st.caption("No follow-up is new or changed.")
    for sentence in seen.remarks:
        st.markdown(f":orange-badge[Look at this] {plain(sentence)}")


def _is_confirmed(seen: Preview, choices: Choices) -> bool:
    count = len(seen.changes.new) + len(seen.changes.changed) + len(choices.from_document) + len(choices.dropped)
    label = f"Take in {words.counted(count, 'follow-up')} and the text" if count else "Take in the text"
    return st.button(label, icon=":material/download_done:", type="primary", key="rca_take_in")


def _remarks_of_last_time(incident: Incident) -> None:
    with portal().reading() as session:
        present = incidents.rca_document(session, incident.id)
    if present is None or not present.not_understood:
        return
    count = len(present.not_understood)
    with st.expander(f"{words.counted(count, 'remark')} about the document read last", icon=":material/help:"):
        for sentence in present.not_understood:
            st.markdown(f"- {plain(sentence)}")
