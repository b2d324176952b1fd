"""The server that stands in for Google refuses what Google's discovery documents refuse, for every API alike."""

import json
from typing import Any

import pytest
import requests

from ims.integrations.google.access import SCOPES
from tests.fakes.google import BOT, FakeGoogle, Violation
from tests.fakes.google.contract import Contract, contract

EVENTS = "/calendar/v3/calendars/primary/events"
HOUR = {
    "start": {"dateTime": "2026-11-24T10:00:00Z"},
    "end": {"dateTime": "2026-11-24T11:00:00+00:00"},
}
USED = {
    "calendar": ("events.get", "events.list", "events.insert", "events.patch", "events.delete"),
    "meet": ("spaces.create",),
    "drive": ("files.create", "files.list", "files.export", "permissions.create"),
    "docs": ("documents.get", "documents.batchUpdate"),
}
VERSIONS = {"calendar": "v3", "meet": "v2", "drive": "v3", "docs": "v1"}


def asked(verb: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    """Ask a fresh Google; return the status, and what it says against it."""
    with FakeGoogle() as google:
        google.tokens.issued["t"] = (BOT, frozenset(SCOPES))
        known = {"Authorization": "Bearer t", "Content-Type": "application/json", **headers}
        with requests.request(
            verb, google.url + path, data=None if body is None else json.dumps(body), headers=known, timeout=5
        ) as answer:
            if answer.status_code < 300:
                return answer.status_code, ""
            assert google.violations or answer.status_code in (401, 403)
            return answer.status_code, str(answer.json()["error"]["message"])


def test_what_keeps_the_contract_is_taken() -> None:
    assert asked("POST", f"{EVENTS}?sendUpdates=all", HOUR) == (200, "")
    assert asked("GET", f"{EVENTS}?maxResults=1&fields=summary,items(id,start/dateTime)") == (200, "")
    assert asked("POST", "/v2/spaces", {"config": {"accessType": "OPEN"}}) == (200, "")


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/calendar/v4/calendars/primary/events", 404),
        ("GET", "/calendar/v3/calendars/primary/event", 404),
        ("PATCH", EVENTS, 405),
        ("GET", f"{EVENTS}?maxResult=1", 400),
        ("GET", f"{EVENTS}?maxResults=one", 400),
        ("GET", f"{EVENTS}?maxResults=1&maxResults=2", 400),
        ("GET", f"{EVENTS}?singleEvents=yes", 400),
        ("GET", f"{EVENTS}?orderBy=size", 400),
        ("GET", f"{EVENTS}?timeMin=2026-11-24T10:00:00", 400),
        ("GET", f"{EVENTS}?fields=item", 400),
        ("GET", f"{EVENTS}?fields=items(id", 400),
        ("GET", f"{EVENTS}?fields=items(start/date/time)", 400),
        ("GET", f"{EVENTS}?fields=", 400),
        ("DELETE", f"{EVENTS}/abcde?conferenceDataVersion=1", 400),
    ],
)
def test_a_strange_address_or_parameter_is_refused(verb: str, path: str, status: int) -> None:
    assert asked(verb, path)[0] == status


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"sumary": "x"}, "Unknown name \"sumary\" at 'body'"),
        ({"start": {"datetime": "2026-11-24T10:00:00Z"}}, "Unknown name \"datetime\" at 'body.start'"),
        ({"attendees": [{"email": BOT}, {"mail": BOT}]}, "Unknown name \"mail\" at 'body.attendees[1]'"),
        ({"summary": 5}, "Invalid value at 'body.summary'"),
        ({"summary": None}, "Invalid value at 'body.summary'"),
        ({"sequence": "1"}, "Invalid value at 'body.sequence'"),
        ({"sequence": 2**40}, "body.sequence is too large"),
        ({"guestsCanModify": "true"}, "Invalid value at 'body.guestsCanModify'"),
        ({"attendees": {"email": BOT}}, "Invalid value at 'body.attendees'"),
        ({"extendedProperties": {"private": {"any": 5}}}, "Invalid value at 'body.extendedProperties.private.any'"),
        ({"htmlLink": "https://x.example"}, "body.htmlLink is read-only"),
        ({"attendees": [{"email": BOT, "self": True}]}, "body.attendees[0].self is read-only"),
        ({"start": {"dateTime": "2026-11-24T10:00:00"}}, "is no date-time with a zone"),
        ({"start": {"dateTime": "2026-11-24T10:00:00Z", "timeZone": "Mars/Base"}}, "Invalid time zone"),
        ({"end": {"dateTime": "2026-11-23T10:00:00Z"}}, "time range is empty"),
        ({"id": "INC-7"}, "Invalid resource id value."),
        ({"description": "x" * 9_000}, "too long"),
        ({"conferenceData": {"createRequest": {"requestId": "1"}}}, "Invalid conference type"),
    ],
)
def test_a_strange_body_is_refused_at_any_depth(body: dict[str, Any], words: str) -> None:
    status, said = asked("POST", f"{EVENTS}?conferenceDataVersion=1", HOUR | body)
    assert status == 400
    assert words in said


