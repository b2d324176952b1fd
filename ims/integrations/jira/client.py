"""One call of Jira, and every way it can fail told apart."""

import base64
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import ValidationError

from ims.integrations.jira.answers import Answer
from ims.integrations.jira.calls import Call, Flavour
from ims.integrations.jira.settings import JiraSettings
from ims.ports import DeliveryError

_REFUSED, _BROKEN = 400, 500
# These pass by themselves, though their numbers look like a no: too slow, in conflict, too early, too many.
_PASSING = (408, 409, 425, 429)
_LONGEST_REASON = 400
Read = TypeVar("Read", bound=Answer)


class Refused(DeliveryError):
    """Jira understood and said no; ``status`` is its number for it."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason, permanent=True)
        self.status = status


class Client:
    """Calls Jira. Each call has a connection of its own, so no cookie of one is sent with another."""

    def __init__(self, settings: JiraSettings, flavour: Flavour) -> None:
        self._settings = settings
        self._flavour = flavour

    @property
    def host(self) -> str:
        """Return the name of the server, for people."""
        return urlsplit(self._settings.url).netloc

    def ask(self, call: Call, kind: type[Read]) -> Read:
        """Call Jira and read the answer as ``kind``.

        Raises:
            Refused: Jira said no, and will tomorrow.
            DeliveryError: it did not answer, not now, or with something that is no answer.
        """
        response = self._send(call)
        self._judge(call, response)
        try:
            return kind.model_validate_json(response.content or b"{}")
        except ValidationError:
            raise DeliveryError(
                f"{self.host} answered something else than Jira does: is IMS_JIRA_URL its address?", permanent=False
            ) from None

    def _send(self, call: Call) -> requests.Response:
        try:
            return requests.request(
                call.verb,
                f"{self._settings.url}{self._flavour.base}{call.path}",
                params=call.query,
                json=call.body,
                headers={"Accept": "application/json"},
                auth=self._sign,
                timeout=self._settings.timeout_seconds,
                allow_redirects=False,  # to a page that asks for a sign-in, usually
            )
        except requests.RequestException as error:
            raise DeliveryError(f"{self.host} cannot be reached ({type(error).__name__}).", permanent=False) from error

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a call; given to ``requests`` as a function, so that no ``.netrc`` signs it instead."""
        token = self._settings.token.get_secret_value() if self._settings.token else ""
        pair = base64.b64encode(f"{self._settings.email}:{token}".encode()).decode()
        request.headers["Authorization"] = f"Basic {pair}" if self._settings.is_cloud else f"Bearer {token}"
        return request

    def _judge(self, call: Call, response: requests.Response) -> None:
        status = response.status_code
        # Jira Cloud lets a wrong token in as a stranger: 200 and nothing found, or 404, with this header.
        stranger = response.headers.get("X-Seraph-LoginReason", "").startswith("AUTHENTICAT")
        if status == requests.codes.unauthorized or stranger:
            names = "IMS_JIRA_EMAIL and IMS_JIRA_TOKEN" if self._settings.is_cloud else "IMS_JIRA_TOKEN"
            raise Refused(f"{self.host} did not accept the token: check {names}.", requests.codes.unauthorized)
        if response.ok and not response.is_redirect:
            return
        if _REFUSED <= status < _BROKEN and status not in _PASSING:
            raise Refused(self._no(call, response), status)
        raise DeliveryError(f"{self.host} answered {status}.", permanent=False, retry_after=_wait(response))

    def _no(self, call: Call, response: requests.Response) -> str:
        reasons = _reasons(response)
        match response.status_code:
            case requests.codes.forbidden:
                return f"{self.host}: the token's user lacks a right for {call.about}, “{call.right}”.{reasons}"
            case requests.codes.not_found:
                return f"{self.host} does not know {call.about}, or the token's user may not see it.{reasons}"
            case status:
                return f"{self.host} refused it for {call.about} ({status}).{reasons}"


def _reasons(response: requests.Response) -> str:
    """Return what Jira itself says, the fields by name, with a space before it."""
    try:
        said: Any = response.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return ""
    messages, errors = said.get("errorMessages"), said.get("errors")
    reasons = [str(each) for each in messages] if isinstance(messages, list) else []
    if isinstance(errors, dict):
        reasons += [f"{name}: {reason}" for name, reason in errors.items()]
    return f" {'; '.join(reasons)}"[:_LONGEST_REASON].rstrip()


def _wait(response: requests.Response) -> timedelta | None:
    seconds = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() else None
