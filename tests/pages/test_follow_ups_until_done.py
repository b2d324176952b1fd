"""The page of follow-ups beyond its table: alarms, questions, tickets that differ, groups, many rows at once."""

from datetime import date, timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.errors import Conflict
from ims.model import FollowUp, FollowUpDraft, FollowUpKind, FollowUpState, Incident, IncidentDraft, Ticket, TicketState
from ims.postmortem.document import create
from ims.postmortem.following_up import follow_ups as verbs
from ims.response import states
from ims.response.declare import declare
from ims.store import follow_ups as kept
from ims.store import incidents, postmortem
from ims.store.follow_ups import FollowUpFilter
from ims.ui.follow_ups import groups, rows
from ims.ui.incident import again
from tests.conftest import START, HandClock, Team
from tests.pages.conftest import OpenPage

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.fixture
def resolved(portal: Portal, team: Team, incident: Incident) -> Incident:
    with portal.work(team.as_ada) as work:
        return states.resolve(work, incident.id, "Restarted the gateway", portal.procedure)


def promise(portal: Portal, team: Team, incident_id: int, text: str, **more: object) -> FollowUp:
    with portal.work(team.as_ada) as work:
        return verbs.add(work, incident_id, FollowUpDraft.model_validate({"text": text} | more))


@pytest.fixture
def promised(portal: Portal, team: Team, resolved: Incident) -> FollowUp:
    due = date(2026, 11, 20)
    return promise(portal, team, resolved.id, "Alert on the *queue*", owner_id=team.ada.id, due_on=due)


@pytest.fixture
def repeated(portal: Portal, team: Team, promised: FollowUp, clock: HandClock) -> Incident:
    """An incident that looks like one whose follow-up is open, noticed by the watch."""
    clock.forward(10 * DAY)
    draft = IncidentDraft(title="Payments fail again with 502", precaution=True, service_ids=[team.payments.id])
    with portal.work(team.as_bob) as work:
        later = declare(work, draft, portal.procedure)
    portal.follow_up_watch.round()
    return later


def words_on(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.error, *app.warning, *app.info, *app.success, *app.expander]
    return " ".join(str(getattr(part, "value", "")) + str(getattr(part, "label", "")) for part in parts)


def now(portal: Portal, follow_up: FollowUp) -> FollowUp:
    with portal.reading() as session:
        return session.get_one(FollowUp, follow_up.id)


def test_what_happened_again_stands_at_the_head(open_page: OpenPage, repeated: Incident) -> None:
    assert "1 incident has happened again while follow-ups were open" in words_on(open_page("follow_ups"))


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("INC-2", again.BEFORE),
        ("INC-1", again.AGAIN),
    ],
)
def test_both_incidents_show_the_alarm_and_its_follow_up(
    open_page: OpenPage, repeated: Incident, key: str, sentence: str
) -> None:
    app = open_page("incident", key=key)
    assert sentence in words_on(app)
    assert any("FU-1 Alert on the \\*queue\\*" in each.label for each in app.page_link)


def test_a_person_calls_the_alarm_off_with_a_reason(open_page: OpenPage, repeated: Incident) -> None:
    app = open_page("incident", key="INC-2")
    app.button(key="not_same_1").click().run()
    assert "Say why INC-2 and INC-1" in words_on(app)
    app.text_input(key="not_same_why_1").set_value("Another gateway")
    app.button(key="not_same_1").click().run()
    assert not app.exception
    assert "This happened before" not in words_on(app)
    assert "happened again" not in words_on(open_page("follow_ups"))


def test_the_alarm_goes_when_its_follow_up_is_done(
    open_page: OpenPage, portal: Portal, team: Team, repeated: Incident, promised: FollowUp
) -> None:
    with portal.work(team.as_ada) as work:
        verbs.finish(work, promised.id, "Merged")
    assert "This happened before" not in words_on(open_page("incident", key="INC-2"))
    assert "happened again" not in words_on(open_page("follow_ups"))


@pytest.fixture
def asked(portal: Portal, team: Team, promised: FollowUp, clock: HandClock) -> FollowUp:
    with portal.work(team.as_ada) as work:
        verbs.finish(work, promised.id, "Merged")
    portal.follow_up_watch.round()
    clock.forward(30 * DAY)
    portal.follow_up_watch.round()
    return now(portal, promised)


def test_its_owner_answers_whether_it_worked(open_page: OpenPage, portal: Portal, asked: FollowUp) -> None:
    key = f"worked_{asked.id}_{asked.version}"
    app = open_page("follow_ups")
    assert "Nothing similar has happened since." in words_on(app)
    app.button(key=f"{key}_submit").click().run()
    assert "Choose an answer." in words_on(app)
    app.radio(key=f"{key}_answer").set_value("It did not")
    app.button(key=f"{key}_submit").click().run()
    assert "Say what shows that FU-1 did not work." in words_on(app)
    app.text_input(key=f"{key}_text").set_value("The queue was full again")
    app.button(key=f"{key}_submit").click().run()
    assert not app.exception
    assert "Did it work?" not in words_on(app)
    answered = now(portal, asked)
    assert (answered.worked, answered.worked_text) == (False, "The queue was full again")
    assert list(open_page("follow_ups", state="Done").dataframe[0].value["Worked"]) == ["No"]


