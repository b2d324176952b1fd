"""Customer updates: one message to the affected customers, with the time of the next."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from ims.model.types import Line, Moment, Prose, UtcDateTime, Word


class UpdatePhase(StrEnum):
    """What the update tells: each has its template in ``data/templates/customer_updates.yaml``."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


class CustomerUpdateDraft(SQLModel):
    """What the Communications Lead writes. ``next_update_at`` is the promise; a resolved update makes none."""

    phase: UpdatePhase
    subject: Line
    body: Prose
    next_update_at: Moment | None = None


class CustomerUpdate(SQLModel, table=True):
    """An update as it was sent; ``number`` counts from 1 in its incident. The deliveries are its proof."""

    __tablename__ = "customer_update"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    number: int
    phase: UpdatePhase = Field(sa_type=Word(UpdatePhase))
    subject: str
    body: str
    next_update_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    written_at: datetime = Field(sa_type=UtcDateTime)
    author: str
    author_id: int | None = Field(default=None, foreign_key="person.id")
