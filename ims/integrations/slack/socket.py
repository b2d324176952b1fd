"""Commands from Slack through Socket Mode: the portal calls Slack and keeps the line, so it needs no public address.

A command is answered with its acknowledgement, which goes back on the line it came by: that needs no other host, no
scope, and no membership of the channel, and who typed sees Slack's own error when it does not arrive. What takes
longer is acknowledged without a word within Slack's three seconds and answered at the command's ``response_url``.
"""

import logging
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from threading import Event, Lock, Thread, Timer
from time import monotonic
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.builtin.client import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

from ims.integrations.frame import Handler
from ims.integrations.slack import commands
from ims.integrations.slack.refusals import Refused, rubbish, told
from ims.integrations.slack.settings import SlackSettings
from ims.integrations.slack.wire import Wire, said
from ims.ports import DeliveryError

PING_SECONDS = 5.0
ACKNOWLEDGE_WITHIN = 2.0  # seconds; Slack gives up after three
_KNOWN_FOR = 3600.0  # seconds that a person's address is believed
_MOST_KNOWN = 1000
_LOOK_EVERY = 0.5  # seconds between two looks at the line
_LONGEST_PAUSE = 60  # seconds between two calls while Slack cannot be reached
_STEADY = 60.0  # seconds after which a line is no longer a new one
_AT_ONCE = 8  # commands
_STOP_WITHIN = 10.0  # seconds
_OPEN = "apps.connections.open"
_WRONG_TOKEN = {
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "token_expired",
    "token_revoked",
}

_log = logging.getLogger(__name__)
_unheard = logging.Logger("slack_sdk.socket_mode", logging.CRITICAL + 1)  # it repeats an outage every few seconds


def check_app_token(settings: SlackSettings) -> str:
    """Ask Slack for a line without calling it, and say in words whether commands can come.

    Raises:
        DeliveryError: Slack does not take the app-level token, or cannot be reached.
    """
    if settings.app_token is None:
        return "No app-level token is given, so nobody commands the portal from Slack."
    address_of_line(settings)
    return "Slack lets the portal listen to commands."


def address_of_line(settings: SlackSettings) -> str:
    """Return the address of a new line; it can be called once.

    Raises:
        DeliveryError: Slack does not take the app-level token, or cannot be reached.
    """
    token = settings.app_token.get_secret_value() if settings.app_token else ""
    try:
        with told(_OPEN):
            client = WebClient(token, settings.api_url, timeout=settings.timeout_seconds, retry_handlers=[])
            answer = client.api_call(_OPEN).data
    except Refused as refused:
        if refused.code not in _WRONG_TOKEN:
            raise
        sentence = "Slack does not accept IMS_SLACK_APP_TOKEN: give an app-level token with the scope connections:write"
        raise DeliveryError(f"{sentence} ({refused.code}).", permanent=True) from refused
    address = said(_OPEN, answer, "url") if isinstance(answer, dict) else ""
    if not address.startswith("wss://" if settings.api_url.startswith("https:") else ("ws://", "wss://")):
        raise rubbish(_OPEN)
    return address


