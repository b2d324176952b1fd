"""Invitations."""

from typing import ClassVar

from pydantic import Field

from ims.model.message.kind import Message


class Invitation(Message):
    """An invitation to a meeting; ``sequence`` grows with each change, ``cancelled`` calls it off.

    ``meeting_id`` is the portal's own number of it. A ``partial`` cancellation is only for its attendees: the meeting
    takes place without them. It names all attendees, but goes to ``only`` some where the others have it already.
    """

    kind: ClassVar[str] = "invitation"
    incident_key: str
    meeting_id: int = 0
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
    only: list[str] = Field(default_factory=list)

    @property
    def recipient(self) -> str:
        return ", ".join(self.only or self.attendees)
