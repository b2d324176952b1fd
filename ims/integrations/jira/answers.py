"""What we read of Jira's answers; everything else in them is passed over."""

from typing import Any

from pydantic import BaseModel, Field

from ims.model import TicketState
from ims.ports import TicketStatus


class Answer(BaseModel):
    """An answer of which nothing is read."""


class Me(Answer):
    """The user of the token."""

    name: str = Field(alias="displayName")


class IssueType(Answer):
    """A type of issue; names are in the language of the site."""

    id: str
    name: str
    is_sub_task: bool = Field(default=False, alias="subtask")


class IssueTypes(Answer):
    """A page of types: ``issueTypes`` in the Cloud, ``values`` in Data Center."""

    cloud: list[IssueType] = Field(default=[], alias="issueTypes")
    data_center: list[IssueType] = Field(default=[], alias="values")
    total: int = 0

    @property
    def types(self) -> list[IssueType]:
        """Return the types of the page."""
        return self.cloud or self.data_center


class Created(Answer):
    """An issue or a comment that was created; a comment has no key."""

    id: str
    key: str = ""


class Category(Answer):
    """What kind of status: ``new``, ``indeterminate`` or ``done``, the same on every site."""

    key: str


class Status(Answer):
    """A status; people name and add them as they like."""

    name: str
    category: Category = Field(alias="statusCategory")


class Person(Answer):
    """Who an issue is assigned to; many hide their e-mail address."""

    name: str = Field(default="", alias="displayName")
    email: str | None = Field(default=None, alias="emailAddress")


class Resolution(Answer):
    """How an issue ended."""

    name: str


class Fields(Answer):
    """The fields that we ask for."""

    status: Status
    assignee: Person | None = None
    resolution: Resolution | None = None


class Issue(Answer):
    """An issue."""

    key: str
    fields: Fields


class Found(Answer):
    """A page of what a search found."""

    issues: list[Issue]
    next_page: str | None = Field(default=None, alias="nextPageToken")


class Comment(Answer):
    """A comment; its body is a document or a text."""

    id: str
    body: Any = None


class Comments(Answer):
    """A page of comments."""

    comments: list[Comment]


class Choices(Answer):
    """A field on a transition's screen, and what it takes."""

    allowed: list[Resolution] = Field(default=[], alias="allowedValues")


class Screen(Answer):
    """What a transition asks for; only the resolution concerns us."""

    resolution: Choices = Choices()


class Transition(Answer):
    """A way from the status that an issue has to another one."""

    id: str
    to: Status
    asks: Screen = Field(default=Screen(), alias="fields")

    @property
    def resolutions(self) -> list[str]:
        """The resolutions one may choose from on this way; none where it does not ask."""
        return [each.name for each in self.asks.resolution.allowed]


class Transitions(Answer):
    """The ways that are open."""

    transitions: list[Transition]


_STATES = {"new": TicketState.OPEN, "indeterminate": TicketState.IN_PROGRESS, "done": TicketState.DONE}


def ticket_status(key: str, fields: Fields, dropped: list[str]) -> TicketStatus:
    """Return how a ticket stands; ``dropped`` are the statuses and resolutions that mean: will not be done."""
    state = _STATES.get(fields.status.category.key, TicketState.OPEN)
    ends = {fields.status.name.casefold(), fields.resolution.name.casefold() if fields.resolution else ""}
    if state is TicketState.DONE and ends & {name.casefold() for name in dropped}:
        state = TicketState.DROPPED
    assignee = fields.assignee or Person()
    return TicketStatus(key, state, fields.status.name, assignee.name, assignee.email or "")
