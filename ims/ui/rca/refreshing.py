"""The uploaded document, brought up to date: what will change is shown first, and done when somebody says so."""

from collections.abc import Mapping, Sequence

import streamlit as st

from ims.errors import Refusal
from ims.model import Incident, RcaDocument
from ims.postmortem.content.template import Block
from ims.postmortem.refreshing.planning import Answer, BlockPlan, Standing
from ims.postmortem.refreshing.refresh import Preview, preview, refresh
from ims.store import incidents
from ims.ui import words
from ims.ui.rca.document import DOCX, facts_of
from ims.ui.session import attempt, portal
from ims.ui.text import line, plain

_SINCE, _SHOWN = "rca_refresh_since", "rca_refresh_shown"
_MOST_ROWS = 50  # shown for one block
_EDITED: Mapping[Answer, str] = {
    Answer.THEIRS: "Keep what people wrote",
    Answer.OURS: "Write it anew",
    Answer.BOTH: "Write it anew, and keep theirs below",
}
_MISSING: Mapping[Answer, str] = {Answer.THEIRS: "Leave it out", Answer.OURS: "Put it back under its heading"}


def draw(incident: Incident) -> None:
    """Draw the uploaded document: its download, and its refresh."""
    with portal().reading() as session:
        present = incidents.rca_document(session, incident.id)
    if present is None or present.file is None or present.home != "portal":
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
    answers = _show(incident, seen)
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


def _show(incident: Incident, seen: Preview) -> dict[str, Answer]:
    """Show what would change, ask about the rest, and return the answers."""
    changing, asked = seen.plan.changing, seen.plan.asked
    if changing:
        st.markdown(f"**{words.counted(len(changing), 'block')} will change, your words stay.**")
    elif not asked:
        st.markdown(":green[:material/check:] Nothing is new: every block says what IMS knows.")
    for block in changing:
        with st.expander(plain(block.now.title), icon=":material/edit_note:"):
            _differences(block, "In the document", "Afterwards")
    answers = {block.now.key: _ask(incident, block) for block in asked}
    for sentence in seen.remarks:
        st.markdown(f":orange-badge[Look at this] {plain(sentence)}")
    return answers


def _ask(incident: Incident, block: BlockPlan) -> Answer:
    is_edited = block.standing is Standing.EDITED
    choices = dict(_EDITED if is_edited else _MISSING)
    if block.now.key == Block.FOLLOW_UPS:
        choices.pop(Answer.BOTH, None)
    said = "was edited by people" if is_edited else "is not in the document any more"
    with st.container(border=True):
        st.markdown(f":orange-badge[Your choice] **{plain(block.now.title)}** {said}.")
        if is_edited:
            _differences(block, "Theirs, in the document", "Ours, from IMS")
        answer = st.radio(
            f"What shall become of “{plain(block.now.title)}”?",
            list(choices),
            format_func=lambda each: choices[each],
            key=f"rca_answer_{incident.id}_{block.now.key}",
            horizontal=True,
        )
    return answer or Answer.THEIRS


def _differences(block: BlockPlan, before: str, after: str) -> None:
    """Show the two side by side: the line above the table where its words differ, and each row that changes."""
    rows: list[tuple[str, str]] = []
    seen = block.seen.caption if block.seen else ""
    if not block.changed_rows or block.now.words not in seen:
        rows.append((seen, block.now.caption))
    rows += [(_joined(one), _joined(other)) for one, other in block.changed_rows]
    for one, other in rows[:_MOST_ROWS]:
        left, right = st.columns(2)
        for column, side, said in ((left, before, one), (right, after, other)):
            column.markdown(f":small[:gray[{side}]]  \n{line(said) if said else ':gray[nothing]'}")
    if len(rows) > _MOST_ROWS:
        st.caption(f"… and {words.counted(len(rows) - _MOST_ROWS, 'more row')}.")


def _joined(row: Sequence[str]) -> str:
    return " · ".join(cell for cell in row if cell)
