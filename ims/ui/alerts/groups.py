"""The list: alerts by group, those that fire first; whole groups or single alerts can be chosen."""

import hashlib
from math import ceil

import streamlit as st

from ims.model import Alert, TriageState
from ims.store import alert_questions
from ims.store.alert_questions import Counts, Filter, Group, GroupKey
from ims.ui import words
from ims.ui.alerts import chips, chosen
from ims.ui.session import portal
from ims.ui.text import line

GROUPS_A_PAGE = 20
ALERTS_A_PAGE = 20
ALL = "All"
_STATUS = {**{label: status for status, label in chips.STATUS.items()}, ALL: None}
_TRIAGE = {**{label: triage for triage, label in chips.TRIAGE.items()}, ALL: None}


def draw(counts: Counts) -> None:
    """Draw the filter, a page of groups, and what can be done with the chosen alerts."""
    which = _filter()
    with portal().reading() as session:
        total = alert_questions.count_groups(session, which)
    if not total:
        _nothing(which, counts)
        return
    pages = ceil(total / GROUPS_A_PAGE)
    above = st.container()
    page = st.pagination(pages, key="alerts_page", bind="query-params") if pages > 1 else 1
    offset = (page - 1) * GROUPS_A_PAGE
    with portal().reading() as session:
        shown = alert_questions.groups(session, which, offset=offset, limit=GROUPS_A_PAGE)
        before = alert_questions.seen_before(session, which)
    picked: set[int] = set()
    with above:
        for group in shown:
            picked |= _group(which, group, before.get(group.key, []))
    likely = sorted({each for group in shown for each in before.get(group.key, [])})
    chosen.bar(sorted(picked), likely)


def _filter() -> Filter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        triage = st.segmented_control(
            "Decision",
            list(_TRIAGE),
            default=chips.TRIAGE[TriageState.WAITING],
            required=True,
            key="alerts_decision",
            bind="query-params",
        )
        status = st.segmented_control(
            "State", list(_STATUS), default=ALL, required=True, key="alerts_state", bind="query-params"
        )
        text = st.text_input(
            "Search",
            key="alerts_search",
            bind="query-params",
            type="search",
            icon=":material/search:",
            placeholder="name, label or annotation",
            width=280,
        )
    return Filter(_STATUS[status or ALL], _TRIAGE[triage or ALL], text or "")


def _nothing(which: Filter, counts: Counts) -> None:
    if which == Filter(triage=TriageState.WAITING):
        st.success(
            f"Nothing waits for a decision. {counts.total} alerts were decided before; choose “All” to see them.",
            icon=":material/check_circle:",
        )
    else:
        st.info("No alert is like that. Choose “All”, or search for something else.", icon=":material/filter_alt_off:")


def _group(which: Filter, group: Group, seen_in: list[int]) -> set[int]:
    """Draw one group and return the ids of the alerts chosen in it."""
    tag = widget_name(group.key)
    with st.container(border=True, gap="xxsmall", key=f"group_{tag}"):
        about = f" · {line(group.key.service, 80)}" if group.key.service else ""
        whole = st.checkbox(f"**{line(group.key.name)}**{about}", key=chosen.key(f"group_{tag}"))
        st.markdown(_what(group))
        if seen_in:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(":material/link: Same alert as in")
                chips.incident_links(seen_in)
        opened = st.expander(_one_by_one(group.count), key=f"open_{tag}", on_change="rerun", type="compact")
        single = _members(which.of(group.key), group.count, tag, whole) if opened.open else set()
    return _ids(which.of(group.key)) if whole else single


def _what(group: Group) -> str:
    now = portal().clock()
    resolved = group.count - group.firing
    parts = [
        f":red[:material/notifications_active: **{group.firing} firing**]" if group.firing else "",
        f":green[:material/check: {resolved} resolved]" if resolved else "",
        chips.severity(group.key.severity),
        f"since {words.moment(group.first_starts_at)} ({words.duration(now - group.first_starts_at)})",
    ]
    return " · ".join(part for part in parts if part)


def _one_by_one(count: int) -> str:
    return "Look at the alert" if count == 1 else f"Look at the {count} alerts one by one"


def _members(which: Filter, count: int, tag: str, whole: bool) -> set[int]:
    """Draw a page of a group's alerts and return the ids of the chosen ones."""
    pages = ceil(count / ALERTS_A_PAGE)
    page = st.pagination(pages, key=f"members_{tag}") if pages > 1 else 1
    with portal().reading() as session:
        shown = alert_questions.listed(session, which, offset=(page - 1) * ALERTS_A_PAGE, limit=ALERTS_A_PAGE)
    return {alert.id for alert in shown if _member(alert, whole)}


def _member(alert: Alert, whole: bool) -> bool:
    with st.container(horizontal=True, vertical_alignment="center"):
        picked = st.checkbox(line(chips.place(alert), 80), key=chosen.key(f"alert_{alert.id}"), disabled=whole)
        decided = "" if alert.triage is TriageState.WAITING else f"{chips.TRIAGE[alert.triage]} · "
        st.markdown(f"{decided}{chips.status(alert, portal().clock())} · {chips.sentence(alert)}", width="stretch")
        if alert.incident_id is not None:
            chips.incident_links([alert.incident_id])
        st.button("Details", key=f"detail_{alert.id}", type="tertiary", on_click=chosen.show, args=(alert.id,))
    return picked


def _ids(which: Filter) -> set[int]:
    with portal().reading() as session:
        return {alert.id for alert in alert_questions.listed(session, which, limit=chosen.MOST + 1)}


def widget_name(key: GroupKey) -> str:
    """Return a short stable name for a group's widgets."""
    return hashlib.sha256(repr(key).encode()).hexdigest()[:12]
