"""Alerts, and the inbox in which every webhook body is kept before it is answered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime, Word


class InboxState(StrEnum):
    """Whether a body could be understood."""

    READ = "read"
    UNREADABLE = "unreadable"


class InboxMessage(SQLModel, table=True):
    """A webhook body as it came, stored in the transaction that stores what was read from it."""

    __tablename__ = "inbox_message"

    id: int = Field(default=None, primary_key=True)
    source: str
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    body: bytes
    state: InboxState = Field(sa_type=Word(InboxState), index=True)
    problem: str = ""
    alerts_new: int = 0
    alerts_repeated: int = 0


class AlertStatus(StrEnum):
    """What the sender said last about an alert."""

    FIRING = "firing"
    RESOLVED = "resolved"


class TriageState(StrEnum):
    """What people decided about an alert."""

    WAITING = "waiting"
    ATTACHED = "attached"
    DISMISSED = "dismissed"


class Alert(SQLModel, table=True):
    """One firing of one alert, from start to end.

    Alertmanager sends no delivery id, so a message is known by (fingerprint, startsAt, status): the first two are
    this row's key, and ``firing_received_at`` and ``resolved_received_at`` say which statuses have been seen.
    """

    __table_args__ = (
        UniqueConstraint("fingerprint", "starts_at"),
        Index("ix_alert_triage", "triage", "status", "starts_at"),
    )

    id: int = Field(default=None, primary_key=True)
    source: str = "alertmanager"
    fingerprint: str
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: AlertStatus = Field(sa_type=Word(AlertStatus))
    name: str
    labels: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    annotations: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    group_key: str = Field(default="", index=True)
    generator_url: str = ""
    firing_received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolved_received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_received_at: datetime = Field(sa_type=UtcDateTime)
    repeats: int = 0
    triage: TriageState = Field(default=TriageState.WAITING, sa_type=Word(TriageState))
    triage_reason: str = ""
    triaged_by: str = ""
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
