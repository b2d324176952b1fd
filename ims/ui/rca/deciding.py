"""The portal's blocks in a document that people edited: what will change, and what people must decide, side by side."""

from collections.abc import Mapping, Sequence

import streamlit as st

from ims.model import Incident
from ims.postmortem.refreshing.planning import Answer, BlockPlan, Plan, Standing
from ims.ui import words
from ims.ui.text import line, plain

_MOST_ROWS = 50  # shown for one block
_EDITED: Mapping[Answer, str] = {
    Answer.THEIRS: "Keep what people wrote",
    Answer.OURS: "Write it anew",
    Answer.BOTH: "Write it anew, and keep theirs below",
}
_MISSING: Mapping[Answer, str] = {Answer.THEIRS: "Leave it out", Answer.OURS: "Put it back under its heading"}


def show(incident: Incident, plan: Plan) -> dict[str, Answer]:
    """Show what would change, ask about the rest, and return the answers."""
    changing, asked = plan.changing, plan.asked
    if changing:
        st.markdown(f"**{words.counted(len(changing), 'block')} will change, your words stay.**")
    elif not asked:
        st.markdown(":green[:material/check:] Nothing is new: every block says what IMS knows.")
    for block in changing:
        with st.expander(plain(block.now.title), icon=":material/edit_note:"):
            _differences(block, "In the document", "Afterwards")
    answers = {block.now.key: _ask(incident, block) for block in asked}
    for sentence in plan.remarks:
        st.markdown(f":orange-badge[Look at this] {plain(sentence)}")
    return answers


def _ask(incident: Incident, block: BlockPlan) -> Answer:
    is_edited = block.standing is Standing.EDITED
    choices = _EDITED if is_edited else _MISSING
    said = "was edited by people" if is_edited else "is not in the document any more"
    with st.container(border=True):
        st.markdown(f":orange-badge[Your choice] **{plain(block.now.title)}** {said}.")
        if is_edited:
            _differences(block, "Theirs, in the document", "Ours, from IMS")
        answer = st.radio(
            f"What shall become of “{plain(block.now.title)}”?",
            block.choices,
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
