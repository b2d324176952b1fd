"""Durations as people write them in the procedure: ``10m``, ``1h``, ``1d``, ``5 working days``."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_PATTERN = re.compile(r"(\d{1,5})\s*(m|h|d|working days?)")
_SATURDAY = 5


@dataclass(frozen=True)
class Within:
    """A span of time, plain or in working days (Monday to Friday)."""

    plain: timedelta = timedelta()
    working_days: int = 0

    def after(self, moment: datetime) -> datetime:
        """Return the end of the span that starts at a moment."""
        end = moment + self.plain
        for _ in range(self.working_days):
            end += timedelta(days=1)
            while end.weekday() >= _SATURDAY:
                end += timedelta(days=1)
        return end


def parse(text: str) -> Within:
    """Read a duration.

    Raises:
        ValueError: it is not written like ``10m``, ``1h``, ``1d`` or ``5 working days``.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"“{text}” is not a duration; write 10m, 1h, 1d or 5 working days")
    count, unit = int(match[1]), match[2]
    return Within(working_days=count) if unit.startswith("working") else Within(plain=count * _UNITS[unit])
