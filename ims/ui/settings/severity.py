"""The tab of the severity matrix, as it was read from its file."""

import streamlit as st

from ims.model import Frequency, Impact
from ims.ui import words
from ims.ui.session import portal
from ims.ui.settings.editing import table
from ims.ui.text import plain


def draw() -> None:
    """Draw which severity is suggested for each impact and frequency."""
    matrix = portal().severity_matrix
    st.caption("Suggested from what customers feel and how often they meet it. The Incident Commander decides.")
    table(
        [
            {"What customers feel": words.IMPACT[impact]}
            | {words.FREQUENCY[frequency]: words.SEVERITY[matrix.matrix[impact][frequency]] for frequency in Frequency}
            for impact in Impact
        ],
        alt="Suggested severity by impact and frequency",
    )
    steps = words.counted(matrix.sla_raises_by, "step")
    path = portal().settings.data_dir / "severity.yaml"
    st.caption(
        f"An affected SLA makes it {steps} more urgent. To change it, edit {plain(str(path))} and restart the portal."
    )
