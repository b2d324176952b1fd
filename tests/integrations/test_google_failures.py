"""What each failure of Google's means: whether it passes, how long to wait, and which words people read."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from ims.clock import utc_now
from ims.integrations.google import SYSTEM
from ims.integrations.google.settings import GoogleSettings
from ims.integrations.google.workspace import GoogleWorkspace
from ims.integrations.registry import configured
from ims.ports import DeliveryError
from tests.fakes.google import BOT, OAUTH_SECRET, REFRESH_TOKEN, FakeGoogle, Trouble, key_pair
from tests.integrations.samples import DOCUMENT, SAMPLES
from tests.servers import free_port

CALLS: dict[str, Callable[[GoogleWorkspace], object]] = {
    "ping": lambda portal: portal.ping(),
    "invite": lambda portal: portal.invite(SAMPLES["invitation"], "k"),  # type: ignore[arg-type]
    "open_room": lambda portal: portal.open_room(SAMPLES["room"], "k"),  # type: ignore[arg-type]
    "create": lambda portal: portal.create(SAMPLES["document"], "k"),  # type: ignore[arg-type]
    "share": lambda portal: portal.share(SAMPLES["document_share"], "k"),  # type: ignore[arg-type]
    "refresh": lambda portal: portal.refresh(SAMPLES["document_refresh"], "k"),  # type: ignore[arg-type]
    "read": lambda portal: portal.read(DOCUMENT),
    "download": lambda portal: portal.download(DOCUMENT),
}
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle() as fake:
        yield fake


def workspace(google: FakeGoogle, **settings: object) -> GoogleWorkspace:
    return GoogleWorkspace(GoogleSettings.model_validate(google.settings() | settings), lambda: NOW)


def as_the_user(google: FakeGoogle, **settings: object) -> GoogleWorkspace:
    return GoogleWorkspace(GoogleSettings.model_validate(google.oauth_settings() | settings), lambda: NOW)


def failure(call: Callable[[], object]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        call()
    return caught.value


PASSING = {
    Trouble.DOWN: ("answered 503", None),
    Trouble.BUSY: ("asks for fewer calls", timedelta(minutes=2)),
    Trouble.BUSY_UNTIL: ("asks for fewer calls", datetime(2030, 1, 1, tzinfo=UTC) - NOW),
    Trouble.TOO_FAST: ("asks for fewer calls", timedelta(minutes=1)),
    Trouble.RUBBISH: ("makes no sense", None),
    Trouble.WRONG_JSON: ("makes no sense", None),
    Trouble.PROXY: ("answered 404, and not as Google does", None),
    Trouble.SLOW: ("cannot be reached (ReadTimeout)", None),
    Trouble.DROPPED: ("cannot be reached (ConnectionError)", None),
}


@each_call
@pytest.mark.parametrize("trouble", Trouble, ids=[each.name for each in Trouble])
def test_what_passes_is_tried_again(
    google: FakeGoogle, trouble: Trouble, call: Callable[[GoogleWorkspace], object]
) -> None:
    portal = as_the_user(google, timeout_seconds=0.3)
    portal.ping()
    google.trouble = trouble
    raised = failure(lambda: call(portal))
    words, wait = PASSING[trouble]
    assert words in str(raised)
    assert (raised.permanent, raised.retry_after) == (False, wait)


@pytest.mark.parametrize("trouble", Trouble, ids=[each.name for each in Trouble])
def test_a_sign_in_that_fails_for_now_is_tried_again_without_a_pause_here(google: FakeGoogle, trouble: Trouble) -> None:
    google.fail_next(trouble)
    portal = workspace(google, timeout_seconds=0.3)
    raised = failure(portal.ping)
    assert not raised.permanent
    assert "Google" in str(raised)
    assert google.requests == (["POST /token"] if trouble is Trouble.DROPPED else [])
    assert portal.ping()


def test_a_failure_is_not_repeated_in_the_adapter(google: FakeGoogle) -> None:
    portal = as_the_user(google)
    portal.ping()
    for trouble in (Trouble.DOWN, Trouble.BUSY, Trouble.TOO_FAST):
        google.fail_next(trouble)
        failure(lambda: portal.open_room(SAMPLES["room"], "k"))  # type: ignore[arg-type]
    assert google.meet.spaces == []


@each_call
def test_nobody_listens(call: Callable[[GoogleWorkspace], object]) -> None:
    with FakeGoogle() as google:
        settings = google.oauth_settings() | {"api_url": f"http://127.0.0.1:{free_port()}"}
    raised = failure(lambda: call(GoogleWorkspace(GoogleSettings.model_validate(settings), utc_now)))
    assert str(raised) == "Google cannot be reached (ConnectionError)."
    assert not raised.permanent


LASTING = {
    ("forbidden", 403): "Google refuses (403): Because so.",
    ("insufficientPermissions", 403): "The sign-in lacks a scope. Allow it https://",
    ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", 403): "The sign-in lacks a scope. Allow it https://",
    ("accessNotConfigured", 403): "switched off in the Google Cloud project; enable it there. Google says: Because so.",
    ("SERVICE_DISABLED", 403): "switched off in the Google Cloud project; enable it there. Google says: Because so.",
    ("forbiddenForServiceAccounts", 403): "set up domain-wide delegation and IMS_GOOGLE_ACTS_AS",
    ("invalid", 400): "Google refuses (400): Because so.",
    ("conditionNotMet", 412): "Google refuses (412): Because so.",
}


@pytest.mark.parametrize("call", [CALLS["ping"], CALLS["open_room"]], ids=["ping", "open_room"])
@pytest.mark.parametrize(("reason", "status"), LASTING)
def test_what_does_not_pass_stops_and_says_why(
    google: FakeGoogle, reason: str, status: int, call: Callable[[GoogleWorkspace], object]
) -> None:
    portal = as_the_user(google)
    portal.ping()
    google.refuse_next(status, reason, "Because so.")
    raised = failure(lambda: call(portal))
    assert LASTING[reason, status] in str(raised)
    assert raised.permanent


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED"])
def test_a_403_about_the_pace_passes(google: FakeGoogle, reason: str) -> None:
    portal = as_the_user(google)
    portal.ping()
    google.refuse_next(403, reason, "Quota exceeded")
    raised = failure(portal.ping)
    assert (str(raised), raised.permanent) == ("Google asks for fewer calls.", False)


@pytest.mark.parametrize("call", [CALLS["ping"], CALLS["invite"]], ids=["ping", "invite"])
def test_a_calendar_that_is_not_there_is_named(google: FakeGoogle, call: Callable[[GoogleWorkspace], object]) -> None:
    raised = failure(lambda: call(as_the_user(google, calendar="other@example.com")))
    assert "Google knows no calendar “other@example.com” of this user" in str(raised)
    assert raised.permanent


def test_a_change_that_may_not_be_made_to_an_event_that_is_there_says_googles_words(google: FakeGoogle) -> None:
    portal = as_the_user(google)
    portal.invite(SAMPLES["invitation"], "k")  # type: ignore[arg-type]
    changed = SAMPLES["invitation"].model_copy(update={"sequence": 1})
    google.fail_next(None)
    google.refuse_next(403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer.")
    raised = failure(lambda: portal.invite(changed, "k"))  # type: ignore[arg-type]
    assert "Shared properties can only be changed by the organizer." in str(raised)
    assert raised.permanent


def test_a_403_about_the_pace_while_an_event_is_brought_back_passes(google: FakeGoogle) -> None:
    portal = as_the_user(google)
    google.calendar.delete(portal.invite(SAMPLES["invitation"], "k").reference)  # type: ignore[arg-type]
    changed = SAMPLES["invitation"].model_copy(update={"sequence": 1})
    google.fail_next(None, Trouble.TOO_FAST)
    assert not failure(lambda: portal.invite(changed, "k")).permanent  # type: ignore[arg-type]


def test_a_calendar_that_may_only_be_read_is_named(google: FakeGoogle) -> None:
    google.calendar.role = "reader"
    raised = failure(as_the_user(google).ping)
    assert (str(raised), raised.permanent) == (f"Google Calendar “{BOT}” may not be written (access: reader).", True)


def test_a_guest_whom_google_refuses_is_said_in_its_words(google: FakeGoogle) -> None:
    strange = SAMPLES["invitation"].model_copy(update={"attendees": ["not an address@"]})
    raised = failure(lambda: as_the_user(google).invite(strange, "k"))  # type: ignore[arg-type]
    assert (str(raised), raised.permanent) == ("Google refuses (400): Invalid attendee email.", True)


def test_missing_delegation_is_said_in_words(google: FakeGoogle) -> None:
    google.tokens.delegated.pop()
    raised = failure(workspace(google).ping)
    assert "Set up domain-wide delegation" in str(raised)
    assert "auth/calendar.events.owned,https" in str(raised)
    assert raised.permanent


def test_a_user_who_is_not_there_and_a_withdrawn_key_are_said_in_words(google: FakeGoogle) -> None:
    assert "Invalid email or User ID" in str(failure(workspace(google, acts_as="gone@example.com").ping))
    google.tokens.key_withdrawn = True
    raised = failure(workspace(google).ping)
    assert "(Invalid JWT Signature)" in str(raised)
    assert raised.permanent


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"refresh_token": "old"}, "(Token has been expired or revoked)"),
        ({"client_secret": "wrong"}, "Google refuses the sign-in (invalid_client): Unauthorized"),
    ],
)
def test_a_users_sign_in_that_was_withdrawn_stops(google: FakeGoogle, settings: dict[str, str], words: str) -> None:
    raised = failure(as_the_user(google, **settings).ping)
    assert words in str(raised)
    assert raised.permanent


def test_a_scope_that_the_user_did_not_grant_is_named(google: FakeGoogle) -> None:
    google.tokens.granted.clear()
    raised = failure(as_the_user(google).ping)
    assert "lacks a scope. Allow it https://www.googleapis.com/auth/calendar.events.owned, https" in str(raised)
    assert raised.permanent


def test_a_token_that_google_does_not_take_even_when_it_is_new_stops(google: FakeGoogle) -> None:
    google.tokens.lapsing = True
    raised = failure(as_the_user(google).ping)
    assert "give new credentials" in str(raised)
    assert raised.permanent
    assert google.requests.count("POST /token") == 2


def test_no_secret_is_said_or_logged(google: FakeGoogle, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    portal = as_the_user(google)
    portal.ping()
    [token] = google.tokens.issued
    google.refuse_next(400, "invalid", f"Bad {token} {OAUTH_SECRET} {REFRESH_TOKEN}")
    said = str(failure(portal.ping))
    assert said == "Google refuses (400): Bad … … …"
    told = [said, repr(portal), repr(GoogleSettings.model_validate(google.settings())), *caplog.messages]
    secrets = (token, OAUTH_SECRET, REFRESH_TOKEN, key_pair()[0][40:80])
    assert [secret for secret in secrets if any(secret in text for text in told)] == []


def test_a_message_that_never_ends_is_cut(google: FakeGoogle) -> None:
    portal = as_the_user(google)
    portal.ping()
    google.refuse_next(400, "invalid", "no\n" * 9_000)
    assert len(str(failure(portal.ping))) < 400


def test_half_a_configuration_is_refused_in_words(google: FakeGoogle) -> None:
    account = google.tokens.account()
    sentences = {
        "IMS_GOOGLE_ACTS_AS is missing": {"credentials": account},
        "IMS_GOOGLE_CREDENTIALS is missing": {"acts_as": BOT},
        "IMS_GOOGLE_CLIENT_ID is missing": {"client_secret": "x", "refresh_token": "y"},
        "IMS_GOOGLE_CLIENT_SECRET is missing": {"client_id": "x", "refresh_token": "y"},
        "IMS_GOOGLE_REFRESH_TOKEN is missing": {"client_id": "x", "client_secret": "y"},
        "exclude each other": {"credentials": account, "acts_as": BOT, "client_id": "x"},
        "it is no JSON": {"credentials": "{"},
        '"type" is not "service_account"': {"credentials": json.dumps({"installed": {}})},
        "it has no client_email": {"credentials": json.dumps({"type": "service_account"})},
        "its private_key cannot be read": {"credentials": google.tokens.account(private_key="x")},
    }
    for sentence, settings in sentences.items():
        with pytest.raises(ValidationError, match=sentence) as caught:
            GoogleSettings.model_validate(settings)
        assert "PRIVATE KEY" not in str(caught.value)


def test_the_key_of_the_account_comes_from_a_file(
    google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "google.json").write_text(google.tokens.account())
    monkeypatch.setenv("IMS_GOOGLE_CREDENTIALS_FILE", str(tmp_path / "google.json"))
    monkeypatch.setenv("IMS_GOOGLE_ACTS_AS", BOT)
    monkeypatch.setenv("IMS_GOOGLE_API_URL", google.url + "/")
    adapter = configured(SYSTEM)
    assert adapter is not None
    assert BOT in adapter.ping()


def test_empty_secrets_are_none() -> None:
    empty = {"credentials": "", "client_secret": " ", "refresh_token": ""}
    assert not GoogleSettings.model_validate(empty).is_configured
    assert not GoogleSettings().is_configured


def test_the_system_serves_meetings_rooms_and_documents_at_googles_pace() -> None:
    assert SYSTEM.abilities == ("meetings", "rooms", "documents")
    assert SYSTEM.pace is not None
    assert SYSTEM.pace.per / SYSTEM.pace.calls >= timedelta(seconds=1)
