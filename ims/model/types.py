"""Column and field types that the nouns share: UTC times, words from a list, text that people typed."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

LINE_LENGTH = 300
PROSE_LENGTH = 50_000
_CONTROL = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
_SURROGATE = re.compile("[\ud800-\udfff]")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")


def legible(text: object) -> object:
    """Make typed text storable without losing a character: control codes become their visible pictures.

    PostgreSQL refuses NUL and Word refuses all control codes, so U+0000 is kept as U+2400 and so on.
    """
    if not isinstance(text, str):
        return text
    return _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL))


def _one_line(text: object) -> object:
    visible = legible(text)
    return re.sub(r"\s*[\n\t]\s*", " ", visible).strip() if isinstance(visible, str) else visible


def _prose(text: object) -> object:
    visible = legible(text)
    return visible.strip() if isinstance(visible, str) else visible


def _email(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise ValueError(f"“{text}” is not an e-mail address; write it like name@example.com.")
    return text.lower()


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A time needs a zone; write it in UTC, like 2026-11-23T14:20Z.")
    return moment.astimezone(UTC)


OptionalLine = Annotated[str, BeforeValidator(_one_line), StringConstraints(max_length=LINE_LENGTH)]
Line = Annotated[str, BeforeValidator(_one_line), StringConstraints(min_length=1, max_length=LINE_LENGTH)]
OptionalProse = Annotated[str, BeforeValidator(_prose), StringConstraints(max_length=PROSE_LENGTH)]
Prose = Annotated[str, BeforeValidator(_prose), StringConstraints(min_length=1, max_length=PROSE_LENGTH)]
OptionalEmail = Annotated[OptionalLine, AfterValidator(_email)]
Email = Annotated[Line, AfterValidator(_email)]
Moment = Annotated[datetime, AfterValidator(_aware)]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database; SQLite stores it without a zone and it comes back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """A member of a StrEnum, stored as its stable lower-case word."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)
