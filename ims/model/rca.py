"""The root-cause document and the meeting in which everyone involved fills it in."""

from datetime import datetime
from enum import StrEnum

from pydantic import model_validator
from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from ims.model.types import (
    Email,
    Line,
    Moment,
    OptionalLine,
    OptionalProse,
    UtcDateTime,
    Word,
)


class RcaState(StrEnum):
    """How far the document is."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"


class RcaDocument(SQLModel, table=True):
    """The document of one incident. ``file`` is the newest uploaded ``.docx``, ``sections`` what people wrote in it.

    ``sections`` maps a section's key to its text; ``not_understood`` lists what the reader could not place.
    """

    __tablename__ = "rca_document"

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", unique=True)
    state: RcaState = Field(default=RcaState.DRAFT, sa_type=Word(RcaState))
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str = ""
    file: bytes | None = None
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sections: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    not_understood: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class MeetingState(StrEnum):
    """What became of the meeting."""

    PLANNED = "planned"
    HELD = "held"
    WAIVED = "waived"
    CANCELLED = "cancelled"


class MeetingDraft(SQLModel):
    """What is asked about an RCA meeting."""

    title: Line
    starts_at: Moment
    ends_at: Moment
    link: OptionalLine = ""
    agenda: OptionalProse = ""
    attendees: list[Email] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> "MeetingDraft":
        if self.ends_at <= self.starts_at:
            raise ValueError("The meeting ends before it starts; choose a later end.")
        return self


class Meeting(SQLModel, table=True):
    """The RCA meeting of an incident. ``sequence`` grows with each change, for calendars."""

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    state: MeetingState = Field(default=MeetingState.PLANNED, sa_type=Word(MeetingState))
    title: str
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    link: str = ""
    agenda: str = ""
    attendees: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sequence: int = 0
    reason: str = ""

    @property
    def uid(self) -> str:
        """The calendar's name for it, the same through every change."""
        return f"meeting-{self.id}@ims"
