"""A role on its way from one person to another, for everybody who looks; and the question at the end of a shift."""

from collections.abc import Mapping, Sequence

import streamlit as st

from ims.model import EntryKind, IncidentRole, Person
from ims.model.handover import Handover, HandoverState
from ims.response import handover
from ims.response.agenda import shift_ended_at
from ims.store import coordination
from ims.ui import places, words
from ims.ui.incident import markup
from ims.ui.incident.acting import ask, close_dialog, do
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.text import line, plain

MOST_KEPT = 5
_FAR = {
    HandoverState.OFFERED: "the briefing is not read yet",
    HandoverState.BRIEFED: "{to} is reading the briefing",
    HandoverState.READ_BACK: "{to} has read it back, and has still to accept",
    HandoverState.ACCEPTED: "accepted",
    HandoverState.DECLINED: "declined",
    HandoverState.WITHDRAWN: "withdrawn",
    HandoverState.EXPIRED: "expired, because nobody accepted it in time",
}


def draw(situation: Situation) -> None:
    """Draw what is on its way, and ask whose shift has ended; nothing where there is neither."""
    with portal().reading() as session:
        under_way = coordination.handovers_under_way(session, [situation.incident.id])
    for offered in under_way:
        _offered(situation, offered)
    _shift(situation, under_way)


def _offered(situation: Situation, offered: Handover) -> None:
    is_mine = situation.me is not None and situation.me.id == offered.to_person_id
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"offer_{offered.id}"
    ):
        _live(offered, situation)
        label = "Read the briefing and take over" if is_mine else "The briefing"
        places.link("briefing", f"**{label}**" if is_mine else label, icon="assignment", handover=str(offered.id))
        if situation.me and situation.me.id in (offered.from_person_id, situation.incident.owner_id):
            st.button(
                "Withdraw the offer…",
                key=f"withdraw_{offered.id}",
                type="tertiary",
                on_click=ask,
                args=("withdraw", str(offered.id)),
            )


@st.fragment(run_every="15s")
def _live(offered: Handover, situation: Situation) -> None:
    with portal().reading() as session:
        current = session.get(Handover, offered.id) or offered
    until = f", stands until {words.clock_time(current.expires_at)}" if current.settled_at is None else ""
    st.markdown(
        f":material/swap_horiz: **{offer_words(current, situation.people, situation.me)}**: "
        f"{how_far(current, situation.people)}{until}"
    )


def offer_words(offered: Handover, people: Mapping[int, Person], me: Person | None) -> str:
    """Say who offers what to whom, as Markdown: “Ada Lovelace offers you Incident Commander”."""
    names = [
        ("you" if me and me.id == each else line(people[each].name, 60) if each in people else "somebody")
        for each in (offered.from_person_id, offered.to_person_id)
    ]
    giver, verb = ("You", "offer") if names[0] == "you" else (names[0], "offers")
    if offered.settled_at:
        verb = "offered"
    return f"{giver} {verb} {names[1]} {words.ROLE[offered.role]}"


def how_far(offered: Handover, people: Mapping[int, Person]) -> str:
    """Say how far a handover is, as Markdown, with the reason where it came to nothing."""
    incomer = people.get(offered.to_person_id)
    said = _FAR[offered.state].format(to=line(incomer.name, 60) if incomer else "somebody")
    wants_reason = offered.state in (HandoverState.DECLINED, HandoverState.WITHDRAWN)
    return f"{said}: {line(offered.reason)}" if wants_reason else said


def _shift(situation: Situation, under_way: Sequence[Handover]) -> None:
    commander = situation.holder(IncidentRole.COMMANDER)
    ended_at = shift_ended_at(situation.case, commander.id) if commander else None
    offered = {each.role for each in under_way}
    if commander is None or ended_at is None or IncidentRole.COMMANDER in offered:
        return
    is_mine = situation.me is not None and situation.me.id == commander.id
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="shift_question"):
        at = words.clock_time(ended_at)
        if is_mine:
            st.markdown(f":material/schedule: **Your shift ended at {at}.** Hand over, or stay on.")
            st.button("Hand over…", key="shift_hand_over", type="primary", on_click=ask, args=("hand_over",))
            st.button("I stay on…", key="shift_stay_on", on_click=ask, args=("stay_on",))
        else:
            name = line(commander.name, 60)
            st.markdown(f":material/schedule: The shift of {name} ended at {at}; {name} hands over or stays on.")


def kept(situation: Situation) -> None:
    """Draw the way to the briefings of the handovers that are over; nothing is asked where there was none."""
    kinds = (EntryKind.HANDED_OVER, EntryKind.HANDOVER_REFUSED)
    over = [entry for entry in situation.case.of_kind(*kinds) if "handover_id" in entry.data]
    for entry in over[-MOST_KEPT:]:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            markup.html(f"{markup.icon('history')} {markup.text(entry.text)}")
            places.link("briefing", ":small[its briefing]", handover=str(entry.data["handover_id"]))


@st.dialog("Hand over a role", icon=":material/swap_horiz:", on_dismiss=close_dialog)
def hand_over(situation: Situation) -> None:
    """Ask which role is offered to whom."""
    names = {person.id: person.name for person in situation.people.values() if person.active}
    roles = _my_roles_first(situation)
    st.caption(
        "The role stays where it is until the other has read the briefing, read it back and accepted. "
        f"The offer stands for {words.duration(handover.OFFER_STANDS_FOR)}."
    )
    with st.form("hand_over"):
        role = st.selectbox("Role", roles, format_func=lambda each: _held(situation, each), key="hand_over_role")
        to = st.selectbox(
            "To whom", list(names), index=None, format_func=names.__getitem__, key="hand_over_to", placeholder="Choose"
        )
        note = st.text_area("What they should know first", key="hand_over_note", height=80)
        if st.form_submit_button("Offer it", key="hand_over_submit", type="primary"):
            if to is None:
                st.error("Choose to whom you hand over.")
            else:
                incident_id = situation.incident.id
                do(lambda work: handover.offer(work, incident_id, role, to, note), f"Offered to {names[to]}")


def _my_roles_first(situation: Situation) -> list[IncidentRole]:
    def is_not_mine(role: IncidentRole) -> bool:
        holder = situation.holder(role) or situation.holder(IncidentRole.COMMANDER)
        return holder is None or situation.me is None or holder.id != situation.me.id

    return sorted(IncidentRole, key=is_not_mine)


def _held(situation: Situation, role: IncidentRole) -> str:
    return f"{words.ROLE[role]} (now {situation.answers_for(role)})"


@st.dialog("Withdraw the offer", icon=":material/undo:", on_dismiss=close_dialog)
def withdraw(_situation: Situation, handover_id: str) -> None:
    """Ask why an offer is taken back."""
    with st.form("withdraw"):
        reason = st.text_area("Why", key="withdraw_reason", height=80)
        if st.form_submit_button("Withdraw it", key="withdraw_submit", type="primary"):
            do(lambda work: handover.withdraw(work, int(handover_id), reason), "Withdrawn")


@st.dialog("Stay on", icon=":material/schedule:", on_dismiss=close_dialog)
def stay_on(situation: Situation) -> None:
    """Ask why somebody keeps their roles beyond their shift."""
    st.caption(plain(f"You keep your roles in {situation.incident.key}. You can hand over at any time later."))
    with st.form("stay_on"):
        reason = st.text_area("Why", key="stay_on_reason", height=80)
        if st.form_submit_button("I stay on", key="stay_on_submit", type="primary"):
            do(lambda work: handover.stay_on(work, situation.incident.id, reason), "You stay on")
