"""What stands between the portal and a fake, and lets things go wrong on the way, alike for every system."""

import re
import socket
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, TCPServer, ThreadingTCPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, ClassVar, Self

PATIENCE = 10.0
# What only reads, of those that are posted: a lost answer to it tells nothing.
_READS = re.compile(r"/conversations\.(history|replies|list|info|open)|/users\.|/auth\.|Permalink|/search|/token")


class Trouble(StrEnum):
    """What may happen on the way. ``LOST`` and ``SLOW`` let through what was asked."""

    DOWN = "nobody listens"
    SLOW = "the answer comes when nobody waits for it any more"
    BUSY = "429, or what it is called there, with Retry-After where there is such a thing"
    ILL = "503, or what it is called there"
    RUBBISH = "something that is no answer"
    LOST = "the connection breaks after the work was done"


class Gate:
    """Runs inside ``with HttpGate(port) as gate``; callers go to ``gate.port``, and it asks the fake at ``behind``.

    ``trouble`` befalls every call until it is ``None``; ``met`` counts the calls that something befell.
    """

    handler: ClassVar[type[BaseRequestHandler]]
    server_of: ClassVar[Callable[..., Any]]

    def __init__(self, behind: int) -> None:
        self.behind = behind
        self.met = 0
        self.healed = Event()
        self._trouble: Trouble | None = None
        self._open: tuple[TCPServer, Thread] | None = None
        self._closed: socket.socket | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.trouble = None
        self._leave()

    @property
    def trouble(self) -> Trouble | None:
        """What befalls every call now."""
        return self._trouble

    @trouble.setter
    def trouble(self, wanted: Trouble | None) -> None:
        was, self._trouble = self._trouble, wanted
        if wanted is None:
            self.healed.set()
        else:
            self.healed.clear()
        if wanted is Trouble.DOWN and self._open:
            self._leave()
            self._closed = socket.socket()  # nobody else gets the port meanwhile
            self._closed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._closed.bind(("127.0.0.1", self.port))
        if was is Trouble.DOWN and wanted is not Trouble.DOWN and self._closed:
            self._closed.close()
            self._closed = None
            self._listen()

    def befalls(self) -> Trouble | None:
        """Return what befalls the call that has just come in."""
        self.met += self._trouble is not None
        return self._trouble

    def _listen(self) -> None:
        handler = type("Handler", (self.handler,), {"gate": self})
        made: TCPServer = self.server_of(("127.0.0.1", self.port), handler)
        self.port = made.socket.getsockname()[1]
        thread = Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        self._open = made, thread

    def _leave(self) -> None:
        if self._open:
            made, thread = self._open
            made.shutdown()
            made.server_close()
            thread.join()
            self._open = None


class _Asks(BaseHTTPRequestHandler):
    """Asks the fake what it was asked, and answers what that answered."""

    gate: ClassVar[Gate]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._do
        raise AttributeError(name)

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trouble = self.gate.befalls()
        match trouble:
            case Trouble.BUSY:
                self._answer(429, {"Retry-After": "90", "Content-Type": "application/json"}, b"{}")
            case Trouble.ILL:
                self._answer(503, {"Content-Type": "text/html"}, b"<html>Upstream is away</html>")
            case Trouble.RUBBISH:
                self._answer(200, {"Content-Type": "text/html"}, b"<html>Sign in to the hotel's network</html>")
            case _:
                self._pass_on(trouble, body)

    def _pass_on(self, trouble: Trouble | None, body: bytes) -> None:
        answer = self._ask(body)
        if trouble is Trouble.SLOW:
            self.gate.healed.wait(PATIENCE)
        if trouble is Trouble.LOST and self.command != "GET" and not _READS.search(self.path):
            answer = None
        if answer:
            self._answer(*answer)
        self.close_connection = True

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        fake = HTTPConnection("127.0.0.1", self.gate.behind, timeout=PATIENCE)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        try:
            fake.request(self.command, self.path, body, headers | {"Connection": "close"})
            answer = fake.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            return None
        finally:
            fake.close()
        dropped = ("connection", "content-length", "transfer-encoding", "date", "server")
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in dropped}
        return answer.status, kept, content

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        with suppress(OSError):  # whoever asked has given up waiting
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing between the dots of the tests."""


class HttpGate(Gate):
    """Stands before a fake that speaks HTTP."""

    handler = _Asks
    server_of = ThreadingHTTPServer


class _Carries(BaseRequestHandler):
    """Carries lines between a sender and the mail server; the answer to a whole letter is what can get lost."""

    gate: ClassVar[Gate]
    request: socket.socket

    def handle(self) -> None:
        trouble = self.gate.befalls()
        greeting = {
            Trouble.BUSY: b"421 4.7.0 Too many connections, come back later\r\n",
            Trouble.ILL: b"451 4.3.0 The mail system is ill\r\n",
            Trouble.RUBBISH: b"<html>Sign in to the hotel's network</html>\r\n",
        }
        with suppress(OSError):
            if trouble in greeting:
                self.request.sendall(greeting[trouble])
                return
            with socket.create_connection(("127.0.0.1", self.gate.behind), PATIENCE) as server:
                self._carry(server, trouble)

    def _carry(self, server: socket.socket, trouble: Trouble | None) -> None:
        """Speak SMTP's way: one says something, the other answers; a letter's answer comes after its lone dot."""
        self.request.settimeout(PATIENCE)
        lines, answers = self.request.makefile("rb"), server.makefile("rb")
        in_letter = False
        with lines, answers:
            self.request.sendall(_answer_of(answers))
            for line in lines:
                server.sendall(line)
                if in_letter and line != b".\r\n":
                    continue
                answer = _answer_of(answers)
                if in_letter and trouble is Trouble.LOST:
                    return
                if in_letter and trouble is Trouble.SLOW:
                    self.gate.healed.wait(PATIENCE)
                in_letter = answer.startswith(b"354")
                self.request.sendall(answer)


def _answer_of(answers: Any) -> bytes:
    """Return an answer, of one line or of several (``250-…``)."""
    said = bytearray()
    for line in answers:
        said += line
        if line[3:4] != b"-":
            break
    return bytes(said)


class _Tcp(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False


class MailGate(Gate):
    """Stands before a mail server."""

    handler = _Carries
    server_of = _Tcp
