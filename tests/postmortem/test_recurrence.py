"""It happened again while a follow-up was open: noticed within a round, said on both, called off once by a person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import Delivery, EntryKind, FollowUp, FollowUpDraft, Incident, IncidentDraft, Person, TimelineEntry
from ims.postmortem.following_up import follow_ups, recurrence
from ims.postmortem.following_up.follow_up_watch import FollowUpWatch
from ims.response import states
from ims.response.declare import declare
from ims.store import follow_ups as kept
from ims.store import incidents, postmortem
from ims.store.work import Work
from tests.conftest import HandClock, Team, make_team

DAY = timedelta(days=1)


@pytest.fixture
def portal(both_portals: Portal) -> Portal:
    return both_portals


@pytest.fixture
def team(portal: Portal) -> Team:
    return make_team(portal)


@pytest.fixture
def promised(portal: Portal, team: Team, incident: Incident, clock: HandClock) -> FollowUp:
    """A follow-up of Bob's on an incident that was over ten days ago."""
    with portal.work(team.as_ada) as work:
        states.resolve(work, incident.id, "Restarted the gateway", portal.procedure)
        draft = FollowUpDraft(text="Alert on the queue", owner_id=team.bob.id, due_on=date(2026, 12, 24))
        found = follow_ups.add(work, incident.id, draft)
    clock.forward(10 * DAY)
    return found


def burn(
    portal: Portal, team: Team, title: str = "Payments are failing with 502", services: tuple[int, ...] | None = None
) -> Incident:
    chosen = (team.payments.id,) if services is None else services
    draft = IncidentDraft(title=title, precaution=True, service_ids=list(chosen))
    with portal.work(team.as_ada) as work:
        return declare(work, draft, portal.procedure)


def said(portal: Portal, incident_id: int) -> list[str]:
    with portal.reading() as session:
        return [each.text for each in postmortem.entries_of_kind(session, incident_id, EntryKind.HAPPENED_AGAIN)]


def alarms(portal: Portal) -> list[tuple[int, int]]:
    with portal.reading() as session:
        entries = session.exec(select(TimelineEntry).order_by(col(TimelineEntry.id))).all()
    return [(alarm.incident_id, alarm.other_id) for alarm in recurrence.standing(entries)]


def test_it_is_said_on_both_and_to_whoever_owns_the_follow_up(portal: Portal, team: Team, promised: FollowUp) -> None:
    burn(portal, team)
    portal.follow_up_watch.round()
    assert said(portal, 2) == ["It happened again: INC-1 looked like this, and its FU-1 was still open"]
    assert said(portal, 1) == ["It happened again as INC-2, while FU-1 was still open"]
    with portal.reading() as session:
        [told] = session.exec(select(Delivery).where(col(Delivery.key).contains(":again:"))).all()
    assert told.payload["person_name"] == "Bob Kahn"
    assert told.payload["text"] == (
        "INC-2 (Payments are failing with 502) looks like INC-1, of which FU-1 (Alert on the queue) is still open."
    )


def test_whoever_owned_it_and_has_left_is_told_nothing_and_the_incident_s_owner_instead(
    portal: Portal, team: Team, promised: FollowUp
) -> None:
    with portal.work(team.as_ada) as work:
        work.get(Incident, promised.incident_id).owner_id = team.ada.id
        work.get(Person, team.bob.id).active = False
    burn(portal, team)
    portal.follow_up_watch.round()
    with portal.reading() as session:
        [told] = session.exec(select(Delivery).where(col(Delivery.key).contains(":again:"))).all()
    assert told.payload["person_name"] == "Ada Lovelace"


def test_declaring_waits_for_none_of_it(portal: Portal, team: Team, promised: FollowUp) -> None:
    assert said(portal, burn(portal, team).id) == []


def test_what_nobody_who_is_still_here_answers_for_keeps_nobody_else_from_hearing(
    portal: Portal, team: Team, promised: FollowUp
) -> None:
    with portal.work(team.as_ada) as work:
        follow_ups.add(work, 1, FollowUpDraft(text="Write it down"))
    burn(portal, team)
    with portal.database.writing() as session:
        session.get_one(Person, team.ada.id).active = False  # who owns the incident, and there is no administrator
    portal.follow_up_watch.round()
    assert alarms(portal) == [(2, 1), (1, 2)]
    with portal.reading() as session:
        [told] = session.exec(select(Delivery).where(col(Delivery.key).contains(":again:"))).all()
    assert told.payload["text"].endswith("of which FU-1 (Alert on the queue) is still open.")


def test_the_next_rounds_and_other_watches_say_nothing_more(
    portal: Portal, team: Team, promised: FollowUp, clock: HandClock
) -> None:
    burn(portal, team)
    other = FollowUpWatch(portal.database, portal.follow_up_rules, "http://x", clock, portal.announce)
    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(watch.round) for watch in (portal.follow_up_watch, other)]:
            running.result()
    portal.follow_up_watch.round()
    assert len(said(portal, 1)) == len(said(portal, 2)) == 1


