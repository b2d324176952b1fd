"""People: those who respond to incidents, and who is acting right now."""

from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Field, SQLModel

from ims.model.types import Email, Line, OptionalLine, Word


class AccessRole(StrEnum):
    """What a person may do in the portal."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    ADMINISTRATOR = "administrator"


class PersonDraft(SQLModel):
    """What is asked about a person."""

    name: Line
    email: Email
    slack: OptionalLine = ""
    access: AccessRole = AccessRole.RESPONDER


class Person(SQLModel, table=True):
    """Somebody who can hold a role, be paged or own a follow-up."""

    id: int = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    slack: str = ""
    access: AccessRole = Field(default=AccessRole.RESPONDER, sa_type=Word(AccessRole))
    active: bool = True


@dataclass(frozen=True)
class Actor:
    """Who does something: a person, or a part of the portal (``person_id`` is then ``None``)."""

    name: str
    person_id: int | None = None
    access: AccessRole = AccessRole.RESPONDER


PORTAL = Actor("IMS", access=AccessRole.ADMINISTRATOR)
