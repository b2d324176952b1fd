"""Customer updates on the incident page: the composer, and what became of each update that was sent."""

import streamlit as st

from ims.model import UpdatePhase
from ims.response.customers import phases_for
from ims.ui.updates import composer, sent
from ims.ui.updates.situation import Situation, look

__all__ = ["draw"]


def draw(incident_id: int) -> None:
    """Draw the composer of an incident and its updates, for the tab of the incident page."""
    situation = look(incident_id)
    if not phases_for(situation.incident):
        st.info("It was cancelled: there is nothing to tell customers.", icon=":material/cancel:")
    elif not situation.customers:
        st.info(
            "No affected customer is named yet. Name them in the incident, then the update to them is written here.",
            icon=":material/group_add:",
        )
    elif _all_told(situation):
        with st.expander("Customers were told that it is resolved. Write another update", icon=":material/check:"):
            composer.draw(situation)
    else:
        composer.draw(situation)
    sent.draw(situation)


def _all_told(situation: Situation) -> bool:
    last = situation.last_update
    return not situation.incident.is_active and last is not None and last.phase is UpdatePhase.RESOLVED
