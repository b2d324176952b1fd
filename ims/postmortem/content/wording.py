"""Words of the document: states, durations, times. A document travels, so its times are UTC and say so."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ims.model import Severity


def label(word: StrEnum | None) -> str:
    """Say a word of a list as people read it; a dash where there is none."""
    if word is None:
        return "–"
    return word.label if isinstance(word, Severity) else word.value.replace("_", " ").capitalize()


def duration(span: timedelta) -> str:
    """Say a duration in days, hours and minutes; under a minute in seconds."""
    seconds = int(span.total_seconds())
    parts = ((seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "min"))
    said = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(said) or f"{seconds} s"


def moment(at: datetime | None) -> str:
    """Say a time in UTC, a dash where it is not known."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "–"


def since(earlier: datetime, later: datetime | None) -> str:
    """Say a time and how long after another it was."""
    if later is None:
        return "–"
    return f"{moment(later)} (+{duration(later - earlier)})" if later > earlier else moment(later)
