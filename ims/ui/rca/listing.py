"""The incidents that are over, and how far the document, the meeting and the follow-ups of each are."""

from datetime import datetime

import pandas as pd
import streamlit as st

from ims.model import MeetingState, RcaDocument, RcaState
from ims.postmortem.content.template import Template
from ims.postmortem.reading.sections import filled
from ims.store import postmortem
from ims.store.postmortem import Aftermath
from ims.ui import places, tables, words
from ims.ui.session import portal

_DOCUMENT = {RcaState.DRAFT: "Draft", RcaState.IN_REVIEW: "In review", RcaState.PUBLISHED: "Published"}
_MEETING = {
    MeetingState.PLANNED: "Planned",
    MeetingState.HELD: "Held",
    MeetingState.WAIVED: "Waived",
    MeetingState.CANCELLED: "Called off",
}


def draw() -> None:
    """Draw the list."""
    st.title("Root cause", anchor=False)
    with portal().reading() as session:
        found = postmortem.aftermaths(session)
    if not found:
        st.info(
            "No incident is over yet. Once one is resolved, its root-cause document, its meeting and its follow-ups "
            "are here.",
            icon=":material/description:",
        )
        places.link("incidents", "All incidents", icon="list_alt")
        return
    st.caption(f"{words.counted(len(found), 'incident')} resolved or closed, newest first. Click a row to open it.")
    tables.table(
        _frame(found, portal().rca_template, portal().clock()),
        "Incidents that are over, with the state of their document, meeting and follow-ups",
        key="rca_list",
        file_name="root-causes",
        opens=lambda row: places.go("rca", key=found[row].incident.key),
    )


def _frame(found: list[Aftermath], template: Template, now: datetime) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Incident": each.incident.key,
                "Title": each.incident.title,
                "Severity": words.SEVERITY[each.incident.severity] if each.incident.severity else "–",
                "State": words.STATE[each.incident.state],
                "Over for": words.duration(now - (each.incident.resolved_at or each.incident.declared_at)),
                "Document": _document(each.document, template),
                "Meeting": _MEETING[each.meeting.state] if each.meeting else "–",
                "Follow-ups": f"{each.unfinished} of {each.follow_ups} to do" if each.follow_ups else "none",
            }
            for each in found
        ]
    )


def _document(document: RcaDocument | None, template: Template) -> str:
    if document is None:
        return "Not started"
    done, all_of_them = filled(document.sections, template)
    return f"{_DOCUMENT[document.state]}, {done} of {all_of_them} sections" if done else _DOCUMENT[document.state]
