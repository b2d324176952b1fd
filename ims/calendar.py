"""The invitation as a calendar file, which every calendar program reads."""

from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText

from ims.model.message import Invitation

_PRODUCT = "-//IMS//Incident portal//EN"
_ORGANISER = "ims@localhost"


def calendar_file(invitation: Invitation, *, now: datetime, portal_url: str = "", organiser: str = _ORGANISER) -> bytes:
    """Return an ``.ics`` file that invites to a meeting, or calls it off (RFC 5546). Its times are UTC.

    The UID stays the same through every change and ``SEQUENCE`` grows, so that calendars move the entry they have.
    ``organiser`` is the e-mail address that answers go to.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method_of(invitation))
    calendar.add_component(_event(invitation, portal_url, now, organiser))
    file: bytes = calendar.to_ical()
    return file


def method_of(invitation: Invitation) -> str:
    """Return what calendars shall do with it; the e-mail around the file says the same."""
    return "CANCEL" if invitation.cancelled else "REQUEST"


def _event(invitation: Invitation, portal_url: str, now: datetime, organiser: str) -> Event:
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", datetime.fromisoformat(invitation.starts_at).astimezone(UTC))
    event.add("dtend", datetime.fromisoformat(invitation.ends_at).astimezone(UTC))
    event.add("summary", invitation.title)
    event.add("description", _description(invitation, portal_url))
    event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    if portal_url:
        event.add("url", portal_url)
    if invitation.link:
        event.add("location", invitation.link)
    event.add("organizer", vCalAddress(f"mailto:{organiser}"))
    for email in invitation.attendees:
        event.add("attendee", _attendee(email), encode=False)
    return event


def _attendee(email: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{email}")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
    attendee.params["RSVP"] = vText("TRUE")
    return attendee


def _description(invitation: Invitation, portal_url: str) -> str:
    link = [f"In the portal: {portal_url}"] if portal_url not in invitation.agenda else []
    return "\n\n".join(part for part in (invitation.agenda, *link) if part)
