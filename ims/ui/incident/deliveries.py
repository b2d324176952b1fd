"""What went out for this incident, with its proof; what did not, why, and another try."""

import streamlit as st

from ims.store import deliveries
from ims.ui.deliveries import detail, headline
from ims.ui.incident.situation import Situation
from ims.ui.session import portal
from ims.ui.words import counted

MOST_SHOWN = 50


def draw(situation: Situation) -> None:
    """Draw the newest deliveries of the incident; each opens to what it says and what can be done about it."""
    with portal().reading() as session:
        rows = deliveries.of_incident(session, situation.incident.id)[::-1]
    if not rows:
        st.caption("Nothing has gone out for this incident yet.")
        return
    shown = rows[:MOST_SHOWN]
    st.caption(f"{counted(len(rows), 'delivery', 'deliveries')}, newest first")
    for delivery in shown:
        opened = st.expander(headline(delivery), key=f"delivery_{delivery.id}", on_change="rerun")
        if opened.open:
            with opened:
                detail(delivery)
    if len(rows) > MOST_SHOWN:
        st.caption(f"The newest {MOST_SHOWN} are shown; the Deliveries page has them all.")
