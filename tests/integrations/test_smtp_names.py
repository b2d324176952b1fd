"""No header and no part of a letter can have a wrong name unseen."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from icalendar import Calendar

import ims.calendar
from ims.integrations.smtp import invitations, letters
from ims.integrations.smtp.settings import SmtpSettings
from tests.integrations.test_smtp import NOW, mail
from tests.integrations.test_smtp_invitations import invitation, parts
from tests.mutation import assert_every_mutant_dies

SETTINGS = SmtpSettings(host="mail.example", sender="incidents@ims.example")
HEADERS = {"From", "To", "Subject", "Date", "Auto-Submitted", "Message-ID", "In-Reply-To", "References", "MIME-Version"}

EVENT = {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS", "LOCATION"} | {
    "ORGANIZER",
    "ATTENDEE",
}


def arrived(letter: EmailMessage) -> EmailMessage:
    read = message_from_bytes(letters.as_sent(letter).as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def exercise() -> None:
    update = arrived(letters.letter_of(mail(3), SETTINGS, NOW))
    assert set(update.keys()) == HEADERS | {"Cc", "Content-Type"}
    assert list(parts(update)) == ["multipart/alternative", "text/plain", "text/html"]
    asked = arrived(invitations.invitation_letter(invitation(sequence=2), SETTINGS, NOW))
    assert set(asked.keys()) == HEADERS | {"Content-Type"}
    found = parts(asked)
    assert found["text/calendar"]["Content-Type"].params["method"] == "REQUEST"
    check_calendar(found["application/ics"].get_content(), EVENT)
    page = "https://ims.example/incident?key=INC-7"
    check_calendar(ims.calendar.calendar_file(invitation(), now=NOW, portal_url=page), EVENT | {"URL"})


def check_calendar(file: bytes, names: set[str]) -> None:
    calendar = Calendar.from_ical(file)
    [event] = calendar.walk("VEVENT")
    assert set(calendar) == {"PRODID", "VERSION", "METHOD"}
    assert set(event) == names
    assert str(event["ORGANIZER"]).startswith("mailto:")
    guests = event["ATTENDEE"] if isinstance(event["ATTENDEE"], list) else [event["ATTENDEE"]]
    for guest in guests:
        assert dict(guest.params) == {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}


def test_no_header_of_a_letter_can_be_wrong_unseen() -> None:
    assert_every_mutant_dies(letters, exercise)


def test_no_name_in_an_invitation_can_be_wrong_unseen() -> None:
    assert_every_mutant_dies(invitations, exercise)


def test_no_name_in_a_calendar_file_can_be_wrong_unseen() -> None:
    assert_every_mutant_dies(ims.calendar, exercise)
