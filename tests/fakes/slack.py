"""A Slack workspace on this machine, which refuses what Slack's published methods refuse.

    with FakeSlack(clock) as slack:
        slack.add_person("ada@ims.example")
        acme = slack.add_channel("acme", external=True)
        ...                                     # point ``IMS_SLACK_API_URL`` to slack.url, ``IMS_SLACK_TOKEN`` to TOKEN
        slack.fail_next("chat.postMessage", drop="after")
        assert [message.text for message in acme.messages] == ["We are on it."]

Arguments, their types, which are required and which errors a method knows come from ``tests/contracts``; an error that
the contract does not know fails the test. ``slack.refusals`` holds every call that was refused, ``slack.calls`` each
call that was understood, ``slack.lost`` the methods whose work was done and whose answer was lost.
"""

import json
import re
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message as MessageOf
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, RLock, Thread
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl

from ims.clock import Clock, utc_now
from tests.fakes.slack_contract import OF_EVERY_METHOD, Answer, Args, No, check, errors_of, knows

TOKEN = "xoxb-of-the-tests"
APP_TOKEN = "xapp-of-the-tests"
BOT = "U0THEAPP01"
SCOPES = (
    "channels:history,channels:manage,channels:read,chat:write,groups:history,groups:read,im:history,im:write,"
    "pins:write,users:read,users:read.email"
)
LONGEST_TEXT = 40_000

# Any of these scopes is enough; what depends on the kind of channel is asked for where the channel is known.
_NEEDS = {
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.archive": ("channels:manage", "groups:write"),
    "conversations.create": ("channels:manage", "groups:write"),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.invite": ("channels:manage", "channels:write.invites", "groups:write"),
    "conversations.list": ("channels:read", "groups:read"),
    "conversations.open": ("im:write",),
    "conversations.setTopic": ("channels:manage", "channels:write.topic", "groups:write"),
    "pins.add": ("pins:write",),
    "pins.remove": ("pins:write",),
    "users.lookupByEmail": ("users:read.email",),
}


@dataclass
class Message:
    """A message as it stands; ``sent`` are the arguments it was posted with, ``mark`` is our key in its metadata."""

    ts: str
    user: str
    sent: Args
    thread: str = ""
    updates: list[Args] = field(default_factory=list)

    @property
    def text(self) -> str:
        return (self.updates[-1] if self.updates else self.sent).get("text", "")

    @property
    def blocks(self) -> Any:
        return json.loads((self.updates[-1] if self.updates else self.sent).get("blocks", "[]"))

    @property
    def metadata(self) -> Any:
        return json.loads(self.sent.get("metadata", "null"))

    @property
    def broadcast(self) -> bool:
        return self.sent.get("reply_broadcast") in {"1", "true"}


@dataclass
class Channel:
    """A channel or, with an id that starts with ``D``, the direct messages with a person."""

    id: str
    name: str
    creator: str = "U0SOMEBODY"
    private: bool = False
    external: bool = False
    invited: bool = False
    archived: bool = False
    members: list[str] = field(default_factory=list)
    topic: str = ""
    pins: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def message(self, ts: str, otherwise: str = "message_not_found") -> Message:
        found = next((message for message in self.messages if message.ts == ts), None)
        if found is None:
            raise No(otherwise)
        return found

    def told(self) -> Answer:
        shown = {"id": self.id, "name": self.name, "is_archived": self.archived, "is_private": self.private}
        return {
            **shown,
            "creator": self.creator,
            "is_member": BOT in self.members,
            "is_ext_shared": self.external,
            "is_pending_ext_shared": self.invited,
        }


@dataclass
class Fault:
    """How one of the next calls goes wrong; ``drop`` hangs up ``before`` or ``after`` Slack did its work."""

    method: str
    error: str = ""
    status: int = 200
    retry_after: int | None = None
    body: str | None = None
    drop: str = ""
    seconds: float = 0.0


