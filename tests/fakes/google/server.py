"""Google as a local server, as strict as its published contract."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, ClassVar, Self
from urllib.parse import SplitResult, urlsplit

from tests.fakes.google.calendar import FakeCalendar
from tests.fakes.google.contract import Call, Contract, Method, contract
from tests.fakes.google.docs import FakeDocs
from tests.fakes.google.drive import FakeDrive
from tests.fakes.google.meet import FakeMeet
from tests.fakes.google.tokens import BOT, OAUTH_CLIENT, OAUTH_SECRET, REFRESH_TOKEN, NoToken, Tokens
from tests.fakes.google.troubles import Reply, Trouble, error_of, reply_to
from tests.fakes.google.uploads import parts_of
from tests.fakes.google.violation import Refused, Violation

APIS = (("calendar", "v3"), ("meet", "v2"), ("drive", "v3"), ("docs", "v1"))
SCOPES = tuple(
    f"https://www.googleapis.com/auth/{name}"
    for name in ("calendar.events.owned", "drive.file", "meetings.space.created")
)
_TOKEN = "/token"
_BETWEEN_FRIENDS = (401, 403, 409, 410)  # refusals that keep the contract


@dataclass
class FakeGoogle:
    """Google's sign-in, Calendar, Meet, Drive and Docs on one port::

        with FakeGoogle() as google:
            settings = GoogleSettings(**google.settings())
            google.fail_next(Trouble.BUSY)
            ...
            assert google.calendar.told == [...]
            assert google.violations == []

    ``calls`` are the requests that kept the contract, ``violations`` what the others did wrong (and what the fake's own
    answers did). ``trouble`` befalls every call, ``fail_next`` the next ones only; ``refuse_next`` answers with an
    error of Google's. Another API of Google's is a line in ``APIS`` and a class with ``handlers()``.
    """

    calendar: FakeCalendar = field(default_factory=FakeCalendar)
    meet: FakeMeet = field(default_factory=FakeMeet)
    docs: FakeDocs = field(default_factory=FakeDocs)
    drive: FakeDrive = field(init=False)
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    trouble: Trouble | None = None
    tokens: Tokens = field(init=False)
    url: str = ""

    def __post_init__(self) -> None:
        self.contracts = [contract(*api) for api in APIS]
        self.drive = FakeDrive(self.docs)
        self.handlers: dict[str, Callable[[Call], Any]] = {}
        for each in (self.calendar, self.meet, self.drive, self.docs):
            self.handlers |= each.handlers()
        self._next: list[Trouble | Violation | None] = []
        self._lock = Lock()
        self.stopped = Event()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"google": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.tokens = Tokens(f"{self.url}{_TOKEN}", delegated=set(SCOPES), granted=set(SCOPES))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def settings(self) -> dict[str, Any]:
        """Return the settings ``IMS_GOOGLE_…`` of a service account that acts as the bot, by their names."""
        account = self.tokens.account()
        return {"credentials": account, "acts_as": BOT, "api_url": self.url, "timeout_seconds": 5}

    def oauth_settings(self) -> dict[str, Any]:
        """Return the settings of the bot's own sign-in."""
        secrets = {"client_secret": OAUTH_SECRET, "refresh_token": REFRESH_TOKEN}
        return {"client_id": OAUTH_CLIENT, **secrets, "api_url": self.url, "timeout_seconds": 5}

    def fail_next(self, *troubles: Trouble | None) -> None:
        """Let the next calls fail, one trouble each, ``None`` for one that goes well; signing in counts as a call."""
        self._next += troubles

    def refuse_next(self, status: int, reason: str, message: str) -> None:
        """Refuse the next call as Google does."""
        self._next.append(Violation(message, status, reason))

    def next_trouble(self) -> Trouble | Violation | None:
        """Return what befalls the call that has just come in."""
        with self._lock:
            return self._next.pop(0) if self._next else self.trouble

    def answer(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Carry out a request, or refuse it."""
        url = urlsplit(target)
        with self._lock:
            self.requests.append(f"{verb} {url.path}")
            if url.path == _TOKEN:
                return self._token(body)
            contract = self.contract_of(target)
            try:
                return Reply.of(200, self._carried_out(contract, verb, url, headers, body))
            except Violation as violation:
                friendly = isinstance(violation, Refused) or violation.status in _BETWEEN_FRIENDS
                if not friendly and str(violation) != "Not Found":
                    self.violations.append(str(violation))
                return Reply.of(violation.status, error_of(violation, contract))
            except Exception as error:
                self.violations.append(f"the fake itself broke: {error!r}")
                raise

    def contract_of(self, target: str) -> Contract | None:
        """Return the API that a path belongs to."""
        path = urlsplit(target).path
        return next((each for each in self.contracts if each.has(path)), None)

    def _carried_out(
        self, contract: Contract | None, verb: str, url: SplitResult, headers: Mapping[str, str], body: bytes
    ) -> Any:
        if contract is None:
            raise Violation(f"There is no {verb} {url.path}", 404, "notFound")
        method, path = contract.method_of(verb, url.path)
        user = self._user(contract, method, headers)
        told, media_type, media = parts_of(headers, body) if url.path == method.upload_path else (body, "", b"")
        kind = headers if not media_type else {"content-type": "application/json"}
        call = contract.call_of(method, path, url.query, _body_of(kind, told), user)
        call = replace(call, media=media, media_type=media_type)
        self.calls.append(call)
        if method.id not in self.handlers:
            raise Violation(f"the fake does not do {method.id}", 501, "notImplemented")
        answer = self.handlers[method.id](call)
        contract.check_answer(method, answer)
        return answer if isinstance(answer, bytes) else contract.cut(answer, call.query.get("fields"))

    def _user(self, contract: Contract, method: Method, headers: Mapping[str, str]) -> str:
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens.issued:
            raise Violation("Request had invalid authentication credentials.", 401, "authError")
        user, scopes = self.tokens.issued[token]
        if not scopes & set(method.scopes):
            reason = "insufficientPermissions" if contract.is_old else "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
            raise Violation("Request had insufficient authentication scopes.", 403, reason)
        return user

    def _token(self, body: bytes) -> Reply:
        try:
            return Reply.of(200, self.tokens.answer(body))
        except NoToken as refused:
            return Reply.of(refused.status, {"error": refused.code, "error_description": str(refused)})


class _Handler(BaseHTTPRequestHandler):
    """Reads requests and writes answers; the fake thinks."""

    google: ClassVar[FakeGoogle]
    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._do
        raise AttributeError(name)

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        trouble = self.google.next_trouble()
        reply = reply_to(trouble, self.google.contract_of(self.path)) if trouble else None
        if trouble in (None, Trouble.DROPPED):
            reply = self.google.answer(self.command, self.path, headers, body)
        if trouble is Trouble.SLOW:
            self.google.stopped.wait(5)
        if reply is None or trouble is Trouble.DROPPED:
            self.close_connection = True
            return
        self._write(reply)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)


def _body_of(headers: Mapping[str, str], body: bytes) -> Any:
    if not body:
        return None
    if not headers.get("content-type", "").startswith("application/json"):
        raise Violation("The body is no JSON.", 415, "unsupportedMediaType")
    try:
        return json.loads(body)
    except ValueError:
        raise Violation("Parse Error", 400, "parseError") from None
