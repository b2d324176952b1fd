"""One post-mortem of the library: what is known of it, its words, its follow-ups, and similar ones."""

import pandas as pd
import streamlit as st

from ims.model import Incident, LibraryEntry
from ims.store import library
from ims.ui import places, tables, words
from ims.ui.session import portal
from ims.ui.text import line, plain


def draw(entry_id: int) -> None:
    """Draw an entry, or say that there is none."""
    with portal().reading() as session:
        kept = session.get(LibraryEntry, entry_id)
        similar = library.similar(session, kept) if kept else []
        incident = session.get(Incident, kept.incident_id) if kept and kept.incident_id else None
    places.link("library", "Library", icon="arrow_back")
    if kept is None:
        st.warning("There is no such post-mortem in the library.", icon=":material/search_off:")
        return
    st.title(plain(kept.title), anchor=False)
    st.caption(facts(kept))
    if incident:
        places.link("rca", f"{incident.key}: document, meeting and follow-ups", icon="description", key=incident.key)
    if kept.follow_ups:
        st.subheader("Follow-ups", anchor=False)
        tables.table(_follow_ups(kept), "Follow-ups that were read from the file", key="library_follow_ups")
    st.subheader("Text", anchor=False)
    st.code(kept.text, language=None, wrap_lines=True)
    if similar:
        st.subheader("Similar", anchor=False)
        for each in similar:
            places.link("library", f"{line(each.title, 100)}", icon="description", entry=str(each.id))


def facts(kept: LibraryEntry) -> str:
    """Say in one line of Markdown when it was, what it touched, why, and where it comes from."""
    said = [
        kept.occurred_on.isoformat() if kept.occurred_on else "no date",
        kept.services,
        kept.cause.replace("_", " "),
        f"INC-{kept.incident_id}" if kept.incident_id else f"from {kept.source}",
    ]
    return " · ".join(line(part, 120) for part in said if part)


def _follow_ups(kept: LibraryEntry) -> pd.DataFrame:
    table = pd.DataFrame([row for row in kept.follow_ups if isinstance(row, dict)])
    for name, labels in (("state", words.FOLLOW_UP_STATE), ("kind", words.FOLLOW_UP_KIND)):
        if name in table:
            table[name] = table[name].map({word.value: label for word, label in labels.items()})
    shown = table.rename(columns=lambda name: "Action" if name == "text" else str(name).capitalize())
    return shown.astype(object).fillna("").replace("", "–").astype(str)
