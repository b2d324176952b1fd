"""The follow-ups of one incident, a new one, and filing them."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from ims.model import (
    EntryKind,
    FollowUp,
    FollowUpDraft,
    FollowUpKind,
    FollowUpState,
    Incident,
    IncidentState,
    Person,
    Severity,
    Ticket,
    TimelineEntry,
)
from ims.postmortem.following_up import follow_ups
from ims.postmortem.following_up.drift import drift, outside
from ims.postmortem.following_up.filing import file_follow_ups
from ims.store import catalogue, incidents, postmortem
from ims.ui import places, tables, words
from ims.ui.rca.acting import asked, asking_button, close_dialog, do
from ims.ui.session import portal
from ims.ui.text import plain

_PROPOSED = "Proposed by the severity and by what it is good for; you decide."


def draw(incident: Incident) -> None:
    """Draw the part."""
    with portal().reading() as session:
        found = postmortem.follow_ups(session, incident.id)
        people = {person.id: person for person in catalogue.people(session, active_only=False)}
        tickets = {ticket.id: ticket for ticket in incidents.tickets(session, incident.id)}
        filed = postmortem.entries_of_kind(session, incident.id, EntryKind.FOLLOW_UPS_FILED)
    st.subheader("Follow-ups", anchor="rca-follow-ups")
    if found:
        tables.table(_frame(found, people, tickets), "Follow-ups of this incident", key="rca_follow_ups")
        _drift(found, people, tickets)
        places.link("follow_ups", "Edit follow-ups", icon="edit", text=incident.key, state="All")
    else:
        st.caption("None yet. Add them here, or as rows of the table in the document.")
    with st.container(horizontal=True):
        asking_button("Add a follow-up", "add", "rca_add")
        _filing(incident, found, filed)
    if filed:
        last = filed[-1]
        st.caption(f"{plain(last.text)}. {plain(last.author)}, {words.moment(last.recorded_at)}.")
        if incident.state is IncidentState.RESOLVED:
            places.link("incident", "Back to the incident, to close it", icon="lock", key=incident.key)


def _drift(found: Sequence[FollowUp], people: dict[int, Person], tickets: dict[int, Ticket]) -> None:
    """Say where the ticket system says something else; a person decides which is right."""
    said = [
        sentence
        for each in found
        for sentence in drift(each, tickets.get(each.ticket_id or 0), people.get(each.owner_id or 0))
    ]
    if said:
        st.warning("\n".join(f"- {plain(sentence)}" for sentence in said), icon=":material/difference:")
        st.caption("Neither overwrites the other: change the one that is wrong, there or here.")


def _frame(found: Sequence[FollowUp], people: dict[int, Person], tickets: dict[int, Ticket]) -> pd.DataFrame:
    table = pd.DataFrame(
        [
            {
                "ID": each.row_id,
                "Action": each.text,
                "Owner": _owner(each, people) or each.owner_name or "–",
                "Due": each.due_on.isoformat() if each.due_on else "–",
                "Kind": words.FOLLOW_UP_KIND[each.kind] if each.kind else "–",
                "State": words.FOLLOW_UP_STATE[each.state],
                "Ticket": _key(tickets.get(each.ticket_id or 0)) or "waits for the ticket",
                "There": outside(tickets.get(each.ticket_id or 0)),
            }
            for each in found
        ]
    )
    return table if table["There"].any() else table.drop(columns="There")


def _owner(each: FollowUp, people: dict[int, Person]) -> str:
    owner = people.get(each.owner_id or 0)
    return owner.name if owner else ""


def _key(ticket: Ticket | None) -> str:
    return ticket.key if ticket else ""


@st.dialog("Add a follow-up", on_dismiss=close_dialog)
def _add(incident: Incident) -> None:
    """Ask for a follow-up. The due date is proposed by what it is good for, until somebody chooses one."""
    with portal().reading() as session:
        names = {person.id: person.name for person in catalogue.people(session)}
    text = st.text_input("What will be done?", key="rca_add_text", max_chars=300)
    owner = st.selectbox("Owner", list(names), index=None, format_func=names.__getitem__, key="rca_add_owner")
    kind = st.segmented_control(
        "What is it good for?",
        list(FollowUpKind),
        format_func=words.FOLLOW_UP_KIND.__getitem__,
        key="rca_add_kind",
        on_change=_propose,
        args=(incident.severity,),
    )
    if "rca_add_due" not in st.session_state:
        _propose(incident.severity)
    due = st.date_input("Due", key="rca_add_due", help=_PROPOSED)
    if st.button("Add", type="primary", key="rca_add_submit"):
        do(
            lambda work: follow_ups.add(
                work,
                incident.id,
                FollowUpDraft.model_validate({"text": text, "owner_id": owner, "due_on": due, "kind": kind}),
            ),
            "The follow-up is added",
        )


def _propose(severity: Severity | None) -> None:
    """Propose a due date, unless somebody has chosen another one than was proposed."""
    proposed, kind = st.session_state.get("rca_add_proposed"), st.session_state.get("rca_add_kind")
    if st.session_state.get("rca_add_due") in (None, proposed):
        due_on = portal().follow_up_rules.due_on(severity, kind, _today())
        st.session_state["rca_add_proposed"] = st.session_state["rca_add_due"] = due_on


def _filing(incident: Incident, found: Sequence[FollowUp], filed: Sequence[TimelineEntry]) -> None:
    """Draw the button that files what is there, or asks why nothing is needed."""
    kept = [each.row_id for each in found if each.state is not FollowUpState.DROPPED]
    if filed and filed[-1].data.get("follow_ups") == kept:
        return
    if not kept:
        asking_button("None is needed", "task", "rca_none")
    elif st.button("File follow-ups", icon=":material/task:", key="rca_file_follow_ups"):
        do(lambda work: file_follow_ups(work, incident.id), "The follow-ups are filed")


def dialogs(incident: Incident) -> None:
    """Open the dialog that somebody asked for, if it is one of the follow-ups'."""
    if asked() == "rca_add":
        _add(incident)
    elif asked() == "rca_none":
        _none_needed(incident)


@st.dialog("No follow-up is needed?", on_dismiss=close_dialog)
def _none_needed(incident: Incident) -> None:
    reason = st.text_area("Why is none needed?", key="rca_none_needed")
    if st.button("Say that none is needed", type="primary", key="rca_none_needed_submit"):
        do(lambda work: file_follow_ups(work, incident.id, none_needed=reason), "Noted")


def _today() -> date:
    return portal().clock().astimezone(words.zone()).date()
