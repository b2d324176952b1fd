"""What people agree on during an incident: asks, decisions, what must be undone, who works in which sub-team."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import field_validator
from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from ims.model.types import Line, OptionalProse, Prose, UtcDateTime, Word

LONGEST_TIME_BOX = timedelta(days=2)


class AskDraft(SQLModel):
    """What is asked of one named person, and for how long."""

    text: Line
    person_id: int
    within: timedelta

    @field_validator("within")
    @classmethod
    def _bounded(cls, within: timedelta) -> timedelta:
        if not timedelta() < within <= LONGEST_TIME_BOX:
            raise ValueError("A time box is between a minute and two days.")
        return within


class AskState(StrEnum):
    """What became of an ask."""

    ASKED = "asked"
    ACKNOWLEDGED = "acknowledged"
    DONE = "done"
    CALLED_OFF = "called_off"


class Ask(SQLModel, table=True):
    """A task during the incident. ``due_at`` is the end of its time box; then its person is nudged, once."""

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    text: str
    person_id: int = Field(foreign_key="person.id", index=True)
    asked_by: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    state: AskState = Field(default=AskState.ASKED, sa_type=Word(AskState))
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = ""


class DecisionDraft(SQLModel):
    """What is proposed, and what speaks against it."""

    proposal: Line
    risks: OptionalProse = ""
    objections: OptionalProse = ""


class DecisionState(StrEnum):
    """What became of a proposal."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REJECTED = "rejected"


class Decision(SQLModel, table=True):
    """A proposal, its risks and objections, and who decided it."""

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    proposal: str
    risks: str = ""
    objections: str = ""
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    state: DecisionState = Field(default=DecisionState.PROPOSED, sa_type=Word(DecisionState))
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""


class TemporaryChangeDraft(SQLModel):
    """What was changed for now, and how to undo it."""

    what: Line
    how_to_undo: Prose


class TemporaryChange(SQLModel, table=True):
    """A change made to get through the incident. Until it is undone, or kept with a reason, it blocks closing."""

    __tablename__ = "temporary_change"

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    what: str
    how_to_undo: str
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    settled_by: str = ""
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = ""


class Responder(SQLModel, table=True):
    """Somebody who works on an incident, in a sub-team when the incident has any."""

    __table_args__ = (
        Index(
            "ux_responder_present",
            "incident_id",
            "person_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    sub_team: str = ""
    joined_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
