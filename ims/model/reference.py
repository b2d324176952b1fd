"""Where outside systems keep what belongs to an incident: its channel, its thread, its room, its ticket."""

from sqlmodel import Field, SQLModel


class Reference(SQLModel, table=True):
    """One name of an incident in an outside system. Messages that need it name it in ``found_later``."""

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    name: str = Field(primary_key=True)
    value: str = Field(index=True)
    system: str
    url: str = ""
