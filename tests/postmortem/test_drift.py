"""A follow-up and its sub-task may say different things: both are shown, and neither overwrites the other."""

from datetime import UTC, datetime

import pytest

from ims.bootstrap import Portal
from ims.errors import Conflict, Refusal
from ims.model import EntryKind, FollowUp, FollowUpDraft, FollowUpState, Incident, Person, Ticket, TicketState
from ims.postmortem.following_up import follow_ups
from ims.postmortem.following_up.drift import drift, outside, take_theirs
from ims.store import postmortem
from tests.conftest import Team

ADA = Person(id=1, name="Ada Lovelace", email="ada@example.com")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def follow_up(state: FollowUpState = FollowUpState.OPEN) -> FollowUp:
    return FollowUp(incident_id=1, number=1, text="Alert on it", state=state, created_at=NOW)


def ticket(state: TicketState | None, status: str = "", who: str = "", email: str = "") -> Ticket:
    return Ticket(
        incident_id=1,
        key="OPS-2",
        title="Alert on it",
        created_at=NOW,
        outside_state=state,
        outside_status=status,
        outside_assignee=who,
        outside_assignee_email=email,
    )


def test_a_ticket_that_was_never_read_says_nothing() -> None:
    assert drift(follow_up(), ticket(None), ADA) == drift(follow_up(), None, ADA) == []
    assert outside(ticket(None)) == outside(None) == ""


def test_two_that_agree_say_nothing() -> None:
    same = ticket(TicketState.OPEN, "To do", "A. Lovelace", "ADA@example.com")
    assert drift(follow_up(), same, ADA) == []
    assert outside(same) == "To do, A. Lovelace"


def test_another_state_is_said() -> None:
    assert drift(follow_up(), ticket(TicketState.DONE, "Fixed"), ADA) == ["OPS-2 is done there, and open here."]


def test_another_owner_is_said_by_address_or_where_that_is_hidden_by_name() -> None:
    said = ["OPS-2 belongs to Bob Kahn there, and to Ada Lovelace here."]
    assert drift(follow_up(), ticket(TicketState.OPEN, who="Bob Kahn", email="bob@example.com"), ADA) == said
    assert drift(follow_up(), ticket(TicketState.OPEN, who="Bob Kahn"), ADA) == said
    assert drift(follow_up(), ticket(TicketState.OPEN, who="ada lovelace"), ADA) == []


def test_a_ticket_with_an_owner_and_a_follow_up_without_one_differ() -> None:
    found = drift(follow_up(), ticket(TicketState.OPEN, who="Bob Kahn"), None)
    assert found == ["OPS-2 belongs to Bob Kahn there, and to nobody here."]


@pytest.fixture
def promised(portal: Portal, team: Team, incident: Incident) -> FollowUp:
    """A follow-up of Ada's, whose sub-task is Bob's and in progress in the ticket system."""
    with portal.work(team.as_ada) as work:
        added = follow_ups.add(work, incident.id, FollowUpDraft(text="Alert on it", owner_id=team.ada.id))
    there(portal, team, added, TicketState.IN_PROGRESS, "Bob Kahn", "BOB@example.com")
    return added


def there(portal: Portal, team: Team, added: FollowUp, state: TicketState | None, who: str, email: str = "") -> None:
    with portal.work(team.as_ada) as work:
        sub_task = work.get(Ticket, added.ticket_id or 0)
        sub_task.key, sub_task.outside_state = "OPS-12", state
        sub_task.outside_assignee, sub_task.outside_assignee_email = who, email


def take(portal: Portal, team: Team, added: FollowUp, version: int = 1) -> FollowUp:
    with portal.work(team.as_ada) as work:
        return take_theirs(work, added.id, expected_version=version)


def test_what_the_ticket_says_is_taken_over_with_its_key_as_the_reason(
    portal: Portal, team: Team, promised: FollowUp
) -> None:
    taken = take(portal, team, promised)
    assert (taken.state, taken.owner_id, taken.text) == (FollowUpState.IN_PROGRESS, team.bob.id, "Alert on it")
    with portal.reading() as session:
        entries = postmortem.entries_of_kind(session, promised.incident_id, EntryKind.FOLLOW_UP_CHANGED)
        ticket = session.get_one(Ticket, promised.ticket_id)
    assert [entry.text for entry in entries] == ["FU-1 changed: owner (as in OPS-12)", "FU-1 started: as in OPS-12"]
    assert drift(taken, ticket, team.bob) == []


@pytest.mark.parametrize("state", [TicketState.DONE, TicketState.DROPPED])
def test_what_ended_there_ends_here_and_can_begin_again(
    portal: Portal, team: Team, promised: FollowUp, state: TicketState
) -> None:
    there(portal, team, promised, state, "Bob Kahn", "bob@example.com")
    taken = take(portal, team, promised)
    assert (taken.state.value, taken.finish_reason) == (state.value, "as in OPS-12")
    there(portal, team, promised, TicketState.OPEN, "Bob Kahn", "bob@example.com")
    again = take(portal, team, promised, taken.version)
    assert (again.state, again.finish_reason) == (FollowUpState.OPEN, "")


def test_what_waits_there_is_set_aside_here(portal: Portal, team: Team, promised: FollowUp) -> None:
    with portal.work(team.as_ada) as work:
        started = follow_ups.start(work, promised.id)
    there(portal, team, promised, TicketState.OPEN, "")
    taken = take(portal, team, promised, started.version)
    assert (taken.state, taken.owner_id) == (FollowUpState.OPEN, team.ada.id)


def test_an_owner_whom_the_portal_does_not_know_is_kept_by_name(portal: Portal, team: Team, promised: FollowUp) -> None:
    there(portal, team, promised, TicketState.OPEN, "Grace Hopper", "grace@example.com")
    taken = take(portal, team, promised)
    assert (taken.owner_id, taken.owner_name) == (None, "Grace Hopper")
    same = ticket(TicketState.OPEN, who="grace hopper", email="grace@example.com")
    assert drift(taken, same, None) == []


def test_a_follow_up_that_was_changed_meanwhile_keeps_its_change(
    portal: Portal, team: Team, promised: FollowUp
) -> None:
    with portal.work(team.as_bob) as work:
        follow_ups.finish(work, promised.id, "Merged")
    with pytest.raises(Conflict, match="Bob Kahn changed INC-1 FU-1"):
        take(portal, team, promised)


def test_a_ticket_that_was_never_read_is_not_taken_over(portal: Portal, team: Team, promised: FollowUp) -> None:
    there(portal, team, promised, None, "")
    with pytest.raises(Refusal, match="Nobody knows how the ticket of FU-1 stands"):
        take(portal, team, promised)
