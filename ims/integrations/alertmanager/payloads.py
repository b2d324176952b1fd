"""Silences as Alertmanager's API v2 writes them. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from ims.model.message import SilenceRequest

_OVER = "expired"


class _Matcher(BaseModel):
    """One label, and the value that silences."""

    name: str
    value: str


class _Status(BaseModel):
    """Whether it is pending, active or expired."""

    state: str


class Held(BaseModel):
    """A silence that Alertmanager has, or had within its last days."""

    id: str
    status: _Status
    comment: str
    matchers: list[_Matcher]

    @property
    def is_over(self) -> bool:
        """Whether it has ended, by itself or by somebody."""
        return self.status.state == _OVER

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels and values that it silences."""
        return {matcher.name: matcher.value for matcher in self.matchers}


class Made(BaseModel):
    """The answer to a new silence."""

    silenceID: str  # noqa: N815  Alertmanager's word


class _Version(BaseModel):
    version: str


class Status(BaseModel):
    """What Alertmanager says of itself."""

    versionInfo: _Version  # noqa: N815  Alertmanager's word


MANY: TypeAdapter[list[Held]] = TypeAdapter(list[Held])
ONE: TypeAdapter[Held] = TypeAdapter(Held)
MADE: TypeAdapter[Made] = TypeAdapter(Made)
STATUS: TypeAdapter[Status] = TypeAdapter(Status)


def mark(silence_id: int, incident_key: str) -> str:
    """Return the words at the end of a comment by which the portal knows its own silence again."""
    return f"[ims-silence-{silence_id} {incident_key}]"


def silence_body(request: SilenceRequest) -> dict[str, Any]:
    """Return a new silence: it meets alerts that have every label with exactly its value."""
    matchers = [
        {"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in request.matchers.items()
    ]
    return {
        "matchers": matchers,
        "startsAt": request.starts_at,
        "endsAt": request.ends_at,
        "createdBy": request.author,
        "comment": f"{request.comment} {mark(request.silence_id, request.incident_key)}",
    }


def marked(silences: Iterable[Held], silence_id: int, incident_key: str) -> Held | None:
    """Return the silence that the portal asked for before, whether it still holds or not."""
    wanted = mark(silence_id, incident_key)
    return next((each for each in silences if each.comment.endswith(wanted)), None)
