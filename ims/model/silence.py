"""Silences: alerts that the response team keeps quiet for a while, because it knows of them already."""

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime


class Silence(SQLModel, table=True):
    """Every alert whose labels are all as ``matchers`` say is kept quiet from ``starts_at`` to ``ends_at``.

    ``reference`` is the alerting system's own id of it, empty until that system has it; ``ended_at`` is set when
    somebody ended it before its time.
    """

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    matchers: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reason: str
    author: str
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    reference: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_active(self, now: datetime) -> bool:
        """Return whether it still keeps alerts quiet, as far as the portal knows."""
        return self.ended_at is None and now < self.ends_at
