"""The outbox: rows that wait, the one statement that claims them, and questions about them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, func, true, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from ims.model import Delivery, DeliveryState
from ims.model.types import UtcDateTime

DatabaseAway = OperationalError
_ADVISORY_LOCK = 0x1A8  # any number that only paced workers use
TO_CUSTOMERS = ("customer_post", "customer_mail")
PENDING = (DeliveryState.WAITING, DeliveryState.FAILING)


def by_key(session: Session, key: str) -> Delivery | None:
    """Return the delivery with an idempotency key."""
    return session.exec(select(Delivery).where(Delivery.key == key)).first()


def any_for_slot(session: Session, incident_id: int, start_of_key: str) -> bool:
    """Return whether an incident has a delivery whose key starts so, whoever it is to."""
    begins_so = col(Delivery.key).startswith(start_of_key, autoescape=True)
    return session.exec(select(Delivery.id).where(Delivery.incident_id == incident_id, begins_so)).first() is not None


def add_once(session: Session, wanted: Delivery) -> Delivery:
    """Insert a delivery, or return the one that another transaction inserted under its key in the same moment."""
    key = wanted.key
    try:
        with session.begin_nested():
            session.add(wanted)
            session.flush()
    except IntegrityError:
        present = by_key(session, key)
        if present is None:
            raise
        return present
    return wanted


def claim(
    session: Session, worker: str, now: datetime, lease: timedelta, limit: int, kinds: Sequence[str] = ()
) -> list[Delivery]:
    """Take due deliveries, of some kinds or of all, for a worker until its lease ends, in one statement.

    A row whose lease ran out (its worker died) is taken again. A row waits while an earlier one of its stream does.
    """
    values = {"worker": worker, "now": now, "until": now + lease, "limit": limit}
    return sorted(session.scalars(_claiming(tuple(kinds)), values), key=lambda delivery: delivery.id)


@lru_cache(maxsize=64)
def _claiming(kinds: tuple[str, ...]) -> ReturningUpdate[Any]:
    due = (
        select(Delivery.id)
        .where(*_to_do(kinds))
        .order_by(col(Delivery.due_at), col(Delivery.id))
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    return (
        update(Delivery)
        .where(col(Delivery.id).in_(due))
        .values(
            claimed_by=bindparam("worker"),
            claimed_until=bindparam("until"),
            attempts=Delivery.attempts + 1,
            tried_at=bindparam("now"),
        )
        .returning(Delivery)
        .execution_options(synchronize_session=False)
    )


def held_by(session: Session, delivery_id: int, worker: str) -> Delivery | None:
    """Return a delivery, locked, if the worker still holds it and it is not settled."""
    return session.exec(_held(), params={"delivery_id": delivery_id, "worker": worker}).first()


@cache
def _held() -> SelectOfScalar[Delivery]:
    mine = col(Delivery.id) == bindparam("delivery_id"), col(Delivery.claimed_by) == bindparam("worker")
    return select(Delivery).where(*mine, col(Delivery.state).in_(PENDING)).with_for_update()


def locked(session: Session, delivery_id: int) -> Delivery | None:
    """Return a delivery, locked, so that nobody settles it while a person decides about it."""
    return session.exec(select(Delivery).where(Delivery.id == delivery_id).with_for_update()).first()


def renew(session: Session, worker: str, delivery_id: int, until: datetime) -> bool:
    """Prolong a worker's lease; ``False`` if another worker took the delivery over or it is settled."""
    statement = (
        update(Delivery)
        .where(
            col(Delivery.id) == delivery_id,
            col(Delivery.claimed_by) == worker,
            col(Delivery.state).in_(PENDING),
        )
        .values(claimed_until=until)
        .returning(col(Delivery.id))
    )
    return session.scalars(statement).first() is not None


