"""Meetings as events of one Google calendar, which invites the guests itself."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ims.integrations.google.access import Google
from ims.integrations.google.events import (
    SYSTEM,
    Event,
    awaits_meet,
    changed_event,
    event_id,
    guests_without,
    has_been_told,
    is_cancelled,
    new_event,
    receipt_of,
)
from ims.integrations.google.failures import CONFLICT, Refused, Rubbish
from ims.model.message import Invitation
from ims.ports import DeliveryError, Receipt

_API = ("calendar", "v3")
_TO_ALL = {"sendUpdates": "all", "conferenceDataVersion": 1}  # without 1 Google ignores what is said about Meet
_MAY_WRITE = ("owner", "writer")
# Google may make a Meet after it has answered. Its link is looked for again after so many seconds each; after that the
# guests find it in their calendar, but the portal does not know it.
_LOOKS_AGAIN = (0.5, 1.0, 2.0)


class GoogleCalendar:
    """The events of one calendar."""

    def __init__(self, google: Google, calendar: str) -> None:
        self._google = google
        self._calendar = calendar

    def invite(self, invitation: Invitation) -> Receipt:
        """Bring the meeting's event to what the invitation says; where it is so already, nobody hears of it again."""
        with self._google.service(_API) as service:
            kept = _Kept(service.events(), self._calendar, event_id(invitation))
            present = kept.event()
            if invitation.partial:
                return _leave_out(kept, present, invitation)
            return _call_off(kept, present) if invitation.cancelled else _bring(kept, present, invitation)

    def ping(self) -> str:
        """Read one event, and say whose calendar it is."""
        with self._google.service(_API) as service, _known(self._calendar):
            asked = service.events().list(calendarId=self._calendar, maxResults=1, fields="summary,accessRole,timeZone")
            answer = _object(asked.execute())
        name, role = answer.get("summary", ""), answer.get("accessRole", "")
        if role not in _MAY_WRITE:
            raise DeliveryError(f"Google Calendar “{name}” may not be written (access: {role}).", permanent=True)
        return f"Google Calendar “{name}” ({answer.get('timeZone', '')}) can be written."


class _Kept:
    """The event of one meeting, as Google keeps it."""

    def __init__(self, events: Any, calendar: str, name: str) -> None:
        self._events = events
        self._here = {"calendarId": calendar, "eventId": name}

    def event(self) -> Event | None:
        """Return it, also where it was deleted; ``None`` where there is no trace of it."""
        try:
            return _object(self._events.get(**self._here).execute())
        except Refused as refused:
            if not refused.is_gone:
                raise
            return None

    def insert(self, body: Mapping[str, Any]) -> Event:
        calendar = self._here["calendarId"]
        with _known(calendar):
            return _object(self._events.insert(calendarId=calendar, body=body, **_TO_ALL).execute())

    def patch(self, body: Mapping[str, Any]) -> Event:
        return _object(self._events.patch(**self._here, body=body, **_TO_ALL).execute())

    def delete(self) -> None:
        try:
            self._events.delete(**self._here, sendUpdates="all").execute()
        except Refused as refused:
            if not refused.is_gone:
                raise


def _bring(kept: _Kept, present: Event | None, invitation: Invitation) -> Receipt:
    if present is None:
        try:
            return _receipt(kept, kept.insert(new_event(invitation)))
        except Refused as refused:
            if refused.status != CONFLICT:
                raise
        present = kept.event()  # another worker made it meanwhile
    if present is None:
        raise _gone_for_good()
    if has_been_told(present, invitation):
        return _receipt(kept, present)
    try:
        return _receipt(kept, kept.patch(changed_event(invitation, present)))
    except Refused as refused:
        if refused.is_forbidden and is_cancelled(present):
            raise _gone_for_good() from None
        raise


def _receipt(kept: _Kept, event: Event) -> Receipt:
    """Return the receipt for an event, with its Meet link if Google makes it within moments."""
    receipt = receipt_of(event)
    for seconds in _LOOKS_AGAIN if awaits_meet(event) else ():
        time.sleep(seconds)
        event = kept.event() or event
        if not awaits_meet(event):
            return receipt_of(event)
    return receipt


def _gone_for_good() -> DeliveryError:
    return DeliveryError(
        "Somebody deleted the meeting's event in Google Calendar for good, and Google never takes an id twice. Call the"
        " meeting off in the portal and plan another one.",
        permanent=True,
    )


def _call_off(kept: _Kept, present: Event | None) -> Receipt:
    if present is None or is_cancelled(present):
        return Receipt(SYSTEM, "It is not in Google Calendar any more.")
    kept.delete()
    return Receipt(SYSTEM, "Called off in Google Calendar; Google tells the guests.")


def _leave_out(kept: _Kept, present: Event | None, invitation: Invitation) -> Receipt:
    """Take guests from an event that takes place without them, unless the change before this message did so."""
    staying = None if present is None or is_cancelled(present) else guests_without(invitation.attendees, present)
    if staying is not None:
        kept.patch({"attendees": staying})
    return Receipt(SYSTEM, f"Not invited any more: {invitation.recipient}. Google told them.")


@contextmanager
def _known(calendar: str) -> Iterator[None]:
    """Say of a calendar that is not there which one it is."""
    try:
        yield
    except Refused as refused:
        if not refused.is_gone:
            raise
        raise DeliveryError(
            f"Google knows no calendar “{calendar}” of this user; see IMS_GOOGLE_CALENDAR.", permanent=True
        ) from None


def _object(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise Rubbish
    return answer
