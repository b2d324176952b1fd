"""The portal's own rota: who is on call when. A team with Grafana OnCall uses its schedule instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from pydantic import field_validator
from sqlmodel import Field, SQLModel

from ims.model.types import Line, UtcDateTime


class RotaDraft(SQLModel):
    """What is asked about a rota: a first day, the local hour of handover, the length of a shift, the order."""

    name: Line
    time_zone: str = "UTC"
    starts_on: date
    handover_at: time = time(9)
    shift_days: int = Field(default=7, ge=1, le=60)
    member_ids: list[int]

    @field_validator("time_zone")
    @classmethod
    def _known(cls, time_zone: str) -> str:
        if time_zone not in available_timezones():
            raise ValueError(f"“{time_zone}” is not a time zone; write it like Europe/Berlin.")
        return time_zone

    @field_validator("member_ids")
    @classmethod
    def _somebody(cls, member_ids: list[int]) -> list[int]:
        if not member_ids:
            raise ValueError("Name at least one person, or nobody is on call.")
        return member_ids


class Rota(SQLModel, table=True):
    """A repeating order of people. The members are in ``RotaMember``, one-off changes in ``RotaOverride``."""

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    time_zone: str
    starts_on: date
    handover_at: time
    shift_days: int


class RotaMember(SQLModel, table=True):
    """A person's place in the order, counted from 0."""

    rota_id: int = Field(foreign_key="rota.id", primary_key=True)
    position: int = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")


class RotaOverride(SQLModel, table=True):
    """For a while somebody else is on call; the newest override wins."""

    id: int = Field(default=None, primary_key=True)
    rota_id: int = Field(foreign_key="rota.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Shift:
    """One person's turn. Between ``starts_at`` (included) and ``ends_at`` (not) they are on call."""

    person_id: int
    starts_at: datetime
    ends_at: datetime


def handover_day(at: datetime, time_zone: str, handover_at: time) -> date:
    """Return the local day of the last hour of handover before a moment, or at it."""
    zone = ZoneInfo(time_zone)
    day = at.astimezone(zone).date()
    return day - timedelta(days=at < datetime.combine(day, handover_at, zone).astimezone(UTC))


def regular_shift(rota: Rota, members: Sequence[int], at: datetime) -> Shift:
    """Return the shift of the plain order at a moment, overrides aside.

    The handover is a local hour, so a shift over a change of summer time is an hour longer or shorter. Where the clocks
    skip that hour, the handover is when it would have been without the change; where they show it twice, it is the
    first time (PEP 495, ``fold=0``).
    """
    days = (handover_day(at, rota.time_zone, rota.handover_at) - rota.starts_on).days
    turn = days // rota.shift_days
    return Shift(members[turn % len(members)], _start_of(rota, turn), _start_of(rota, turn + 1))


def _start_of(rota: Rota, turn: int) -> datetime:
    day = rota.starts_on + timedelta(days=turn * rota.shift_days)
    return datetime.combine(day, rota.handover_at, ZoneInfo(rota.time_zone)).astimezone(UTC)


def shift_at(rota: Rota, members: Sequence[int], overrides: Sequence[RotaOverride], at: datetime) -> Shift:
    """Return who is on call at a moment: the newest override that covers it, else the regular shift."""
    for override in sorted(overrides, key=lambda override: override.id, reverse=True):
        if override.starts_at <= at < override.ends_at:
            return Shift(override.person_id, override.starts_at, override.ends_at)
    return regular_shift(rota, members, at)


def escalation_order(members: Sequence[int], on_call: int) -> list[int]:
    """Return whom to page, in order: the one on call first, then the others by their next turn."""
    others = [member for member in dict.fromkeys(members) if member != on_call]
    if on_call not in members:
        return [on_call, *others]
    place = list(dict.fromkeys(members)).index(on_call)
    return [on_call, *others[place:], *others[:place]]


def next_shifts(
    rota: Rota, members: Sequence[int], overrides: Sequence[RotaOverride], at: datetime, count: int
) -> list[Shift]:
    """Return who is on call from a moment on, one shift after the other; an override cuts the regular shifts."""
    edges = [edge for each in overrides for edge in (each.starts_at, each.ends_at)]
    shifts: list[Shift] = []
    whole: Shift | None = None
    while True:
        previous, whole = whole, shift_at(rota, members, overrides, at)
        ends_at = min([whole.ends_at, *(edge for edge in edges if at < edge)])
        if whole == previous:  # the edge belonged to an override that a newer one hides
            shifts[-1] = Shift(whole.person_id, shifts[-1].starts_at, ends_at)
        elif len(shifts) == count:
            return shifts
        else:
            shifts.append(Shift(whole.person_id, at, ends_at))
        at = ends_at
