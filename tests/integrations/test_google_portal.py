"""A whole portal with Google beside it: the war room of a declared incident, and the life of its meeting."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.model import DeliveryState, Incident, Meeting, MeetingDraft
from ims.postmortem import meeting
from ims.store import deliveries, references
from tests.conftest import HandClock, Team
from tests.fakes.google import BOT, FakeGoogle, Trouble

ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGoogle]:
    with FakeGoogle() as fake:
        for name, value in fake.settings().items():
            monkeypatch.setenv(f"IMS_GOOGLE_{name.upper()}", str(value))
        yield fake
        assert fake.violations == []


@pytest.fixture
def portal(google: FakeGoogle, sqlite_url: str, clock: HandClock) -> Iterator[Portal]:
    """A portal that is configured for Google."""
    portal = build(Settings(database_url=sqlite_url), clock)
    portal.start()
    yield portal
    portal.database.close()


@pytest.fixture
def draft(clock: HandClock) -> MeetingDraft:
    starts_at = clock.now + timedelta(days=1)
    known = {"title": "Root cause", "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    return MeetingDraft.model_validate(known | {"agenda": "Why?", "attendees": [ADA, BOB]})


def found(portal: Portal, incident: Incident) -> dict[str, str]:
    with portal.reading() as session:
        return {name: each.value for name, each in references.of_incident(session, incident.id).items()}


def link_of(portal: Portal, planned: Meeting) -> str:
    with portal.reading() as session:
        return session.get_one(Meeting, planned.id).link


def unsettled(portal: Portal, incident: Incident) -> list[str]:
    with portal.reading() as session:
        rows = deliveries.of_incident(session, incident.id)
    return [row.kind for row in rows if row.kind in ("room", "invitation") and row.state is not DeliveryState.SENT]


def test_a_declared_incident_has_its_war_room_in_meet(portal: Portal, google: FakeGoogle, incident: Incident) -> None:
    portal.worker.run_due()
    [space] = google.meet.spaces
    assert found(portal, incident)["room"] == space["meetingUri"]


def test_a_meeting_is_planned_moved_without_somebody_and_called_off(
    portal: Portal, google: FakeGoogle, incident: Incident, team: Team, draft: MeetingDraft
) -> None:
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, incident.id, draft)
    portal.worker.run_due()
    [event] = google.calendar.events.values()
    assert found(portal, incident)["meeting"] == event["hangoutLink"] == link_of(portal, planned)
    with portal.work(team.as_ada) as work:
        meeting.reschedule(work, planned.id, draft.model_copy(update={"attendees": [ADA]}))
    portal.worker.run_due()
    portal.worker.run_due()
    [event] = google.calendar.events.values()
    assert (event["status"], [guest["email"] for guest in event["attendees"]]) == ("confirmed", [ADA])
    with portal.work(team.as_ada) as work:
        meeting.cancel(work, planned.id, "Nobody has time")
    portal.worker.run_due()
    assert [(each.what, each.guest) for each in google.calendar.told] == [
        ("invited", ADA),
        ("invited", BOB),
        ("called off", BOB),
        ("changed", ADA),
        ("called off", ADA),
    ]
    assert unsettled(portal, incident) == []


def test_a_place_that_somebody_named_stays_the_place(
    portal: Portal, google: FakeGoogle, incident: Incident, team: Team, draft: MeetingDraft
) -> None:
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, incident.id, draft)
        named = draft.model_copy(update={"link": "https://zoom.example/1"})
        meeting.reschedule(work, planned.id, named)
    portal.worker.run_due()
    [event] = google.calendar.events.values()
    assert link_of(portal, planned) == event["location"] == "https://zoom.example/1"


def test_a_google_that_was_down_hears_of_it_once_it_is_back(
    portal: Portal, google: FakeGoogle, incident: Incident, team: Team, draft: MeetingDraft, clock: HandClock
) -> None:
    portal.worker.run_due()
    google.trouble = Trouble.DOWN
    with portal.work(team.as_ada) as work:
        meeting.plan(work, incident.id, draft)
    portal.worker.run_due()
    assert unsettled(portal, incident) == ["invitation"]
    google.trouble = None
    clock.forward(timedelta(minutes=1))
    portal.worker.run_due()
    assert unsettled(portal, incident) == []
    assert len(google.calendar.told) == 2
    assert all(call.user == BOT for call in google.calls)
