"""What the portal says to the outside world, one type per kind of message.

What the team reads (``TeamMessage``, ``Page``) and what customers read (``CustomerPost``, ``CustomerMail``) are
different types, carried by different methods of the ports, so an internal word cannot reach a customer's channel.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Message(BaseModel, ABC):
    """A message of some kind; ``recipient`` is how a person would name who gets it."""

    model_config = ConfigDict(frozen=True)
    kind: ClassVar[str]

    @property
    @abstractmethod
    def recipient(self) -> str:
        """Return who gets it, in words."""


class Page(Message):
    """Wake a named person."""

    kind: ClassVar[str] = "page"
    incident_key: str
    title: str
    text: str
    person_name: str
    person_email: str

    @property
    def recipient(self) -> str:
        return f"{self.person_name} <{self.person_email}>"


class Nudge(Message):
    """Remind a named person of something that is due."""

    kind: ClassVar[str] = "nudge"
    incident_key: str
    text: str
    person_name: str
    person_email: str

    @property
    def recipient(self) -> str:
        return f"{self.person_name} <{self.person_email}>"


class TeamMessage(Message):
    """A word to the response team's own channel."""

    kind: ClassVar[str] = "team_message"
    incident_key: str
    text: str

    @property
    def recipient(self) -> str:
        return f"team channel of {self.incident_key}"


class CustomerPost(Message):
    """A customer update in the customer's own Slack channel."""

    kind: ClassVar[str] = "customer_post"
    incident_key: str
    customer: str
    channel: str
    subject: str
    text: str

    @property
    def recipient(self) -> str:
        return self.channel


class CustomerMail(Message):
    """A customer update by e-mail, the customer's manager on CC.

    ``thread`` is the same for all updates of an incident to a customer, ``number`` counts them from 1.
    """

    kind: ClassVar[str] = "customer_mail"
    incident_key: str
    customer: str
    to: list[str]
    cc: list[str]
    subject: str
    text: str
    thread: str = ""
    thread_subject: str = ""
    number: int = 1

    @property
    def recipient(self) -> str:
        copied = f" (CC {', '.join(self.cc)})" if self.cc else ""
        return ", ".join(self.to) + copied


class Invitation(Message):
    """An invitation to a meeting; ``sequence`` grows with each change, ``cancelled`` calls it off."""

    kind: ClassVar[str] = "invitation"
    incident_key: str
    uid: str
    sequence: int
    title: str
    agenda: str
    starts_at: str
    ends_at: str
    link: str
    attendees: list[str]
    cancelled: bool = False

    @property
    def recipient(self) -> str:
        return ", ".join(self.attendees)


class TicketRequest(Message):
    """Open the ``Incident`` ticket."""

    kind: ClassVar[str] = "ticket"
    ticket_id: int
    incident_key: str
    title: str
    description: str

    @property
    def recipient(self) -> str:
        return "ticket system"


class SubTaskRequest(Message):
    """Open a sub-task of the ``Incident`` ticket for a follow-up."""

    kind: ClassVar[str] = "sub_task"
    ticket_id: int
    parent_key: str
    incident_key: str
    title: str
    description: str

    @property
    def recipient(self) -> str:
        return "ticket system"


KINDS: dict[str, type[Message]] = {
    message.kind: message
    for message in (
        Page,
        Nudge,
        TeamMessage,
        CustomerPost,
        CustomerMail,
        Invitation,
        TicketRequest,
        SubTaskRequest,
    )
}
