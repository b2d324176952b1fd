"""What the response team reads and where it talks."""

from typing import ClassVar

from ims.model.message.kind import Message


class Opening(Message):
    """Open the response team's channel for an incident, with the message at its head; ``facts`` are label and value.

    An incident that burns again has a ``channel`` and a ``thread`` already, which are kept if they can be.
    """

    kind: ClassVar[str] = "channel"
    found_later: ClassVar[tuple[str, ...]] = ("channel", "thread", "portal", "room")
    incident_key: str
    title: str
    facts: dict[str, str]
    channel: str = ""
    thread: str = ""
    portal: str = ""
    room: str = ""

    @property
    def recipient(self) -> str:
        return _team(self.incident_key)


class TeamMessage(Message):
    """A word to the response team's own channel, in the thread of its head; ``broadcast`` for changes of state."""

    kind: ClassVar[str] = "team_message"
    found_later: ClassVar[tuple[str, ...]] = ("channel", "thread")
    incident_key: str
    text: str
    broadcast: bool = False
    channel: str = ""
    thread: str = ""

    @property
    def recipient(self) -> str:
        return _team(self.incident_key)


class ChannelStatus(Message):
    """The message at the head of the team's channel as it should read now."""

    kind: ClassVar[str] = "channel_status"
    found_later: ClassVar[tuple[str, ...]] = ("channel", "thread", "portal", "room")
    incident_key: str
    title: str
    facts: dict[str, str]
    channel: str = ""
    thread: str = ""
    portal: str = ""
    room: str = ""

    @property
    def recipient(self) -> str:
        return _team(self.incident_key)


class ChannelInvitation(Message):
    """Bring a responder into the team's channel."""

    kind: ClassVar[str] = "channel_invitation"
    found_later: ClassVar[tuple[str, ...]] = ("channel",)
    incident_key: str
    person_name: str
    person_email: str
    channel: str = ""

    @property
    def recipient(self) -> str:
        return f"{self.person_name} <{self.person_email}>"


class ChannelClosing(Message):
    """Archive the team's channel; where others share it, only the message at its head is put away."""

    kind: ClassVar[str] = "channel_closing"
    found_later: ClassVar[tuple[str, ...]] = ("channel", "thread")
    incident_key: str
    channel: str = ""
    thread: str = ""

    @property
    def recipient(self) -> str:
        return _team(self.incident_key)


class RoomRequest(Message):
    """Open a room in which the responders talk, for as long as the incident lasts."""

    kind: ClassVar[str] = "room"
    incident_key: str
    title: str

    @property
    def recipient(self) -> str:
        return "war room"


class TeamMail(Message):
    """An e-mail to one of the team's own people, which no customer reads."""

    kind: ClassVar[str] = "team_mail"
    to: str
    subject: str
    text: str

    @property
    def recipient(self) -> str:
        return self.to


def _team(incident_key: str) -> str:
    return f"team channel of {incident_key}"
