"""The table of follow-ups: edited in place, or several rows at once. Whoever was second is told what the first did."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from ims.model import UNFINISHED, FollowUpState, Person
from ims.store.follow_ups import MOST_LISTED, FollowUpFilter
from ims.ui import tables, words
from ims.ui.follow_ups import bulk, holding, rows
from ims.ui.follow_ups.rows import Change, Found
from ims.ui.session import attempt
from ims.ui.text import line

_VERSIONS = "follow_ups_versions"
_EARLIEST, _LATEST = date(2000, 1, 1), date(2099, 12, 31)  # else a browser takes a year of five digits, which is lost


def draw(found: Found, wanted: FollowUpFilter, people: Mapping[int, Person], today: date) -> None:
    """Draw the table, what an edited row needs, and the form for the rows that were picked."""
    before = rows.frame(found, people, today)
    more = f" Only the first {MOST_LISTED:,} are shown; narrow them down." if len(found) == MOST_LISTED else ""
    st.caption(
        f"{words.counted(len(found), 'follow-up')}, overdue first. Edit owner, due date, kind and state in the table "
        f"and save; or pick rows to change them together.{more}"
    )
    after = st.data_editor(
        before,
        key=holding.hold(found, wanted),
        alt="Follow-ups with incident, action, owner, due date, age, kind, state and reason",
        hide_index=True,
        num_rows="fixed",
        disabled=[column for column in before.columns if column not in (*rows.EDITED, rows.PICK)],
        column_order=rows.order(found),
        column_config=_columns(people, found),
        width="stretch",
    )
    versions = st.session_state.get(_VERSIONS, {})
    edited = rows.changes(found, before, after, versions)
    picked = [follow_up.id for (follow_up, _), is_picked in zip(found, after[rows.PICK], strict=True) if is_picked]
    if not edited and not picked:
        st.session_state[_VERSIONS] = {follow_up.id: follow_up.version for follow_up, _ in found}
    reasons = _edits(edited, people, rows.for_download(found, after))
    if picked:
        chosen, reason = bulk.draw(len(picked), owners(people, found), holding.round_(), unsaved=len(edited))
        if chosen is not None:
            together = rows.changes(found, before, after, versions, chosen)
            _save(together, people, dict.fromkeys(picked, reason) | {key: why for key, why in reasons.items() if why})


def _edits(edited: Sequence[Change], people: Mapping[int, Person], download: pd.DataFrame) -> dict[int, str]:
    """Draw what the edited rows need, and what can be done with them; return the reasons given so far."""
    reasons = {change.follow_up.id: _reason(change, holding.round_()) for change in edited if change.needs_reason}
    with st.container(horizontal=True):
        pressed = _save_button(len(edited))
        if edited:
            st.button("Discard", icon=":material/undo:", on_click=holding.let_go, key="follow_ups_discard")
        st.download_button(
            "Download CSV",
            lambda: tables.csv(download),
            file_name="follow-ups.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="follow_ups_csv",
        )
    if pressed:
        _save(edited, people, reasons)
    return reasons


def _save_button(count: int) -> bool:
    label = f"Save {words.counted(count, 'change')}" if count else "Save"
    return st.button(
        label, icon=":material/save:", type="primary", disabled=not count, shortcut="Mod+S", key="follow_ups_save"
    )


def _reason(change: Change, round_: int) -> str:
    """Ask beneath the table for the reason that an edited state needs."""
    name = f"{change.follow_up.row_id} ({line(change.follow_up.text, 80)})"
    if change.follow_up.state not in UNFINISHED:
        question = f"Why is {name} taken up again?"
    elif change.state is FollowUpState.DONE:
        question = f"What was done about {name}?"
    else:
        question = f"Why will {name} not be done?"
    return st.text_input(question, key=f"follow_up_reason_{change.follow_up.id}_{round_}", max_chars=300) or ""


def _save(edited: Sequence[Change], people: Mapping[int, Person], reasons: Mapping[int, str]) -> None:
    """Save each row by itself; one that is refused keeps its edit in the table and says why."""
    saved = [_saved(change, people, reasons.get(change.follow_up.id, "")) for change in edited]
    if all(saved):
        holding.let_go()
        st.toast(f"{words.counted(len(saved), 'change')} saved", icon=":material/check:")
        st.rerun()


def _saved(change: Change, people: Mapping[int, Person], reason: str) -> bool:
    if attempt(lambda work: rows.apply(work, change, people, reason)):
        return True
    # Whoever was told of another's change and saves again means it.
    st.session_state[_VERSIONS] = st.session_state.get(_VERSIONS, {}) | {change.follow_up.id: change.follow_up.version}
    return False


def owners(people: Mapping[int, Person], found: Found) -> list[str]:
    """Return who may be chosen as owner: nobody, the portal's people, and those named here already."""
    others = {follow_up.owner_name for follow_up, _ in found if follow_up.owner_name}
    return [rows.NOBODY, *rows.labels(people).values(), *sorted(others)]


def _columns(people: Mapping[int, Person], found: Found) -> dict[str, Any]:
    config = st.column_config
    return {
        rows.PICK: config.CheckboxColumn("✓", help="Pick rows to change them together", width=60),
        "Incident": config.LinkColumn(display_text=r"key=(.*)", width="small"),
        "ID": config.TextColumn(width=60),
        "Action": config.TextColumn(width=250),
        "Owner": config.SelectboxColumn(options=owners(people, found), width=125),
        "Due": config.DateColumn(format="YYYY-MM-DD", min_value=_EARLIEST, max_value=_LATEST),
        "Kind": config.SelectboxColumn(options=list(rows.KIND_OF)),
        "State": config.SelectboxColumn(options=list(rows.STATE_OF), required=True),
        "Reason": config.TextColumn(help="What was done, or why it was dropped"),
    }
