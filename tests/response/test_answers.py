"""What people do about a page in the pager itself comes back into the incident, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.model import PORTAL, EntryKind, EntrySource, Incident, IncidentState
from ims.model.message import StandDown
from ims.ports import Answer, PageAnswer
from ims.response import states
from ims.response.announcing.asking import ask
from ims.response.answers import take_answer
from tests.conftest import START, HandClock, Team
from tests.response.conftest import Act, reloaded, timeline

MINUTE = timedelta(minutes=1)


def take(portal: Portal, answer: PageAnswer) -> bool:
    with portal.work(PORTAL) as work:
        return take_answer(work, answer)


def by_bob(incident: Incident, answer: Answer = Answer.ACKNOWLEDGED, *, after: timedelta = MINUTE) -> PageAnswer:
    return PageAnswer(incident.name_everywhere, answer, START + after, "Bob@example.com")


def test_an_acknowledgement_in_the_pager_is_one_here_at_the_time_it_was_made(
    portal: Portal, incident: Incident, clock: HandClock
) -> None:
    clock.forward(5 * MINUTE)
    assert take(portal, by_bob(incident))
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
    assert [take(portal, by_bob(incident)) for _ in range(3)] == [True, False, False]
    assert len(timeline(portal, incident, EntryKind.ACKNOWLEDGED)) == 1


def test_resolving_in_the_pager_ends_the_paging_and_not_the_incident(
    portal: Portal, incident: Incident, clock: HandClock
) -> None:
    clock.forward(5 * MINUTE)
    assert take(portal, by_bob(incident, Answer.RESOLVED))
    assert not take(portal, by_bob(incident, Answer.RESOLVED))
    kept = reloaded(portal, incident)
    assert (kept.state, kept.acknowledged_at) == (IncidentState.OPEN, START + MINUTE)
    (entry,) = timeline(portal, incident, EntryKind.PAGE_RESOLVED)
    assert entry.text == "Bob Kahn resolved the alert in the pager; the incident stays open"


def test_somebody_whom_the_portal_does_not_know_is_named_once_and_paging_goes_on(
    portal: Portal, incident: Incident, clock: HandClock
) -> None:
    clock.forward(5 * MINUTE)
    stranger = PageAnswer(incident.name_everywhere, Answer.ACKNOWLEDGED, START + MINUTE, "eve@example.com")
    assert [take(portal, stranger) for _ in range(2)] == [True, False]
    assert reloaded(portal, incident).acknowledged_at is None
    (entry,) = timeline(portal, incident, EntryKind.NOTE)
    assert "eve@example.com, who is not in the portal" in entry.text


def test_a_stranger_after_the_portal_ended_the_paging_is_the_portal_itself(
    portal: Portal, incident: Incident, clock: HandClock
) -> None:
    with portal.work(PORTAL) as work:
        over = StandDown(incident_key=incident.key, title=incident.title, text="Mitigated", over=False)
        ask(work, incident, over, "1", "page")
    clock.forward(5 * MINUTE)
    ours = PageAnswer(incident.name_everywhere, Answer.ACKNOWLEDGED, START + MINUTE, "ims@example.com")
    assert not take(portal, ours)
    assert timeline(portal, incident, EntryKind.NOTE) == []


@pytest.mark.parametrize("after", [-timedelta(hours=1), timedelta(hours=1)], ids=["before it", "from the future"])
def test_an_answer_of_another_time_is_passed_over(
    portal: Portal, incident: Incident, clock: HandClock, after: timedelta
) -> None:
    clock.forward(5 * MINUTE)
    assert not take(portal, by_bob(incident, after=after))
    assert reloaded(portal, incident).acknowledged_at is None


@pytest.mark.parametrize("called", ["INC-99", "nonsense", "INC-1", "INC-1-00000000", ""])
def test_an_answer_about_something_else_or_another_portals_incident_is_passed_over(
    portal: Portal, incident: Incident, clock: HandClock, called: str
) -> None:
    clock.forward(5 * MINUTE)
    assert not take(portal, replace(by_bob(incident), incident=called))
    assert reloaded(portal, incident).acknowledged_at is None


def test_an_answer_after_the_end_changes_nothing(portal: Portal, incident: Incident, act: Act) -> None:
    act(lambda work: states.cancel(work, incident.id, "a false alarm"))
    assert not take(portal, by_bob(incident, Answer.RESOLVED))


def test_a_pagers_clock_that_runs_behind_does_not_acknowledge_before_the_declaration(
    portal: Portal, incident: Incident, team: Team
) -> None:
    assert take(portal, by_bob(incident, after=-MINUTE))
    assert reloaded(portal, incident).acknowledged_at == START
