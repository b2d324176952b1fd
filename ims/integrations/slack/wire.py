"""One call of a Slack method, and the pages of a long answer."""

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from ims.integrations.slack.refusals import rubbish, told
from ims.integrations.slack.settings import SlackSettings

Answer = Mapping[str, Any]
_unheard = logging.Logger(
    "slack_sdk.web", logging.CRITICAL + 1
)  # what fails is told; what is sent is nobody's business


class Wire:
    """Calls methods of one workspace as the app's bot. Holds no connection, so threads may share it."""

    def __init__(self, settings: SlackSettings) -> None:
        # No retries here: the client's own repeat a call whose answer was lost, which posts a message twice.
        self._client = WebClient(
            settings.token.get_secret_value() if settings.token else None,
            base_url=settings.api_url,
            timeout=settings.timeout_seconds,
            retry_handlers=[],
            logger=_unheard,
        )

    def call(self, method: str, arguments: Mapping[str, Any]) -> Answer:
        """Call a method and return its answer.

        Raises:
            Refused: Slack said no.
            DeliveryError: it cannot be reached, or what answered was not Slack.
        """
        return _body(method, self._send(method, arguments))

    def granted(self) -> tuple[Answer, frozenset[str]]:
        """Ask who we are; return the answer with the scopes of our token, none where Slack does not tell them.

        Raises:
            DeliveryError: as for ``call``.
        """
        response = self._send("auth.test", {})
        scopes = next((value for name, value in response.headers.items() if name.lower() == "x-oauth-scopes"), "")
        return _body("auth.test", response), frozenset(scope.strip() for scope in scopes.split(",") if scope)

    def pages(self, method: str, arguments: Mapping[str, Any], most: int) -> Iterator[Answer]:
        """Yield the pages of a long answer, ``most`` of them at most.

        Raises:
            DeliveryError: as for ``call``.
        """
        cursor: Mapping[str, Any] = {}
        for _ in range(most):
            page = self.call(method, {**arguments, **cursor})
            yield page
            match page.get("response_metadata"):
                case {"next_cursor": str(following)} if following:
                    cursor = {"cursor": following}
                case _:
                    return

    def _send(self, method: str, arguments: Mapping[str, Any]) -> SlackResponse:
        with told(method):
            return self._client.api_call(method, params={name: _form(value) for name, value in arguments.items()})


def said(method: str, answer: Answer, *path: str) -> str:
    """Return a text from an answer.

    Raises:
        DeliveryError: the answer lacks it.
    """
    value: Any = answer
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(value, str) or not value:
        raise rubbish(method)
    return value


def listed(answer: Answer, name: str) -> list[Answer]:
    """Return the records of a list in an answer; what is none is left out."""
    found = answer.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _form(value: Any) -> Any:
    """Return a value as a form holds it, which every method of Slack takes."""
    return json.dumps(value) if isinstance(value, dict | list) else value


def _body(method: str, response: SlackResponse) -> Answer:
    if not isinstance(response.data, dict):
        raise rubbish(method)
    return response.data
