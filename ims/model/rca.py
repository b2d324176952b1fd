"""The root-cause document and the meeting in which everyone involved fills it in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import model_validator
from sqlalchemy import JSON, Column, UniqueConstraint
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
    ``written`` is what the portal wrote last into each of its blocks, so that it is known when people edited one.
    ``accepted`` names the drafted paragraphs that a person took over as their own. Where the document lives outside,
    ``home`` is that system's name, ``outside_id`` its own name of it, ``revision`` the one that was read or written
    last. ``cause`` is a word of ``data/causes.yaml``.
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
    written: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    accepted: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    home: str = "portal"
    outside_id: str = ""
    url: str = ""
    revision: str = ""
    cause: str = ""
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    review_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    review_by: str = ""
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: str = ""


class PublishedCopy(SQLModel, table=True):
    """The document as it was when it was published, in one format; ``digest`` is the SHA-256 of ``content``.

    ``edition`` counts how often it was published, from 1.
    """

    __tablename__ = "published_copy"
    __table_args__ = (UniqueConstraint("document_id", "edition", "format"),)

    id: int = Field(default=None, primary_key=True)
    document_id: int = Field(foreign_key="rca_document.id", index=True)
    edition: int
    format: str
    content: bytes
    digest: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str


class LibraryEntry(SQLModel, table=True):
    """One post-mortem that can be found by its words: an incident's own, or one brought in from a file.

    ``source`` is ``portal`` or the file's name, ``digest`` the SHA-256 of what was brought in, so that it comes in
    once. ``follow_ups`` are those that were read from a file, as JSON.
    """

    __tablename__ = "library_entry"

    id: int = Field(default=None, primary_key=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", unique=True)
    source: str
    digest: str | None = Field(default=None, unique=True)
    title: str
    occurred_on: date | None = Field(default=None, index=True)
    services: str = ""
    cause: str = Field(default="", index=True)
    text: str
    follow_ups: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    kept_at: datetime = Field(sa_type=UtcDateTime)
    kept_by: str = ""


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
