"""One call to OnCall's API, and every way it can fail told apart."""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar

import requests
from pydantic import BaseModel, ValidationError

from ims.clock import Clock
from ims.integrations.oncall.payloads import Payload
from ims.integrations.oncall.readings import Listing
from ims.integrations.oncall.settings import OnCallSettings
from ims.ports import DeliveryError

Read = TypeVar("Read", bound=BaseModel)
_MOST_PAGES = 40
_LONGEST_WAIT = timedelta(hours=1)
_LONGEST_REASON = 200
# At DEBUG urllib3 says which path it called, and the integration's path is its key.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}

_NOT_IN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


class Refused(DeliveryError):
    """OnCall understood a request and said no (400); the sentence holds its reason."""


class Missing(DeliveryError):
    """There is nothing at an address (404)."""


class OnCallApi:
    """OnCall's HTTP API and the link for alerts. Every method raises ``DeliveryError``, and nothing else."""

    def __init__(self, settings: OnCallSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def get(self, path: str, kind: type[Read], **query: str) -> Read:
        """Return what is at a path."""
        return _read(self._get(path, query), kind)

    def each(self, path: str, kind: type[Read], **query: str) -> Iterator[Read]:
        """Return the items of a list, page by page, as long as somebody wants them.

        Pages are asked for by number: the address in ``next`` is OnCall's idea of its own name, and gets no key.
        """
        for page in range(1, _MOST_PAGES + 1):
            listing = _read(self._get(path, query | {"page": str(page)}), Listing)
            yield from (_read(item, kind) for item in listing.results)
            if not listing.next:
                return

    def create(self, path: str, payload: Payload, kind: type[Read]) -> Read:
        """Post something new, and return what OnCall made of it."""
        return _read(_parsed(self._call("POST", self._at(path), auth=self._sign, json=payload)), kind)

    def act(self, path: str) -> None:
        """Post to a path that does something and says nothing."""
        _no_page(self._call("POST", self._at(path), auth=self._sign))

    def alert(self, payload: Payload) -> None:
        """Post an alert to the integration. The link is the key, so it stays out of every sentence."""
        link = self._settings.integration_url
        _no_page(self._call("POST", link.get_secret_value() if link else "", json=payload))

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        return _parsed(self._call("GET", self._at(path), auth=self._sign, params=query))

    def _at(self, path: str) -> str:
        return f"{self._settings.api}{path}"

    def _call(self, verb: str, url: str, **details: Any) -> requests.Response:
        # No redirect is followed: it would turn a page into a GET, which answers well and wakes nobody.
        try:
            answer = requests.request(
                verb, url, timeout=self._settings.timeout_seconds, allow_redirects=False, **details
            )
        except requests.exceptions.SSLError:
            raise DeliveryError("OnCall's certificate cannot be trusted.", permanent=True) from None
        except (requests.RequestException, ValueError) as error:
            # Not ``from error``: what requests says holds the address, and that of the integration is a secret.
            raise DeliveryError(f"OnCall cannot be reached ({type(error).__name__}).", permanent=False) from None
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise self._refusal(answer, is_signed="auth" in details)
        return answer

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key. As ``auth`` of a call, no ``.netrc`` can put another in its place."""
        key = self._settings.token
        request.headers["Authorization"] = key.get_secret_value() if key else ""
        return request

    def _refusal(self, answer: requests.Response, is_signed: bool) -> DeliveryError:
        code = answer.status_code
        if not is_signed and code in _NOT_IN:
            said = "correct IMS_ONCALL_INTEGRATION_URL"
            return DeliveryError(f"OnCall knows no integration with this link ({code}); {said}.", permanent=True)
        if code in _PASSING or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return DeliveryError(f"OnCall answered {code}.", permanent=False, retry_after=self._wait(answer))
        if code in _NOT_IN and code != HTTPStatus.NOT_FOUND:
            said = "check IMS_ONCALL_TOKEN and what its user may do"
            return DeliveryError(f"OnCall did not accept the API key ({code}); {said}.", permanent=True)
        if code == HTTPStatus.NOT_FOUND:
            said = "check IMS_ONCALL_URL and IMS_ONCALL_INTEGRATION_ID"
            return Missing(f"OnCall has nothing at this address (404); {said}.", permanent=True)
        if code == HTTPStatus.BAD_REQUEST:
            return Refused(f"OnCall refused it: {self._reason(answer)}.", permanent=True)
        if code < HTTPStatus.MULTIPLE_CHOICES:
            return _rubbish()
        said = " with a redirect: correct IMS_ONCALL_URL" if code < HTTPStatus.BAD_REQUEST else ""
        return DeliveryError(f"OnCall answered {code}{said}.", permanent=True)

    def _reason(self, answer: requests.Response) -> str:
        """Say in OnCall's words why it refused; only JSON is repeated, as an error page shows the request."""
        try:
            words = "; ".join(_sentences(answer.json()))
        except (ValueError, RecursionError):
            words = ""
        for secret in (self._settings.token, self._settings.integration_url):
            words = words.replace(secret.get_secret_value(), "…") if secret else words
        return words[:_LONGEST_REASON].rstrip(".") or "400, without a reason"

    def _wait(self, answer: requests.Response) -> timedelta | None:
        """Return how long OnCall asks to be left alone; seconds or a moment (RFC 9110, 10.2.3)."""
        said = answer.headers.get("Retry-After", "").strip()
        try:
            seconds = float(said)
            wait = timedelta(seconds=seconds)
        except (ValueError, OverflowError):
            try:
                wait = parsedate_to_datetime(said) - self._clock()
            except (ValueError, TypeError):
                return None
        return min(max(wait, timedelta(0)), _LONGEST_WAIT)


def _read(value: Any, kind: type[Read]) -> Read:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise _rubbish() from error


def _parsed(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError) as error:
        raise _rubbish() from error


def _no_page(answer: requests.Response) -> None:
    """Notice that something before OnCall answered, with a page for people."""
    if answer.text.lstrip().startswith("<"):
        raise _rubbish()


def _rubbish() -> DeliveryError:
    return DeliveryError("OnCall answered something that is no answer of OnCall.", permanent=False)


def _sentences(said: Any, name: str = "") -> Iterator[str]:
    """Return what a JSON error says, however deep: ``{"users": [{"important": ["This field is required."]}]}``."""
    if isinstance(said, dict):
        for key, value in said.items():
            yield from _sentences(value, str(key))
    elif isinstance(said, list):
        for each in said:
            yield from _sentences(each, name)
    else:
        yield str(said) if name in {"", "detail", "non_field_errors"} else f"{name}: {said}"
