"""Due dates as people write them."""

import re
from datetime import date, datetime

from ims.postmortem.reading.understood import seen

_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%d.%m.%Y",
    "%d-%b-%Y",
    "%d-%B-%Y",
    "%Y%m%d",
    "%d/%b/%Y",
    "%d/%B/%Y",
    "%b-%d-%Y",
    "%Y年%m月%d日",
    "%b %d %y",
    "%d %b %y",
    "%d-%b-%y",
    "%d/%b/%y",
    "%d.%m.%y",
)
_IN_FRONT = re.compile(r"^(?:due(?: (?:date|on|by))?|deadline|by|on|until|till|before|eod|cob)\b[\s:]*", re.IGNORECASE)
_BEHIND = re.compile(r"(?:\s*\([^()]*\)|\s+(?:eod|cob|utc|at\s.*|\d{1,2}:\d\d.*))+$", re.IGNORECASE)
_LONGEST = 100  # characters
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_SIGNS = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2032": "", "'": "", "’": ""}
)
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th)\b")
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\s+", re.IGNORECASE)
_ISO_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*")
LIKE_A_DAY = re.compile(  # “the end of 2027”, “Q1”, “Friday”, “5 Dec”
    r"(?:the\s+)?(?:[qh][1-4]|next|this|end|eo[dwmqy]|early|mid|late|(?:mon|tues|wednes|thurs|fri|satur|sun)(?:day)?|20\d\d"
    r"|(?:\d{1,2}(?:st|nd|rd|th|\.)?\s*)?(?:jan|febr?|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:u?ary|ch|il|ust|\w*ber)?"
    r"|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4})\b",
    re.IGNORECASE,
)
_MONTHS_IN_A_YEAR = 12
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class NotADate(ValueError):
    """A text that names no single day; ``str(error)`` says why."""


def read_due(text: str) -> date | None:
    """Read a due date; nothing written is no date.

    Days and months in figures, as in 01/12/2026, are read only where no other reading is possible.

    Raises:
        NotADate: it names no day, or two.
    """
    tidy = _tidy(text)
    if tidy.casefold() in ("", "-", "–", "—", "n/a", "na", "none", "tbd", "?"):
        return None
    slashes = _SLASHES.fullmatch(tidy)
    if slashes:
        return _in_figures(text, *map(int, slashes.groups()))
    for form in _FORMATS:
        try:
            found = datetime.strptime(tidy, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
        if _FIRST_YEAR <= found.year <= _LAST_YEAR:
            return found
    raise NotADate(f"“{text.strip()[:40]}” is not a date; write it like 2026-12-01")


def _tidy(text: str) -> str:
    plain = seen(text[:_LONGEST]).strip().translate(_SIGNS)
    timed = _ISO_TIME.fullmatch(plain)
    bare = timed[1] if timed else _BEHIND.sub("", _IN_FRONT.sub("", plain))
    bare = _ORDINAL.sub("", re.sub(r"\bof\b", " ", bare.replace(",", " ")))
    bare = _WEEKDAY.sub("", " ".join(bare.split()))
    return re.sub(r"\bSept\b", "Sep", re.sub(r"(?<=[A-Za-z])\.", "", bare), flags=re.IGNORECASE)


def _in_figures(text: str, first: int, second: int, year: int) -> date:
    if first != second and first <= _MONTHS_IN_A_YEAR and second <= _MONTHS_IN_A_YEAR:
        raise NotADate(f"“{text.strip()}” can be two days; write it like {year}-{second:02}-{first:02}")
    day, month = (first, second) if second <= _MONTHS_IN_A_YEAR else (second, first)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADate(f"“{text.strip()}” is no day of the calendar; write it like 2026-12-01") from error
