"""The fake's HTTP side: who calls is answered, or meets the failure that a test asked for."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[str, str, str, bytes], tuple[int, Any]]


class Failure(StrEnum):
    """What may happen to a call. Only ``LOST`` does what was asked: the answer never arrives."""

    DOWN = "the connection breaks before anything was done"
    SLOW = "no answer for longer than anybody waits"
    BUSY = "429 with Retry-After"
    ILL = "503"
    RUBBISH = "a page of HTML with 200"
    LOST = "the connection breaks after everything was done"


class Server(ThreadingHTTPServer):
    """Hands each request to ``answer`` (verb, address, key, body), unless a failure is due."""

    daemon_threads = False  # so that ``close`` waits for every answer, and leaves no socket open

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.retry_after = "7"
        self.failures: list[tuple[Failure, str]] = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        """Stop, with the answers that somebody still waits for."""
        self.over.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def due(self, path: str) -> Failure | None:
        """Return what is to happen to a call, once."""
        for each in [each for each in self.failures if each[1] in path][:1]:
            self.failures.remove(each)
            return each[0]
        return None


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        failure = self.server.due(self.path)
        match failure:
            case Failure.BUSY:
                self._say(429, {"detail": "Request was throttled."}, {"Retry-After": self.server.retry_after})
            case Failure.ILL:
                self._say(503, {"detail": "Service unavailable."})
            case Failure.RUBBISH:
                self._say(200, "<html><body>Please sign in to the network.</body></html>")
            case Failure.DOWN:
                self._hang_up()
            case Failure.SLOW:
                self.server.over.wait(timeout=30)
                self._hang_up()
            case _:
                answer = self.server.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
                self._hang_up() if failure is Failure.LOST else self._say(*answer)

    def _say(self, status: int, answer: Any, headers: Mapping[str, str] | None = None) -> None:
        page = isinstance(answer, str) and answer.startswith("<")
        text = (answer if page else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if page else "application/json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # whoever asked may be gone already
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002
        """Say nothing between the dots of the tests."""