def test_the_question_shows_what_happened_since(
    open_page: OpenPage, portal: Portal, team: Team, asked: FollowUp
) -> None:
    draft = IncidentDraft(title="Payments fail again with 502", precaution=True, service_ids=[team.payments.id])
    with portal.work(team.as_bob) as work:
        declare(work, draft, portal.procedure)
    portal.clock.forward(DAY)  # type: ignore[attr-defined]
    assert "1 similar incident since" in words_on(open_page("follow_ups"))


def test_what_a_ticket_says_is_taken_over_with_one_press(
    open_page: OpenPage, portal: Portal, team: Team, promised: FollowUp
) -> None:
    with portal.work(team.as_ada) as work:
        sub_task = work.get(Ticket, promised.ticket_id or 0)
        sub_task.key, sub_task.outside_state = "OPS-12", TicketState.IN_PROGRESS
        sub_task.outside_assignee, sub_task.outside_assignee_email = "Bob Kahn", "bob@example.com"
    app = open_page("follow_ups")
    assert "OPS-12 is in progress there, and open here." in words_on(app)
    app.button(key=f"take_theirs_{promised.id}").click().run()
    assert not app.exception
    taken = now(portal, promised)
    assert (taken.state, taken.owner_id) == (FollowUpState.IN_PROGRESS, team.bob.id)
    assert "OPS-12" not in words_on(app)


def test_the_address_holds_each_filter_and_the_arrangement(
    open_page: OpenPage, portal: Portal, team: Team, promised: FollowUp
) -> None:
    promise(portal, team, promised.incident_id, "Some day", kind=FollowUpKind.PROCESS)
    with portal.work(team.as_ada) as work:
        create(work, promised.incident_id)
        document = incidents.rca_document(work.session, promised.incident_id)
        assert document is not None
        document.cause = "configuration"

    def shown(**query: str) -> int:
        app = open_page("follow_ups", **query)
        return len(app.dataframe[0].value) if app.dataframe else 0

    assert shown() == 2
    assert shown(kind="Process") == 1
    assert shown(owner="Nobody of the team") == 1
    assert shown(owner="Ada Lovelace") == 1
    assert shown(service="search") == 0
    assert shown(cause="Configuration") == 2
    assert shown(text="inc-1") == 2
    assert shown(text="INC-2") == 0
    by_owner = open_page("follow_ups", by="By owner").dataframe[0].value
    assert list(by_owner["Owner"]) == ["Ada Lovelace", "–"]
    by_cause = open_page("follow_ups", by="By cause").dataframe[0].value
    assert (by_cause["Cause"][0], by_cause["To do"][0], by_cause["Overdue"][0]) == ("Configuration", 2, 1)
    by_service = open_page("follow_ups", by="By service").dataframe[0].value
    assert list(by_service["Service"]) == ["payments"]
    by_state = open_page("follow_ups", by="By state", state="All").dataframe[0].value
    assert list(by_state["State"]) == ["Open"]
    by_age = open_page("follow_ups", by="By age").dataframe[0].value
    assert by_age["All"].sum() == 2


def made(number: int, *, days_old: int, due_in: int | None, state: FollowUpState = FollowUpState.OPEN) -> FollowUp:
    at = pd.Timestamp(TODAY - days_old * DAY, tz="UTC").to_pydatetime()
    due = TODAY + due_in * DAY if due_in is not None else None
    return FollowUp(id=number, incident_id=1, number=number, text="x", created_at=at, due_on=due, state=state)


def test_ages_are_counted_by_how_long_open_and_how_late() -> None:
    table = groups.ages(
        [
            made(1, days_old=0, due_in=None),
            made(2, days_old=7, due_in=0),
            made(3, days_old=8, due_in=-1),
            made(4, days_old=90, due_in=-31),
            made(5, days_old=400, due_in=-91),
        ],
        TODAY,
    )
    assert table.to_dict("list") == {
        "Open for": ["up to 7 d", "8 to 30 d", "31 to 90 d", "over 90 d"],
        "No date": [1, 0, 0, 0],
        "Not due yet": [1, 0, 0, 0],
        "Overdue up to 7 d": [0, 1, 0, 0],
        "Overdue 8 to 30 d": [0, 0, 0, 0],
        "Overdue 31 to 90 d": [0, 0, 1, 0],
        "Overdue over 90 d": [0, 0, 0, 1],
        "All": [2, 1, 1, 1],
    }


def test_groups_are_counted_and_the_latest_come_first() -> None:
    incident = Incident(id=1, title="x", began_at=START, detected_at=START, declared_at=START)
    found = [
        (made(1, days_old=3, due_in=5), incident),
        (made(2, days_old=40, due_in=-9), incident),
        (made(3, days_old=60, due_in=-50, state=FollowUpState.DONE), incident),
        (made(4, days_old=60, due_in=-50, state=FollowUpState.DROPPED), incident),
    ]
    table = groups.grouped(found, lambda each, _: ["odd" if each.number % 2 else "even", "all"], "Name", TODAY)
    assert list(table.columns) == ["Name", "To do", "Overdue", "Longest overdue", "Oldest open", "Done", "Dropped"]
    assert [tuple(row) for row in table.itertuples(index=False)] == [
        ("all", 2, 1, "9 d", "40 d", 1, 1),
        ("even", 1, 1, "9 d", "40 d", 0, 1),
        ("odd", 1, 0, "–", "3 d", 1, 0),
    ]


