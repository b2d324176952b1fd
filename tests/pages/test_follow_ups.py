"""The follow-ups page: empty, filtered by its address, and what saving an edited row does."""

from datetime import date

import pandas as pd
import pytest
import streamlit as st

from ims.bootstrap import Portal
from ims.errors import Conflict, Refusal
from ims.model import UNFINISHED, FollowUp, FollowUpDraft, FollowUpKind, FollowUpState, Incident
from ims.postmortem.following_up import follow_ups as verbs
from ims.store import follow_ups as kept
from ims.store import postmortem
from ims.store.follow_ups import FollowUpFilter
from ims.ui import tables
from ims.ui.follow_ups import holding
from ims.ui.follow_ups import rows as page
from tests.conftest import Team
from tests.pages.conftest import OpenPage

TODAY = date(2026, 11, 23)


@pytest.fixture
def added(portal: Portal, team: Team, incident: Incident) -> FollowUp:
    draft = FollowUpDraft(text="=1+1 late", owner_id=team.bob.id, due_on=date(2026, 11, 20), kind=FollowUpKind.DETECT)
    with portal.work(team.as_ada) as work:
        verbs.add(work, incident.id, FollowUpDraft(text="Some day", owner_name="The platform team"))
        return verbs.add(work, incident.id, draft)


def edit(portal: Portal, team: Team, versions: dict[int, int] | None = None, **cells: str | date) -> list[page.Change]:
    """Edit cells of the first row, as people do in the table."""
    people = {team.ada.id: team.ada, team.bob.id: team.bob}
    with portal.reading() as session:
        found = kept.across(session, FollowUpFilter())
    before = page.frame(found, people, TODAY)
    after = before.copy()
    for name, value in cells.items():
        after[name] = after[name].astype(object)
        after.loc[0, name] = value
    return page.changes(found, before, after, versions or {})


def apply(portal: Portal, team: Team, change: page.Change, reason: str = "") -> FollowUp:
    with portal.work(team.as_ada) as work:
        return page.apply(work, change, {team.ada.id: team.ada, team.bob.id: team.bob}, reason)


def test_an_empty_portal_says_where_follow_ups_come_from(open_page: OpenPage) -> None:
    assert "root-cause document" in open_page("follow_ups").info[0].value


def test_overdue_ones_come_first_and_are_counted(open_page: OpenPage, added: FollowUp) -> None:
    app = open_page("follow_ups")
    table = app.dataframe[0].value
    assert list(table["Action"]) == ["=1+1 late", "Some day"]
    assert table["When"][0] == "⚠ 3 d overdue"
    assert [metric.value for metric in app.metric] == ["2", "1", "0"]


def test_the_address_holds_the_filters(open_page: OpenPage, added: FollowUp) -> None:
    assert len(open_page("follow_ups", overdue="true").dataframe[0].value) == 1
    assert "Nothing fits" in open_page("follow_ups", state="Done").info[0].value
    assert len(open_page("follow_ups", text="some").dataframe[0].value) == 1


def test_nothing_edited_is_nothing_to_save(portal: Portal, team: Team, added: FollowUp) -> None:
    assert edit(portal, team) == []


def test_only_the_edited_row_is_saved(portal: Portal, team: Team, added: FollowUp) -> None:
    [change] = edit(portal, team, Owner="Ada Lovelace", Due=pd.Timestamp(2026, 12, 1), Kind="Prevent")
    saved = apply(portal, team, change)
    assert (saved.id, saved.owner_id, saved.due_on, saved.kind) == (
        added.id,
        team.ada.id,
        date(2026, 12, 1),
        FollowUpKind.PREVENT,
    )


def test_an_owner_who_is_not_in_the_portal_is_kept(portal: Portal, team: Team, added: FollowUp) -> None:
    with portal.work(team.as_ada) as work:
        verbs.drop(work, added.id, "Gone")
    [change] = edit(portal, team, Due=date(2026, 12, 1))
    assert apply(portal, team, change).owner_name == "The platform team"


