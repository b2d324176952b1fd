"""A delivery: one effect on the outside world, written in the transaction of the change that caused it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime, Word


class DeliveryState(StrEnum):
    """What became of it: ``failing`` will be tried again, ``stopped`` asks a person."""

    WAITING = "waiting"
    SENT = "sent"
    FAILING = "failing"
    STOPPED = "stopped"
    GIVEN_UP = "given_up"


class Delivery(SQLModel, table=True):
    """One message for one recipient. ``kind`` and ``payload`` make the ``ims.model.message`` type again.

    ``key`` is unique: asking for the same effect twice makes one row. Rows of one ``stream`` go in order.
    One of a ``drill`` never leaves the portal. ``claimed_until`` is the lease of the worker that carries it out,
    ``tried_at`` when a worker last took it. ``problem`` is what is wrong with it now, ``failure`` what the other side
    said when it failed last, also where it was sent since.
    """

    __table_args__ = (
        Index("ix_delivery_due", "state", "due_at"),
        Index("ix_delivery_tried", "kind", "tried_at"),
        Index("ix_delivery_failed", "kind", "failed_at"),
    )

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    stream: str = Field(default="", index=True)
    kind: str
    recipient: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id")
    update_id: int | None = Field(default=None, foreign_key="customer_update.id", index=True)
    drill: bool = False
    state: DeliveryState = Field(default=DeliveryState.WAITING, sa_type=Word(DeliveryState))
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: str = ""
    attempts: int = 0
    tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str = ""
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: str = ""
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    system: str = ""
    proof: str = ""
    url: str = ""

    def is_in_hand(self, now: datetime) -> bool:
        """Whether a worker is carrying it out, so that it may be out already and cannot be called back."""
        return self.claimed_until is not None and self.claimed_until > now

    def give_up(self, now: datetime, reason: str) -> None:
        """Settle it unsent; the reason is shown beside it."""
        self.state, self.settled_at, self.problem = DeliveryState.GIVEN_UP, now, reason
