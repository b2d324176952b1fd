"""From an invitation to an event of Google Calendar, and what an event says to us. Pure.

The event's id depends on the meeting alone, so that a second try finds the event of the first. What the portal told it
last is kept in the event itself (``imsSequence``), so that nobody is invited twice to the same thing.
"""

from base64 import b32hexencode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from typing import Any

from ims.integrations.google.failures import Rubbish
from ims.model.message import Invitation
from ims.ports import Receipt

SYSTEM = "google"
Event = Mapping[str, Any]
_OF_GUEST = ("email", "displayName", "optional", "responseStatus", "comment", "additionalGuests")  # the writable ones
_LONGEST = 8_000  # characters; Google Calendar takes 8192


def event_id(invitation: Invitation) -> str:
    """Return the id of a meeting's event: base32hex in small letters, the only characters that Google takes."""
    return b32hexencode(sha256(invitation.uid.encode()).digest()).decode().rstrip("=").lower()


def new_event(invitation: Invitation) -> dict[str, Any]:
    """Return the event that invites for the first time."""
    known = {"id": event_id(invitation), "attendees": [{"email": email} for email in invitation.attendees]}
    return {**_facts(invitation), **known, **_place(invitation, {})}


def changed_event(invitation: Invitation, present: Event) -> dict[str, Any]:
    """Return what brings the event that is there up to date; an event that somebody deleted comes back.

    iCalendar's ``sequence`` is left to Google, which counts it up itself also when people move the event in their
    calendar, and then refuses a lower one.
    """
    known = {"status": "confirmed", "attendees": _guests(invitation, present)}
    return {**_facts(invitation), **known, **_place(invitation, present)}


def guests_without(left_out: Sequence[str], present: Event) -> list[dict[str, Any]] | None:
    """Return the guests of an event who stay, or ``None`` where nobody has to go."""
    guests = present.get("attendees", [])
    staying = [guest for guest in guests if guest.get("email", "").lower() not in _lower(left_out)]
    if len(staying) == len(guests):
        return None
    return [{name: guest[name] for name in _OF_GUEST if name in guest} for guest in staying]


def is_cancelled(event: Event) -> bool:
    """Return whether an event was called off or deleted; Google keeps such ones for a while."""
    return bool(event.get("status") == "cancelled")


def has_been_told(event: Event, invitation: Invitation) -> bool:
    """Return whether an event holds this invitation, or a newer one, or held it until somebody deleted it."""
    told = str(event.get("extendedProperties", {}).get("private", {}).get("imsSequence", ""))
    return told.isdigit() and int(told) >= invitation.sequence


def awaits_meet(event: Event) -> bool:
    """Return whether Google has the event, and still makes the Meet link that belongs to it."""
    return _meet_state(event) == "pending"


def receipt_of(event: Event) -> Receipt:
    """Return the receipt for an event that Google holds.

    Raises:
        Rubbish: Google's answer is no event.
    """
    if not isinstance(event, dict) or not event.get("id"):
        raise Rubbish
    if is_cancelled(event):
        return Receipt(SYSTEM, "It was in Google Calendar until it was deleted there.", str(event["id"]))
    meet = str(event.get("hangoutLink", ""))
    said = f"In Google Calendar; {len(event.get('attendees', []))} guests are invited by Google.{_about_meet(event)}"
    references = {"meeting": meet} if meet else {}
    return Receipt(SYSTEM, said, str(event["id"]), str(event.get("htmlLink", "")), references)


def new_space(access: str) -> dict[str, Any]:
    """Return the Meet space of a war room."""
    return {"config": {"accessType": access}}


def room_of(space: object) -> Receipt:
    """Return the receipt for a Meet space.

    Raises:
        Rubbish: Google's answer is no space that one can enter.
    """
    link = space.get("meetingUri") if isinstance(space, dict) else None
    if not isinstance(space, dict) or not isinstance(link, str):
        raise Rubbish
    return Receipt(SYSTEM, "A Google Meet room is open.", str(space.get("name", "")), link, {"room": link})


def _facts(invitation: Invitation) -> dict[str, Any]:
    return {
        "summary": invitation.title,
        "description": _description(invitation.agenda),
        "start": _moment(invitation.starts_at),
        "end": _moment(invitation.ends_at),
        "extendedProperties": {
            "private": {"imsIncident": invitation.incident_key, "imsSequence": str(invitation.sequence)}
        },
    }


def _moment(text: str) -> dict[str, str]:
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return {"dateTime": aware.astimezone(UTC).isoformat(timespec="seconds"), "timeZone": "UTC"}


def _description(agenda: str) -> str:
    """Return an agenda for a field that is shown as HTML. What is too long is cut between two lines or characters."""
    whole = _as_html(agenda)
    while len(whole) > _LONGEST:
        agenda = agenda[: len(agenda) * 9 // 10]
        whole = _as_html(f"{agenda}…")
    return whole


def _as_html(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _place(invitation: Invitation, present: Event) -> dict[str, Any]:
    """Return where the meeting is: at the link that somebody gave, or in Google Meet.

    The portal also keeps the link of the Meet that Google made; given back, it is no place of somebody's own.
    """
    link = "" if invitation.link == present.get("hangoutLink") else invitation.link
    if link:
        return {"location": link} | ({"conferenceData": None} if "conferenceData" in present else {})
    emptied = {"location": ""} if present.get("location") else {}
    return emptied if "conferenceData" in present else {**emptied, "conferenceData": _meet(invitation)}


def _meet(invitation: Invitation) -> dict[str, Any]:
    request = f"{event_id(invitation)}-{invitation.sequence}"
    return {"createRequest": {"requestId": request, "conferenceSolutionKey": {"type": "hangoutsMeet"}}}


def _guests(invitation: Invitation, present: Event) -> list[dict[str, Any]]:
    """Return the guests. What they answered stays as long as the time does; to another time they answer anew."""
    stays = all(_instant(present, end) == _instant(_facts(invitation), end) for end in ("start", "end"))
    answers = {guest.get("email", "").lower(): guest.get("responseStatus") for guest in present.get("attendees", [])}
    kept = answers if stays else {}
    return [
        {"email": email} | ({"responseStatus": kept[email.lower()]} if kept.get(email.lower()) else {})
        for email in invitation.attendees
    ]


def _instant(event: Event, end: str) -> datetime | None:
    """Return when an event starts or ends; ``None`` for one that lasts all day."""
    text = event.get(end, {}).get("dateTime")
    return datetime.fromisoformat(text) if text else None


def _about_meet(event: Event) -> str:
    if event.get("hangoutLink") or not _meet_state(event):
        return ""
    return " It is still making the Meet link." if awaits_meet(event) else " It could not make a Meet link."


def _meet_state(event: Event) -> str:
    """Return what became of the Meet that was asked for: ``success``, ``pending``, ``failure``, or nothing."""
    asked = event.get("conferenceData", {}).get("createRequest", {})
    return str(asked.get("status", {}).get("statusCode", ""))


def _lower(emails: Sequence[str]) -> set[str]:
    return {email.lower() for email in emails}
