"""Every way a call to Google can fail, as a sentence that says whether trying again helps."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError

from ims.clock import Clock
from ims.ports import DeliveryError

UNAUTHORISED, CONFLICT = 401, 409
_GONE = (404, 410)
_FORBIDDEN, _TOO_LATE, _TOO_MANY, _SERVER = 403, 408, 429, 500
_LONGEST = 300

_PACE = frozenset(
    {
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "quotaExceeded",
        "dailyLimitExceeded",
        "RATE_LIMIT_EXCEEDED",
        "RESOURCE_EXHAUSTED",
    }
)
_NO_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_NO_ACCESS = frozenset({"insufficientFilePermissions", "appNotAuthorizedToFile", "PERMISSION_DENIED", "forbidden"})
_SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_NOT_AS_ITSELF = "forbiddenForServiceAccounts"


class Rubbish(Exception):
    """An answer that is none: not JSON, or without what it must hold."""


@dataclass
class Refused(Exception):
    """Google answered with a failure."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """Return what it says about itself; empty, where it is no answer of Google's."""
        try:
            answer = json.loads(self.body)
        except ValueError:
            return {}
        error = answer.get("error") if isinstance(answer, dict) else None
        return error if isinstance(error, dict) else {}

    @property
    def is_gone(self) -> bool:
        """Whether what was asked for is not there, or not any more; a proxy's page says nothing about that."""
        return self.status in _GONE and bool(self.error)

    @property
    def is_forbidden(self) -> bool:
        """Whether it is not allowed to do this, at whatever pace."""
        return self.status == _FORBIDDEN and not self.reasons & _PACE

    @property
    def lacks_access(self) -> bool:
        """Whether it is this one thing that is not allowed, and not the sign-in or the API as a whole."""
        return self.is_forbidden and bool(self.reasons & _NO_ACCESS) and not self.reasons & (_NO_SCOPE | _SWITCHED_OFF)

    @property
    def reasons(self) -> set[str]:
        """Return its codes, of the older APIs (``errors``) and of the newer ones (``status``, ``details``)."""
        error = self.error
        parts = [*_dicts(error.get("errors")), *_dicts(error.get("details"))]
        return {str(error.get("status", "")), *(str(part.get("reason", "")) for part in parts)} - {""}

    @property
    def message(self) -> str:
        """Return what it says to people."""
        return " ".join(str(self.error.get("message", "")).split())[:_LONGEST]


def is_for_now(status: int) -> bool:
    """Return whether a status passes by itself."""
    return status in (_TOO_LATE, _TOO_MANY) or status >= _SERVER


@contextmanager
def told(clock: Clock, scopes: Sequence[str], secrets: Callable[[], Iterable[str]]) -> Iterator[None]:
    """Turn what goes wrong inside the block into a ``DeliveryError`` without any of the ``secrets``."""
    try:
        yield
    except (Refused, Rubbish, ValueError, GoogleAuthError, requests.RequestException, OSError) as error:
        failure = _failure_of(error, clock, scopes)
        if failure is None:
            raise
        raise DeliveryError(
            _without(str(failure), secrets()), permanent=failure.permanent, retry_after=failure.retry_after
        ) from None


def _failure_of(error: Exception, clock: Clock, scopes: Sequence[str]) -> DeliveryError | None:
    match error:
        case Refused():
            return _of_answer(error, clock, scopes)
        case RefreshError():
            return _of_sign_in(error, scopes)
        case requests.exceptions.SSLError() | TransportError(args=[requests.exceptions.SSLError(), *_]):
            return DeliveryError("The certificate of Google's server cannot be trusted.", permanent=True)
        case TransportError() | requests.RequestException() | OSError():
            return DeliveryError(f"Google cannot be reached ({_kind(error)}).", permanent=False)
        case Rubbish() | json.JSONDecodeError() | UnicodeDecodeError():
            return DeliveryError("Google's answer makes no sense; a proxy may have given it.", permanent=False)
    return None


def _of_answer(refused: Refused, clock: Clock, scopes: Sequence[str]) -> DeliveryError:
    reasons, wait = refused.reasons, _retry_after(refused.headers, clock)
    if refused.status == _TOO_MANY or (refused.status == _FORBIDDEN and not refused.is_forbidden):
        return DeliveryError("Google asks for fewer calls.", permanent=False, retry_after=wait)
    if is_for_now(refused.status):
        return DeliveryError(f"Google answered {refused.status}.", permanent=False, retry_after=wait)
    if not refused.error:
        return DeliveryError(f"Google's address answered {refused.status}, and not as Google does.", permanent=False)
    return DeliveryError(_words(refused, reasons, scopes), permanent=True)


def _words(refused: Refused, reasons: set[str], scopes: Sequence[str]) -> str:
    if refused.status == UNAUTHORISED:
        return "Google does not accept the sign-in any more; give new credentials."
    if reasons & _NO_SCOPE:
        return f"The sign-in lacks a scope. Allow it {', '.join(scopes)}."
    if reasons & _SWITCHED_OFF:
        return f"This API is switched off in the Google Cloud project; enable it there. Google says: {refused.message}"
    if _NOT_AS_ITSELF in reasons:
        return "A service account may not invite in its own name: set up domain-wide delegation and IMS_GOOGLE_ACTS_AS."
    return f"Google refuses ({refused.status}): {refused.message or 'it gives no reason.'}"


def _of_sign_in(error: RefreshError, scopes: Sequence[str]) -> DeliveryError:
    answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    code, said = str(answer.get("error", "")), str(answer.get("error_description", ""))
    match code:
        case "unauthorized_client" | "access_denied":
            return DeliveryError(
                "Google does not let the service account act as IMS_GOOGLE_ACTS_AS. Set up domain-wide delegation for"
                f" its client id in the Admin console, with the scopes {','.join(scopes)}.",
                permanent=True,
            )
        case "invalid_grant":
            return DeliveryError(
                f"Google does not accept the sign-in ({said.rstrip('.')}). The key or refresh token was withdrawn, the"
                " user of IMS_GOOGLE_ACTS_AS is unknown, or this machine's clock is wrong.",
                permanent=True,
            )
        case "invalid_scope":
            return DeliveryError(f"The sign-in lacks a scope. Allow it {', '.join(scopes)}.", permanent=True)
        case "":
            return DeliveryError("Google's answer to the sign-in makes no sense.", permanent=False)
    return DeliveryError(f"Google refuses the sign-in ({code}): {said}", permanent=not error.retryable)


def _retry_after(headers: Mapping[str, str], clock: Clock) -> timedelta | None:
    """Return how long to wait, from seconds or from a date; ``None`` where it is not said."""
    value = headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return timedelta(seconds=int(value))
    try:
        return max(parsedate_to_datetime(value) - clock(), timedelta())
    except (ValueError, TypeError):
        return None


def _dicts(parts: object) -> Sequence[dict[str, Any]]:
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _kind(error: Exception) -> str:
    cause = error.args[0] if isinstance(error, TransportError) and error.args else error
    return type(cause).__name__


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    return text
