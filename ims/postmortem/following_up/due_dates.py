"""When a follow-up should be due, and when people hear of it: the rules of ``data/follow_ups.yaml``. People decide."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ims.errors import SettingProblem
from ims.model import FollowUpKind, Severity

UNKNOWN = "unknown"
_SATURDAY = 5
_WEEK = timedelta(days=7)


class Weekday(StrEnum):
    """The days of a week, from Monday."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reminding(_Part):
    """When owners are reminded: so many days before, on the day, and every so many days after, ``at`` an hour."""

    days_before: int = Field(ge=0, le=60)
    again_every_days: int = Field(ge=1, le=365)
    at: time


class Digest(_Part):
    """When everybody gets what is open of theirs."""

    weekday: Weekday
    at: time


class FollowUpRules(_Part):
    """All of the file."""

    due_in_days: Mapping[str, Mapping[FollowUpKind, int]]
    remind: Reminding
    digest: Digest
    ask_after_days: int = Field(ge=1, le=1000)

    @field_validator("due_in_days")
    @classmethod
    def _complete(cls, given: Mapping[str, Mapping[FollowUpKind, int]]) -> Mapping[str, Mapping[FollowUpKind, int]]:
        wanted = [*(severity.value for severity in Severity), UNKNOWN]
        missing = [f"{row} {kind}" for row in wanted for kind in FollowUpKind if kind not in given.get(row, {})]
        if missing:
            raise ValueError(f"no days for {', '.join(missing)}")
        strange = [row for row in given if row not in wanted]
        if strange:
            raise ValueError(f"“{strange[0]}” is no severity")
        wrong = [f"{row} {kind}" for row in given for kind, days in given[row].items() if not 1 <= days <= 1000]  # noqa: PLR2004
        if wrong:
            raise ValueError(f"{', '.join(wrong)} must be 1 to 1000 days")
        return given

    def due_on(self, severity: Severity | None, kind: FollowUpKind | None, today: date) -> date:
        """Suggest a due date; while nobody said what it is good for, the earliest that its severity has."""
        by_kind = self.due_in_days[severity.value if severity else UNKNOWN]
        days = by_kind[kind] if kind else min(by_kind.values())
        return working_day(today + timedelta(days=days))

    def last_digest_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return when the newest digest was, or is, due: in UTC, and never after ``now``."""
        local = now.astimezone(zone)
        days = (local.weekday() - list(Weekday).index(self.digest.weekday)) % 7
        at = datetime.combine(local.date() - timedelta(days=days), self.digest.at, zone)
        return (at if at <= local else datetime.combine(at.date() - _WEEK, self.digest.at, zone)).astimezone(UTC)


def working_day(day: date) -> date:
    """Return a day, or the Monday after where it is on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= _SATURDAY else 0)


def read_rules(text: str, name: str = "data/follow_ups.yaml") -> FollowUpRules:
    """Read the rules from YAML.

    Raises:
        SettingProblem: the file makes no sense; the sentence says where.
    """
    try:
        return FollowUpRules.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _problem(name, f"line {mark.line + 1 if mark else 1} is not YAML") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        raise _problem(name, f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


def _problem(name: str, reason: str) -> SettingProblem:
    return SettingProblem(
        "IMS-208", f"{name}: {reason}.", "Correct it, or restore the file; docs/follow-ups.md has it."
    )
