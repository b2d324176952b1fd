"""A handover: a role passes from one person to another without a gap."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from ims.model.incident import IncidentRole
from ims.model.types import UtcDateTime, Word


class HandoverState(StrEnum):
    """How far a handover is; only ``accepted`` moves the role."""

    OFFERED = "offered"
    BRIEFED = "briefed"
    READ_BACK = "read_back"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Handover(SQLModel, table=True):
    """One offer of a role. The database allows one unsettled handover of a role and incident.

    ``briefing`` is the page the incomer was shown, kept as it was; see ``ims.response.briefing``.
    """

    __table_args__ = (
        Index(
            "ux_handover_unsettled",
            "incident_id",
            "role",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    role: IncidentRole = Field(sa_type=Word(IncidentRole))
    from_person_id: int = Field(foreign_key="person.id")
    to_person_id: int = Field(foreign_key="person.id")
    state: HandoverState = Field(default=HandoverState.OFFERED, sa_type=Word(HandoverState))
    note: str = ""
    offered_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    briefing: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    briefed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_back_impact: str = ""
    read_back_next_update_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
