"""The page: filters, then how often, how fast, by which steps, and what became of the follow-ups."""

import streamlit as st

from ims.metrics.population import select
from ims.ui import places, words
from ims.ui.figures import data, durations, filters, follow_ups, frequency, procedure


def draw() -> None:
    """Draw the page, or what to do while there is nothing to count."""
    st.title("Figures", anchor=False)
    frame = data.incidents()
    if frame.empty:
        _nothing_yet()
        return
    selection, step = filters.choose(frame)
    selected = select(frame, selection)
    if selected.frame.empty:
        st.info(
            "No incident fits these filters. Widen the days, or take a filter away.", icon=":material/filter_alt_off:"
        )
        return
    cancelled = words.counted(selected.cancelled, "cancelled one is", "cancelled ones are")
    left_out = f" {cancelled} left out." if selected.cancelled else ""
    st.caption(f"{len(selected.frame):,} of {len(frame):,} incidents.{left_out} Drills are never counted.")
    frequency.draw(selected.frame, step)
    durations.draw(selected.frame, step)
    procedure.draw(selected.frame)
    follow_ups.draw(selected.frame)


def _nothing_yet() -> None:
    st.info("There are no incidents yet, so there is nothing to count.", icon=":material/monitoring:")
    st.markdown("Bring in past incidents from another tool, or from a list of your own:")
    places.link("import_history", "Import past incidents", icon="upload_file")
    st.markdown("Or load the demo on the landing page, and look around:")
    places.link("home", "Go to the landing page", icon="notifications_active")
