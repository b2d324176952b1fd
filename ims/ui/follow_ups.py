"""Follow-ups across incidents: what is overdue first, edited in place. The filters are in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from ims.model import UNFINISHED, FollowUp, FollowUpDraft, FollowUpState, Incident, Person
from ims.postmortem import follow_ups
from ims.store import catalogue, postmortem
from ims.store.postmortem import MOST_LISTED, FollowUpFilter
from ims.store.work import Work
from ims.ui import places, tables, words
from ims.ui.session import attempt, portal
from ims.ui.text import line

ANY, NOBODY = "Anybody", "–"
STATES: dict[str, Sequence[FollowUpState]] = {
    "To do": UNFINISHED,
    **{label: (state,) for state, label in words.FOLLOW_UP_STATE.items() if state not in UNFINISHED},
    "All": (),
}
_STATE_OF = {label: state for state, label in words.FOLLOW_UP_STATE.items()}
_KIND_OF = {label: kind for kind, label in words.FOLLOW_UP_KIND.items()}
_EDITED = ("Owner", "Due", "Kind", "State")
_ROUND = "follow_ups_round"
_VERSIONS = "follow_ups_versions"


@dataclass(frozen=True)
class Change:
    """What somebody edited in one row, and the version of the follow-up that they saw when they began to edit."""

    follow_up: FollowUp
    version: int
    wanted: Mapping[str, Any]
    shown: Mapping[str, Any]

    @property
    def state(self) -> FollowUpState:
        """The state it is to have."""
        return _STATE_OF[self.wanted["State"]]

    @property
    def needs_reason(self) -> bool:
        """Whether the new state must be explained: finished, or taken up again."""
        return self.state is not self.follow_up.state and not {self.state, self.follow_up.state} <= set(UNFINISHED)


def draw() -> None:
    """Draw the page."""
    st.title("Follow-ups", anchor=False)
    today = portal().clock().astimezone(words.zone()).date()
    with portal().reading() as session:
        unfinished, overdue, done = postmortem.follow_up_counts(session, today)
        people = {person.id: person for person in catalogue.people(session, active_only=False)}
        services = {service.name: service.id for service in catalogue.services(session, active_only=False)}
    with st.container(horizontal=True):
        st.metric("To do", unfinished, border=True, width=115)
        st.metric("Overdue", overdue, border=True, width=115)
        st.metric("Done", done, border=True, width=115)
    wanted = _filters(people, services, today)
    with portal().reading() as session:
        found = postmortem.follow_ups_across(session, wanted)
    if found:
        _table(found, people, today)
    else:
        _nothing(portal_is_empty=not (unfinished or done))


def _filters(people: Mapping[int, Person], services: Mapping[str, int], today: date) -> FollowUpFilter:
    owners = {label: person_id for person_id, label in labels(people).items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = st.segmented_control(
            "State", list(STATES), default="To do", required=True, key="state", bind="query-params"
        )
        overdue = st.toggle("Only overdue", key="overdue", bind="query-params")
    with st.container(horizontal=True):
        text = st.text_input(
            "Find", placeholder="Action or incident", key="text", type="search", bind="query-params", width=300
        )
        owner = st.selectbox("Owner", [ANY, *owners], key="owner", bind="query-params", width=260)
        service = st.selectbox("Service", ["Any", *services], key="service", bind="query-params", width=200)
    return FollowUpFilter(
        owner_id=owners.get(owner),
        states=STATES[state or "All"],
        overdue_on=today if overdue else None,
        service_id=services.get(service),
        text=text or "",
    )


def _table(found: Sequence[tuple[FollowUp, Incident]], people: Mapping[int, Person], today: date) -> None:
    before = frame(found, people, today)
    more = f" Only the first {MOST_LISTED:,} are shown; narrow them down." if len(found) == MOST_LISTED else ""
    st.caption(
        f"{words.counted(len(found), 'follow-up')}, overdue first. Edit owner, due date, kind and state in the table, "
        f"then save.{more}"
    )
    round_ = st.session_state.get(_ROUND, 0)
    rows = hash(tuple(follow_up.id for follow_up, _ in found))  # so that edits never land on other rows
    after = st.data_editor(
        before,
        key=f"follow_ups_{round_}_{rows}",
        alt="Follow-ups with incident, action, owner, due date, age, kind, state and reason",
        hide_index=True,
        num_rows="fixed",
        disabled=[column for column in before.columns if column not in _EDITED],
        column_config=_columns(people, found),
        width="stretch",
    )
    edited = changes(found, before, after, st.session_state.get(_VERSIONS, {}))
    if not edited:
        st.session_state[_VERSIONS] = {follow_up.id: follow_up.version for follow_up, _ in found}
    reasons = {change.follow_up.id: _reason(change, round_) for change in edited if change.needs_reason}
    with st.container(horizontal=True):
        label = f"Save {words.counted(len(edited), 'change')}" if edited else "Save"
        pressed = st.button(label, icon=":material/save:", type="primary", disabled=not edited, key="follow_ups_save")
        st.download_button(
            "Download CSV",
            lambda: tables.csv(after),
            file_name="follow-ups.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="follow_ups_csv",
        )
    if pressed:
        _save(edited, people, reasons)


def _reason(change: Change, round_: int) -> str:
    """Ask beneath the table for the reason that an edited state needs."""
    name = f"{change.follow_up.row_id} ({line(change.follow_up.text, 80)})"
    if change.follow_up.state not in UNFINISHED:
        question = f"Why is {name} taken up again?"
    elif change.state is FollowUpState.DONE:
        question = f"What was done about {name}?"
    else:
        question = f"Why will {name} not be done?"
    return st.text_input(question, key=f"follow_up_reason_{change.follow_up.id}_{round_}", max_chars=300) or ""


def frame(found: Sequence[tuple[FollowUp, Incident]], people: Mapping[int, Person], today: date) -> pd.DataFrame:
    """Return the rows of the table."""
    names = labels(people)
    return pd.DataFrame(
        [
            {
                "Incident": f"/rca?key={incident.key}",
                "ID": follow_up.row_id,
                "Action": follow_up.text,
                "Owner": _owner(follow_up, names),
                "Due": follow_up.due_on,
                "When": _when(follow_up, today),
                "State": words.FOLLOW_UP_STATE[follow_up.state],
                "Kind": words.FOLLOW_UP_KIND[follow_up.kind] if follow_up.kind else None,
                "Age": f"{max((today - follow_up.created_at.date()).days, 0)} d",
                "Reason": follow_up.finish_reason,
            }
            for follow_up, incident in found
        ]
    )


def changes(
    found: Sequence[tuple[FollowUp, Incident]],
    before: pd.DataFrame,
    after: pd.DataFrame,
    versions: Mapping[int, int],
) -> list[Change]:
    """Return the rows that somebody edited; ``versions`` are those from before the first edit, by follow-up id."""
    shown, wanted = _records(before), _records(after)
    return [
        Change(follow_up, versions.get(follow_up.id, follow_up.version), new, old)
        for (follow_up, _), old, new in zip(found, shown, wanted, strict=True)
        if any((old[column] or "") != (new[column] or "") for column in _EDITED)
    ]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    whole = table.astype(object).where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in whole.to_dict("records")]


def apply(work: Work, change: Change, people: Mapping[int, Person], reason: str = "") -> FollowUp:
    """Save one edited row, if nobody changed it since it was shown.

    Raises:
        Conflict: somebody did; the sentence says who and what.
        Refusal: the new state needs a reason.
    """
    old, wanted = change.follow_up, change.wanted
    draft = FollowUpDraft(
        text=old.text,
        **_owner_of(change, people),
        due_on=_day(wanted["Due"]),
        kind=_KIND_OF.get(wanted["Kind"] or ""),
    )
    follow_up = follow_ups.change(work, old.id, draft, expected_version=change.version)
    if change.state is not old.state:
        _move(work, follow_up, change.state, reason)
    return follow_up


def _move(work: Work, follow_up: FollowUp, state: FollowUpState, reason: str) -> None:
    if follow_up.state not in UNFINISHED:
        follow_ups.reopen(work, follow_up.id, reason)
    if state is FollowUpState.IN_PROGRESS:
        follow_ups.start(work, follow_up.id)
    elif state is FollowUpState.DONE:
        follow_ups.finish(work, follow_up.id, reason)
    elif state is FollowUpState.DROPPED:
        follow_ups.drop(work, follow_up.id, reason)


def _save(edited: Sequence[Change], people: Mapping[int, Person], reasons: Mapping[int, str]) -> None:
    """Save each row by itself; one that is refused keeps its edit in the table and says why."""
    saved = [_saved(change, people, reasons.get(change.follow_up.id, "")) for change in edited]
    if all(saved):
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
        st.toast(f"{words.counted(len(saved), 'change')} saved", icon=":material/check:")
        st.rerun()


def _saved(change: Change, people: Mapping[int, Person], reason: str) -> bool:
    if attempt(lambda work: apply(work, change, people, reason)):
        return True
    # Whoever was told of another's change and saves again means it.
    st.session_state[_VERSIONS] = st.session_state.get(_VERSIONS, {}) | {change.follow_up.id: change.follow_up.version}
    return False


def _owner(follow_up: FollowUp, names: Mapping[int, str]) -> str:
    return names.get(follow_up.owner_id or 0) or follow_up.owner_name or NOBODY


def labels(people: Mapping[int, Person]) -> dict[int, str]:
    """Return what each person is called here: their name, with the address where two share one."""
    names = [person.name for person in people.values()]
    return {
        person.id: person.name if names.count(person.name) == 1 else f"{person.name} <{person.email}>"
        for person in people.values()
    }


def _owner_of(change: Change, people: Mapping[int, Person]) -> dict[str, Any]:
    wanted = change.wanted["Owner"]
    if wanted == change.shown["Owner"]:
        return {"owner_id": change.follow_up.owner_id, "owner_name": change.follow_up.owner_name}
    by_label = {label: person_id for person_id, label in labels(people).items()}
    is_name = wanted and wanted != NOBODY and wanted not in by_label  # an owner who is none of the portal's people
    return {"owner_id": by_label.get(wanted), "owner_name": wanted if is_name else ""}


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, pd.Timestamp) else value


def _when(follow_up: FollowUp, today: date) -> str:
    if follow_up.state not in UNFINISHED:
        return "–"
    if follow_up.due_on is None:
        return "No date"
    days = (follow_up.due_on - today).days
    if days < 0:
        return f"⚠ {-days} d overdue"
    return f"in {days} d" if days else "today"


def _columns(people: Mapping[int, Person], found: Sequence[tuple[FollowUp, Incident]]) -> dict[str, Any]:
    config = st.column_config
    others = {follow_up.owner_name for follow_up, _ in found if follow_up.owner_name}
    owners = [NOBODY, *labels(people).values(), *sorted(others)]
    return {
        "Incident": config.LinkColumn(display_text=r"key=(.*)", width="small"),
        "ID": config.TextColumn(width=60),
        "Action": config.TextColumn(width=250),
        "Owner": config.SelectboxColumn(options=owners, width=125),
        "Due": config.DateColumn(format="YYYY-MM-DD"),
        "Kind": config.SelectboxColumn(options=list(_KIND_OF)),
        "State": config.SelectboxColumn(options=list(_STATE_OF), required=True),
        "Reason": config.TextColumn(help="What was done, or why it was dropped"),
    }


def _nothing(*, portal_is_empty: bool) -> None:
    if portal_is_empty:
        st.info(
            "No follow-ups yet. They come from the root-cause document of an incident, or are added beside it.",
            icon=":material/task_alt:",
        )
        places.link("rca", "Root cause", icon="description")
    else:
        st.info("Nothing fits these filters.", icon=":material/filter_alt_off:")
