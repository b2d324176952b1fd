"""Follow-ups: what the team promised itself to do after an incident."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from ims.model.types import Line, OptionalLine, UtcDateTime, Word


class FollowUpKind(StrEnum):
    """What a follow-up is good for."""

    PREVENT = "prevent"
    DETECT = "detect"
    MITIGATE = "mitigate"
    PROCESS = "process"


class FollowUpState(StrEnum):
    """Where a follow-up stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DROPPED = "dropped"


UNFINISHED = (FollowUpState.OPEN, FollowUpState.IN_PROGRESS)


class FollowUpDraft(SQLModel):
    """What is asked about a follow-up. ``owner_name`` keeps an owner who is not one of the portal's people."""

    text: Line
    owner_id: int | None = None
    owner_name: OptionalLine = ""
    due_on: date | None = None
    kind: FollowUpKind | None = None


class FollowUp(SQLModel, table=True):
    """An action after the incident. ``number`` makes its row id in the document, ``FU-1``.

    Some time after it is done, at ``ask_at``, its owner is asked whether it ``worked``.
    """

    __tablename__ = "follow_up"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    number: int
    text: str
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    owner_name: str = ""
    due_on: date | None = None
    kind: FollowUpKind | None = Field(default=None, sa_type=Word(FollowUpKind))
    state: FollowUpState = Field(default=FollowUpState.OPEN, sa_type=Word(FollowUpState), index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finish_reason: str = ""
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id")
    version: int = 1
    ask_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    worked: bool | None = None
    worked_text: str = ""
    worked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def row_id(self) -> str:
        """What the document calls it."""
        return f"FU-{self.number}"
