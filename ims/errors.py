"""The errors that reach a person: each one is a sentence that says what is wrong and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError


class Refusal(Exception):
    """The portal will not do this; ``str(refusal)`` is the sentence for the person who asked."""


class NotFound(Refusal):
    """What was asked for is not in the portal."""


@dataclass(frozen=True)
class Clash:
    """One field that two people changed at once: what somebody else made of it, what the writer wants, who and when."""

    name: str
    theirs: Any
    mine: Any
    by: str
    at: datetime | None


class Conflict(Refusal):
    """Somebody else changed the same thing first; nothing was written.

    ``clashes`` names each field that both changed, where the form can offer a choice.
    """

    def __init__(self, sentence: str, clashes: Sequence[Clash] = ()) -> None:
        super().__init__(sentence)
        self.clashes = tuple(clashes)


class Forbidden(Refusal):
    """The person may look, but not do this."""


class BadFile(Refusal):
    """A file from outside cannot be read; the sentence says why."""


class SettingProblem(Refusal):
    """A setting or data file that the portal cannot run with.

    ``code`` is stable (``IMS-101``), so that it can be searched for; ``hint`` says what to change.
    """

    def __init__(self, code: str, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.hint = hint


def sentences(error: ValidationError) -> Sequence[str]:
    """Say a pydantic error in words, one sentence for each field, naming the field as forms do."""
    return [_sentence(dict(problem)) for problem in error.errors()]


def _most(problem: dict[str, object]) -> object:
    context = problem.get("ctx")
    return context.get("max_length", "") if isinstance(context, dict) else ""


def _sentence(problem: dict[str, object]) -> str:
    location = problem.get("loc")
    path = [str(part) for part in location] if isinstance(location, tuple) else []
    field = " ".join(path).replace("_", " ").strip().capitalize()
    message = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] in ("string_too_short", "too_short", "missing"):
        message = "is empty; please fill it in"
    if problem["type"] in ("string_too_long", "too_long"):
        message = f"is too long; at most {_most(problem)} letters"
    if problem["type"] == "value_error" or not field:
        return message
    return f"{field}: {message}."
