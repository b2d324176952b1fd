"""The procedure as it was when an incident was declared."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from ims.model.types import UtcDateTime


class StoredProcedure(SQLModel, table=True):
    """One version of ``data/sop.yaml``, known by its SHA-256; an incident keeps the version it ran under."""

    __tablename__ = "procedure"

    digest: str = Field(primary_key=True)
    text: str
    first_used_at: datetime = Field(sa_type=UtcDateTime)
