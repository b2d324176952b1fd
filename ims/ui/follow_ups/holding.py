"""The rows of the table stay while somebody edits them, whatever others change and whatever is filtered meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ims.store import follow_ups as kept
from ims.store.follow_ups import FollowUpFilter
from ims.ui.follow_ups.rows import PICK, Found
from ims.ui.session import portal

_HELD, _ROUND = "follow_ups_held", "follow_ups_round"


@dataclass(frozen=True)
class Held:
    """The rows that were shown last, and what was asked for then."""

    ids: tuple[int, ...]
    wanted: FollowUpFilter


def hold(found: Found, wanted: FollowUpFilter) -> str:
    """Remember the rows that are shown; return the key of their table, so that edits never land on other rows."""
    held = Held(tuple(follow_up.id for follow_up, _ in found), wanted)
    st.session_state[_HELD] = held
    return _key(held)


def unsaved(wanted: FollowUpFilter, *, is_list: bool) -> tuple[Found, FollowUpFilter] | None:
    """Return the rows that somebody has edited and not saved, with the filter they were found by.

    Rows that are only picked are let go when something else is asked for.
    """
    held: Held | None = st.session_state.get(_HELD)
    edits = _edits(held) if held else []
    only_picked = all(set(columns) == {PICK} for columns in edits)
    if held is None or not edits or (only_picked and not (is_list and held.wanted == wanted)):
        return None
    with portal().reading() as session:
        return kept.by_ids(session, held.ids), held.wanted


def let_go() -> None:
    """Forget what was edited: it is saved, or not wanted any more."""
    st.session_state[_ROUND] = round_() + 1


def round_() -> int:
    """Return a number that is another after each save, for the fields that begin anew with it."""
    return int(st.session_state.get(_ROUND, 0))


def _key(held: Held) -> str:
    return f"follow_ups_{round_()}_{hash(held.ids)}"


def _edits(held: Held) -> list[Mapping[str, Any]]:
    state = st.session_state.get(_key(held)) or {}
    return [columns for columns in state.get("edited_rows", {}).values() if columns]
