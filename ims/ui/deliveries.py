"""Deliveries: what was or would be said to the outside world, what became of it, and what to do about it."""

from collections.abc import Callable
from datetime import datetime
from math import ceil

import streamlit as st

from ims.errors import NotFound
from ims.model import Delivery, DeliveryState
from ims.ports import PORTAL_ITSELF
from ims.response.unsent import give_up, retry, retry_all
from ims.store import deliveries, delivery_filter, incidents
from ims.store.delivery_filter import Filter
from ims.store.work import Work
from ims.ui import places, words
from ims.ui.session import attempt, portal
from ims.ui.text import line, plain
from ims.ui.words import Colour

PER_PAGE, MOST_AT_ONCE = 15, 200
KIND = {
    "page": "Page",
    "stand_down": "End of paging",
    "nudge": "Reminder to a person",
    "channel": "Team channel",
    "team_message": "Team message",
    "channel_status": "Head of the team channel",
    "channel_invitation": "Invitation to the team channel",
    "channel_closing": "End of the team channel",
    "customer_post": "Slack post to a customer",
    "customer_mail": "E-mail to a customer",
    "team_mail": "E-mail to one of the team",
    "invitation": "Invitation",
    "room": "War room",
    "silence": "Silence",
    "silence_end": "End of a silence",
    "ticket": "Ticket",
    "sub_task": "Sub-task",
    "ticket_comment": "Comment on a ticket",
    "ticket_move": "State of a ticket",
    "document": "Root-cause document",
    "document_share": "Sharing of the root-cause document",
    "document_refresh": "Refresh of the root-cause document",
}
STATE = words.DELIVERY | {DeliveryState.SENT: "Sent or kept here"}  # how they are counted; a row says which
STATE_COLOUR: dict[DeliveryState, Colour] = {
    DeliveryState.WAITING: "blue",
    DeliveryState.SENT: "green",
    DeliveryState.FAILING: "orange",
    DeliveryState.STOPPED: "red",
    DeliveryState.GIVEN_UP: "gray",
}
_FIELD = {
    "channel": "Channel",
    "to": "To",
    "cc": "CC",
    "subject": "Subject",
    "title": "Title",
    "person_name": "For",
    "person_email": "Address",
    "attendees": "Attendees",
    "share_with": "Shared with",
    "starts_at": "Starts",
    "ends_at": "Ends",
    "link": "Link",
    "parent_key": "Under",
}
_PROSE = ("text", "description", "agenda")


def draw_page() -> None:
    """Draw the page of every delivery."""
    st.title("Deliveries", anchor=False)
    st.caption("Every message, page, ticket and invitation: what it says, what became of it, and what to do about it.")
    _counts()
    state, kind, incident_key = _filters()
    incident_id, problem = _incident_id(incident_key)
    if problem:
        st.warning(plain(problem))
        return
    which = Filter(state, kind, incident_id)
    with portal().reading() as session:
        total = delivery_filter.count_matching(session, which)
    if total:
        _list(which, total)
    else:
        _empty(filtered=which != Filter())


@st.fragment(run_every="10s")
def _counts() -> None:
    """Show how many deliveries are in each state; it refreshes alone, for nobody types here."""
    with portal().reading() as session:
        counts = deliveries.counts(session)
    with st.container(horizontal=True, key="delivery_counts"):
        for state in DeliveryState:
            number = counts.get(state, 0)
            colour = STATE_COLOUR[state] if number else "gray"
            st.markdown(f":{colour}-badge[{STATE[state]}] **{number:,}**", width="content")