def test_finished_ones_show_first_what_was_done_and_open_ones_when_they_are_due() -> None:
    incident = Incident(id=1, title="x", began_at=START, detected_at=START, declared_at=START)
    is_open, done = (made(number, days_old=3, due_in=5) for number in (1, 2))
    done.state, done.finish_reason = FollowUpState.DONE, "Merged"
    assert rows.order([(done, incident)])[4:7] == ["State", "Reason", "Worked"]
    assert "Reason" not in rows.order([(is_open, incident)])
    assert rows.order([(is_open, incident), (done, incident)])[5:7] == ["Due", "When"]
    assert set(rows.order([(is_open, incident), (done, incident)])) == set(rows.frame([(done, incident)], {}, TODAY))


def pick(portal: Portal, team: Team, wanted: dict[str, object], versions: dict[int, int]) -> list[rows.Change]:
    """Pick every row, as people do in the table."""
    with portal.reading() as session:
        found = kept.across(session, FollowUpFilter())
    before = rows.frame(found, {team.ada.id: team.ada, team.bob.id: team.bob}, TODAY)
    return rows.changes(found, before, before.assign(**{rows.PICK: True}), versions, wanted)


def test_many_rows_get_what_was_chosen_and_keep_the_rest(portal: Portal, team: Team, promised: FollowUp) -> None:
    other = promise(portal, team, promised.incident_id, "Some day", kind=FollowUpKind.PROCESS)
    chosen = pick(portal, team, {"Owner": "Bob Kahn", "State": "Dropped"}, {})
    with portal.work(team.as_ada) as work:
        for change in chosen:
            rows.apply(work, change, {team.ada.id: team.ada, team.bob.id: team.bob}, "The service is gone")
    for before in (promised, other):
        after = now(portal, before)
        assert (after.owner_id, after.state, after.finish_reason) == (
            team.bob.id,
            FollowUpState.DROPPED,
            "The service is gone",
        )
        assert (after.kind, after.due_on, after.text) == (before.kind, before.due_on, before.text)


def test_what_was_edited_in_the_table_is_saved_with_those_that_were_picked(
    portal: Portal, team: Team, promised: FollowUp
) -> None:
    promise(portal, team, promised.incident_id, "Some day", kind=FollowUpKind.PROCESS)
    with portal.reading() as session:
        found = kept.across(session, FollowUpFilter())
    before = rows.frame(found, {team.ada.id: team.ada, team.bob.id: team.bob}, TODAY)
    after = before.assign(Pick=[True, False], Kind=["Mitigate", "Detect"])
    made = rows.changes(found, before, after, {}, {"Owner": "Bob Kahn"})
    assert [(each.wanted["Owner"], each.wanted["Kind"]) for each in made] == [("Bob Kahn", "Mitigate"), ("–", "Detect")]


def test_whoever_changes_many_at_once_overwrites_nobody(portal: Portal, team: Team, promised: FollowUp) -> None:
    seen = {promised.id: promised.version}
    with portal.work(team.as_bob) as work:
        verbs.start(work, promised.id)
    [change] = pick(portal, team, {"Kind": "Process"}, seen)
    with pytest.raises(Conflict, match="Bob Kahn changed INC-1 FU-1"), portal.work(team.as_ada) as work:
        rows.apply(work, change, {}, "")


def test_the_due_date_is_proposed_by_what_it_is_good_for_until_somebody_chooses(
    open_page: OpenPage, portal: Portal, team: Team, resolved: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
    app = open_page("rca", key="INC-1")
    app.button(key="rca_add").click().run()
    assert app.date_input(key="rca_add_due").value == date(2026, 12, 7)
    app.button_group(key="rca_add_kind").set_value(FollowUpKind.PREVENT).run()
    assert app.date_input(key="rca_add_due").value == date(2026, 12, 23)
    app.date_input(key="rca_add_due").set_value(date(2027, 1, 5)).run()
    app.button_group(key="rca_add_kind").set_value(FollowUpKind.DETECT).run()
    app.text_input(key="rca_add_text").set_value("Alert on it")
    app.button(key="rca_add_submit").click().run()
    assert not app.exception
    with portal.reading() as session:
        [added] = postmortem.follow_ups(session, resolved.id)
    assert (added.due_on, added.kind) == (date(2027, 1, 5), FollowUpKind.DETECT)


def test_the_digest_is_among_the_deliveries(
    open_page: OpenPage, portal: Portal, promised: FollowUp, clock: HandClock
) -> None:
    clock.forward(timedelta(hours=7))
    portal.follow_up_watch.round()
    portal.worker.run_due()
    assert "E-mail to one of the team" in words_on(open_page("deliveries"))
