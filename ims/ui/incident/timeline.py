"""The timeline: what happened, who said so, and when it was written down where that was later."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape

import streamlit as st

from ims.model import EntryKind, EntrySource, TimelineEntry
from ims.ui import drill_words, words
from ims.ui.incident import corrections, investigation, live, markup
from ims.ui.incident.acting import ask
from ims.ui.incident.situation import Situation
from ims.ui.incident.timeline_filter import Group, Wanted, select

PAGE = 50
LATE_WRITING = timedelta(minutes=1)  # less than this between an event and its entry is only typing
SOURCE = {
    EntrySource.PERSON: ("person", "a person"),
    EntrySource.PORTAL: ("dns", "the portal"),
    EntrySource.ALERTMANAGER: ("notifications", "Alertmanager"),
    EntrySource.PAGER: ("pager", "the pager"),
    EntrySource.CHAT: ("forum", "the chat"),
    EntrySource.IMPORT: ("upload_file", "an import"),
}
_STRONG = {
    EntryKind.DECLARED,
    EntryKind.FINDING,
    EntryKind.SEVERITY_SET,
    EntryKind.MITIGATED,
    EntryKind.RESOLVED,
    EntryKind.REOPENED,
    EntryKind.CLOSED,
    EntryKind.CANCELLED,
    EntryKind.DELIVERY_STOPPED,
    EntryKind.HAPPENED_AGAIN,
}


def draw(situation: Situation) -> None:
    """Draw the box to write in, the filters, and one page of entries, which follows what happens by itself."""
    investigation.draw(situation)
    wanted, newest_first = _filters(sorted({entry.author for entry in situation.case.entries}))
    live.follow(situation, lambda entries, now: _log(entries, now, wanted, newest_first=newest_first))


def _log(entries: Sequence[TimelineEntry], now: datetime, wanted: Wanted, *, newest_first: bool) -> None:
    chosen = select(entries, wanted, newest_first=newest_first)
    if not chosen:
        st.caption("No entry matches these filters; take one away." if entries else "Nothing has happened yet.")
        return
    count = f"{len(entries)} entries" if wanted.is_everything else f"{len(chosen)} of {len(entries)} entries"
    st.caption(count)
    markup.html(f'<ol class="ims-log">{log_html(_page(chosen), corrected(entries), now)}</ol>')


def corrected(entries: Sequence[TimelineEntry]) -> dict[int, TimelineEntry]:
    """Return the corrections by the id of the entry they replace."""
    return {entry.supersedes_id: entry for entry in entries if entry.supersedes_id is not None}


def _filters(authors: list[str]) -> tuple[Wanted, bool]:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover("Filter", icon=":material/filter_list:", type="tertiary"):
            groups = st.pills("About", [group.value for group in Group], selection_mode="multi", key="timeline_groups")
            author = st.selectbox("By", authors, index=None, placeholder="Everybody", key="timeline_author")
            text = st.text_input("Says", key="timeline_text")
        st.button("Correct an entry", key="correct", icon=":material/edit:", type="tertiary", on_click=ask,
                  args=("correct_entry",))  # fmt: skip
        newest_first = st.toggle("Newest first", value=True, key="timeline_newest")
    return Wanted(groups or (), author, text or ""), newest_first


def _page(chosen: Sequence[TimelineEntry]) -> Sequence[TimelineEntry]:
    pages = -(-len(chosen) // PAGE)
    if pages == 1:
        return chosen
    page = min(st.pagination(pages, key="timeline_page"), pages)
    return chosen[(page - 1) * PAGE : page * PAGE]


def log_html(entries: Sequence[TimelineEntry], replaced: Mapping[int, TimelineEntry], now: datetime) -> str:
    """Return the entries as rows; a day is named where it changes, and before anything that is not of today."""
    rows: list[str] = []
    zone = words.zone()
    day: date = now.astimezone(zone).date()
    for entry in entries:
        occurred_on = entry.occurred_at.astimezone(zone).date()
        if occurred_on != day:
            day = occurred_on
            rows.append(f'<li class="ims-day">{occurred_on:%A, %d %B %Y}</li>')
        rows.append(_row(entry, replaced))
    return "".join(rows)


def _row(entry: TimelineEntry, replaced: Mapping[int, TimelineEntry]) -> str:
    icon, source = SOURCE[entry.source]
    weight = "b" if entry.kind in _STRONG else "span"
    text = f'<{weight} class="ims-text">{escape(entry.text)}</{weight}>'
    if entry.id in replaced:
        text = f'<span class="ims-gone">{text}</span>'
    event = drill_words.mark(entry)
    if event:
        icon, chip = event
        text = f"{chip} {text}"
    said = markup.muted(f"{markup.text(entry.author)}{_written_down(entry)}") + corrections.marks(replaced, entry)
    mark = f'<span title="from {source}">{markup.icon(icon)}</span>'
    return f"<li>{markup.hour(entry.occurred_at)}{mark}<div>{text} {said}</div></li>"


def _written_down(entry: TimelineEntry) -> str:
    later = entry.recorded_at - entry.occurred_at
    if later < LATE_WRITING:
        return ""
    return f", written down {words.duration(later)} later, {markup.hour(entry.recorded_at)}"
