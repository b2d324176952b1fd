"""What a file of past incidents was found to hold, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ims.model import IncidentState, Severity


class DayOrder(StrEnum):
    """Which number comes first in a date like 03/04/2025."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class ProblemKind(StrEnum):
    """What is wrong with a row."""

    NO_START = "no_start"
    UNREADABLE_TIME = "unreadable_time"
    BACKWARDS = "backwards"
    UNLIKELY = "unlikely"
    NO_LENGTH = "no_length"
    REPEATED = "repeated"


class Decision(StrEnum):
    """What a person decides about a row with a problem."""

    AS_IT_STANDS = "as_it_stands"
    WITHOUT_TIME = "without_time"
    SKIP = "skip"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one row. ``field`` is the time it is about; rows count as in a spreadsheet, header first."""

    row: int
    key: str
    kind: ProblemKind
    sentence: str
    field: str = ""


@dataclass(frozen=True)
class Choices:
    """What the person says about a file that the file does not say itself.

    ``zone`` is an IANA name for times that carry none; ``format`` and ``order`` override what was recognised.
    """

    format: str | None = None
    zone: str = "UTC"
    order: DayOrder | None = None


@dataclass(frozen=True)
class RawIncident:
    """An incident as a format found it: ``times`` are still text, ``seconds`` are spans since it was opened."""

    row: int
    key: str
    title: str
    times: Mapping[str, str]
    seconds: Mapping[str, str] = field(default_factory=dict)
    severity: Severity | None = None
    state: IncidentState | None = None
    services: tuple[str, ...] = ()
    summary: str = ""
    sla_met: bool | None = None
    planned: bool = False
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PastIncident:
    """An incident as it can be brought in; times are aware UTC. ``key`` is its number in the system it comes from."""

    origin: str
    key: str
    row: int
    title: str
    opened_at: datetime
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    severity: Severity | None = None
    state: IncidentState = IncidentState.OPEN
    services: tuple[str, ...] = ()
    summary: str = ""
    sla_met: bool | None = None
    planned: bool = False
    time_zone: str = "UTC"
    notes: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True)
class Preview:
    """What was read. ``order_is_guessed`` asks the person whether the day or the month comes first."""

    format: str
    title: str
    rows: int
    incidents: Sequence[PastIncident]
    problems: Sequence[Problem]
    remarks: Sequence[str] = ()
    order: DayOrder | None = None
    order_is_guessed: bool = False

    @property
    def planned(self) -> int:
        """How many incidents are maintenance planned beforehand."""
        return sum(incident.planned for incident in self.incidents)

    def decided(
        self, decisions: Mapping[int, Decision] | None = None, *, with_planned: bool = True
    ) -> list[PastIncident]:
        """Return what to bring in after the person decided row by row; rows without a decision stand as they are."""
        chosen = decisions or {}
        fields: dict[int, set[str]] = {}
        for problem in self.problems:
            fields.setdefault(problem.row, set()).add(problem.field)
        return [
            _without(incident, fields.get(incident.row, set()))
            if chosen.get(incident.row) is Decision.WITHOUT_TIME
            else incident
            for incident in self.incidents
            if chosen.get(incident.row) is not Decision.SKIP and (with_planned or not incident.planned)
        ]


def _without(incident: PastIncident, fields: set[str]) -> PastIncident:
    cleared = dict.fromkeys(fields & {"acknowledged_at", "resolved_at", "closed_at"})
    return replace(incident, **cleared)  # type: ignore[arg-type]  # the three fields are optional
