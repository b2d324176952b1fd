"""An Alertmanager that holds silences, and refuses what its published API (v2, OpenAPI) refuses, and a little more.

The real one overlooks fields that it does not know; this one refuses them, so that a wrong name is noticed.
"""

import json
import re
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from uuid import UUID, uuid4

Json = dict[str, Any]
Failure = Literal["dropped", "slow", "limited", "broken", "rubbish", "moved", "refused"]
_ANSWERS: Mapping[Failure, tuple[int, Mapping[str, str], bytes]] = {
    "limited": (429, {"Retry-After": "7"}, b""),
    "broken": (503, {}, b"upstream is away"),
    "rubbish": (200, {"Content-Type": "text/html"}, b"<html>Please sign in</html>"),
    "moved": (302, {"Location": "https://sign-in.example/"}, b""),
    "refused": (400, {"Content-Type": "application/json"}, b'"silence invalid"'),
}
_FIELDS = {"matchers": list, "startsAt": str, "endsAt": str, "createdBy": str, "comment": str}
_MATCHER = {"name": str, "value": str, "isRegex": bool, "isEqual": bool}
_OPTIONAL = {"isEqual"}
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass
class _Refusal(Exception):
    status: int
    said: Any


class FakeAlertmanager:
    """A context manager at ``url``. ``silences`` by id, as its API writes them; ``calls`` as (verb, path).

    With a ``sign_in`` it wants this ``Authorization``. ``fail_next("dropped")`` lets the next call fail; a dropped one
    was carried out before the connection broke.
    """

    def __init__(self, *, sign_in: str = "") -> None:
        self.sign_in = sign_in
        self.silences: dict[str, Json] = {}
        self.calls: list[tuple[str, str]] = []
        self._failures: list[tuple[Failure, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail_next(self, failure: Failure, verb: str = "") -> None:
        """Let the next call, or the next with a verb, fail."""
        self._failures.append((failure, verb))

    def state(self, silence: str) -> str:
        """Return whether a silence is active or expired."""
        return str(self.silences[silence]["status"]["state"])

    def failure(self, verb: str) -> Failure | None:
        """Take the failure that waits for a call."""
        for waiting in self._failures:
            if waiting[1] in ("", verb):
                self._failures.remove(waiting)
                return waiting[0]
        return None

    def answer(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        """Carry out a call; what is refused raises nothing, it is answered."""
        self.calls.append((verb, path))
        if self.sign_in and headers.get("Authorization") != self.sign_in:
            return 401, "Unauthorized"
        try:
            return 200, self._carry_out(verb, path, headers, body)
        except _Refusal as refusal:
            return refusal.status, refusal.said

    def _carry_out(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        match verb, path.removeprefix("/api/v2/").split("/"):
            case "GET", ["status"]:
                return {"cluster": {"status": "disabled"}, "versionInfo": {"version": "0.25.0"}, "uptime": _written()}
            case "GET", ["silences"]:
                return list(self.silences.values())
            case "POST", ["silences"]:
                if headers.get("Content-Type") != "application/json":
                    raise _Refusal(415, {"code": 415, "message": "unsupported media type"})
                return {"silenceID": self._make(json.loads(body))}
            case "GET", ["silence", name]:
                return self._found(name, 404)
            case "DELETE", ["silence", name]:
                self._found(name, 500).update(endsAt=_written(), status={"state": "expired"})
                return None
        raise _Refusal(404, {"code": 404, "message": f"path {path} was not found"})

    def _found(self, name: str, missing: int) -> Json:
        try:
            UUID(name)
        except ValueError:
            raise _Refusal(422, {"code": 601, "message": "silenceID in path must be of type uuid"}) from None
        if name not in self.silences:
            raise _Refusal(missing, "silence not found")
        return self.silences[name]

    def _make(self, wanted: Json) -> str:
        _check(wanted, _FIELDS)
        for matcher in wanted["matchers"]:
            _check(matcher, _MATCHER, _OPTIONAL)
            if not _LABEL.fullmatch(matcher["name"]):
                raise _Refusal(400, f'silence invalid: invalid label name "{matcher["name"]}"')
        if not any(matcher["value"] for matcher in wanted["matchers"]):
            raise _Refusal(400, "silence invalid: at least one matcher must not match the empty string")
        starts_at, ends_at = (datetime.fromisoformat(wanted[name]) for name in ("startsAt", "endsAt"))
        if None in (starts_at.tzinfo, ends_at.tzinfo) or starts_at >= ends_at:
            raise _Refusal(400, "Failed to create silence: start time must be before end time")
        name = str(uuid4())
        self.silences[name] = wanted | {"id": name, "status": {"state": "active"}, "updatedAt": _written()}
        return name


def _check(given: Json, fields: Mapping[str, type], optional: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    if strange := sorted(given.keys() - fields.keys()):
        raise _Refusal(422, {"code": 602, "message": f"{strange} in body is unknown"})
    for name, kind in fields.items():
        if name not in given and name not in optional:
            raise _Refusal(422, {"code": 602, "message": f"{name} in body is required"})
        if name in given and not isinstance(given[name], kind):
            raise _Refusal(400, {"code": 400, "message": f"cannot unmarshal {name}"})
        if kind is list and not given[name]:
            raise _Refusal(422, {"code": 612, "message": f"{name} in body should have at least 1 items"})


def _written() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _handler(alertmanager: FakeAlertmanager) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            failure = alertmanager.failure(self.command)
            if failure is not None and failure in _ANSWERS:
                self._write(*_ANSWERS[failure])
                return
            status, said = alertmanager.answer(self.command, self.path, dict(self.headers), body)
            if failure == "dropped":
                self.close_connection = True
                return
            if failure == "slow":
                time.sleep(1)
            content = b"" if said is None else json.dumps(said).encode()
            with suppress(ConnectionError):  # whoever asked has given up waiting
                self._write(status, {"Content-Type": "application/json"}, content)

        do_GET = do_POST = do_DELETE = do_PUT = handle_any  # noqa: N815

        def _write(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    return Handler
