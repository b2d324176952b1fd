"""Invitations."""

from typing import ClassVar

from ims.model.message.kind import Message


class Invitation(Message):
    """An invitation to a meeting; ``sequence`` grows with each change, ``cancelled`` calls it off.

    A ``partial`` cancellation is only for its attendees: the meeting takes place without them.
    """

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
    partial: bool = False

    @property
    def recipient(self) -> str:
        return ", ".join(self.attendees)
