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
    """A ticket, or a sub-task of one (``parent_id``). ``key`` is empty until the ticket system has answered.

    ``outside_…`` is how it stands in an outside ticket system, as it was last read there; the portal's own ``state``
    is not changed by it.
    """

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
    outside_state: TicketState | None = Field(default=None, sa_type=Word(TicketState))
    outside_status: str = ""
    outside_assignee: str = ""
    outside_assignee_email: str = ""
    outside_read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
