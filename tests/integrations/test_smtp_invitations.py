"""Invitations by e-mail, as calendar programs read them: asked, changed, called off."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from icalendar import Calendar, Event

from ims.model.message import Invitation
from ims.ports import DeliveryError
from tests.fakes.smtp import MailServer
from tests.integrations.test_smtp import mailer


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def invitation(**changes: object) -> Invitation:
    known = {
        "incident_key": "INC-7",
        "uid": "meeting-7@ims",
        "sequence": 0,
        "title": "Ursache von INC-7: Zahlungen; gehen, nicht – \\",
        "agenda": "1. Why?\n2. What now?\nhttps://ims.example/rca?key=INC-7",
        "starts_at": "2026-11-24T11:00:00+01:00",
        "ends_at": "2026-11-24T12:00:00+01:00",
        "link": "https://meet.example/x",
        "attendees": ["ada@example.com", "bob@example.com"],
    }
    return Invitation.model_validate(known | changes)


def parts(letter: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in letter.walk() if isinstance(part, EmailMessage)}


def event_in(file: str | bytes) -> tuple[str, Event]:
    calendar = Calendar.from_ical(file)
    assert isinstance(calendar, Calendar)
    [event] = calendar.events
    return str(calendar["METHOD"]), event


def test_every_attendee_is_invited_by_one_letter_that_calendars_understand(server: MailServer) -> None:
    receipt = mailer(server).invite(invitation(), "k")
    [letter] = server.letters
    assert server.recipients == [["ada@example.com", "bob@example.com"]]
    assert (letter["To"], letter["Subject"]) == ("ada@example.com, bob@example.com", invitation().title)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert receipt.proof.startswith("Accepted by 127.0.0.1 for ada@example.com, bob@example.com")
    assert receipt.reference == letter["Message-ID"]
    mixed, alternative, plain, calendar, attached = letter.walk()
    assert [mixed.get_content_type(), alternative.get_content_type()] == ["multipart/mixed", "multipart/alternative"]
    assert [part.get_content_type() for part in (plain, calendar)] == ["text/plain", "text/calendar"]
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert (attached.get_content_type(), attached.get_filename()) == ("application/ics", "invitation.ics")


def test_the_calendar_says_what_when_and_who_asks(server: MailServer) -> None:
    mailer(server).invite(invitation(), "k")
    found = parts(server.letters[0])
    assert found["text/calendar"].get_content() == found["application/ics"].get_content().decode()
    method, event = event_in(found["application/ics"].get_content())
    assert (method, event["UID"], event["SEQUENCE"], event["STATUS"]) == ("REQUEST", "meeting-7@ims", 0, "CONFIRMED")
    assert event.decoded("DTSTART") == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert b"DTEND:20261124T110000Z" in found["application/ics"].get_content()
    assert str(event["SUMMARY"]) == invitation().title
    assert str(event["ORGANIZER"]) == "mailto:incidents@ims.example"
    assert [str(each) for each in event.attendees] == ["mailto:ada@example.com", "mailto:bob@example.com"]
    assert str(event["LOCATION"]) == "https://meet.example/x"
    assert str(event["DESCRIPTION"]).startswith("1. Why?\n2.")
    assert "URL" not in event


def test_the_text_says_it_too(server: MailServer) -> None:
    mailer(server).invite(invitation(), "k")
    said = parts(server.letters[0])["text/plain"].get_content()
    assert said.startswith("You are invited to a meeting.")
    assert "Tuesday, 24 November 2026, 10:00 to 11:00 UTC" in said
    assert "https://meet.example/x" in said
    assert "1. Why?" in said


def test_a_change_and_its_end_move_the_same_meeting_in_the_same_thread(server: MailServer) -> None:
    adapter = mailer(server)
    adapter.invite(invitation(), "k")
    adapter.invite(invitation(sequence=1), "k")
    adapter.invite(invitation(sequence=2, cancelled=True), "k")
    events = [event_in(parts(letter)["application/ics"].get_content()) for letter in server.letters]
    said = [(method, event["SEQUENCE"], event["STATUS"], event["UID"]) for method, event in events]
    assert said == [
        ("REQUEST", 0, "CONFIRMED", "meeting-7@ims"),
        ("REQUEST", 1, "CONFIRMED", "meeting-7@ims"),
        ("CANCEL", 2, "CANCELLED", "meeting-7@ims"),
    ]
    first, second, third = server.letters
    assert first["In-Reply-To"] is None
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]
    assert parts(third)["text/calendar"]["Content-Type"].params["method"] == "CANCEL"
    openings = [parts(letter)["text/plain"].get_content().splitlines()[0] for letter in server.letters]
    assert openings[1:] == ["This meeting has changed.", "This meeting is called off."]


def test_who_is_left_out_of_a_change_gets_a_letter_of_their_own(server: MailServer) -> None:
    adapter = mailer(server)
    changed = adapter.invite(invitation(sequence=1, attendees=["ada@example.com"]), "k").reference
    left_out = adapter.invite(
        invitation(sequence=1, attendees=["bob@example.com"], cancelled=True, partial=True), "k"
    ).reference
    assert changed != left_out
    said = parts(server.letters[-1])["text/plain"].get_content()
    assert said.startswith("You are not invited to this meeting any more; it takes place without you.")


def test_an_invitation_sent_again_is_the_same_letter(server: MailServer) -> None:
    references = {mailer(server).invite(invitation(), "k").reference for _ in range(2)}
    assert len(references) == 1
    assert references != {mailer(server).invite(invitation(uid="other@ims"), "k").reference}


def test_who_was_refused_is_named_and_the_others_are_invited(server: MailServer) -> None:
    server.refused["bob@example.com"] = "550 5.2.1 gone"
    receipt = mailer(server).invite(invitation(), "k")
    assert receipt.proof.startswith("Accepted by 127.0.0.1 for ada@example.com. Should")
    assert receipt.problem.startswith("bob@example.com did not get it (550 5.2.1 gone: the mailbox is")


def test_a_line_break_in_the_title_never_leaves_the_house(server: MailServer) -> None:
    with pytest.raises(DeliveryError, match="line break"):
        mailer(server).invite(invitation(title="Hello\nBcc: everybody@example.com"), "k")
    assert server.letters == []
