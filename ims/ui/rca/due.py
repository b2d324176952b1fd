"""The root-cause documents that a person answers for, near or past their deadline: lines for the landing page."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from sqlmodel import Session

from ims.model import Person
from ims.postmortem.review.deadline import DueDocument
from ims.postmortem.review.deadline_watch import mine
from ims.ui import places
from ims.ui.rca.review import due_words
from ims.ui.session import portal
from ims.ui.text import line

MOST_LISTED = 5


def read(session: Session, person: Person | None, now: datetime) -> Sequence[DueDocument]:
    """Return the documents a person is to see published soon, the most urgent first."""
    return mine(session, person.id, portal().deadlines, now)[:MOST_LISTED] if person else []


def draw(found: Sequence[DueDocument], now: datetime) -> None:
    """Draw one line for each."""
    for each in found:
        what = "Publish the root-cause document" if each.document else "Start the root-cause document"
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            places.link("rca", f"**{each.incident.key} {what}**", icon="description", key=each.incident.key)
            st.markdown(f":small[{due_words(each.due_at, now)} · {line(each.incident.title, 60)}]")
