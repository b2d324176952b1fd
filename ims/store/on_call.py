"""Who is on call: by the team's outside schedule as it was last read, else by the portal's own rota."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from ims.model import Person, Reading, Shift
from ims.model.rota import escalation_order, shift_at
from ims.store import catalogue, readings

READING = "on_call"
TRUSTED_FOR = timedelta(minutes=15)  # the schedule is read every minute; after this the own rota counts


def current_shift(session: Session, now: datetime) -> Shift | None:
    """Return who is on call now, or ``None`` where neither schedule nor rota says."""
    return _shift(session, now, now)


def following_shift(session: Session, shift: Shift, now: datetime) -> Shift | None:
    """Return who is on call when a shift ends, by what is known now."""
    return _shift(session, shift.ends_at, now)


def _shift(session: Session, at: datetime, now: datetime) -> Shift | None:
    reading = readings.last(session, READING)
    if reading and is_trusted(reading, now):
        return _scheduled(session, reading, at) or _own_shift(session, at)
    return _own_shift(session, at) or (_scheduled(session, reading, at) if reading else None)


def escalation_list(session: Session, at: datetime) -> list[int]:
    """Return the ids of whom to page, in order: who is on call, who is next, then the others of the own rota."""
    shift = current_shift(session, at)
    if shift is None:
        return []
    rota = next(iter(catalogue.rotas(session)), None)
    own = escalation_order(catalogue.rota_members(session, rota.id), shift.person_id) if rota else []
    reading = readings.last(session, READING)
    later = _next_by_schedule(session, reading, at) if reading and is_trusted(reading, at) else []
    return list(dict.fromkeys([shift.person_id, *later, *own]))


def scheduled_shift(session: Session, at: datetime) -> Shift | None:
    """Return who is on call by the outside schedule, where it counts."""
    reading = readings.last(session, READING)
    return _scheduled(session, reading, at) if reading and is_trusted(reading, at) else None


def is_trusted(reading: Reading, at: datetime) -> bool:
    """Return whether a schedule that was read says who is on call at a moment, or is too old for that."""
    return reading.read_at is not None and at <= reading.read_at + TRUSTED_FOR


def _own_shift(session: Session, at: datetime) -> Shift | None:
    rota = next(iter(catalogue.rotas(session)), None)
    members = catalogue.rota_members(session, rota.id) if rota else []
    if rota is None or not members:
        return None
    return shift_at(rota, members, catalogue.rota_overrides(session, rota.id), at)


def _scheduled(session: Session, reading: Reading, at: datetime) -> Shift | None:
    """Return the shift of the outside schedule at a moment; where two overlap, the one that began last."""
    covering = [shift for shift in _known_shifts(session, reading) if shift.starts_at <= at < shift.ends_at]
    return max(covering, key=lambda shift: shift.starts_at, default=None)


def _next_by_schedule(session: Session, reading: Reading, at: datetime) -> list[int]:
    later = [shift for shift in _known_shifts(session, reading) if shift.ends_at > at]
    return [shift.person_id for shift in sorted(later, key=lambda shift: shift.starts_at)]


def _known_shifts(session: Session, reading: Reading) -> Iterator[Shift]:
    """Go through the shifts of people whom the portal knows; the others cannot take command here."""
    emails = {email for email, _, _ in _rows(reading)}
    found = session.exec(select(Person).where(col(Person.email).in_(emails), col(Person.active)))
    by_email = {person.email: person.id for person in found}
    for email, starts_at, ends_at in _rows(reading):
        if email in by_email:
            yield Shift(by_email[email], starts_at, ends_at)


def _rows(reading: Reading) -> list[tuple[str, datetime, datetime]]:
    rows: Sequence[tuple[str, str, str]] = reading.value or []
    return [(email, datetime.fromisoformat(start), datetime.fromisoformat(end)) for email, start, end in rows]


def schedule_problem(session: Session, at: datetime) -> str:
    """Say why the outside schedule does not say who is on call; empty where it does, or where there is none."""
    reading = readings.last(session, READING)
    if reading is None:
        return ""
    if is_trusted(reading, at):
        return _nobody_known(session, reading, at)
    since = f" since {reading.read_at:%Y-%m-%d %H:%M} UTC" if reading.read_at else ""
    return f"The schedule could not be read{since}, so the portal's own rota counts. {reading.problem}".strip()


def _nobody_known(session: Session, reading: Reading, at: datetime) -> str:
    """Say why a schedule that was read names nobody of the portal; one without any shift is none."""
    if not reading.value or _scheduled(session, reading, at):
        return ""
    named = {email or "somebody without an e-mail address" for email, start, end in _rows(reading) if start <= at < end}
    if not named:
        return "The schedule names nobody for now, so the portal's own rota counts."
    who = " and ".join(sorted(named))
    return f"The schedule names {who}, who is not in the portal, so its own rota counts: add them in the settings."
