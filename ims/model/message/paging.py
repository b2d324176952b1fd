"""What wakes and reminds people."""

from typing import ClassVar

from ims.model.message.kind import Message


class Page(Message):
    """Wake a person.

    The first page of an incident goes to whoever is on call, so the pager's own escalation may carry it further; a
    ``named`` one asks for this very person. ``portal`` and ``room`` are links; ``name`` tells the incident apart in a
    pager that knows those of other portals too.
    """

    kind: ClassVar[str] = "page"
    found_later: ClassVar[tuple[str, ...]] = ("portal", "room")
    incident_key: str
    title: str
    text: str
    person_name: str
    person_email: str
    named: bool = False
    portal: str = ""
    room: str = ""
    name: str = ""

    @property
    def called(self) -> str:
        """Return what the pager knows the incident by."""
        return self.name or self.incident_key

    @property
    def recipient(self) -> str:
        return f"{self.person_name} <{self.person_email}>"


class StandDown(Message):
    """Tell the pager that nobody needs to be woken for an incident any more, and why.

    It is ``over``, or else somebody has taken it and others may sleep on.
    """

    kind: ClassVar[str] = "stand_down"
    found_later: ClassVar[tuple[str, ...]] = ("portal",)
    incident_key: str
    title: str
    text: str
    over: bool = True
    portal: str = ""
    name: str = ""

    @property
    def called(self) -> str:
        """Return what the pager knows the incident by, as in its pages."""
        return self.name or self.incident_key

    @property
    def recipient(self) -> str:
        return "pager"


class Nudge(Message):
    """Remind a named person of something that is due."""

    kind: ClassVar[str] = "nudge"
    found_later: ClassVar[tuple[str, ...]] = ("portal",)
    incident_key: str
    text: str
    person_name: str
    person_email: str
    portal: str = ""

    @property
    def recipient(self) -> str:
        return f"{self.person_name} <{self.person_email}>"
