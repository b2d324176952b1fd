"""What somebody has typed and not yet sent, kept by the server so that a reload or restart loses nothing."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime


class KeptDraft(SQLModel, table=True):
    """What one person has typed into one form, like ``INC-42:entry``; ``text`` is JSON, the form knows its fields."""

    __tablename__ = "kept_draft"
    __table_args__ = (UniqueConstraint("person_id", "place"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    place: str
    text: str
    saved_at: datetime = Field(sa_type=UtcDateTime)
