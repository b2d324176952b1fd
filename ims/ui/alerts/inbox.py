"""The inbox: every body as it came, those that nobody could read first."""

from math import ceil

import streamlit as st

from ims.model import InboxMessage, InboxState
from ims.store import alert_questions
from ims.ui import words
from ims.ui.session import portal
from ims.ui.text import plain

BODIES_A_PAGE = 10
MOST_SHOWN = 20_000


def draw(total: int) -> None:
    """Draw a page of bodies."""
    if not total:
        st.info("No body has arrived so far.", icon=":material/inbox:")
        return
    st.caption("What Alertmanager posted, as it came. What could not be read in the last seven days comes first.")
    pages = ceil(total / BODIES_A_PAGE)
    above = st.container()
    page = st.pagination(pages, key="inbox_page", bind="query-params") if pages > 1 else 1
    with portal().reading() as session:
        shown = alert_questions.messages(
            session, portal().clock(), offset=(page - 1) * BODIES_A_PAGE, limit=BODIES_A_PAGE
        )
    with above:
        for message in shown:
            _message(message)


def _message(message: InboxMessage) -> None:
    with st.container(border=True, gap="xxsmall"):
        st.markdown(_what(message), help=words.utc(message.received_at))
        if message.problem:
            st.text(message.problem)
        opened = st.expander("The body", key=f"body_{message.id}", on_change="rerun", type="compact")
        if opened.open:
            with opened:
                _body(message.id)


def _what(message: InboxMessage) -> str:
    when = f"{words.moment(message.received_at, seconds=True)} from {plain(message.source)}"
    if message.state is InboxState.UNREADABLE:
        return f":red[:material/error: **Unreadable**] · {when}"
    partly = ":orange[:material/warning: **Read, but**] · " if message.problem else ""
    return f"{partly}{when} · {message.alerts_new} new, {message.alerts_repeated} repeated"


def _body(message_id: int) -> None:
    with portal().reading() as session:
        body = alert_questions.body(session, message_id)
    text = body[:MOST_SHOWN].decode("utf-8", errors="backslashreplace")
    st.code(text or "(empty)", language=None, wrap_lines=True)
    if len(body) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN} of {len(body)} bytes")
    st.download_button("Download", body, f"body-{message_id}.txt", key=f"download_{message_id}", on_click="ignore")
