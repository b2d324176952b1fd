"""Tickets: the ``Incident`` ticket and its sub-tasks, in the portal itself or mirrored from a ticket system."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime, Word


class TicketState(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DROPPED = "dropped"


class Ticket(SQLModel, table=True):
    """A ticket, or a sub-task of one (``parent_id``). ``key`` is empty until the ticket system has answered."""

    id: int = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    parent_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    key: str = Field(default="", index=True)
    system: str = ""
    url: str = ""
    title: str
    description: str = ""
    state: TicketState = Field(default=TicketState.OPEN, sa_type=Word(TicketState))
    created_at: datetime = Field(sa_type=UtcDateTime)
