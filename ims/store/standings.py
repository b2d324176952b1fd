"""How each outside system has done: what still waits for it, what it took last, what it refused last."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from ims.model import Delivery, DeliveryState

BROKEN = (DeliveryState.STOPPED, DeliveryState.FAILING)  # the worse first


def unsent(session: Session, now: datetime) -> Mapping[str, Mapping[DeliveryState, int]]:
    """Count by kind what should be delivered and is not: due, failing, stopped. Drills and what is planned are not."""
    late = col(Delivery.state).in_(BROKEN) | (
        (col(Delivery.state) == DeliveryState.WAITING) & (col(Delivery.due_at) <= now)
    )
    statement = select(Delivery.kind, Delivery.state, func.count()).where(late, ~col(Delivery.drill))
    counts: dict[str, dict[DeliveryState, int]] = {}
    for kind, state, count in session.exec(statement.group_by(col(Delivery.kind), col(Delivery.state))):
        counts.setdefault(kind, {})[DeliveryState(state)] = count
    return counts


def last_sent(session: Session, kinds: Sequence[str], system: str) -> Delivery | None:
    """Return what a system took last. Each kind is asked for by itself: so the index on kind and time answers."""
    found = [delivery for kind in kinds if (delivery := _last_sent(session, kind, system))]
    return max(found, key=lambda delivery: delivery.settled_at or delivery.created_at, default=None)


def last_problem(session: Session, kinds: Sequence[str]) -> Delivery | None:
    """Return the newest of the deliveries that stopped, or else of those that fail and will be tried again."""
    return next((found for state in BROKEN if (found := _newest(session, kinds, state))), None)


def last_failed(session: Session, kinds: Sequence[str]) -> Delivery | None:
    """Return the delivery that failed last, also where it was sent since."""
    found = [delivery for kind in kinds if (delivery := _last_failed(session, kind))]
    return max(found, key=lambda delivery: delivery.failed_at or delivery.created_at, default=None)


def _last_failed(session: Session, kind: str) -> Delivery | None:
    failed = col(Delivery.failed_at)
    statement = select(Delivery).where(Delivery.kind == kind, failed.is_not(None), ~col(Delivery.drill))
    return session.exec(statement.order_by(failed.desc()).limit(1)).first()


def _last_sent(session: Session, kind: str, system: str) -> Delivery | None:
    tried = col(Delivery.tried_at)
    statement = select(Delivery).where(
        Delivery.kind == kind,
        tried.is_not(None),
        col(Delivery.state) == DeliveryState.SENT,
        Delivery.system == system,
        ~col(Delivery.drill),
    )
    return session.exec(statement.order_by(tried.desc()).limit(1)).first()


def _newest(session: Session, kinds: Sequence[str], state: DeliveryState) -> Delivery | None:
    when = func.coalesce(Delivery.tried_at, Delivery.created_at)
    statement = select(Delivery).where(
        col(Delivery.kind).in_(kinds), col(Delivery.state) == state, ~col(Delivery.drill)
    )
    return session.exec(statement.order_by(when.desc(), col(Delivery.id).desc()).limit(1)).first()
