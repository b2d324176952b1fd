"""The deliveries that fit what somebody looks for, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from ims.model import Delivery, DeliveryState


@dataclass(frozen=True)
class Filter:
    """Which deliveries are asked for; what is empty or ``None`` leaves that open."""

    state: DeliveryState | None = None
    kind: str = ""
    incident_id: int | None = None


def matching(session: Session, which: Filter, *, offset: int = 0, limit: int = 20) -> Sequence[Delivery]:
    """Return one page of the deliveries that fit, newest first."""
    statement = select(Delivery).where(*_conditions(which)).order_by(col(Delivery.id).desc())
    return session.exec(statement.offset(offset).limit(limit)).all()


def count_matching(session: Session, which: Filter) -> int:
    """Return how many deliveries fit."""
    return session.exec(select(func.count()).select_from(Delivery).where(*_conditions(which))).one()


def _conditions(which: Filter) -> list[ColumnElement[bool]]:
    return [
        *([col(Delivery.state) == which.state] if which.state else []),
        *([col(Delivery.kind) == which.kind] if which.kind else []),
        *([col(Delivery.incident_id) == which.incident_id] if which.incident_id is not None else []),
    ]