def release(session: Session, worker: str, delivery_ids: Sequence[int]) -> None:
    """Give back deliveries that a worker claimed and did not begin, so that another can take them at once."""
    statement = (
        update(Delivery)
        .where(
            col(Delivery.id).in_(delivery_ids),
            col(Delivery.claimed_by) == worker,
            col(Delivery.state).in_(PENDING),
        )
        .values(claimed_until=None, attempts=Delivery.attempts - 1)
    )
    session.execute(statement)


def of_incident(session: Session, incident_id: int) -> Sequence[Delivery]:
    """Return the deliveries of an incident, oldest first."""
    return session.exec(select(Delivery).where(Delivery.incident_id == incident_id).order_by(col(Delivery.id))).all()


def of_update(session: Session, update_id: int) -> Sequence[Delivery]:
    """Return the deliveries of a customer update, oldest first."""
    return session.exec(select(Delivery).where(Delivery.update_id == update_id).order_by(col(Delivery.id))).all()


def unreached(session: Session, incident_id: int) -> Sequence[Delivery]:
    """Return what was to tell the customers of an incident and fails or has stopped, oldest first."""
    statement = select(Delivery).where(Delivery.incident_id == incident_id, *_unreached())
    return session.exec(statement.order_by(col(Delivery.id))).all()


def unreached_by_incident(session: Session) -> dict[int, int]:
    """Return how many messages to customers fail or have stopped, by their incident."""
    statement = select(Delivery.incident_id, func.count()).where(*_unreached(), col(Delivery.incident_id).is_not(None))
    return {key: count for key, count in session.exec(statement.group_by(col(Delivery.incident_id))) if key}


def _unreached() -> list[ColumnElement[bool]]:
    failing = (DeliveryState.FAILING, DeliveryState.STOPPED)
    return [col(Delivery.state).in_(failing), col(Delivery.kind).in_(TO_CUSTOMERS), ~col(Delivery.drill)]


def newest(session: Session, *, states: Sequence[DeliveryState] = (), limit: int = 200) -> Sequence[Delivery]:
    """Return the newest deliveries, of some states or of all."""
    statement = select(Delivery).order_by(col(Delivery.id).desc()).limit(limit)
    return session.exec(statement.where(col(Delivery.state).in_(states)) if states else statement).all()


def counts(session: Session) -> dict[DeliveryState, int]:
    """Return how many deliveries are in each state."""
    statement = select(Delivery.state, func.count()).group_by(col(Delivery.state))
    return {DeliveryState(state): count for state, count in session.exec(statement)}


def any_due(session: Session, now: datetime, kinds: Sequence[str] = ()) -> bool:
    """Return whether some delivery, of some kinds or of all, could be claimed now."""
    return session.exec(_due(tuple(kinds)), params={"now": now}).first() is not None


@lru_cache(maxsize=64)
def _due(kinds: tuple[str, ...]) -> SelectOfScalar[int]:
    """Return the question, which costs more to write than to ask: every worker asks it all day long."""
    return select(Delivery.id).where(*_to_do(kinds)).limit(1)


def _to_do(kinds: Sequence[str]) -> list[ColumnElement[bool]]:
    """Say that a delivery is due, nobody has it in hand, and none of its stream goes before it."""
    now = bindparam("now", type_=UtcDateTime)
    earlier = aliased(Delivery)
    waits_in_line = select(earlier.id).where(
        col(earlier.stream) == col(Delivery.stream),
        col(earlier.id) < col(Delivery.id),
        col(earlier.state).in_(PENDING),
    )
    return [
        col(Delivery.state).in_(PENDING),
        col(Delivery.due_at) <= now,
        or_(col(Delivery.claimed_until).is_(None), col(Delivery.claimed_until) <= now),
        or_(col(Delivery.stream) == "", ~waits_in_line.exists()),
        *_of_kinds(kinds),
    ]


def tried_since(session: Session, kinds: Sequence[str], moment: datetime) -> int:
    """Return how many deliveries of some kinds any worker took since a moment; rehearsed ones do not count."""
    taken = col(Delivery.tried_at) > moment, ~col(Delivery.drill)
    return session.exec(select(func.count()).select_from(Delivery).where(*_of_kinds(kinds), *taken)).one()


