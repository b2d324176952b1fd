"""What people do about a page in the pager itself comes back into the incident, once."""

from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.model import PORTAL, EntryKind, EntrySource, Incident, IncidentState
from ims.ports import Answer, PageAnswer
from ims.response import states
from ims.response.answers import take_answer
from tests.conftest import START, HandClock, Team
from tests.response.conftest import Act, reloaded, timeline

MINUTE = timedelta(minutes=1)


def take(portal: Portal, answer: PageAnswer) -> bool:
    with portal.work(PORTAL) as work:
        return take_answer(work, answer)


def by_bob(answer: Answer = Answer.ACKNOWLEDGED, *, after: timedelta = MINUTE, key: str = "INC-1") -> PageAnswer:
    return PageAnswer(key, answer, START + after, "Bob@example.com")


def test_an_acknowledgement_in_the_pager_is_one_here_at_the_time_it_was_made(
    portal: Portal, incident: Incident, clock: HandClock
) -> None:
    clock.forward(5 * MINUTE)
    assert take(portal, by_bob())
    assert reloaded(portal, incident).acknowledged_at == START + MINUTE
    (entry,) = timeline(portal, incident, EntryKind.ACKNOWLEDGED)
    assert (entry.author, entry.source, entry.occurred_at, entry.recorded_at) == (
        "Bob Kahn",
        EntrySource.PAGER,
        START + MINUTE,
        START + 5 * MINUTE,
    )


def test_the_same_answer_again_by_webhook_or_by_polling_changes_nothing(
    portal: Portal, incident: Incident, clock: HandClock
) -> None:
    clock.forward(5 * MINUTE)
    assert [take(portal, by_bob()) for _ in range(3)] == [True, False, False]
    assert len(timeline(portal, incident, EntryKind.ACKNOWLEDGED)) == 1


def test_resolving_in_the_pager_ends_the_paging_and_not_the_incident(
    portal: Portal, incident: Incident, clock: HandClock
) -> None:
    clock.forward(5 * MINUTE)
    assert take(portal, by_bob(Answer.RESOLVED))
    assert not take(portal, by_bob(Answer.RESOLVED))
    kept = reloaded(portal, incident)
    assert (kept.state, kept.acknowledged_at) == (IncidentState.OPEN, START + MINUTE)
    (entry,) = timeline(portal, incident, EntryKind.PAGE_RESOLVED)
    assert entry.text == "Bob Kahn resolved the alert in the pager; the incident stays open"


def test_somebody_whom_the_portal_does_not_know_is_named_once_and_paging_goes_on(
    portal: Portal, incident: Incident, clock: HandClock
) -> None:
    clock.forward(5 * MINUTE)
    stranger = PageAnswer("INC-1", Answer.ACKNOWLEDGED, START + MINUTE, "eve@example.com")
    assert [take(portal, stranger) for _ in range(2)] == [True, False]
    assert reloaded(portal, incident).acknowledged_at is None
    (entry,) = timeline(portal, incident, EntryKind.NOTE)
    assert "eve@example.com, who is not in the portal" in entry.text


@pytest.mark.parametrize(
    "answer",
    [
        by_bob(after=-timedelta(hours=1)),
        by_bob(after=timedelta(hours=1)),
        by_bob(key="INC-99"),
        by_bob(key="nonsense"),
    ],
    ids=["before the incident", "from the future", "of no incident", "of no key"],
)
def test_an_answer_to_something_else_is_passed_over(
    portal: Portal, incident: Incident, clock: HandClock, answer: PageAnswer
) -> None:
    clock.forward(5 * MINUTE)
    assert not take(portal, answer)
    assert reloaded(portal, incident).acknowledged_at is None


def test_an_answer_after_the_end_changes_nothing(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: states.cancel(work, incident.id, "a false alarm"))
    assert not take(portal, by_bob(Answer.RESOLVED))


def test_a_pagers_clock_that_runs_behind_does_not_acknowledge_before_the_declaration(
    portal: Portal, incident: Incident, team: Team
) -> None:
    assert take(portal, by_bob(after=-MINUTE))
    assert reloaded(portal, incident).acknowledged_at == START
