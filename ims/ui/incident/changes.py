"""To be undone: what was changed to get through the incident. Until it is settled, the incident cannot be closed."""

from collections.abc import Sequence

import streamlit as st

from ims.model.coordination import TemporaryChange, TemporaryChangeDraft
from ims.response import coordination
from ims.store import coordination as kept
from ims.ui import words
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import plain

UNDONE, STAYS = "It is undone", "It stays"


def draw(situation: Situation, changes: Sequence[TemporaryChange]) -> None:
    """Draw the register: what still must be undone and how, then what was settled."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        markup.html("<b>To be undone</b>")
        if not situation.incident.closed_at:
            st.button("Note a change", key="change", icon=":material/undo:", on_click=ask, args=("change",))
    unsettled = [each for each in changes if each.settled_at is None]
    if unsettled:
        waits = words.counted(len(unsettled), "change blocks", "changes block")
        st.caption(f"{waits} closing until undone, or kept with a reason.")
    else:
        st.caption("Nothing waits to be undone. Note here what you change for now; it blocks closing until settled.")
    for change in unsettled:
        _unsettled(situation, change)
    settled = [each for each in changes if each.settled_at is not None]
    if settled:
        rows = "".join(_settled(each, situation) for each in reversed(settled))
        with st.expander(f"{len(settled)} settled", key="changes_settled"):
            markup.html(f'<ul class="ims-steps">{rows}</ul>')


def _unsettled(situation: Situation, change: TemporaryChange) -> None:
    by = f"{markup.text(change.made_by)}, {markup.when(change.made_at, situation.now)}"
    undo = f'To undo: <span class="ims-text">{markup.text(change.how_to_undo)}</span>'
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        markup.html(f"<b>{markup.text(change.what)}</b><br>{undo}<br>{markup.muted(by)}")
        st.button("Settle", key=f"settle_change_{change.id}", icon=":material/check:", on_click=ask,
                  args=("settle_change", str(change.id)))  # fmt: skip


def _settled(change: TemporaryChange, situation: Situation) -> str:
    when = markup.when(change.settled_at or change.made_at, situation.now)
    by = f"{markup.text(change.settled_by)}, {when} · changed by {markup.text(change.made_by)}"
    said = f"{markup.text(change.what)}: {markup.text(change.outcome)}"
    return f"<li>{markup.icon('check_circle')}<span>{said}<br>{markup.muted(by)}</span></li>"


@st.dialog("Note a change", icon=":material/undo:", on_dismiss=close_dialog)
def make(situation: Situation) -> None:
    """Ask what was changed for now, and how to undo it."""
    with st.form("change_form", border=False):
        what = st.text_input("What was changed for now", key="change_what", placeholder="Rate limit off")
        how = st.text_area("How to undo it", key="change_how", height=80, placeholder="Set the limit to 100 again")
        if st.form_submit_button("Save", key="change_submit", type="primary"):
            do(
                lambda work: coordination.make_change(
                    work,
                    situation.incident.id,
                    TemporaryChangeDraft.model_validate({"what": what, "how_to_undo": how}),
                ),
                "Noted; it blocks closing until it is settled",
            )


@st.dialog("Settle a change", icon=":material/check:", on_dismiss=close_dialog)
def settle(situation: Situation, change_id: str) -> None:
    """Ask whether it is undone, or why it stays."""
    with portal().reading() as session:
        found = kept.temporary_changes(session, situation.incident.id)
    for change in found:
        if change.id == int(change_id):
            st.markdown(f"**{plain(change.what)}**")
            st.caption(f"To undo: {plain(change.how_to_undo)}")
    with st.form("settle_change_form", border=False):
        way = st.radio("What of it", [UNDONE, STAYS], key="change_way", horizontal=True)
        text = st.text_area("What you see now, or why it stays", key="change_outcome", height=80)
        if st.form_submit_button("Save", key="settle_change_submit", type="primary"):
            do(lambda work: coordination.settle_change(work, int(change_id), outcome(way, text)), "Settled")


def outcome(way: str, text: str) -> str:
    """Return what is written down; that something stays says nothing without its reason."""
    said = text.strip()
    if way == UNDONE:
        return f"Undone: {said}" if said else "Undone"
    return f"It stays: {said}" if said else ""
