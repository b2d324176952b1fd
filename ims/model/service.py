"""Services: what the team runs and customers use."""

from sqlmodel import Field, SQLModel

from ims.model.types import Line, OptionalLine


class ServiceDraft(SQLModel):
    """What is asked about a service. ``name`` is matched with the ``service`` label of alerts."""

    name: Line
    description: OptionalLine = ""


class Service(SQLModel, table=True):
    """Something that can be affected by an incident."""

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str = ""
    active: bool = True