class FakeSlack:
    """One workspace. ``page`` is the most records in a page of any list."""

    def __init__(self, clock: Clock = utc_now, *, scopes: str = SCOPES, page: int = 1_000) -> None:
        self.clock, self.scopes, self.page = clock, scopes, page
        self.people: dict[str, str] = {}
        self.channels: dict[str, Channel] = {}
        self.calls: list[tuple[str, Args]] = []
        self.refusals: list[tuple[str, str]] = []
        self.mistakes: list[str] = []
        self.lost: list[str] = []
        self._faults: list[Fault] = []
        self._count = 0
        self._lock, self._stopping = RLock(), Event()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        assert not self.mistakes, self.mistakes

    def add_person(self, email: str) -> str:
        """Add somebody to the workspace and return their id."""
        self.people[email] = self._id("U")
        return self.people[email]

    def add_channel(self, name: str, *, member: bool = True, **what: Any) -> Channel:
        """Add a channel of somebody's, with the app in it or not. ``what`` are fields of ``Channel``."""
        channel = Channel(self._id("C"), name, members=[BOT] if member else [], **what)
        self.channels[channel.id] = channel
        return channel

    def called(self, name: str) -> Channel:
        """Return the channel with a name."""
        return next(channel for channel in self.channels.values() if channel.name == name)

    def say(self, channel: Channel, text: str) -> None:
        """Let a person say something in a channel."""
        channel.messages.append(Message(self._ts(), "U0SOMEBODY", {"text": text}))

    def fail_next(self, method: str = "", *, times: int = 1, **how: Any) -> None:
        """Let the next calls (of a method) go wrong; ``how`` are fields of ``Fault``."""
        self._faults += [Fault(method, **how) for _ in range(times)]

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self._faults.clear()

    def made(self, method: str) -> list[Args]:
        """Return the arguments of each call of a method that Slack understood."""
        return [arguments for name, arguments in self.calls if name == method]

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request, or let it go wrong as the test asked for."""
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        method = request.path.removeprefix("/api/")
        fault = self._fault(method)
        self._stopping.wait(fault.seconds)
        if fault.drop == "before":
            return _hang_up(request)
        if fault.body is not None or fault.status != 200 or fault.error:
            self._hold(fault.error, method)
            wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            text = json.dumps({"ok": False, "error": fault.error}) if fault.body is None else fault.body
            return _send(request, fault.status, text, wait)
        answer = self._answer(method, request.headers, body)
        if fault.drop == "after":
            self.lost.append(method)
            return _hang_up(request)
        return _send(request, 200, json.dumps(answer), {"X-OAuth-Scopes": self.scopes})

    def _hold(self, code: str, method: str) -> None:
        if code not in {"", *errors_of(method), *OF_EVERY_METHOD}:
            self.mistakes.append(f"{method} knows no error {code}")

    def _fault(self, method: str) -> Fault:
        fault = next((each for each in self._faults if each.method in {"", method}), None)
        if fault:
            self._faults.remove(fault)
        return fault or Fault(method)

    def _answer(self, method: str, headers: "MessageOf[str, str]", body: str) -> Answer:
        with self._lock:
            try:
                return {"ok": True, **self._understood(method, headers, body)}
            except No as no:
                self._hold(no.code, method)
                self.refusals.append((method, no.code))
                return {"ok": False, "error": no.code, **no.more}

    def _understood(self, method: str, headers: "MessageOf[str, str]", body: str) -> Answer:
        if not knows(method):
            raise No("unknown_method")
        token = APP_TOKEN if method == "apps.connections.open" else TOKEN
        if headers.get("Authorization") != f"Bearer {token}":
            raise No("invalid_auth" if "Authorization" in headers else "not_authed")
        arguments = _arguments(body, headers.get("Content-Type", ""))
        check(method, arguments)
        self._may(*_NEEDS.get(method, ()))
        answer = self._METHODS[method](self, arguments)
        self.calls.append((method, arguments))
        return answer

    def _may(self, *any_of: str) -> None:
        if any_of and not set(any_of) & set(self.scopes.split(",")):
            raise No("missing_scope", needed=any_of[0], provided=self.scopes)

    def _channel(self, arguments: Args, *, by_name: bool = False, inside: bool = True) -> Channel:
        wanted = arguments["channel"]
        found = self.channels.get(wanted)
        if by_name and not found:
            found = next((each for each in self.channels.values() if each.name == wanted.removeprefix("#")), None)
        if not found or (found.private and BOT not in found.members):
            raise No("channel_not_found")
        if inside and BOT not in found.members:
            raise No("not_in_channel")
        return found

    def _history(self, arguments: Args) -> Answer:
        channel = self._channel(arguments)
        shown = [each for each in channel.messages if not each.thread or each.broadcast]
        return self._messages(arguments, channel, shown[::-1])

    def _replies(self, arguments: Args) -> Answer:
        channel = self._channel(arguments)
        head = channel.message(arguments["ts"], "thread_not_found")
        return self._messages(
            arguments, channel, [each for each in channel.messages if head.ts in {each.thread, each.ts}]
        )

    def _messages(self, arguments: Args, channel: Channel, found: list[Message]) -> Answer:
        kind = "im" if channel.id.startswith("D") else "groups" if channel.private else "channels"
        self._may(f"{kind}:history")
        found = [each for each in found if float(each.ts) > float(arguments.get("oldest", 0))]
        with_metadata = arguments.get("include_all_metadata") in {"1", "true"}
        told = [{"type": "message", "ts": each.ts, "user": each.user, "text": each.text} for each in found]
        if with_metadata:
            told = [record | {"metadata": each.metadata} for record, each in zip(told, found, strict=True)]
        return self._paged("messages", told, arguments)

    def _paged(self, name: str, records: list[Any], arguments: Args) -> Answer:
        start, size = int(arguments.get("cursor", 0)), min(self.page, int(arguments.get("limit", 100)))
        following = str(start + size) if start + size < len(records) else ""
        return {name: records[start : start + size], "response_metadata": {"next_cursor": following}}

    def _post(self, arguments: Args) -> Answer:
        channel = self._channel(arguments, by_name=True)
        if channel.archived:
            raise No("is_archived")
        thread = arguments.get("thread_ts", "")
        if thread:
            channel.message(thread, "cannot_reply_to_message")
        elif "reply_broadcast" in arguments:
            raise No("invalid_arguments")
        kept = arguments | {"text": arguments.get("text", "")[:LONGEST_TEXT]}
        channel.messages.append(Message(self._ts(), BOT, kept, thread))
        return {"channel": channel.id, "ts": channel.messages[-1].ts}

    def _update(self, arguments: Args) -> Answer:
        message = self._channel(arguments, inside=False).message(arguments["ts"])
        if message.user != BOT:
            raise No("cant_update_message")
        message.updates.append(arguments)
        return {"channel": arguments["channel"], "ts": message.ts}

    def _permalink(self, arguments: Args) -> Answer:
        channel = self._channel(arguments, inside=False)
        ts = channel.message(arguments["message_ts"]).ts
        return {"permalink": f"https://ims.slack.example/archives/{channel.id}/p{ts.replace('.', '')}"}

    def _pin(self, arguments: Args) -> Answer:
        channel = self._channel(arguments)
        ts = channel.message(arguments["timestamp"]).ts
        if ts in channel.pins:
            raise No("already_pinned")
        channel.pins.append(ts)
        return {}

    def _unpin(self, arguments: Args) -> Answer:
        channel = self._channel(arguments)
        ts = channel.message(arguments["timestamp"]).ts
        if ts not in channel.pins:
            raise No("no_pin")
        channel.pins.remove(ts)
        return {}

    def _create(self, arguments: Args) -> Answer:
        if not re.fullmatch(r"[a-z0-9_-]{1,80}", arguments["name"]):
            raise No("invalid_name_maxlength" if len(arguments["name"]) > 80 else "invalid_name_specials")
        if any(channel.name == arguments["name"] for channel in self.channels.values()):
            raise No("name_taken")
        return {"channel": self.add_channel(arguments["name"], creator=BOT).told()}

    def _list(self, arguments: Args) -> Answer:
        kinds = set(arguments.get("types", "public_channel").split(","))
        if kinds - {"public_channel", "private_channel", "mpim", "im"}:
            raise No("invalid_types")
        seen = [each for each in self.channels.values() if not each.private or BOT in each.members]
        chosen = [each for each in seen if ("private_channel" if each.private else "public_channel") in kinds]
        if arguments.get("exclude_archived") in {"1", "true"}:
            chosen = [each for each in chosen if not each.archived]
        return self._paged("channels", [each.told() for each in chosen if not each.id.startswith("D")], arguments)

    def _topic(self, arguments: Args) -> Answer:
        if len(arguments["topic"]) > 250:
            raise No("too_long")
        self._channel(arguments).topic = arguments["topic"]
        return {}

    def _invite(self, arguments: Args) -> Answer:
        channel = self._channel(arguments)
        if channel.archived:
            raise No("is_archived")
        for user in arguments["users"].split(","):
            if user not in {BOT, *self.people.values()}:
                raise No("user_not_found")
            if user in channel.members:
                raise No("cant_invite_self" if user == BOT else "already_in_channel")
            channel.members.append(user)
        return {"channel": channel.told()}

    def _archive(self, arguments: Args) -> Answer:
        channel = self._channel(arguments)
        if channel.archived:
            raise No("already_archived")
        channel.archived = True
        return {}

    def _open(self, arguments: Args) -> Answer:
        user = arguments.get("users", "")
        if user not in self.people.values():
            raise No("user_not_found" if user else "users_list_not_supplied")
        direct = self.channels.setdefault(f"D{user[1:]}", Channel(f"D{user[1:]}", user, members=[BOT, user]))
        return {"channel": {"id": direct.id}}

    def _person(self, arguments: Args) -> Answer:
        if arguments["email"] not in self.people:
            raise No("users_not_found")
        return {"user": {"id": self.people[arguments["email"]], "profile": {"email": arguments["email"]}}}

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}0{self._count:08d}"

    def _ts(self) -> str:
        self._count += 1
        now: datetime = self.clock()
        return f"{int(now.timestamp())}.{self._count:06d}"

    _METHODS: ClassVar[dict[str, Callable[["FakeSlack", Args], Answer]]] = {
        "apps.connections.open": lambda _slack, _arguments: {"url": "ws://127.0.0.1/nobody-calls-it"},
        "auth.test": lambda _slack, _arguments: {"team": "IMS tests", "user": "ims", "user_id": BOT},
        "chat.getPermalink": _permalink,
        "chat.postMessage": _post,
        "chat.update": _update,
        "conversations.archive": _archive,
        "conversations.create": _create,
        "conversations.history": _history,
        "conversations.info": lambda slack, arguments: {"channel": slack._channel(arguments, inside=False).told()},
        "conversations.invite": _invite,
        "conversations.list": _list,
        "conversations.open": _open,
        "conversations.replies": _replies,
        "conversations.setTopic": _topic,
        "pins.add": _pin,
        "pins.remove": _unpin,
        "users.lookupByEmail": _person,
    }


class _Server(ThreadingHTTPServer):
    def __init__(self, slack: FakeSlack) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.slack = slack

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep what went wrong in here for the end of the test; that a caller went away is no mistake."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.slack.mistakes.append(repr(error))


class _Request(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        self.server.slack.serve(self)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output quiet."""


def _send(request: BaseHTTPRequestHandler, status: int, text: str, headers: Mapping[str, str]) -> None:
    kind = "application/json" if text.startswith("{") else "text/html"
    request.send_response(status)
    for name, value in {"Content-Type": f"{kind}; charset=utf-8", **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(text.encode())


def _hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


def _arguments(body: str, kind: str) -> Args:
    if body and kind.startswith("application/json"):
        given = json.loads(body)
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    return dict(parse_qsl(body, keep_blank_values=True))
