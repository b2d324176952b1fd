"""The customer version: read by a person before it can be downloaded."""

import pandas as pd
import streamlit as st

from ims.model import Incident
from ims.postmortem.writing.customer_copy import CustomerCopy, customer_copy
from ims.ui import tables
from ims.ui.rca.acting import asked, asking_button, close_dialog
from ims.ui.rca.document import DOCX, facts_of
from ims.ui.session import portal
from ims.ui.text import plain


def draw() -> None:
    """Draw the button."""
    asking_button("Customer version", "ios_share", "rca_customer")


def dialogs(incident: Incident) -> None:
    """Open the dialog, if somebody asked for it."""
    if asked() == "rca_customer":
        _customer_version(incident)


@st.dialog("The customer version", width="large", on_dismiss=close_dialog)
def _customer_version(incident: Incident) -> None:
    copy = customer_copy(facts_of(incident.id), portal().rca_template)
    st.markdown("It holds the times, the impact, the customer updates, and the sections written for customers.")
    if copy.missing:
        headings = ", ".join(f"“{heading}”" for heading in copy.missing)
        st.warning(f"Nobody has written or accepted {plain(headings)}.", icon=":material/pending:")
    _replaced(copy)
    for heading, words in copy.words:
        st.markdown(f"**{plain(heading)}**")
        st.markdown(plain(words))
    checked = st.checkbox("I have read it: nothing in it is ours alone", key="rca_customer_checked")
    st.download_button(
        "Download for customers",
        copy.file,
        file_name=f"{incident.key}-incident-report.docx",
        mime=DOCX,
        icon=":material/download:",
        type="primary",
        disabled=not checked,
        on_click="ignore",
        key="rca_customer_download",
    )


def _replaced(copy: CustomerCopy) -> None:
    if not copy.replaced:
        st.caption("No name, host or address was found in the texts. Read them all the same.")
        return
    st.caption("These words were replaced. Where that reads badly, rewrite the section or the update's text.")
    rows = [{"Found": each.found, "Now": each.by, "Times": each.times} for each in copy.replaced]
    tables.table(pd.DataFrame(rows), "Words that were replaced", key="rca_customer_replaced")
