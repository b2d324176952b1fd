"""A follow-up and its sub-task may say different things: both are shown, and neither overwrites the other."""

from datetime import UTC, datetime

from ims.model import FollowUp, FollowUpState, Person, Ticket, TicketState
from ims.postmortem.drift import drift, outside

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
