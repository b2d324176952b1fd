"""Follow-ups on both databases: each act in the timeline, reasons where they are due, nobody overwritten."""

from collections.abc import Callable
from datetime import date

import pytest

from ims.bootstrap import Portal
from ims.errors import Conflict, NotFound, Refusal
from ims.model import Actor, EntryKind, FollowUp, FollowUpDraft, FollowUpState, Incident, IncidentDraft, TicketState
from ims.postmortem.following_up import follow_ups
from ims.postmortem.following_up.filing import file_follow_ups
from ims.response.declare import declare
from ims.store import follow_ups as kept
from ims.store import incidents, postmortem
from ims.store.follow_ups import FollowUpFilter
from ims.store.work import Work
from tests.conftest import Team, make_team


@pytest.fixture
def portal(both_portals: Portal) -> Portal:
    return both_portals


@pytest.fixture
def team(portal: Portal) -> Team:
    return make_team(portal)


@pytest.fixture
def added(portal: Portal, team: Team, incident: Incident) -> FollowUp:
    with portal.work(team.as_ada) as work:
        return follow_ups.add(work, incident.id, FollowUpDraft(text="Raise the limit", owner_id=team.ada.id))


def now(portal: Portal, follow_up: FollowUp) -> FollowUp:
    with portal.reading() as session:
        return session.get_one(FollowUp, follow_up.id)


def test_follow_ups_are_numbered_in_their_incident(portal: Portal, team: Team, added: FollowUp) -> None:
    with portal.work(team.as_ada) as work:
        second = follow_ups.add(work, added.incident_id, FollowUpDraft(text="Another"))
    assert (added.row_id, second.row_id) == ("FU-1", "FU-2")


def test_its_life_is_in_the_timeline_and_in_its_ticket(portal: Portal, team: Team, added: FollowUp) -> None:
    portal.worker.run_due()
    acts: list[Callable[[Work], FollowUp]] = [
        lambda work: follow_ups.start(work, added.id),
        lambda work: follow_ups.finish(work, added.id, "Merged"),
        lambda work: follow_ups.reopen(work, added.id, "It came back"),
        lambda work: follow_ups.drop(work, added.id, "The service is gone"),
    ]
    for act in acts:
        with portal.work(team.as_bob) as work:
            act(work)
    with portal.reading() as session:
        entries = postmortem.entries_of_kind(session, added.incident_id, EntryKind.FOLLOW_UP_CHANGED)
        sub_task = incidents.tickets(session, added.incident_id)[1]
    assert [entry.text for entry in entries] == [
        "FU-1 started",
        "FU-1 done: Merged",
        "FU-1 reopened: It came back",
        "FU-1 dropped: The service is gone",
    ]
    dropped = now(portal, added)
    assert (dropped.state, dropped.finish_reason, dropped.finished_at) == (
        FollowUpState.DROPPED,
        "The service is gone",
        portal.clock(),
    )
    assert sub_task.state is TicketState.DROPPED


@pytest.mark.parametrize("verb", [follow_ups.finish, follow_ups.drop])
def test_finishing_and_dropping_need_words(
    portal: Portal, team: Team, added: FollowUp, verb: Callable[[Work, int, str], FollowUp]
) -> None:
    with pytest.raises(Refusal, match="Say"), portal.work(team.as_ada) as work:
        verb(work, added.id, "  ")
    assert now(portal, added).state is FollowUpState.OPEN


def test_a_stale_change_says_who_was_first(portal: Portal, team: Team, added: FollowUp) -> None:
    with portal.work(team.as_bob) as work:
        follow_ups.change(work, added.id, FollowUpDraft(text="Raise it more"), expected_version=added.version)
    with pytest.raises(Conflict, match="Bob Kahn"), portal.work(team.as_ada) as work:
        follow_ups.change(work, added.id, FollowUpDraft(text="Lower it"), expected_version=added.version)
    assert now(portal, added).text == "Raise it more"


def test_a_change_of_nothing_writes_nothing(portal: Portal, team: Team, added: FollowUp) -> None:
    with portal.work(team.as_bob) as work:
        follow_ups.change(work, added.id, FollowUpDraft(text="Raise the limit", owner_id=team.ada.id))
    with portal.reading() as session:
        assert not postmortem.entries_of_kind(session, added.incident_id, EntryKind.FOLLOW_UP_CHANGED)
    assert now(portal, added).version == 1


def test_an_owner_must_be_one_of_the_people(portal: Portal, team: Team, added: FollowUp) -> None:
    with pytest.raises(NotFound), portal.work(team.as_ada) as work:
        follow_ups.change(work, added.id, FollowUpDraft(text="Raise the limit", owner_id=999))


def test_sub_tasks_wait_for_the_key_of_their_ticket(portal: Portal, team: Team) -> None:
    draft = IncidentDraft(title="Search is slow", affects_customers=True)
    with portal.work(team.as_ada) as work:
        incident = declare(work, draft, portal.procedure)
        follow_ups.add(work, incident.id, FollowUpDraft(text="Add an index"))
    portal.worker.run_due()
    with portal.reading() as session:
        main, sub_task = incidents.tickets(session, incident.id)
    assert (main.key, sub_task.key) == (f"T-{main.id}", f"T-{sub_task.id}")


def test_filing_needs_follow_ups_or_a_reason(portal: Portal, team: Team, incident: Incident) -> None:
    with pytest.raises(Refusal, match="why none"), portal.work(team.as_ada) as work:
        file_follow_ups(work, incident.id)
    with portal.work(team.as_ada) as work:
        entry = file_follow_ups(work, incident.id, none_needed="A drill of the provider")
    assert entry.text == "No follow-up is needed: A drill of the provider"


def test_filing_twice_is_written_once_and_again_after_a_new_one(portal: Portal, team: Team, added: FollowUp) -> None:
    def file_it() -> None:
        with portal.work(team.as_ada) as work:
            file_follow_ups(work, added.incident_id)

    file_it()
    file_it()
    with portal.work(team.as_ada) as work:
        follow_ups.add(work, added.incident_id, FollowUpDraft(text="Another"))
    file_it()
    with portal.reading() as session:
        filed = postmortem.entries_of_kind(session, added.incident_id, EntryKind.FOLLOW_UPS_FILED)
    assert [entry.data["follow_ups"] for entry in filed] == [["FU-1"], ["FU-1", "FU-2"]]


def test_they_are_found_across_incidents_overdue_first(portal: Portal, team: Team, added: FollowUp) -> None:
    with portal.work(Actor("Setup")) as work:
        late = follow_ups.add(work, added.incident_id, FollowUpDraft(text="50% of_it", due_on=date(2026, 11, 1)))
        done = follow_ups.add(work, added.incident_id, FollowUpDraft(text="Done", due_on=date(2026, 10, 1)))
        follow_ups.finish(work, done.id, "Did it")
    today = portal.clock().date()

    def found(**wanted: object) -> list[int]:
        with portal.reading() as session:
            rows = kept.across(session, FollowUpFilter(**wanted))  # type: ignore[arg-type]
        return [follow_up.id for follow_up, _ in rows]

    assert found() == [late.id, added.id, done.id]
    assert found(overdue_on=today) == [late.id]
    assert found(owner_id=team.ada.id) == [added.id]
    assert found(states=[FollowUpState.DONE]) == [done.id]
    assert found(service_id=team.payments.id) == [late.id, added.id, done.id]
    assert found(service_id=team.search.id) == []
    assert found(text="50%") == [late.id]
    with portal.reading() as session:
        assert kept.counts(session, today) == (2, 1, 1)
