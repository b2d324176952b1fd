"""Google Calendar's state: the events of the bot's own calendar, and what Google tells the guests."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tests.fakes.google.contract import Call
from tests.fakes.google.tokens import BOT
from tests.fakes.google.violation import Violation

_ID = re.compile(r"[a-v0-9]{5,1024}")
_LONGEST_DESCRIPTION = 8192
_ZONE = "Europe/Zurich"
_NOT_SERVED = ("conferenceData", "location", "description")  # are left out of an event where they are empty


@dataclass(frozen=True)
class Told:
    """An e-mail of Google's to a guest: ``invited``, ``changed`` or ``called off``."""

    what: str
    guest: str
    event: str


@dataclass
class FakeCalendar:
    """``events`` by id; ``told`` is every e-mail to a guest.

    ``meet`` is what becomes of a conference that is asked for (``soon``: it is there when the event is read again),
    ``role`` what the bot may do. ``answer_as`` and
    ``delete`` are what people do in their calendar; ``purge`` empties the bin. Without ``restores``, what is in the bin
    cannot be changed.
    """

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)
    meet: str = "success"
    role: str = "owner"
    restores: bool = True
    _asked: set[str] = field(default_factory=set)

    def handlers(self) -> Mapping[str, Callable[[Call], Any]]:
        """Return what answers each method."""
        return {
            "calendar.events.get": self._get,
            "calendar.events.list": self._list,
            "calendar.events.insert": self._insert,
            "calendar.events.patch": self._patch,
            "calendar.events.delete": self._delete,
        }

    def answer_as(self, event_id: str, guest: str, status: str) -> None:
        """Let a guest answer an invitation, as they do in their own calendar."""
        for each in self.events[event_id]["attendees"]:
            if each["email"] == guest:
                each["responseStatus"] = status

    def delete(self, event_id: str) -> None:
        """Delete an event as people do: it goes to the bin."""
        self.events[event_id]["status"] = "cancelled"

    def purge(self, event_id: str) -> None:
        """Empty the bin: no trace stays, and the id is never taken again."""
        del self.events[event_id]
        self.spent.add(event_id)

    def _get(self, call: Call) -> dict[str, Any]:
        self._check_calendar(call)
        event_id = call.path["eventId"]
        if event_id not in self.events:
            raise Violation("Not Found", 404, "notFound")
        event = self.events[event_id]
        if self.meet == "soon" and "hangoutLink" not in event and "conferenceData" in event:
            event |= self._made(event["conferenceData"])
        return event

    def _list(self, call: Call) -> dict[str, Any]:
        self._check_calendar(call)
        items = [event for event in self.events.values() if event["status"] != "cancelled"]
        return {
            "kind": "calendar#events",
            "summary": BOT,
            "timeZone": _ZONE,
            "accessRole": self.role,
            "items": items[: call.query.get("maxResults", 250)],
        }

    def _insert(self, call: Call) -> dict[str, Any]:
        self._check_calendar(call)
        event_id = str(call.body.get("id", f"made{len(self.events)}"))
        if not _ID.fullmatch(event_id):
            raise Violation("Invalid resource id value.", reason="invalid")
        if event_id in self.events or event_id in self.spent:
            raise Violation("The requested identifier already exists.", 409, "duplicate")
        known = {"id": event_id, "kind": "calendar#event", "status": "confirmed", "sequence": 0}
        link = f"https://www.google.example/calendar/event?eid={event_id[:8]}"
        known |= {"htmlLink": link, "iCalUID": f"{event_id}@google.com"}
        self.events[event_id] = self._kept({}, known | call.body, call)
        self._tell(call, "invited", event_id, self._guests(event_id))
        return self.events[event_id]

    def _patch(self, call: Call) -> dict[str, Any]:
        present = self._get(call)
        if present["status"] == "cancelled" and not self.restores:
            raise Violation("Forbidden", 403, "forbidden")
        before = {**present} if present["status"] != "cancelled" else {}
        if call.body.get("sequence", present["sequence"]) < present["sequence"]:
            raise Violation("Invalid sequence value.", reason="invalid")
        guests = self._guests(present["id"]) if before else set()
        moved = any(_shown(call.body.get(end, present[end])) != present[end] for end in ("start", "end"))
        changed = present | call.body | ({"sequence": present["sequence"] + 1} if moved else {})
        self.events[present["id"]] = self._kept(present, changed, call)
        now = self._guests(present["id"])
        self._tell(call, "called off", present["id"], guests - now)
        self._tell(call, "invited", present["id"], now - guests)
        self._tell(call, "changed", present["id"], now & guests)
        return self.events[present["id"]]

    def _delete(self, call: Call) -> None:
        if self._get(call)["status"] == "cancelled":
            raise Violation("Resource has been deleted", 410, "deleted")
        self._tell(call, "called off", call.path["eventId"], self._guests(call.path["eventId"]))
        self.delete(call.path["eventId"])

    def _kept(self, present: Mapping[str, Any], event: Mapping[str, Any], call: Call) -> dict[str, Any]:
        """Return an event as it is kept from now on."""
        _check_times(event)
        if len(event.get("description", "")) > _LONGEST_DESCRIPTION:
            raise Violation("The description is too long.", reason="invalid")
        kept = {name: value for name, value in event.items() if value or name not in _NOT_SERVED}
        kept |= {end: _shown(kept[end]) for end in ("start", "end")}
        kept["attendees"] = [_guest(each) for each in event.get("attendees", [])]
        if call.query.get("conferenceDataVersion", 0) == 0:
            kept.pop("conferenceData", None)
            kept |= {name: present[name] for name in ("conferenceData",) if name in present}
        elif "conferenceData" not in kept:
            kept.pop("hangoutLink", None)
        elif "conferenceSolution" not in kept["conferenceData"]:
            kept |= self._conference(kept["conferenceData"])
        return kept

    def _conference(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        request = asked.get("createRequest", {})
        if request.get("conferenceSolutionKey", {}).get("type") != "hangoutsMeet" or not request.get("requestId"):
            raise Violation("Invalid conference type value.", reason="invalid")
        if request["requestId"] in self._asked:
            return {"conferenceData": None}  # a request id counts once
        self._asked.add(request["requestId"])
        if self.meet == "success":
            return self._made(asked)
        state = "pending" if self.meet == "soon" else self.meet
        return {"conferenceData": {**asked, "createRequest": {**request, "status": {"statusCode": state}}}}

    def _made(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return a conference that can be entered, and its link."""
        made = {**asked, "createRequest": {**asked["createRequest"], "status": {"statusCode": "success"}}}
        link = f"https://meet.google.example/cal-{len(self._asked):04}-xyz"
        point = {"entryPointType": "video", "uri": link}
        solution = {"name": "Google Meet", "key": {"type": "hangoutsMeet"}}
        return {
            "hangoutLink": link,
            "conferenceData": {**made, "conferenceSolution": solution, "entryPoints": [point]},
        }

    def _check_calendar(self, call: Call) -> None:
        if call.path["calendarId"] not in ("primary", call.user):
            raise Violation("Not Found", 404, "notFound")

    def _guests(self, event_id: str) -> set[str]:
        return {guest["email"] for guest in self.events[event_id]["attendees"]}

    def _tell(self, call: Call, what: str, event_id: str, guests: set[str]) -> None:
        if call.query.get("sendUpdates") == "all":
            self.told += [Told(what, guest, event_id) for guest in sorted(guests)]


def _shown(moment: Mapping[str, str]) -> dict[str, str]:
    """Return a start or end as Google shows it: with the offset of the calendar's own zone."""
    if "dateTime" not in moment:
        return dict(moment)
    return {**moment, "dateTime": datetime.fromisoformat(moment["dateTime"]).astimezone(ZoneInfo(_ZONE)).isoformat()}


def _guest(given: Mapping[str, Any]) -> dict[str, Any]:
    if parseaddr(given.get("email", ""))[1] != given.get("email") or "@" not in given["email"]:
        raise Violation("Invalid attendee email.", reason="invalid")
    return {"responseStatus": "needsAction", **given}


def _check_times(event: Mapping[str, Any]) -> None:
    moments = []
    for end in ("start", "end"):
        given = event[end]
        if ("dateTime" in given) == ("date" in given):
            raise Violation(f"Missing {end} time.", reason="required")
        try:
            ZoneInfo(given.get("timeZone", "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            raise Violation("Invalid time zone definition.", reason="invalid") from None
        moments.append(datetime.fromisoformat(given.get("dateTime") or f"{given['date']}T00:00:00+00:00"))
    if moments[1] < moments[0]:
        raise Violation("The specified time range is empty.", reason="timeRangeEmpty")
