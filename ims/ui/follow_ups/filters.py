"""Which follow-ups are looked at, and in which arrangement: all of it is in the address."""

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from ims.model import UNFINISHED, FollowUpState, Person
from ims.store.follow_ups import FollowUpFilter
from ims.ui import words
from ims.ui.follow_ups import rows
from ims.ui.follow_ups.groups import Arrangement

ANY, UNOWNED = "Anybody", "Nobody of the team"
STATES: dict[str, Sequence[FollowUpState]] = {
    "To do": UNFINISHED,
    **{label: (state,) for state, label in words.FOLLOW_UP_STATE.items() if state not in UNFINISHED},
    "All": (),
}


def draw(
    people: Mapping[int, Person], services: Mapping[str, int], causes: Mapping[str, str], today: date
) -> tuple[FollowUpFilter, Arrangement]:
    """Draw the filters; return what they ask for. ``services`` and ``causes`` are known by what people read."""
    owners = {label: person_id for person_id, label in rows.labels(people).items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = st.segmented_control(
            "State", list(STATES), default="To do", required=True, key="state", bind="query-params"
        )
        arranged = st.segmented_control(
            "Show",
            [each.value for each in Arrangement],
            default=Arrangement.LIST.value,
            required=True,
            key="by",
            bind="query-params",
        )
        overdue = st.toggle("Only overdue", key="overdue", bind="query-params")
    with st.container(horizontal=True):
        text = st.text_input(
            "Find", placeholder="Action, incident or INC-42", key="text", type="search", bind="query-params", width=240
        )
        owner = st.selectbox("Owner", [ANY, UNOWNED, *owners], key="owner", bind="query-params", width=200)
        service = st.selectbox("Service", ["Any", *services], key="service", bind="query-params", width=160)
        kind = st.selectbox("Kind", ["Any", *rows.KIND_OF], key="kind", bind="query-params", width=140)
        cause = st.selectbox("Cause", ["Any", *causes], key="cause", bind="query-params", width=160) if causes else ""
    wanted = FollowUpFilter(
        owner_id=owners.get(owner),
        nobody_s=owner == UNOWNED,
        states=STATES[state or "All"],
        overdue_on=today if overdue else None,
        service_id=services.get(service),
        text=text or "",
        kind=rows.KIND_OF.get(kind),
        cause=causes.get(cause, ""),
    )
    return wanted, Arrangement(arranged or Arrangement.LIST.value)
