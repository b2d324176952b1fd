"""What a monitoring system asks every few seconds: how many, and for how long. Each question goes by an index."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from ims.model import (
    ACTIVE_STATES,
    Delivery,
    DeliveryState,
    EntryKind,
    Incident,
    IncidentRole,
    IncidentState,
    RoleAssignment,
    Severity,
    TimelineEntry,
)
from ims.store.deliveries import PENDING
from ims.store.overview import waiting_alerts

UNSENT = (*PENDING, DeliveryState.STOPPED)


@dataclass(frozen=True)
class Gauges:
    """How the response stands at one moment, without names. Drills and imported incidents are not in it.

    ``active`` has every severity, also ``None`` for "not set yet", and ``deliveries`` every state of ``UNSENT``.
    """

    active: Mapping[Severity | None, int]
    updates_overdue: int
    longest_overdue: timedelta
    pages_unanswered: int
    deliveries: Mapping[DeliveryState, int]
    oldest_delivery: timedelta
    alerts_waiting: int


def gauges(session: Session, now: datetime) -> Gauges:
    """Read every gauge."""
    promises = _broken_promises(session, now)
    return Gauges(
        active=_active(session),
        updates_overdue=len(promises),
        longest_overdue=now - min(promises, default=now),
        pages_unanswered=_pages_unanswered(session),
        deliveries=_deliveries(session),
        oldest_delivery=now - (_oldest_delivery(session, now) or now),
        alerts_waiting=waiting_alerts(session).count,
    )


def _active(session: Session) -> dict[Severity | None, int]:
    """Count by hand: asked to group, SQLite would go through every incident by the index on severity."""
    found = Counter(session.exec(select(Incident.severity).where(col(Incident.state).in_(ACTIVE_STATES), *_ours())))
    return {severity: found[severity] for severity in (*Severity, None)}


def _broken_promises(session: Session, now: datetime) -> list[datetime]:
    """Return when customers were to hear something that they have not heard, unless they were asked to wait."""
    held_until = col(Incident.updates_held_until)
    statement = select(Incident.next_update_due_at).where(
        col(Incident.next_update_due_at) < now, or_(held_until.is_(None), held_until <= now), *_ours()
    )
    return [due_at for due_at in session.exec(statement) if due_at is not None]


def _pages_unanswered(session: Session) -> int:
    """Count the incidents for which the next person is still paged, as ``ims.response.escalation`` decides it."""
    voice = select(RoleAssignment.id).where(
        col(RoleAssignment.incident_id) == col(Incident.id),
        col(RoleAssignment.role) == IncidentRole.COMMUNICATIONS,
        col(RoleAssignment.until_at).is_(None),
    )
    kept_knowingly = select(TimelineEntry.id).where(
        col(TimelineEntry.incident_id) == col(Incident.id), col(TimelineEntry.kind) == EntryKind.ROLES_CONFIRMED
    )
    unanswered = or_(col(Incident.acknowledged_at).is_(None), and_(~voice.exists(), ~kept_knowingly.exists()))
    statement = select(func.count()).select_from(Incident)
    return session.exec(statement.where(col(Incident.state) == IncidentState.OPEN, unanswered, *_ours())).one()


def _deliveries(session: Session) -> dict[DeliveryState, int]:
    statement = select(Delivery.state, func.count()).where(col(Delivery.state).in_(UNSENT), ~col(Delivery.drill))
    found = {DeliveryState(state): count for state, count in session.exec(statement.group_by(col(Delivery.state)))}
    return {state: found.get(state, 0) for state in UNSENT}


def _oldest_delivery(session: Session, now: datetime) -> datetime | None:
    """Return when the delivery that has waited longest was asked for, those planned for later aside."""
    begun = or_(col(Delivery.state) == DeliveryState.FAILING, col(Delivery.due_at) <= now)
    statement = select(func.min(Delivery.created_at)).where(col(Delivery.state).in_(PENDING), begun)
    return session.exec(statement.where(~col(Delivery.drill))).one()


def _ours() -> list[ColumnElement[bool]]:
    """Say that an incident is real and this portal's own."""
    # A plain comparison would let SQLite go through every incident by the index on origin.
    return [func.coalesce(Incident.origin, "") == "portal", ~col(Incident.drill)]
