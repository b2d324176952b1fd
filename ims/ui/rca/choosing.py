"""What people decide before a document is taken in: where both sides changed a field, and where a row is gone."""

import streamlit as st

from ims.model import FollowUp, FollowUpState, Incident
from ims.postmortem.reading.comparing import BothChanged, Choices
from ims.postmortem.reading.merging import BothWrote
from ims.postmortem.reading.taking_in import Preview
from ims.ui.text import line, plain

_FIELDS = {"text": "Action", "owner": "Owner", "due_on": "Due date", "kind": "Kind"}
_HERE, _THERE = "Those here", "Those in the document"


def choose(incident: Incident, seen: Preview) -> Choices:
    """Ask, and return what was chosen; without an answer everything in the portal stays."""
    changes = seen.changes
    chosen = [each.key for each in changes.both_changed if _is_from_document(incident, each)]
    texts = [each.section.key for each in seen.merged.both_wrote if _is_text_from_document(incident, each)]
    gone = [each for each in changes.missing if each.state is not FollowUpState.DROPPED]
    reasons = {each.row_id: _reason_to_drop(incident, each) for each in gone}
    dropped = {row_id: reason for row_id, reason in reasons.items() if reason is not None}
    return Choices(frozenset(chosen), dropped, frozenset(texts))


def _is_from_document(incident: Incident, both: BothChanged) -> bool:
    row_id, name = both.key
    options = {False: f"Here: {both.here}", True: f"In the document: {both.in_document}"}
    answer = st.radio(
        f":orange-badge[Both changed] {row_id} {_FIELDS[name]}",
        list(options),
        format_func=lambda each: line(options[each], 120),
        key=f"rca_both_{incident.id}_{row_id}_{name}",
        horizontal=True,
    )
    return bool(answer)


def _is_text_from_document(incident: Incident, both: BothWrote) -> bool:
    """Ask which words a section shall have. Each side is shown in full: nobody can choose what they have not read."""
    st.markdown(f":orange-badge[Both changed] **{line(both.section.title)}**")
    sides = (("Here", both.here), ("In the document", both.in_document))
    for (side, words), column in zip(sides, st.columns(2), strict=True):
        column.caption(side)
        column.markdown(plain(words) if words else "–")
    answer = st.radio(
        f"Which words shall “{line(both.section.title)}” have?",
        [_HERE, _THERE],
        key=f"rca_both_{incident.id}_{both.section.key}",
        horizontal=True,
    )
    return bool(answer == _THERE)


def _reason_to_drop(incident: Incident, gone: FollowUp) -> str | None:
    """Return why a row shall be dropped, ``None`` to keep it."""
    key = f"rca_gone_{incident.id}_{gone.row_id}"
    answer = st.radio(
        f":orange-badge[Gone from the document] {gone.row_id} {line(gone.text, 80)}",
        ["Keep it here", "Drop it"],
        key=key,
        horizontal=True,
    )
    if answer != "Drop it":
        return None
    return str(st.text_input(f"Why will {plain(gone.row_id)} not be done?", key=f"{key}_reason"))