def one_at_a_time(session: Session, kinds: Sequence[str]) -> None:
    """Wait until no other worker counts and claims these kinds, and keep others waiting until the transaction ends.

    SQLite has one writer.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.hashtext(" ".join(sorted(kinds)))
        session.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK, lock)))


def _of_kinds(kinds: Sequence[str]) -> list[ColumnElement[bool]]:
    return [col(Delivery.kind).in_(kinds)] if kinds else []


def newest_of(session: Session, incident_id: int, kind: str) -> Delivery | None:
    """Return the newest delivery of a kind for an incident."""
    statement = select(Delivery).where(Delivery.incident_id == incident_id, Delivery.kind == kind)
    return session.exec(statement.order_by(col(Delivery.id).desc()).limit(1)).first()


def newer_sent(session: Session, delivery: Delivery) -> Delivery | None:
    """Return the newest delivery of the same kind, for the same incident and customer, that was sent after this one."""
    alike = (
        col(Delivery.incident_id) == delivery.incident_id,
        col(Delivery.kind) == delivery.kind,
        col(Delivery.customer_id).is_not_distinct_from(delivery.customer_id),
        col(Delivery.update_id).is_distinct_from(delivery.update_id) if delivery.update_id else true(),
    )
    sent = col(Delivery.state) == DeliveryState.SENT, col(Delivery.id) > delivery.id
    return session.exec(select(Delivery).where(*alike, *sent).order_by(col(Delivery.id).desc()).limit(1)).first()


def sent_before(session: Session, delivery: Delivery) -> Delivery | None:
    """Return the newest delivery of the same stream that was sent before this one."""
    earlier = col(Delivery.stream) == delivery.stream, col(Delivery.id) < delivery.id
    statement = select(Delivery).where(*earlier, col(Delivery.state) == DeliveryState.SENT)
    return session.exec(statement.order_by(col(Delivery.id).desc()).limit(1)).first()


def call_off(
    session: Session,
    incident_id: int,
    kind: str,
    now: datetime,
    reason: str,
    *,
    customer_id: int | None = None,
    also_stopped: bool = True,
) -> int:
    """Give up the unsent deliveries of a kind that an incident has, or those to one customer; return how many.

    Those that stopped are among them, unless they may be wanted again. What a worker has in hand cannot be called back:
    it may be out already.
    """
    states = (*PENDING, DeliveryState.STOPPED) if also_stopped else PENDING
    waiting = select(Delivery).where(
        Delivery.incident_id == incident_id,
        Delivery.kind == kind,
        col(Delivery.state).in_(states),
        or_(col(Delivery.claimed_until).is_(None), col(Delivery.claimed_until) <= now),
        col(Delivery.customer_id) == customer_id if customer_id else true(),
    )
    rows = session.exec(waiting.with_for_update()).all()
    for row in rows:
        row.give_up(now, reason)
    return len(rows)


def reschedule(session: Session, incident_id: int, kind: str, at: datetime) -> None:
    """Let the deliveries of a kind that nobody has tried yet be due at a moment."""
    untried = (col(Delivery.state) == DeliveryState.WAITING, col(Delivery.attempts) == 0)
    of_kind = (col(Delivery.incident_id) == incident_id, col(Delivery.kind) == kind)
    session.execute(update(Delivery).where(*of_kind, *untried).values(due_at=at))


def held_up_by(session: Session, delivery: Delivery) -> Delivery | None:
    """Return the earlier delivery that must go first, because it is to the same reader by the same way."""
    if not delivery.stream or delivery.state not in PENDING:
        return None
    earlier = select(Delivery).where(
        Delivery.stream == delivery.stream, col(Delivery.id) < delivery.id, col(Delivery.state).in_(PENDING)
    )
    return session.exec(earlier.order_by(col(Delivery.id)).limit(1)).first()
