"""What was last read from outside systems: the shifts of a schedule, the states of tickets."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime


class Reading(SQLModel, table=True):
    """One thing that is read again and again. ``value`` is what was read at ``read_at``, the last time it could be.

    ``asked_at`` is the last attempt, by whichever process; ``problem`` says why it failed, and is empty if it did not.
    """

    name: str = Field(primary_key=True)
    system: str = ""
    asked_at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str = ""
    value: Any = Field(default=None, sa_column=Column(JSON, nullable=True))