def test_done_needs_a_reason_and_keeps_it(portal: Portal, team: Team, added: FollowUp) -> None:
    [change] = edit(portal, team, State="Done")
    assert change.needs_reason
    with pytest.raises(Refusal, match="Say what was done about FU-2"):
        apply(portal, team, change)
    saved = apply(portal, team, change, "Merged in #12")
    assert (saved.state, saved.finish_reason) == (FollowUpState.DONE, "Merged in #12")


def test_reopening_needs_a_new_reason(portal: Portal, team: Team, added: FollowUp) -> None:
    with portal.work(team.as_ada) as work:
        for follow_up in postmortem.follow_ups(work.session, added.incident_id):
            verbs.finish(work, follow_up.id, "Merged")
    [change] = edit(portal, team, State="In progress")
    assert change.needs_reason
    with pytest.raises(Refusal, match="taken up again"):
        apply(portal, team, change)
    assert apply(portal, team, change, "It came back").state is FollowUpState.IN_PROGRESS


def test_starting_needs_no_reason(portal: Portal, team: Team, added: FollowUp) -> None:
    [change] = edit(portal, team, State="In progress")
    assert not change.needs_reason
    assert apply(portal, team, change).state is FollowUpState.IN_PROGRESS


def test_a_row_changed_meanwhile_says_by_whom(portal: Portal, team: Team, added: FollowUp) -> None:
    [change] = edit(portal, team, Kind="Process")
    with portal.work(team.as_bob) as work:
        verbs.start(work, added.id)
    with pytest.raises(Conflict, match="Bob Kahn changed INC-1 FU-2"):
        apply(portal, team, change)


def test_what_somebody_else_saved_while_i_edited_is_not_overwritten(
    portal: Portal, team: Team, added: FollowUp
) -> None:
    seen = {added.id: added.version}
    with portal.work(team.as_bob) as work:
        verbs.start(work, added.id)
    [change] = edit(portal, team, seen, Kind="Process")
    with pytest.raises(Conflict, match="FU-2 started"):
        apply(portal, team, change)


def test_rows_stay_in_their_places_while_somebody_edits_them(
    portal: Portal, team: Team, added: FollowUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(holding, "portal", lambda: portal)
    wanted = FollowUpFilter(states=UNFINISHED)
    with portal.reading() as session:
        key = holding.hold(kept.across(session, wanted), wanted)
    with portal.work(team.as_bob) as work:
        verbs.finish(work, added.id, "Shipped")
    assert holding.unsaved(wanted, is_list=True) is None
    state[key] = {"edited_rows": {0: {page.PICK: True}}}
    assert held(wanted) == ["=1+1 late", "Some day"]
    assert holding.unsaved(FollowUpFilter(), is_list=True) is None
    state[key] = {"edited_rows": {0: {page.PICK: True}, 1: {"Kind": "Process"}}}
    assert held(FollowUpFilter()) == ["=1+1 late", "Some day"]
    holding.let_go()
    assert holding.unsaved(wanted, is_list=True) is None


def held(wanted: FollowUpFilter) -> list[str]:
    found = holding.unsaved(wanted, is_list=True)
    return [follow_up.text for follow_up, _ in found[0]] if found else []


def test_the_download_runs_in_no_spreadsheet_and_names_the_incident(
    portal: Portal, team: Team, added: FollowUp
) -> None:
    with portal.reading() as session:
        found = kept.across(session, FollowUpFilter())
    file = tables.csv(page.for_download(found, page.frame(found, {}, TODAY))).decode("utf-8-sig")
    assert file.splitlines()[:2] == [
        "Incident,ID,Action,Owner,Due,When,State,Kind,Age,Reason,Worked",
        "INC-1,FU-2,'=1+1 late,–,2026-11-20,⚠ 3 d overdue,Open,Detect,0 d,,",
    ]
