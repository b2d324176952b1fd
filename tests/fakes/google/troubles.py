"""What can go wrong on Google's side, and how it looks from here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.fakes.google.contract import Contract
from tests.fakes.google.violation import Violation

_STATUS_WORDS = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}


class Trouble(StrEnum):
    """What can go wrong, whatever is asked."""

    DOWN = "503"
    BUSY = "429, with Retry-After in seconds"
    BUSY_UNTIL = "429, with Retry-After as a date"
    TOO_FAST = "403 userRateLimitExceeded"
    RUBBISH = "200 with a page of HTML"
    WRONG_JSON = "200 with JSON that answers something else"
    PROXY = "404 with a page of HTML"
    SLOW = "no answer before the client gives up"
    DROPPED = "the connection ends after the request was carried out"


@dataclass(frozen=True)
class Reply:
    """What goes over the wire."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, answer: Any, **headers: str) -> "Reply":
        """Return an answer as JSON, or 204 for none."""
        if answer is None:
            return cls(204)
        if isinstance(answer, bytes):
            return cls(status, answer, {"Content-Type": "application/octet-stream"})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(answer).encode(), {"Content-Type": "application/json; charset=UTF-8", **named})


_TOO_MANY = Violation("Quota exceeded.", 429, "rateLimitExceeded")
_TOO_FAST = Violation("User Rate Limit Exceeded", 403, "userRateLimitExceeded")
_UNTIL = "Tue, 01 Jan 2030 00:00:00 GMT"
_PAGE = {"Content-Type": "text/html"}


def reply_to(trouble: Trouble | Violation, contract: Contract | None) -> Reply | None:
    """Return what a trouble answers; ``None`` for those that answer nothing."""
    if isinstance(trouble, Violation):
        return Reply.of(trouble.status, error_of(trouble, contract))
    replies = {
        Trouble.DOWN: Reply.of(503, error_of(Violation("The service is unavailable.", 503, "backendError"), contract)),
        Trouble.BUSY: Reply.of(429, error_of(_TOO_MANY, contract), Retry_After="120"),
        Trouble.BUSY_UNTIL: Reply.of(429, error_of(_TOO_MANY, contract), Retry_After=_UNTIL),
        Trouble.TOO_FAST: Reply.of(403, error_of(_TOO_FAST, contract), Retry_After="60"),
        Trouble.RUBBISH: Reply(200, b"<html>Sign in to the hotel's network</html>", _PAGE),
        Trouble.WRONG_JSON: Reply.of(200, ["something", "else"]),
        Trouble.PROXY: Reply(404, b"<html>No such page</html>", _PAGE),
    }
    return replies.get(trouble)


def error_of(violation: Violation, contract: Contract | None) -> dict[str, Any]:
    """Return an error as the older or the newer APIs of Google tell it."""
    told: dict[str, Any] = {"code": violation.status, "message": str(violation)}
    if contract is None or contract.is_old:
        part = {"domain": "global", "reason": violation.reason, "message": str(violation)}
        return {"error": {"errors": [part], **told}}
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": violation.reason}]
    return {"error": {**told, "status": _STATUS_WORDS.get(violation.status, "INVALID_ARGUMENT"), "details": details}}
