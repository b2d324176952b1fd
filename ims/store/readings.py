"""What was last read from outside systems, and whose turn it is to read again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ims.model import Reading


def last(session: Session, name: str) -> Reading | None:
    """Return the last reading of a name."""
    return session.get(Reading, name)


def every(session: Session) -> Sequence[Reading]:
    """Return every reading, by name."""
    return session.exec(select(Reading).order_by(col(Reading.name))).all()


def is_due(session: Session, name: str, now: datetime, interval: timedelta) -> bool:
    """Return whether a thing was not asked for within the last interval."""
    present = last(session, name)
    return present is None or present.asked_at <= now - interval


def take_turn(session: Session, name: str, system: str, now: datetime, interval: timedelta) -> bool:
    """Take the turn to read something again; of several processes only one gets it in an interval."""
    if last(session, name) is None:
        return _first(session, Reading(name=name, system=system, asked_at=now))
    statement = (
        update(Reading)
        .where(col(Reading.name) == name, col(Reading.asked_at) <= now - interval)
        .values(asked_at=now, system=system)
        .returning(col(Reading.name))
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).first() is not None


def succeeded(session: Session, name: str, now: datetime, value: Any) -> None:
    """Keep what was read."""
    reading = session.get_one(Reading, name)
    reading.read_at, reading.value, reading.problem = now, value, ""


def failed(session: Session, name: str, now: datetime, problem: str) -> None:
    """Keep why nothing could be read; what was read before stays."""
    reading = session.get_one(Reading, name)
    reading.failed_at, reading.problem = now, problem


def _first(session: Session, reading: Reading) -> bool:
    try:
        with session.begin_nested():
            session.add(reading)
            session.flush()
    except IntegrityError:  # another process was first in the same moment
        return False
    return True
