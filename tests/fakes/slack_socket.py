"""The side of Slack that commands come from: Socket Mode's line, who is who, and the address for late answers.

It refuses what Slack refuses: a wrong token or verb, an unknown argument, a line whose address was used before. What
reaches it on the line and Slack would not understand is kept in ``complaints``, which a test expects to be empty.

    with SlackSocket() as slack:
        listener = CommandListener(SlackSettings(**slack.settings), handler)
        listener.start()
        assert slack.ask("list") == "No incident is active."       # types /incident list, returns what the person sees
        listener.stop()
"""

import json
import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Condition, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

BOT_TOKEN = "xoxb-of-the-test"
APP_TOKEN = "xapp-of-the-test"
PATIENCE = 10.0  # seconds
_MESSAGE = {"response_type", "text", "blocks", "attachments", "mrkdwn", "replace_original", "delete_original"}
_ARGUMENTS = {"apps.connections.open": set(), "users.info": {"user", "include_locale"}}
_TOKENS = {"apps.connections.open": APP_TOKEN, "users.info": BOT_TOKEN}


class SlackSocket:
    """Listens on free ports of this machine, from ``with`` to its end."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {"UADA": person("UADA", "ada@example.com")}
        self.complaints: list[str] = []
        self.calls: list[str] = []
        """Each method that was called, also in vain."""
        self.acknowledged: dict[str, dict[str, Any]] = {}
        """What came back for each envelope."""
        self.answers: dict[str, list[dict[str, Any]]] = {}
        """What was posted to the ``response_url`` of each trigger."""
        self.lines = 0
        """How many lines were opened."""
        self._failures: dict[str, list[tuple[int, dict[str, str], bytes]]] = {}
        self._tickets: set[str] = set()
        self._sent: dict[str, dict[str, Any]] = {}
        self._line: ServerConnection | None = None
        self._numbers = count(1)
        self._changed = Condition()

    def __enter__(self) -> "SlackSocket":
        fake = self

        class Handler(_Handler):
            slack = fake

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False
        self._websocket = serve(self._hold, "127.0.0.1", 0, compression=None, close_timeout=1)
        self._threads = [
            Thread(target=self._http.serve_forever, args=(0.02,)),
            Thread(target=self._websocket.serve_forever),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()
        self._websocket.shutdown()
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self._http.server_port}/api/"

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of an app that this Slack knows."""
        return {"token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": self.url, "timeout_seconds": 5}

    def fail_next(self, method: str, status: int = 200, body: str = "", **headers: str) -> None:
        """Answer the next call of a method otherwise, like ``fail_next("users.info", 429, Retry_After="1")``.

        A body that is one word is Slack's error code; ``respond`` stands for the address for late answers.
        """
        said = json.dumps({"ok": False, "error": body}) if body.replace("_", "").isalpha() else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._failures.setdefault(method, []).append((status, named, said.encode()))

    def ask(self, text: str, **changes: Any) -> str:
        """Type ``/incident`` and a text, as ``UADA`` in ``CSOME``, and return what the person then sees."""
        return self.seen(self.send(text, **changes))

    def send(self, text: str, **changes: Any) -> str:
        """Send a command on the line and return its envelope's id; ``changes`` are to its payload."""
        number = next(self._numbers)
        payload = {
            "token": "of-a-kind-that-nobody-checks",
            "team_id": "T1",
            "team_domain": "example",
            "channel_id": "CSOME",
            "channel_name": "some",
            "user_id": "UADA",
            "user_name": "ada",
            "command": "/incident",
            "text": text,
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": f"http://127.0.0.1:{self._http.server_port}/commands/T1/{number}",
            "trigger_id": f"{number}.1.abc",
        } | changes
        return self.send_envelope("slash_commands", payload, accepts_response_payload=True)

    def send_envelope(self, kind: str, payload: Mapping[str, Any], *, accepts_response_payload: bool) -> str:
        """Send anything that waits to be acknowledged, and return its id."""
        envelope = {
            "envelope_id": f"envelope-{next(self._numbers)}",
            "type": kind,
            "payload": payload,
            "accepts_response_payload": accepts_response_payload,
        }
        self._push(envelope)
        return str(envelope["envelope_id"])

    def send_again(self, envelope_id: str) -> str:
        """Deliver a command again, as after a lost acknowledgement: in a new envelope."""
        return self.send_envelope("slash_commands", self._sent[envelope_id]["payload"], accepts_response_payload=True)

    def seen(self, envelope_id: str) -> str:
        """Wait for what the person sees of a command: its acknowledgement's text, or the late answer's."""
        number = self._sent[envelope_id]["payload"]["response_url"].rpartition("/")[2]

        def message() -> dict[str, Any] | None:
            late = self.answers.get(number)
            return late[-1] if late else self.acknowledged.get(envelope_id, {}).get("payload")

        self.wait(lambda: message() is not None)
        return as_shown(str((message() or {})["text"]))

    def wait(self, condition: Any) -> None:
        """Wait until a condition holds.

        Raises:
            TimeoutError: it does not in time.
        """
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE):
                raise TimeoutError(f"it did not happen; called were {self.calls}, complaints {self.complaints}")

    def drop(self) -> None:
        """Cut the line, as a broken network does."""
        line = self._line
        if line:
            try:
                line.socket.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is gone already
                return

    def refresh(self) -> None:
        """Ask for a new line, as Slack does every few hours; the old one closes when the new one is there."""
        self._push({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "fake"}})

    def _push(self, message: dict[str, Any]) -> None:
        if "envelope_id" in message:
            self._sent[message["envelope_id"]] = message
        self.wait(lambda: self._line is not None)
        assert self._line is not None
        self._line.send(json.dumps(message))

    def _hold(self, line: ServerConnection) -> None:
        """Keep one line: greet, then hear what comes back."""
        asked = line.request
        ticket = parse_qs(urlsplit(asked.path if asked else "").query).get("ticket", [""])[0]
        if ticket not in self._tickets:
            self._complain("a line was opened without a ticket, or with one that was used")
            return
        self._tickets.remove(ticket)
        line.send(json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}}))
        with self._changed:
            self._line, self.lines = line, self.lines + 1
            self._changed.notify_all()
        try:
            for said in line:
                self._hear(said)
        except ConnectionClosed:
            pass
        with self._changed:
            self._line = None if self._line is line else self._line
            self._changed.notify_all()

    def _hear(self, said: str | bytes) -> None:
        message = json.loads(said)
        envelope_id, payload = message.get("envelope_id"), message.get("payload")
        sent = self._sent.get(envelope_id)
        if sent is None or set(message) - {"envelope_id", "payload"}:
            return self._complain(f"no acknowledgement: {message}")
        if envelope_id in self.acknowledged:
            return self._complain(f"acknowledged twice: {message}")
        if payload is not None:
            self._check(payload)
            if not sent["accepts_response_payload"]:
                self._complain(f"this envelope takes no answer: {message}")
        with self._changed:
            self.acknowledged[envelope_id] = message
            self._changed.notify_all()
        return None

    def _check(self, message: Any) -> None:
        """Complain of a message that Slack would show to everybody, or not at all."""
        if not isinstance(message, dict) or set(message) - _MESSAGE or not message.get("text"):
            self._complain(f"no message: {message}")
        elif message.get("response_type") != "ephemeral" or message.get("mrkdwn") is not False:
            self._complain(f"not for one person alone, or with markup: {message}")

    def _complain(self, sentence: str) -> None:
        with self._changed:
            self.complaints.append(sentence)
            self._changed.notify_all()

    def reply(self, path: str, token: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Answer a POST; the HTTP side of this class calls it."""
        place, _, name = path.strip("/").rpartition("/")
        method = name if place == "api" else "respond"
        with self._changed:
            self.calls.append(method)
            self._changed.notify_all()
        if self._failures.get(method):
            return self._failures[method].pop(0)
        if place == "api":
            arguments = {key: value[0] for key, value in parse_qs(body.decode()).items()}
            return 200, {}, json.dumps(self._method(name, token, arguments)).encode()
        return self._late(name, json.loads(body)) if place == "commands/T1" else (404, {}, b"no_service")

    def _late(self, number: str, message: Any) -> tuple[int, dict[str, str], bytes]:
        self._check(message)
        with self._changed:
            self.answers.setdefault(number, []).append(message)
            self._changed.notify_all()
        return 200, {}, b"ok"

    def _method(self, name: str, token: str, arguments: Mapping[str, str]) -> dict[str, Any]:
        if name not in _ARGUMENTS:
            return {"ok": False, "error": "unknown_method"}
        if token != f"Bearer {_TOKENS[name]}":
            return {"ok": False, "error": "not_allowed_token_type" if token.startswith("Bearer x") else "not_authed"}
        if set(arguments) - _ARGUMENTS[name]:
            return {"ok": False, "error": "invalid_arg_name"}
        if name == "users.info":
            user = self.people.get(arguments.get("user", ""))
            return {"ok": True, "user": user} if user else {"ok": False, "error": "user_not_found"}
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        port = self._websocket.socket.getsockname()[1]
        return {"ok": True, "url": f"ws://127.0.0.1:{port}/link/?ticket={ticket}&app_id=1"}


class _Handler(BaseHTTPRequestHandler):
    slack: SlackSocket
    protocol_version = "HTTP/1.0"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, said = self.slack.reply(self.path, self.headers.get("Authorization") or "", body)
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(said)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Be quiet."""


def person(user_id: str, email: str, **changes: Any) -> dict[str, Any]:
    """Return what Slack says about somebody."""
    profile = {"email": email, "real_name": email.partition("@")[0]}
    known = {"id": user_id, "team_id": "T1", "deleted": False, "is_bot": False, "is_email_confirmed": True}
    return known | {"is_stranger": False, "profile": profile} | changes


def as_shown(text: str) -> str:
    """Return a text as Slack shows it where formatting is off."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
