"""The part of the page that follows by itself what others do, while somebody types beside it.

It only reads. Every few seconds it asks for one row, the incident; the timeline is read again when that has changed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from ims.model import IncidentState, TimelineEntry
from ims.ui.incident.situation import JUST_READ, Situation, entries_now
from ims.ui.session import portal

EVERY = "4s"
_OVER = (IncidentState.CLOSED, IncidentState.CANCELLED)
Draw = Callable[[Sequence[TimelineEntry], datetime], None]


def follow(situation: Situation, draw: Draw) -> None:
    """Draw the timeline, and draw it again by itself as long as the incident is not over."""
    every = None if situation.incident.state in _OVER else EVERY
    st.fragment(_newest, run_every=every)(situation, draw)


def _newest(situation: Situation, draw: Draw) -> None:
    now = portal().clock()
    is_fresh = now - situation.now <= JUST_READ
    draw(situation.case.entries if is_fresh else entries_now(situation.incident), now)
