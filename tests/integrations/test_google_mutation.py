"""Whether one wrong field name towards Google, or from it, would be noticed."""

from types import ModuleType

import pytest

from ims.integrations.google import calendar, events
from ims.model.message import RoomRequest
from tests.fakes.google import BOT, FakeGoogle, Told
from tests.integrations.test_google import ADA, BOB, EVE, as_the_user, guests, invite
from tests.mutation import assert_every_mutant_dies


def exercise() -> None:
    """Use every method, and look at what Google holds and what the portal is told."""
    with FakeGoogle() as google:
        own = invite(google, link="https://zoom.example/1")
        event_id = own.reference
        event = google.calendar.events[event_id]
        assert event["location"] == "https://zoom.example/1"
        assert event["extendedProperties"]["private"] == {"imsIncident": "INC-7", "imsSequence": "0"}
        assert own.url == event["htmlLink"]
        google.calendar.answer_as(event_id, ADA, "accepted")
        google.calendar.meet = "pending"
        pending = invite(google, 1)
        assert "still making" in pending.proof
        assert "location" not in google.calendar.events[event_id]
        assert guests(google) == {ADA: "accepted", BOB: "needsAction"}
        google.calendar.meet = "success"
        invite(google, 2, link="https://zoom.example/2")
        ready = invite(google, 3, attendees=[ADA, BOB, EVE])
        assert ready.references == {"meeting": google.calendar.events[event_id]["hangoutLink"]}
        assert ready.proof == "In Google Calendar; 3 guests are invited by Google."
        before = list(google.calendar.told)
        assert invite(google, 3) == ready
        assert invite(google, 4, link=ready.references["meeting"]).references == ready.references
        assert google.calendar.told[len(before) :] == [
            Told("called off", EVE, event_id),
            Told("changed", ADA, event_id),
            Told("changed", BOB, event_id),
        ]
        invite(google, 4, attendees=[BOB], cancelled=True, partial=True)
        assert guests(google) == {ADA: "accepted"}
        moved = invite(google, 5, ends_at="2026-11-24T12:00:00")
        assert guests(google) == {ADA: "needsAction", BOB: "needsAction"}
        assert moved.references == ready.references
        google.calendar.delete(event_id)
        assert "not in Google Calendar any more" in invite(google, 6, cancelled=True).proof
        assert invite(google, 5).reference == event_id
        assert google.calendar.events[event_id]["status"] == "cancelled"
        invite(google, 6)
        assert google.calendar.events[event_id]["status"] == "confirmed"
        assert google.calendar.events[event_id]["summary"] == "Root cause of INC-7"
        assert google.calendar.events[event_id]["description"].startswith("1. What")
        count = len(google.calendar.told)
        invite(google, 7, cancelled=True)
        assert [each.what for each in google.calendar.told[count:]] == ["called off", "called off"]
        assert f"“{BOT}” (Europe/Zurich)" in as_the_user(google).ping()
        room = as_the_user(google).open_room(RoomRequest(incident_key="INC-7", title="x"), "k")
        [space] = google.meet.spaces
        assert space["config"]["accessType"] == "TRUSTED"
        assert (room.reference, room.references) == (space["name"], {"room": space["meetingUri"]})
        assert google.violations == []


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "_LOOKS_AGAIN", (0.0,))


@pytest.mark.parametrize(("module", "spare"), [(events, ()), (calendar, ("permanent",))], ids=["events", "calendar"])
def test_no_field_name_can_be_wrong_unseen(module: ModuleType, spare: tuple[str, ...]) -> None:
    assert_every_mutant_dies(module, exercise, spare)
