"""On which day a post-mortem's incident was: what its file says of itself, else its name, else its text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ims.postmortem.reading.dates import NotADate, read_due

FACTS = (
    "date",
    "incident date",
    "incident-date",
    "date of incident",
    "date of the incident",
    "occurred",
    "occurred on",
    "started",
    "created",
)
FIRST_OF_THE_TEXT = "the day is the first in the text"
_DAY = re.compile(
    r"(?<!\d)20\d\d[-_.]\d\d[-_.]\d\d(?!\d)"
    r"|\b(?:\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?[A-Z][a-z]{2,8}|[A-Z][a-z]{2,8}\s+\d{1,2}(?:st|nd|rd|th)?),?\s+20\d\d\b"
)
_FIGURES = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](20\d\d)(?!\d)")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
# “Last updated: 2026-11-25” is a day of the paper, not of the incident.
_OF_THE_PAPER = re.compile(r"(?i)\b(?:updated|edited|written|published|reviewed|created)\b[^\w\n]*(?:on )?$")
_BEFORE = 40  # characters before a day in which such a word counts
_QUOTED = 40  # characters
_SEARCHED = 20_000  # characters in which a day is looked for
_MONTHS_IN_A_YEAR = 12


@dataclass(frozen=True)
class Occurred:
    """The day, if there is one, and what a person should know of how it was found; mostly nothing."""

    on: date | None = None
    remark: str = ""


def occurred(facts: Mapping[str, str], name: str, text: str) -> Occurred:
    """Find the day. One that can be two days is taken only where the file's name or text says which of them it is."""
    said = [facts[fact] for fact in FACTS if facts.get(fact)]
    for words in said:
        two = _two_days(words)
        day = _one_of(two, name, text[:_SEARCHED]) if two else _in(words)
        if day or two:
            return Occurred(day, "" if day else f"“{words[:_QUOTED]}” can be two days; write it like {two[0]}")
    day = next(_days(name), None)
    return Occurred(day) if day else _in_text(name, text[:_SEARCHED], said)


def _is_meant(words: str) -> bool:
    """Return whether somebody meant to say a day; the head of a table, and a template's “YYYY-MM-DD”, do not."""
    return any(sign.isdigit() for sign in words)


def _in(words: str) -> date | None:
    return _read(words) or next(_days(words), None)


def _in_text(name: str, text: str, said: Sequence[str]) -> Occurred:
    """Return the first day of the text; of the year that the file's name says, where it says one and a day is in it."""
    unread = f"“{said[0][:_QUOTED]}” is not a date" if said and _is_meant(said[0]) else ""
    found = [*_days(text, of_the_paper=False)] or [*_days(text)]
    years = {int(year) for year in _YEAR.findall(name)}
    day = next((day for day in found if day.year in years), next(iter(found), None))
    return Occurred(day, "; ".join(filter(None, (unread, FIRST_OF_THE_TEXT if day else ""))))


def _days(text: str, *, of_the_paper: bool = True) -> Iterator[date]:
    """Go through the days of a text; ``of_the_paper`` are those on which it was written, too."""
    for match in _DAY.finditer(text):
        before = text[max(match.start() - _BEFORE, 0) : match.start()]
        if of_the_paper or not _OF_THE_PAPER.search(before):
            day = _read(match[0].replace("_", "-"))
            yield from [day] if day else []


def _two_days(words: str) -> Sequence[date]:
    """Return the two days that figures such as 03/11/2026 can be; nothing for other words."""
    found = _FIGURES.search(words)
    if not found:
        return []
    first, second, year = map(int, found.groups())
    if first == second or not 0 < min(first, second) <= max(first, second) <= _MONTHS_IN_A_YEAR:
        return []
    return [date(year, second, first), date(year, first, second)]


def _one_of(two: Sequence[date], name: str, text: str) -> date | None:
    """Return which of two days the file's name, else its text, says; nothing where both or none are there."""
    for words in (name, text):
        named = {*two} & {*_days(words)}
        if len(named) == 1:
            return named.pop()
    return None


def _read(said: str) -> date | None:
    try:
        return read_due(said)
    except NotADate:
        return None
