"""A drill: a rehearsal that plays a scenario's events at a chosen speed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime, Word


class DrillEventKind(StrEnum):
    """What happens to those who rehearse."""

    ALERT = "alert"
    ALERT_RESOLVED = "alert_resolved"
    QUESTION = "question"
    FINDING = "finding"
    NOTE = "note"


class DrillEvent(SQLModel, table=True):
    """One event of a running drill, played by the worker's clock when it is due."""

    __tablename__ = "drill_event"
    __table_args__ = (Index("ix_drill_event_due", "played_at", "due_at"),)

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    kind: DrillEventKind = Field(sa_type=Word(DrillEventKind))
    text: str
    due_at: datetime = Field(sa_type=UtcDateTime)
    played_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
