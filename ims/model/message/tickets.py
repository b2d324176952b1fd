"""What the ticket system is asked for."""

from typing import ClassVar

from ims.model.message.kind import Message


class TicketRequest(Message):
    """Open the ``Incident`` ticket."""

    kind: ClassVar[str] = "ticket"
    found_later: ClassVar[tuple[str, ...]] = ("portal",)
    ticket_id: int
    incident_key: str
    title: str
    description: str
    portal: str = ""

    @property
    def recipient(self) -> str:
        return "ticket system"


class SubTaskRequest(Message):
    """Open a sub-task of the ``Incident`` ticket for a follow-up."""

    kind: ClassVar[str] = "sub_task"
    found_later: ClassVar[tuple[str, ...]] = ("portal",)
    ticket_id: int
    parent_key: str
    incident_key: str
    title: str
    description: str
    portal: str = ""

    @property
    def recipient(self) -> str:
        return "ticket system"


class TicketComment(Message):
    """Say something on the ``Incident`` ticket."""

    kind: ClassVar[str] = "ticket_comment"
    found_later: ClassVar[tuple[str, ...]] = ("ticket",)
    incident_key: str
    text: str
    ticket: str = ""

    @property
    def recipient(self) -> str:
        return "ticket system"


class TicketMove(Message):
    """Move the ``Incident`` ticket to where the incident is; ``state`` is a word of ``IncidentState``."""

    kind: ClassVar[str] = "ticket_move"
    found_later: ClassVar[tuple[str, ...]] = ("ticket",)
    incident_key: str
    state: str
    ticket: str = ""

    @property
    def recipient(self) -> str:
        return "ticket system"