class CommandListener:
    """Listens for slash commands and answers them; without an app-level token it does nothing."""

    def __init__(
        self,
        settings: SlackSettings,
        handler: Handler,
        *,
        ping_seconds: float = PING_SECONDS,
        acknowledge_within: float = ACKNOWLEDGE_WITHIN,
    ) -> None:
        self._settings = settings
        self._handler = handler
        self._ping_seconds = ping_seconds
        self._acknowledge_within = acknowledge_within
        self._people = _People(Wire(settings))
        self._stopping = Event()
        self._thread = Thread(target=self._keep_connected, name="slack-commands", daemon=True)
        self._tries = 0
        self._not_before = self._called_at = monotonic()
        self.trouble = ""
        """Why commands do not come, in words; empty while they do."""

    def start(self) -> None:
        if self._settings.app_token:
            self._thread.start()

    def stop(self) -> None:
        """Let go of the line; commands that came before are carried out and answered, for some seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_WITHIN)

    def _keep_connected(self) -> None:
        line = _Line(self._settings, self._ping_seconds)
        line.socket_mode_request_listeners.append(self._heard)
        try:
            while not self._stopping.is_set():
                self._look_after(line)
                self._stopping.wait(_LOOK_EVERY)
        finally:
            line.close()

    def _look_after(self, line: "_Line") -> None:
        """Call Slack where there is no line; at once, then after longer and longer pauses while lines do not last."""
        now = monotonic()
        if line.is_connected():
            self._tries = 0 if now - self._called_at > _STEADY else self._tries
        elif now >= self._not_before:
            self._called_at, self._tries = now, self._tries + 1
            pause = self._call(line)
            usual = timedelta(seconds=min(2**self._tries - 1, _LONGEST_PAUSE))
            self._not_before = now + max(pause, usual).total_seconds()

    def _call(self, line: "_Line") -> timedelta:
        """Try to get a line; tell each trouble once. Return how long Slack wants to be left alone."""
        try:
            line.call()
        except DeliveryError as error:
            if str(error) != self.trouble:
                _log.warning("No commands come from Slack: %s", error)
            self.trouble = str(error)
            return error.retry_after or timedelta()
        if self.trouble:
            _log.info("Commands come from Slack again.")
        self.trouble = ""
        return timedelta()

    def _heard(self, line: BaseSocketModeClient, request: SocketModeRequest) -> None:
        reply = _Reply(line, request, self._settings, self._acknowledge_within)
        if request.type == "slash_commands":
            reply.say(self._answer(request.payload, request.envelope_id))
        else:
            reply.acknowledge()  # else Slack would deliver it again and again

    def _answer(self, payload: Mapping[str, Any], envelope_id: str) -> str:
        try:
            email = self._people.email(commands.typist(payload))
            return self._handler(commands.command_of(payload, envelope_id, email))
        except DeliveryError as error:
            return f"The portal cannot tell who you are: {error} Nothing was changed."
        except Exception:  # a thread of the library's, which would swallow it; who typed must hear
            _log.exception("A command from Slack failed")
            return "Something went wrong in the portal; its log says what. Look at the incident before you try again."


class _Line(SocketModeClient):
    """The library's connection, told to leave calling again to the listener, which knows when to stop."""

    def __init__(self, settings: SlackSettings, ping_seconds: float) -> None:
        self._settings = settings
        super().__init__(
            settings.app_token.get_secret_value() if settings.app_token else "",
            logger=_unheard,
            web_client=WebClient(base_url=settings.api_url, timeout=settings.timeout_seconds, retry_handlers=[]),
            auto_reconnect_enabled=False,
            ping_interval=ping_seconds,
            concurrency=_AT_ONCE,
        )

    def call(self) -> None:
        """Call Slack, unless there is a line already.

        Raises:
            DeliveryError: it does not take the token, or cannot be reached.
        """
        self.connect_to_new_endpoint()
        if not self.is_connected():
            raise DeliveryError("Slack's line for commands cannot be reached.", permanent=False)

    def issue_new_wss_url(self) -> str:
        return address_of_line(self._settings)

    def connect(self) -> None:
        """Take up a new line, then drop the old one.

        The library would wait up to three seconds for what the old one still says, and commands with it.
        """
        old, self.current_session = self.current_session, None
        super().connect()
        if old:
            _hang_up(old)
            old.close()

    def close(self) -> None:
        if self.current_session:
            _hang_up(self.current_session)
        super().close()


def _hang_up(session: Connection) -> None:
    """Wake the thread that waits for the next word on a line."""
    with suppress(OSError):
        if session.sock:
            session.sock.shutdown(socket.SHUT_RDWR)


class _People:
    """Who is who in Slack, remembered for a while."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._known: dict[str, tuple[str, float]] = {}

    def email(self, user_id: str) -> str:
        """Return a person's e-mail address.

        Raises:
            DeliveryError: Slack cannot be asked, or does not vouch for one.
        """
        email, until = self._known.get(user_id, ("", 0.0))
        if monotonic() >= until:
            email = commands.email_of(self._wire.call("users.info", commands.question(user_id)))
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[user_id] = (email, monotonic() + _KNOWN_FOR)
        return email


class _Reply:
    """The answer to one command: with its acknowledgement where there is time, else after it."""

    def __init__(
        self, line: BaseSocketModeClient, request: SocketModeRequest, settings: SlackSettings, within: float
    ) -> None:
        self._line = line
        self._request = request
        self._settings = settings
        self._lock = Lock()
        self._acknowledged = False
        self._timer = Timer(within, self.acknowledge)
        self._timer.daemon = True
        self._timer.start()

    def say(self, text: str) -> None:
        """Answer whoever typed the command."""
        message = commands.only_to_them(text)
        if not (self._request.accepts_response_payload and self.acknowledge(message)):
            self.acknowledge()
            self._post(message)

    def acknowledge(self, message: dict[str, Any] | None = None) -> bool:
        """Acknowledge the command once, with a message or without; return whether it was done now."""
        self._timer.cancel()
        with self._lock:
            if self._acknowledged:
                return False
            try:
                self._line.send_socket_mode_response(SocketModeResponse(self._request.envelope_id, message))
            except (SlackClientError, OSError, AttributeError):  # the last where the line was given up meanwhile
                return False
            self._acknowledged = True
            return True

    def _post(self, message: dict[str, Any]) -> None:
        address = commands.answered_at(self._request.payload, self._settings.api_url)
        if not address:
            _log.warning("A command from Slack was not answered: it names no address of Slack's.")
            return
        try:
            with told("response_url"):
                client = WebhookClient(address, timeout=self._settings.timeout_seconds, retry_handlers=[])
                status = client.send_dict(message).status_code
        except DeliveryError as error:
            _log.warning("A command from Slack was not answered: %s", error)
        else:
            if status != 200:  # noqa: PLR2004  the one good answer
                _log.warning("A command from Slack was not answered: its address said %s.", status)