@pytest.mark.parametrize(
    ("title", "at"),
    [
        ("Search index is stale", "payments"),
        ("Payments are failing with 502", "search"),
    ],
)
def test_another_title_or_another_service_is_another_thing(
    portal: Portal, team: Team, promised: FollowUp, title: str, at: str
) -> None:
    burn(portal, team, title, (getattr(team, at).id,))
    portal.follow_up_watch.round()
    assert alarms(portal) == []


def test_where_no_service_is_named_the_title_decides(portal: Portal, team: Team, promised: FollowUp) -> None:
    burn(portal, team, services=())
    portal.follow_up_watch.round()
    assert alarms(portal) == [(2, 1), (1, 2)]


def test_a_service_that_is_named_later_is_compared_then(portal: Portal, team: Team, promised: FollowUp) -> None:
    again = burn(portal, team, services=(team.search.id,))
    portal.follow_up_watch.round()
    assert alarms(portal) == []
    with portal.work(team.as_ada) as work:
        incidents.set_scope(work.session, again.id, [team.search.id, team.payments.id], [])
    portal.follow_up_watch.round()
    assert alarms(portal) == [(2, 1), (1, 2)]


def test_nothing_is_said_where_every_follow_up_was_finished(portal: Portal, team: Team, promised: FollowUp) -> None:
    with portal.work(team.as_bob) as work:
        follow_ups.finish(work, promised.id, "Merged")
    burn(portal, team)
    portal.follow_up_watch.round()
    assert alarms(portal) == []


def test_a_follow_up_that_was_added_afterwards_was_not_open_then(
    portal: Portal, team: Team, promised: FollowUp, clock: HandClock
) -> None:
    with portal.work(team.as_bob) as work:
        follow_ups.finish(work, promised.id, "Merged")
    burn(portal, team)
    clock.forward(timedelta(minutes=1))
    with portal.work(team.as_bob) as work:
        follow_ups.add(work, promised.incident_id, FollowUpDraft(text="Another"))
    portal.follow_up_watch.round()
    assert alarms(portal) == []


def test_an_incident_that_still_burns_is_not_repeated(portal: Portal, team: Team, incident: Incident) -> None:
    with portal.work(team.as_ada) as work:
        follow_ups.add(work, incident.id, FollowUpDraft(text="Alert on the queue"))
    portal.clock.forward(DAY / 2)  # type: ignore[attr-defined]
    burn(portal, team)
    portal.follow_up_watch.round()
    assert alarms(portal) == []


def test_a_drill_repeats_nothing(portal: Portal, team: Team, promised: FollowUp) -> None:
    again = burn(portal, team)
    with portal.work(team.as_ada) as work:
        work.incident(again.id).drill = True
    portal.follow_up_watch.round()
    assert alarms(portal) == []


def test_a_person_says_once_that_it_was_not_the_same(portal: Portal, team: Team, promised: FollowUp) -> None:
    burn(portal, team)
    portal.follow_up_watch.round()
    with portal.work(team.as_bob) as work:
        recurrence.not_the_same(work, 1, 2, " Another gateway ")
    assert alarms(portal) == []
    assert said(portal, 2)[-1] == "Not the same as INC-1: Another gateway"
    assert said(portal, 1)[-1] == "Not the same as INC-2: Another gateway"
    for incident_id, other_id in ((1, 2), (2, 1)):
        with pytest.raises(Refusal, match="Bob Kahn said so already"), portal.work(team.as_ada) as work:
            recurrence.not_the_same(work, incident_id, other_id, "Again")
    portal.follow_up_watch._compared.clear()  # as after a restart
    portal.follow_up_watch.round()
    assert alarms(portal) == []


def test_saying_so_needs_a_reason_and_an_alarm(portal: Portal, team: Team, promised: FollowUp) -> None:
    burn(portal, team)
    with pytest.raises(Refusal, match="Nobody said that INC-2 and INC-1"), portal.work(team.as_ada) as work:
        recurrence.not_the_same(work, 2, 1, "No")
    portal.follow_up_watch.round()
    with pytest.raises(Refusal, match="Say why INC-2 and INC-1"), portal.work(team.as_ada) as work:
        recurrence.not_the_same(work, 2, 1, " ")
    assert len(alarms(portal)) == 2


def test_the_page_reads_the_alarms_only_of_what_is_open(portal: Portal, team: Team, promised: FollowUp) -> None:
    burn(portal, team)
    portal.follow_up_watch.round()
    with portal.reading() as session:
        assert [(each.incident_id, each.data["other_id"]) for each in kept.again(session)] == [(1, 2)]
    with portal.work(team.as_bob) as work:
        follow_ups.finish(work, promised.id, "Merged")
    with portal.reading() as session:
        assert kept.again(session) == []


def test_one_alarm_that_fails_does_not_keep_another_and_is_tried_again(
    portal: Portal, team: Team, promised: FollowUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    burn(portal, team)
    burn(portal, team)
    work_at_it = recurrence.raise_alarm

    def fail_once(work: Work, incident_id: int, past_id: int) -> bool:
        if incident_id == 2:
            raise ValueError("broken")
        return work_at_it(work, incident_id, past_id)

    monkeypatch.setattr(recurrence, "raise_alarm", fail_once)
    portal.follow_up_watch.round()
    assert alarms(portal) == [(3, 1), (1, 3)]
    monkeypatch.undo()
    portal.follow_up_watch.round()
    assert len(alarms(portal)) == 4
