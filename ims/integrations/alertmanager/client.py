"""One call of Alertmanager's API, and every way it can fail told apart."""

import base64
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import TypeAdapter, ValidationError

from ims.integrations.alertmanager.settings import AlertmanagerSettings
from ims.ports import DeliveryError

_REFUSED, _BROKEN = 400, 500
# These pass by themselves, though their numbers look like a no: too slow, too early, too many.
_PASSING = (408, 425, 429)
_MOVED = range(300, 400)
_LONGEST_REASON = 300
Read = TypeVar("Read")


class Missing(DeliveryError):
    """Alertmanager does not know what it was asked for."""


class Client:
    """Calls Alertmanager; each call has a connection of its own."""

    def __init__(self, settings: AlertmanagerSettings) -> None:
        self._settings = settings
        self._host = f"Alertmanager ({urlsplit(settings.api_url).netloc})"

    def read(self, kind: TypeAdapter[Read], path: str, body: object = None) -> Read:
        """Ask for something, or post ``body``, and read the answer.

        Raises:
            Missing: there is no such thing.
            DeliveryError: it said no, or did not answer, or with something that is no answer.
        """
        response = self._call("GET" if body is None else "POST", path, body)
        try:
            return kind.validate_json(response.content)
        except ValidationError:
            said = f"{self._host} answered something else than Alertmanager does: check IMS_ALERTMANAGER_API_URL."
            raise DeliveryError(said, permanent=False) from None

    def delete(self, path: str) -> None:
        """Delete something.

        Raises:
            DeliveryError: it said no, or did not answer.
        """
        self._call("DELETE", path)

    def _call(self, verb: str, path: str, body: object = None) -> requests.Response:
        try:
            response = requests.request(
                verb,
                f"{self._settings.api_url}/api/v2/{path}",
                json=body,
                auth=self._sign,
                timeout=self._settings.api_timeout_seconds,
                allow_redirects=False,  # to a page that asks for a sign-in, usually
            )
        except requests.exceptions.SSLError as error:
            raise DeliveryError(f"{self._host}: no private connection could be made.", permanent=False) from error
        except requests.RequestException as error:
            raise DeliveryError(f"{self._host} cannot be reached ({type(error).__name__}).", permanent=False) from error
        self._judge(response)
        return response

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a call; given to ``requests`` as a function, so that no ``.netrc`` signs it instead."""
        settings = self._settings
        if settings.api_token:
            request.headers["Authorization"] = f"Bearer {settings.api_token.get_secret_value()}"
        elif settings.api_user and settings.api_password:
            pair = f"{settings.api_user}:{settings.api_password.get_secret_value()}".encode()
            request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return request

    def _judge(self, response: requests.Response) -> None:
        status = response.status_code
        if status in _MOVED:
            raise DeliveryError(f"{self._host} sends us elsewhere; check IMS_ALERTMANAGER_API_URL.", permanent=True)
        if status < _REFUSED:
            return
        if status >= _BROKEN or status in _PASSING:
            raise DeliveryError(
                f"{self._host} answered {status}.{_reason(response)}", permanent=False, retry_after=_wait(response)
            )
        if status == requests.codes.not_found:
            raise Missing(f"{self._host} does not have it; check IMS_ALERTMANAGER_API_URL.", permanent=True)
        if status in (requests.codes.unauthorized, requests.codes.forbidden):
            names = "IMS_ALERTMANAGER_API_USER and _PASSWORD, or IMS_ALERTMANAGER_API_TOKEN"
            raise DeliveryError(f"{self._host} did not accept the sign-in ({status}): check {names}.", permanent=True)
        raise DeliveryError(f"{self._host} refused it ({status}).{_reason(response)}", permanent=True)


def _reason(response: requests.Response) -> str:
    """Return Alertmanager's own words, with a space before them: a JSON text, or an object with a message."""
    try:
        said: Any = response.json()
    except ValueError:
        return ""
    text = said.get("message", "") if isinstance(said, dict) else said
    return f" {text}"[:_LONGEST_REASON].rstrip() if isinstance(text, str) else ""


def _wait(response: requests.Response) -> timedelta | None:
    seconds = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() else None
