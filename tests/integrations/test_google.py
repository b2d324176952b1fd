"""Meetings in Google Calendar and war rooms in Meet, against a server that takes only what Google's contract takes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest

from ims.clock import utc_now
from ims.integrations.google import calendar, events
from ims.integrations.google.settings import GoogleSettings
from ims.integrations.google.workspace import GoogleWorkspace
from ims.model.message import Invitation, RoomRequest
from ims.ports import DeliveryError, Receipt
from tests.fakes.google import BOT, FakeGoogle, Trouble

ADA, BOB, EVE = "ada@example.com", "bob@example.com", "eve@example.com"


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle() as fake:
        yield fake
        assert fake.violations == []


def workspace(google: FakeGoogle, **settings: object) -> GoogleWorkspace:
    return GoogleWorkspace(GoogleSettings.model_validate(google.settings() | settings), utc_now)


def as_the_user(google: FakeGoogle) -> GoogleWorkspace:
    return GoogleWorkspace(GoogleSettings.model_validate(google.oauth_settings()), utc_now)


def invitation(sequence: int = 0, **changes: object) -> Invitation:
    known = {
        "incident_key": "INC-7",
        "uid": "rca-7@ims.example.com",
        "sequence": sequence,
        "title": "Root cause of INC-7",
        "agenda": "1. What happened?\n2. Why?",
        "starts_at": "2026-11-24T10:00:00+00:00",
        "ends_at": "2026-11-24T11:00:00+00:00",
        "link": "",
        "attendees": [ADA, BOB],
    }
    return Invitation.model_validate(known | changes)


def invite(google: FakeGoogle, sequence: int = 0, **changes: object) -> Receipt:
    return as_the_user(google).invite(invitation(sequence, **changes), "k")


def the_event(google: FakeGoogle) -> dict[str, object]:
    [event] = google.calendar.events.values()
    return event


def guests(google: FakeGoogle) -> dict[str, str]:
    [event] = google.calendar.events.values()
    return {guest["email"]: guest["responseStatus"] for guest in event["attendees"]}


def told(google: FakeGoogle) -> list[tuple[str, str]]:
    return [(each.what, each.guest) for each in google.calendar.told]


def test_everyone_is_invited_to_a_meeting_with_a_meet_link(google: FakeGoogle) -> None:
    receipt = invite(google)
    event = the_event(google)
    assert event["summary"] == "Root cause of INC-7"
    assert event["description"] == "1. What happened?<br>2. Why?"
    assert guests(google) == {ADA: "needsAction", BOB: "needsAction"}
    assert told(google) == [("invited", ADA), ("invited", BOB)]
    assert receipt.references == {"meeting": event["hangoutLink"]}
    assert (receipt.url, receipt.reference) == (event["htmlLink"], event["id"])
    assert "2 guests are invited" in receipt.proof


@pytest.mark.parametrize("start", ["2026-11-24T10:00:00+00:00", "2026-11-24T11:00:00+01:00", "2026-11-24T10:00:00"])
def test_a_time_of_any_zone_is_the_same_moment_at_google(google: FakeGoogle, start: str) -> None:
    invite(google, starts_at=start)
    kept = google.calendar.events[events.event_id(invitation())]["start"]
    assert datetime.fromisoformat(kept["dateTime"]) == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert [call.body["start"]["dateTime"] for call in google.calls if call.body] == ["2026-11-24T10:00:00+00:00"]


def test_what_people_typed_is_never_markup(google: FakeGoogle) -> None:
    invite(google, agenda='<img src=x onerror="alert(1)">\n</br>& <a href="https://evil.example">click</a>')
    assert the_event(google)["description"] == (
        "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;<br>&lt;/br&gt;&amp; "
        "&lt;a href=&quot;https://evil.example&quot;&gt;click&lt;/a&gt;"
    )


@pytest.mark.parametrize("agenda", ["<" * 9_000, "&\n" * 30_000, "word " * 4_000])
def test_an_agenda_that_is_too_long_is_cut_and_says_so(google: FakeGoogle, agenda: str) -> None:
    invite(google, agenda=agenda)
    description = str(the_event(google)["description"])
    assert description.endswith("…")
    assert 5_000 < len(description) <= 8_000


def test_the_same_invitation_twice_invites_once(google: FakeGoogle) -> None:
    first, second = invite(google), invite(google)
    assert first == second
    assert told(google) == [("invited", ADA), ("invited", BOB)]


def test_an_answer_that_was_lost_is_found_again(google: FakeGoogle) -> None:
    portal = workspace(google)
    portal.ping()
    google.fail_next(Trouble.DROPPED, Trouble.DROPPED)  # the look for the event, then its making
    for _ in range(2):
        with pytest.raises(DeliveryError, match="cannot be reached") as caught:
            portal.invite(invitation(), "k")
        assert not caught.value.permanent
    assert portal.invite(invitation(), "k").references
    assert told(google) == [("invited", ADA), ("invited", BOB)]


def test_a_change_whose_answer_was_lost_is_told_once(google: FakeGoogle) -> None:
    portal = as_the_user(google)
    portal.invite(invitation(), "k")
    google.fail_next(None, Trouble.DROPPED)
    with pytest.raises(DeliveryError, match="cannot be reached"):
        portal.invite(invitation(1, title="Another"), "k")
    portal.invite(invitation(1, title="Another"), "k")
    assert told(google)[2:] == [("changed", ADA), ("changed", BOB)]


def test_a_move_reaches_the_event_that_is_there_and_everyone_answers_anew(google: FakeGoogle) -> None:
    first = invite(google)
    google.calendar.answer_as(first.reference, ADA, "accepted")
    moved = invite(google, 1, starts_at="2026-11-25T10:00:00+00:00", ends_at="2026-11-25T11:00:00+00:00")
    assert (moved.reference, moved.references) == (first.reference, first.references)
    assert guests(google) == {ADA: "needsAction", BOB: "needsAction"}
    assert told(google)[2:] == [("changed", ADA), ("changed", BOB)]


def test_who_accepted_stays_so_when_only_the_guests_change(google: FakeGoogle) -> None:
    google.calendar.answer_as(invite(google).reference, ADA, "accepted")
    invite(google, 1, attendees=["Ada@Example.com".lower(), EVE])
    assert guests(google) == {ADA: "accepted", EVE: "needsAction"}
    assert told(google)[2:] == [("called off", BOB), ("invited", EVE), ("changed", ADA)]


def test_a_change_goes_through_though_people_moved_the_event_themselves(google: FakeGoogle) -> None:
    event_id = invite(google).reference
    google.calendar.events[event_id]["sequence"] = 9  # Google counts up with every move in its own pages
    invite(google, 1, title="Another title")
    assert the_event(google)["summary"] == "Another title"


def test_an_older_change_that_comes_late_changes_nothing(google: FakeGoogle) -> None:
    invite(google, 2, title="The newest")
    invite(google, 1, title="Older")
    assert the_event(google)["summary"] == "The newest"


def test_a_change_to_an_event_that_was_never_made_makes_it(google: FakeGoogle) -> None:
    invite(google, 3)
    assert told(google) == [("invited", ADA), ("invited", BOB)]


def test_an_event_that_somebody_deleted_comes_back_with_the_next_change(google: FakeGoogle) -> None:
    google.calendar.delete(invite(google).reference)
    invite(google, 1)
    assert the_event(google)["status"] == "confirmed"
    assert told(google)[2:] == [("invited", ADA), ("invited", BOB)]


def test_an_event_that_was_deleted_for_good_asks_a_person(google: FakeGoogle) -> None:
    google.calendar.purge(invite(google).reference)
    with pytest.raises(DeliveryError, match="plan another one") as caught:
        invite(google, 1)
    assert caught.value.permanent


def test_an_event_that_google_does_not_bring_back_asks_a_person(google: FakeGoogle) -> None:
    google.calendar.delete(invite(google).reference)
    google.calendar.restores = False
    with pytest.raises(DeliveryError, match="plan another one") as caught:
        invite(google, 1)
    assert caught.value.permanent


def test_an_invitation_that_was_told_does_not_come_back_after_it_was_called_off(google: FakeGoogle) -> None:
    invite(google)
    invite(google, 1, cancelled=True)
    assert invite(google).proof == "It was in Google Calendar until it was deleted there."
    assert the_event(google)["status"] == "cancelled"


def test_two_workers_make_one_event(google: FakeGoogle) -> None:
    portal = workspace(google)
    receipts: list[Receipt] = []
    workers = [Thread(target=lambda: receipts.append(portal.invite(invitation(), "k"))) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len({receipt.reference for receipt in receipts}) == 1
    assert len(receipts) == 6
    assert told(google) == [("invited", ADA), ("invited", BOB)]
    assert google.requests.count("POST /token") == 1


def test_calling_the_meeting_off_tells_the_guests_once(google: FakeGoogle) -> None:
    invite(google)
    for _ in range(2):
        receipt = invite(google, 1, cancelled=True)
    assert the_event(google)["status"] == "cancelled"
    assert told(google)[2:] == [("called off", ADA), ("called off", BOB)]
    assert receipt.proof == "It is not in Google Calendar any more."


def test_calling_off_what_google_never_knew_is_no_failure(google: FakeGoogle) -> None:
    assert invite(google, 1, cancelled=True).proof == "It is not in Google Calendar any more."


def test_who_is_left_out_is_told_and_the_meeting_takes_place(google: FakeGoogle) -> None:
    google.calendar.answer_as(invite(google).reference, ADA, "accepted")
    invite(google, 1, attendees=[ADA])
    for _ in range(2):
        receipt = invite(google, 1, attendees=[BOB], cancelled=True, partial=True)
    assert the_event(google)["status"] == "confirmed"
    assert guests(google) == {ADA: "accepted"}
    assert told(google)[2:] == [("called off", BOB), ("changed", ADA)]
    assert BOB in receipt.proof


def test_who_is_left_out_goes_even_if_the_change_before_was_stopped(google: FakeGoogle) -> None:
    google.calendar.answer_as(invite(google).reference, ADA, "accepted")
    invite(google, 1, attendees=["BOB@example.com"], cancelled=True, partial=True)
    assert guests(google) == {ADA: "accepted"}
    assert ("called off", BOB) in told(google)


def test_nobody_can_be_left_out_of_a_meeting_that_is_off(google: FakeGoogle) -> None:
    invite(google)
    invite(google, 1, cancelled=True)
    before = told(google)
    invite(google, 1, attendees=[BOB], cancelled=True, partial=True)
    assert told(google) == before


def test_a_link_of_ones_own_takes_the_place_of_meet_and_gives_it_back(google: FakeGoogle) -> None:
    receipt = invite(google, link="https://zoom.example/1")
    assert the_event(google)["location"] == "https://zoom.example/1"
    assert receipt.references == {}
    invite(google, 1)
    assert "location" not in the_event(google)
    assert "hangoutLink" in the_event(google)
    invite(google, 2, link="https://zoom.example/2")
    assert the_event(google)["location"] == "https://zoom.example/2"
    assert "hangoutLink" not in the_event(google)
    assert invite(google, 3).references["meeting"] == the_event(google)["hangoutLink"]


def test_the_meet_link_given_back_by_the_portal_stays_a_meet_link(google: FakeGoogle) -> None:
    link = invite(google).references["meeting"]
    assert invite(google, 1, link=link).references == {"meeting": link}
    assert "location" not in the_event(google)


@pytest.mark.parametrize(
    ("state", "words"), [("pending", "still making the Meet link"), ("failure", "could not make a Meet link")]
)
def test_an_invitation_counts_also_without_its_meet_link(
    google: FakeGoogle, state: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "_LOOKS_AGAIN", (0.0,))
    google.calendar.meet = state
    receipt = invite(google)
    assert words in receipt.proof
    assert receipt.references == {}
    assert told(google) == [("invited", ADA), ("invited", BOB)]


def test_a_meet_link_that_google_makes_a_moment_later_is_waited_for(
    google: FakeGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "_LOOKS_AGAIN", (0.0,))
    google.calendar.meet = "soon"
    receipt = invite(google)
    assert receipt.references == {"meeting": the_event(google)["hangoutLink"]}
    assert told(google) == [("invited", ADA), ("invited", BOB)]


def test_a_war_room_opens_for_the_organisation(google: FakeGoogle) -> None:
    receipt = workspace(google).open_room(RoomRequest(incident_key="INC-7", title="Payments fail"), "k")
    [space] = google.meet.spaces
    assert space["config"]["accessType"] == "TRUSTED"
    assert receipt.references == {"room": space["meetingUri"]}
    assert (receipt.url, receipt.reference) == (space["meetingUri"], space["name"])


def test_who_enters_a_war_room_is_a_setting(google: FakeGoogle) -> None:
    workspace(google, meet_access="OPEN").open_room(RoomRequest(incident_key="INC-7", title="x"), "k")
    assert google.meet.spaces[0]["config"]["accessType"] == "OPEN"


def test_a_lost_answer_opens_one_room_and_not_two(google: FakeGoogle) -> None:
    portal = workspace(google)
    portal.ping()
    google.fail_next(Trouble.DROPPED)
    with pytest.raises(DeliveryError, match="cannot be reached"):
        portal.open_room(RoomRequest(incident_key="INC-7", title="x"), "k")
    assert len(google.meet.spaces) == 1


def test_ping_says_as_whom_and_changes_nothing(google: FakeGoogle) -> None:
    assert workspace(google).ping() == (
        f"Signed in as {BOT}. Google Calendar “{BOT}” (Europe/Zurich) can be written. Google Drive takes documents."
    )
    assert (google.calendar.events, google.meet.spaces) == ({}, [])


def test_the_users_own_sign_in_does_as_well(google: FakeGoogle) -> None:
    portal = as_the_user(google)
    assert portal.ping().startswith("Signed in as the user of the refresh token.")
    assert portal.invite(invitation(), "k").references


def test_a_token_serves_many_calls_and_a_withdrawn_one_is_renewed(google: FakeGoogle) -> None:
    portal = workspace(google)
    for _ in range(3):
        portal.ping()
    assert google.requests.count("POST /token") == 1
    google.tokens.issued.clear()
    portal.ping()
    assert google.requests.count("POST /token") == 2


def test_no_password_of_the_machine_takes_the_tokens_place(
    google: FakeGoogle, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert workspace(google).ping()
