"""Times as people and tools write them. A column is read as a whole, because 03/04 alone means two days."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ims.intake.history.found import DayOrder

MISSING = frozenset(
    {"", "?", "-", "--", "—", "n/a", "na", "nan", "nat", "none", "null", "nil", "unknown", "tbd", "tba"}
)
EARLIEST_YEAR, LATEST_YEAR = 1970, 2100
_TWO_DIGIT_PIVOT = 70  # as in POSIX: 69 is 2069, 70 is 1970
_CLOCK = (
    r"(?:[T,\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_OFFSET = r"\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_CLOCK}{_OFFSET}")
_NUMERIC = re.compile(rf"(?P<one>\d{{1,2}})[-/.](?P<two>\d{{1,2}})[-/.](?P<year>\d{{4}}|\d{{2}}){_CLOCK}{_OFFSET}")
_NAMED = re.compile(
    rf"(?P<day>\d{{1,2}})[-/.\s](?P<name>[A-Za-z]{{3,9}})\.?[-/.\s,]+(?P<year>\d{{4}}|\d{{2}}){_CLOCK}{_OFFSET}"
)
_NAME_FIRST = re.compile(rf"(?P<name>[A-Za-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_CLOCK}{_OFFSET}")
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?:\.\d+)?|(?P<milliseconds>\d{12,13})")
_PATTERNS = (_ISO, _NAMED, _NAME_FIRST)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LOOKS_LIKE_CLOCK = re.compile(r"\d{1,2}[.:h]\d{2}")
_CLOCK_WITHOUT_COLON = re.compile(r"(.*[\sT])(\d{1,2})[.h]?(\d{2})")
MONTHS_IN_A_YEAR = 12


@dataclass(frozen=True)
class Evidence:
    """How often a column can only be read day first, or only month first, with one value that shows each."""

    day_first: int = 0
    month_first: int = 0
    undecided: int = 0
    example: str = ""

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(
            self.day_first + other.day_first,
            self.month_first + other.month_first,
            self.undecided + other.undecided,
            self.example or other.example,
        )

    @property
    def order(self) -> DayOrder | None:
        """The order that more values prove, ``None`` where none does."""
        if self.day_first == self.month_first:
            return None
        return DayOrder.DAY_FIRST if self.day_first > self.month_first else DayOrder.MONTH_FIRST


class UnreadableTime(ValueError):
    """A cell that is no time; the text is the reason, in words."""


def is_missing(text: str) -> bool:
    """Return whether a cell says that there is no value."""
    return text.strip().lower() in MISSING


def evidence(values: Sequence[str]) -> Evidence:
    """Look through a column for numbers over 12, which cannot be months."""
    day_first = month_first = undecided = 0
    example = ""
    for value in values:
        found = _NUMERIC.fullmatch(value.strip())
        if found is None:
            continue
        one, two = int(found["one"]), int(found["two"])
        if (one > MONTHS_IN_A_YEAR) == (two > MONTHS_IN_A_YEAR):
            undecided += 1
            continue
        day_first += one > MONTHS_IN_A_YEAR
        month_first += two > MONTHS_IN_A_YEAR
        example = example or value.strip()
    return Evidence(day_first, month_first, undecided, example)


def read_moment(text: str, zone: ZoneInfo, order: DayOrder) -> datetime | None:
    """Read one cell as an aware UTC time; ``None`` where it says that there is none.

    Raises:
        UnreadableTime: it is no time; the reason names the cell.
    """
    text = text.strip()
    if is_missing(text):
        return None
    epoch = _EPOCH.fullmatch(text)
    try:
        if epoch:
            seconds = int(epoch["seconds"] or 0) or int(epoch["milliseconds"] or 0) / 1000
            return datetime.fromtimestamp(seconds, UTC)
        return _calendar(text, zone, order)
    except (ValueError, OverflowError) as error:
        reason = str(error) if isinstance(error, UnreadableTime) else f"there is no such date or time ({error})"
        raise UnreadableTime(f"“{text[:60]}”: {reason}") from error


def _calendar(text: str, zone: ZoneInfo, order: DayOrder) -> datetime:
    numeric = _NUMERIC.fullmatch(text)
    if numeric:
        one, two = int(numeric["one"]), int(numeric["two"])
        day, month = (one, two) if order is DayOrder.DAY_FIRST else (two, one)
        return _utc(numeric, month, day, zone)
    found = next(filter(None, (pattern.fullmatch(text) for pattern in _PATTERNS)), None)
    if found is None:
        raise UnreadableTime(_why(text))
    return _utc(found, _month(found), int(found["day"]), zone)


def _month(found: re.Match[str]) -> int:
    parts = found.groupdict()
    if parts.get("month"):
        return int(parts["month"])
    name = parts["name"][:3].lower()
    if name not in _MONTHS:
        raise UnreadableTime(f"“{parts['name'][:20]}” is no month I know")
    return _MONTHS.index(name) + 1


def _utc(found: re.Match[str], month: int, day: int, zone: ZoneInfo) -> datetime:
    year = _year(found["year"])
    hour = _hour(int(found["hour"] or 0), found["half"])
    local = datetime(year, month, day, hour, int(found["minute"] or 0), int(found["second"] or 0), tzinfo=zone)
    offset = found["offset"]
    return (local.replace(tzinfo=_offset(offset)) if offset else local).astimezone(UTC)


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:  # noqa: PLR2004  two digits, as in 14/Jul/25
        year += 1900 if year >= _TWO_DIGIT_PIVOT else 2000
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise UnreadableTime(f"the year {year} cannot be meant")
    return year


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:  # noqa: PLR2004  a clock with AM and PM
        raise UnreadableTime(f"{hour} {half} is no hour")
    return hour % 12 + (12 if half[0] in "Pp" else 0)


def _offset(text: str) -> timezone:
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)


def _why(text: str) -> str:
    """Say what is wrong with a cell, guessing at the slip where it is a common one."""
    if re.match(r"\d{5,}[-/.]", text):
        return "the year has too many digits"
    if _LOOKS_LIKE_CLOCK.fullmatch(text):
        return "this is an hour without a date"
    clock = _CLOCK_WITHOUT_COLON.fullmatch(text)
    if clock and re.match(r"\d{1,4}[-/.]\d", text):
        return f"the hour is not written with a colon; was {clock[1].strip()} {clock[2]}:{clock[3]} meant?"
    return "this is no date and time that I know"
