"""Did it work? Asked some time after, with what happened since; answered once, or asked again."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from ims.bootstrap import Portal
from ims.errors import Conflict, Refusal
from ims.model import Delivery, EntryKind, FollowUp, FollowUpDraft, Incident, IncidentDraft
from ims.postmortem.following_up import follow_ups, looking_back
from ims.response import states
from ims.response.declare import declare
from ims.store import follow_ups as kept
from ims.store import postmortem
from tests.conftest import HandClock, Team, make_team

DAY = timedelta(days=1)


@pytest.fixture
def portal(both_portals: Portal) -> Portal:
    return both_portals


@pytest.fixture
def team(portal: Portal) -> Team:
    return make_team(portal)


@pytest.fixture
def done(portal: Portal, team: Team, incident: Incident) -> FollowUp:
    """A follow-up of Bob's that is done, and looked at by the watch."""
    with portal.work(team.as_ada) as work:
        states.resolve(work, incident.id, "Restarted the gateway", portal.procedure)
        draft = FollowUpDraft(text="Alert on the queue", owner_id=team.bob.id, due_on=date(2026, 12, 24))
        found = follow_ups.add(work, incident.id, draft)
        follow_ups.finish(work, found.id, "Merged")
    portal.follow_up_watch.round()
    return found


def wait(portal: Portal, clock: HandClock, span: timedelta) -> None:
    clock.forward(span)
    portal.follow_up_watch.round()


def asked(portal: Portal) -> list[str]:
    with portal.reading() as session:
        found = session.exec(select(Delivery).where(col(Delivery.key).contains(":worked:"))).all()
    return [f"{each.payload['person_name']}: {each.payload['text']}" for each in found]


def open_questions(portal: Portal) -> list[looking_back.Question]:
    with portal.reading() as session:
        return [
            looking_back.question_of(session, *each, portal.clock())
            for each in kept.to_be_asked(session, portal.clock())
        ]


def answer(portal: Portal, team: Team, done: FollowUp, worked: bool | None, text: str = "") -> FollowUp:
    with portal.work(team.as_bob) as work:
        return looking_back.check(work, done.id, worked, text, portal.follow_up_rules)


def test_its_owner_is_asked_after_thirty_days_and_once(
    portal: Portal, team: Team, done: FollowUp, clock: HandClock
) -> None:
    wait(portal, clock, 29 * DAY)
    assert asked(portal) == []
    assert open_questions(portal) == []
    wait(portal, clock, DAY)
    wait(portal, clock, DAY)
    assert asked(portal) == [
        "Bob Kahn: INC-1 FU-1 (Alert on the queue) is done for a while: did it work? The page Follow-ups asks you."
    ]
    assert [each.follow_up.id for each in open_questions(portal)] == [done.id]


def test_the_question_knows_what_happened_since(portal: Portal, team: Team, done: FollowUp, clock: HandClock) -> None:
    clock.forward(5 * DAY)
    for title in ("Payments fail with 502 again", "Search index is stale"):
        draft = IncidentDraft(title=title, precaution=True, service_ids=[team.payments.id])
        with portal.work(team.as_ada) as work:
            declare(work, draft, portal.procedure)
    wait(portal, clock, 25 * DAY)
    [question] = open_questions(portal)
    assert [each.key for each in question.since_then] == ["INC-2"]


@pytest.mark.parametrize(("worked", "sentence"), [(True, "FU-1 worked"), (False, "FU-1 did not work: It came back")])
def test_an_answer_ends_the_question_and_is_in_the_timeline(
    portal: Portal, team: Team, done: FollowUp, clock: HandClock, worked: bool, sentence: str
) -> None:
    wait(portal, clock, 30 * DAY)
    given = answer(portal, team, done, worked, "" if worked else " It came back ")
    assert (given.worked, given.worked_text, given.worked_at) == (worked, "" if worked else "It came back", clock.now)
    assert open_questions(portal) == []
    with portal.reading() as session:
        [entry] = postmortem.entries_of_kind(session, done.incident_id, EntryKind.FOLLOW_UP_CHECKED)
    assert (entry.text, entry.author, entry.data["worked"]) == (sentence, "Bob Kahn", worked)


def test_not_clear_yet_asks_again_after_as_long(portal: Portal, team: Team, done: FollowUp, clock: HandClock) -> None:
    wait(portal, clock, 30 * DAY)
    answer(portal, team, done, None, "No peak since")
    assert open_questions(portal) == []
    wait(portal, clock, 29 * DAY)
    assert len(asked(portal)) == 1
    wait(portal, clock, DAY)
    assert len(asked(portal)) == 2
    assert [each.follow_up.worked_text for each in open_questions(portal)] == ["No peak since"]


@pytest.mark.parametrize("worked", [False, None])
def test_only_a_plain_yes_needs_no_words(portal: Portal, team: Team, done: FollowUp, worked: bool | None) -> None:
    with pytest.raises(Refusal, match="Say what shows that FU-1"):
        answer(portal, team, done, worked, "  ")


def test_what_is_not_done_cannot_have_worked(portal: Portal, team: Team, done: FollowUp) -> None:
    with portal.work(team.as_ada) as work:
        follow_ups.reopen(work, done.id, "It was reverted")
    with pytest.raises(Refusal, match="FU-1 is not done"):
        answer(portal, team, done, True)


def test_whoever_answers_second_is_told(portal: Portal, team: Team, done: FollowUp) -> None:
    seen = done.version
    answer(portal, team, done, True)
    with pytest.raises(Conflict, match="INC-1 FU-1"), portal.work(team.as_ada) as work:
        looking_back.check(work, done.id, False, "No", portal.follow_up_rules, expected_version=seen)


def test_taking_it_up_again_takes_the_answer_back(portal: Portal, team: Team, done: FollowUp, clock: HandClock) -> None:
    answer(portal, team, done, False, "It came back")
    with portal.work(team.as_ada) as work:
        reopened = follow_ups.reopen(work, done.id, "It came back")
    assert (reopened.worked, reopened.worked_text, reopened.worked_at, reopened.ask_at) == (None, "", None, None)
    wait(portal, clock, 31 * DAY)
    assert asked(portal) == []


def test_nobody_is_asked_about_what_was_done_before_the_portal_asked(
    portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        long_ago = follow_ups.add(work, incident.id, FollowUpDraft(text="Alert", owner_id=team.bob.id))
        follow_ups.finish(work, long_ago.id, "Merged")
    wait(portal, clock, 60 * DAY)
    assert asked(portal) == []