def _filters() -> tuple[DeliveryState | None, str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = st.selectbox(
            "State",
            ["all", *(state.value for state in DeliveryState)],
            format_func=lambda word: STATE[DeliveryState(word)] if word != "all" else "All",
            key="delivery_state",
            bind="query-params",
            width=260,
        )
        kind = st.selectbox(
            "Kind",
            ["all", *KIND],
            format_func=lambda word: KIND.get(word, "All"),
            key="delivery_kind",
            bind="query-params",
            width=260,
        )
        incident = st.text_input(
            "Incident", key="delivery_incident", bind="query-params", placeholder="INC-42", width=180
        )
    return (
        DeliveryState(state) if state and state != "all" else None,
        kind if kind and kind != "all" else "",
        incident or "",
    )


def _incident_id(key: str) -> tuple[int | None, str]:
    if not key.strip():
        return None, ""
    try:
        with portal().reading() as session:
            return incidents.by_key(session, key).id, ""
    except NotFound as missing:
        return None, str(missing)


def _list(which: Filter, total: int) -> None:
    above = st.container()
    pages = ceil(total / PER_PAGE)
    # The pages stand below the list, but what they say is needed to fill it.
    page = st.pagination(pages, key="delivery_page", bind="query-params") if pages > 1 else 1
    with portal().reading() as session:
        found = delivery_filter.matching(session, which, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    with above:
        st.caption(f"{words.counted(total, 'delivery', 'deliveries')}, newest first")
        if which.state is DeliveryState.STOPPED and total > 1:
            _all_again(which, min(total, MOST_AT_ONCE))
        for delivery in found:
            with st.expander(headline(delivery), key=f"delivery_{delivery.id}"):
                detail(delivery)


def _all_again(which: Filter, number: int) -> None:
    """Offer to retry what is listed: one wrong setting may have stopped a night's messages."""
    if not st.button(f"Retry these {number}", icon=":material/refresh:", key="retry_all"):
        return
    with portal().reading() as session:
        chosen = [each.id for each in delivery_filter.matching(session, which, limit=number)]
    reasons = attempt(lambda work: retry_all(work, chosen))
    if reasons is None:
        return
    again = number - len(reasons)
    st.toast(f"{words.counted(again, 'message is', 'messages are')} tried again now", icon=":material/check:")
    if not reasons:
        st.rerun()
    for reason in dict.fromkeys(reasons):
        st.warning(plain(reason))


def _empty(*, filtered: bool) -> None:
    if filtered:
        st.info("No delivery fits. Loosen a filter to see more.", icon=":material/filter_alt_off:")
        return
    st.info(
        "Nothing was sent yet. Declare an incident or tell customers about one: each message appears here with its "
        "proof, or with what to mend.",
        icon=":material/outgoing_mail:",
    )


def is_kept(delivery: Delivery) -> bool:
    """Return whether the portal only kept the message, so that a person must carry it the rest of the way."""
    sent_by_us = delivery.state is DeliveryState.SENT and delivery.system == PORTAL_ITSELF
    return sent_by_us and delivery.kind not in ("ticket", "sub_task")


def chip(delivery: Delivery) -> str:
    """Say the state of a delivery as a chip, in Markdown; what was only kept is not called sent."""
    if delivery.drill:
        state = "rehearsed" if delivery.state is DeliveryState.SENT else words.DELIVERY[delivery.state].lower()
        return f":violet-badge[:material/exercise: Drill, {state}]"
    if is_kept(delivery):
        return ":violet-badge[Kept here, copy it]"
    if delivery.state is DeliveryState.SENT and delivery.problem:
        return ":orange-badge[Sent, with a problem]"
    return f":{STATE_COLOUR[delivery.state]}-badge[{words.DELIVERY[delivery.state]}]"


def headline(delivery: Delivery) -> str:
    """Say a delivery in one line of Markdown: state, kind, recipient, incident, time."""
    kind = KIND.get(delivery.kind, delivery.kind.replace("_", " "))
    incident = f" · INC-{delivery.incident_id}" if delivery.incident_id else ""
    when = words.moment(delivery.settled_at or delivery.created_at)
    return f"{chip(delivery)} {kind} · {line(delivery.recipient, 80)}{incident} · {when}"


def detail(delivery: Delivery) -> None:
    """Show exactly what a delivery says, what became of it, and what can be done."""
    _said(delivery)
    _fate(delivery)
    with st.container(horizontal=True, vertical_alignment="center"):
        if delivery.url.startswith(("https://", "http://")):
            st.link_button("Open", delivery.url, icon=":material/open_in_new:", key=f"open_{delivery.id}")
        _actions(delivery)
        if delivery.incident_id:
            places.link("incident", f"INC-{delivery.incident_id}", icon="local_fire_department", **_query(delivery))


def _query(delivery: Delivery) -> dict[str, str]:
    return {"key": f"INC-{delivery.incident_id}"}


def _said(delivery: Delivery) -> None:
    for name, label in _FIELD.items():
        value = delivery.payload.get(name)
        if value:
            st.text(f"{label}: {', '.join(value) if isinstance(value, list) else value}")
    for name in _PROSE:
        if delivery.payload.get(name):
            st.code(str(delivery.payload[name]), language=None, wrap_lines=True)


def _fate(delivery: Delivery) -> None:
    now = portal().clock()
    if delivery.proof:
        st.caption(f"Proof, {words.moment(delivery.settled_at or now)}: {plain(delivery.proof)}")
    if delivery.problem:
        label = "Problem" if delivery.state is DeliveryState.SENT else "Last problem"
        st.markdown(f":orange[{label}:] {plain(delivery.problem)}")
    tries = f"{words.counted(delivery.attempts, 'try', 'tries')} so far"
    st.caption(f"{tries} · {next_step(delivery, now)}")


def next_step(delivery: Delivery, now: datetime) -> str:
    """Say what happens next with a delivery, or what a person must do."""
    match delivery.state:
        case DeliveryState.SENT:
            return "done"
        case DeliveryState.STOPPED:
            return "mend what the problem says, then retry"
        case DeliveryState.GIVEN_UP:
            return "nobody will try it again unless you do"
    with portal().reading() as session:
        first = deliveries.held_up_by(session, delivery)
    if first:
        return f"waits for an earlier message to the same reader (from {words.moment(first.created_at)}): see to that"
    if delivery.due_at > now:
        return f"next try in {words.duration(delivery.due_at - now)}, at {words.clock_time(delivery.due_at)}"
    return "about to be sent" if portal().settings.worker else "waits for a worker: this process runs none"


def _actions(delivery: Delivery) -> None:
    if delivery.state is DeliveryState.SENT:
        return
    if st.button("Retry now", icon=":material/refresh:", key=f"retry_{delivery.id}"):
        _do(lambda work: retry(work, delivery.id), "It is tried again now")
    if delivery.state is DeliveryState.GIVEN_UP:
        return
    with st.popover("Give up", icon=":material/block:", key=f"give_up_open_{delivery.id}"):
        with st.form(f"give_up_{delivery.id}", border=False):
            reason = st.text_input("Why it will not be sent", key=f"give_up_reason_{delivery.id}")
            given_up = st.form_submit_button("Give up", type="primary", key=f"give_up_now_{delivery.id}")
        if given_up:
            _do(lambda work: give_up(work, delivery.id, reason), "Given up, with your reason")


def _do(verb: Callable[[Work], Delivery], done: str) -> None:
    if attempt(verb, done) is not None:
        st.rerun()