def test_what_is_required_must_be_there() -> None:
    assert asked("POST", EVENTS, {"start": HOUR["start"]}) == (400, "Missing end at 'body'.")
    assert asked("POST", EVENTS) == (400, "A body is missing.")
    assert asked("DELETE", f"{EVENTS}/abcde", {}) == (400, "Request payload is unexpected.")


def test_meet_takes_its_own_words_only() -> None:
    assert asked("POST", "/v2/spaces", {"config": {"accessType": "FRIENDS"}})[0] == 400
    assert asked("POST", "/v2/spaces", {"meetingUri": "https://x.example"})[1] == "body.meetingUri is read-only"


def test_who_is_not_signed_in_or_lacks_the_scope_is_refused() -> None:
    assert asked("GET", EVENTS, Authorization="Bearer other")[0] == 401
    assert asked("GET", "/calendar/v3/calendars/primary")[0] == 403  # takes none of the portal's scopes


def test_a_body_must_say_that_it_is_json() -> None:
    headers = {"Content-Type": "text/plain"}
    assert asked("POST", EVENTS, HOUR, **headers)[0] == 415


@pytest.mark.parametrize(("name", "method"), [(name, method) for name in USED for method in USED[name]])
def test_every_method_that_is_used_takes_one_of_the_portals_scopes(name: str, method: str) -> None:
    [found] = [each for each in contract(name, VERSIONS[name]).methods if each.id == f"{name}.{method}"]
    assert set(found.scopes) & set(SCOPES)


def test_the_fakes_own_answers_keep_the_contract_too() -> None:
    meet = contract("meet", "v2")
    method, _ = meet.method_of("POST", "/v2/spaces")
    with pytest.raises(Violation, match='Unknown name "uri"'):
        meet.check_answer(method, {"uri": "https://x.example"})
    with pytest.raises(Violation, match="meetingUri"):
        meet.check_answer(method, {"meetingUri": 5})


def checked(api: Contract, verb: str, path: str, body: Any) -> None:
    method, values = api.method_of(verb, path)
    api.call_of(method, values, "", body, BOT)


def test_drive_and_docs_fit_the_same_check() -> None:
    drive, docs = contract("drive", "v3"), contract("docs", "v1")
    checked(drive, "POST", "/drive/v3/files/f1/permissions", {"type": "user", "role": "writer", "emailAddress": BOT})
    with pytest.raises(Violation, match="Missing role"):
        checked(drive, "POST", "/drive/v3/files/f1/permissions", {"type": "user"})
    with pytest.raises(Violation, match='Unknown name "appProperty"'):
        checked(drive, "POST", "/drive/v3/files", {"appProperty": {}})
    right, wrong = ({"insertText": {"text": "x", "location": {name: 1}}} for name in ("index", "indx"))
    checked(docs, "POST", "/v1/documents/d1:batchUpdate", {"requests": [right]})
    with pytest.raises(Violation, match='Unknown name "indx"'):
        checked(docs, "POST", "/v1/documents/d1:batchUpdate", {"requests": [wrong]})
