"""Where the ticket system says something else than the portal; a person decides which of the two is right."""

from collections.abc import Mapping

import streamlit as st

from ims.model import FollowUp, Incident, Person, Ticket
from ims.postmortem.following_up.drift import drift, take_theirs
from ims.store import follow_ups as kept
from ims.ui import words
from ims.ui.follow_ups.rows import Found
from ims.ui.session import attempt, portal
from ims.ui.text import line, plain

MOST_SHOWN = 20


def draw(found: Found, people: Mapping[int, Person]) -> None:
    """Draw the follow-ups shown whose ticket says something else, each with a button to take that over."""
    with portal().reading() as session:
        tickets = kept.tickets(session, [each.ticket_id for each, _ in found if each.ticket_id])
    told = [(each, incident, _said(each, tickets.get(each.ticket_id or 0), people)) for each, incident in found]
    differing = [row for row in told if row[2]]
    if not differing:
        return
    differ = words.counted(len(differing), "ticket says", "tickets say")
    with st.expander(f"{differ} something else than the portal", icon=":material/difference:"):
        st.caption("Neither overwrites the other: take theirs here, or change the ticket there.")
        for follow_up, incident, said in differing[:MOST_SHOWN]:
            _one(follow_up, incident, said)
        if len(differing) > MOST_SHOWN:
            st.caption(f"and {len(differing) - MOST_SHOWN} more; narrow them down.")


def _said(follow_up: FollowUp, ticket: Ticket | None, people: Mapping[int, Person]) -> str:
    return " ".join(drift(follow_up, ticket, people.get(follow_up.owner_id or 0)))


def _one(follow_up: FollowUp, incident: Incident, said: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{incident.key} {follow_up.row_id}** {line(follow_up.text, 80)}: {plain(said)}", width="stretch")
        if st.button("Take theirs", icon=":material/download_done:", key=f"take_theirs_{follow_up.id}"):
            taken = attempt(
                lambda work: take_theirs(work, follow_up.id, expected_version=follow_up.version), "Taken over"
            )
            if taken:
                st.rerun()
