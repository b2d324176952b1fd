"""From what OnCall says to words of ours. Pure; a shape that OnCall does not have is a ``ValidationError``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from ims.integrations.oncall.payloads import incident_of_message, incident_of_uid
from ims.ports import Answer, OnCallShift


class User(BaseModel):
    """Somebody in OnCall."""

    id: str
    email: str | None = None
    username: str = ""


class Schedule(BaseModel):
    """A schedule; ``on_call_now`` are ids of users."""

    id: str
    name: str
    on_call_now: list[str] = Field(default_factory=list)


class Shift(BaseModel):
    """A time on call, cut where the asked days end."""

    user_email: str | None
    shift_start: AwareDatetime
    shift_end: AwareDatetime


class Integration(BaseModel):
    """A way in for alerts; people who are paged directly have one too."""

    id: str
    name: str | None = ""
    type: str
    link: str | None = ""


class Permalinks(BaseModel):
    """Where people can look at a group."""

    web: str | None = None


class Alert(BaseModel):
    """What came in."""

    payload: Any = None


class AlertGroup(BaseModel):
    """The alerts that OnCall treats as one; ``…_by`` are ids of users, missing where no person did it."""

    id: str
    state: str
    alerts_count: int = 0
    created_at: AwareDatetime
    acknowledged_at: AwareDatetime | None = None
    acknowledged_by: str | None = None
    resolved_at: AwareDatetime | None = None
    resolved_by: str | None = None
    permalinks: Permalinks = Field(default_factory=Permalinks)
    last_alert: Alert | None = None

    @property
    def payload(self) -> Any:
        """What its last alert said."""
        return self.last_alert.payload if self.last_alert else None

    @property
    def url(self) -> str:
        """Where people look at it; empty where that is no address of a page."""
        web = self.permalinks.web or ""
        return web if web.startswith(("https://", "http://")) else ""


class Note(BaseModel):
    """What somebody wrote about a group."""

    id: str
    text: str | None = None


class Listing(BaseModel):
    """One page of a list; ``next`` is the address of the one after it."""

    results: list[Any]
    next: str | None = None


@dataclass(frozen=True)
class Deed:
    """What a person did about a group; ``user_id`` is OnCall's."""

    answer: Answer
    at: datetime
    user_id: str


def incident_of(payload: Any) -> str:
    """Return the incident that an alert's payload is about, or an empty text where it is none of ours."""
    match payload:
        case {"alert_uid": str(uid)}:
            return incident_of_uid(uid)
        case {"oncall": {"message": str(message)}}:
            return incident_of_message(message)
    return ""


def paged(group: AlertGroup, incident: str) -> bool:
    """Whether a group woke somebody for an incident; OnCall makes one for a lone word that it is over, too."""
    match group.payload:
        case {"state": "ok"} if group.alerts_count == 1:
            return False
    return incident_of(group.payload) == incident


def is_marked(group: AlertGroup, mark: str) -> bool:
    """Whether a group is the page to one person that ended with a mark."""
    match group.payload:
        case {"oncall": {"message": str(message)}}:
            return message.rpartition("\n")[2] == mark
    return False


def says(note: Note, ours: Mapping[str, str]) -> bool:
    """Whether a note says already what ours would."""
    return note.text == ours["text"]


def deeds_of(group: AlertGroup) -> Iterator[Deed]:
    """Return what people did about a group; what OnCall itself did (an alert said it is over) is no answer."""
    if group.acknowledged_at and group.acknowledged_by:
        yield Deed(Answer.ACKNOWLEDGED, group.acknowledged_at, group.acknowledged_by)
    if group.resolved_at and group.resolved_by:
        yield Deed(Answer.RESOLVED, group.resolved_at, group.resolved_by)


def merged(shifts: Iterable[Shift]) -> Sequence[OnCallShift]:
    """Return shifts by their start; those of one person that touch are one, because OnCall cuts them."""
    whole: list[OnCallShift] = []
    last: dict[str, int] = {}
    for shift in sorted(shifts, key=lambda each: each.shift_start):
        email = shift.user_email or ""
        before = whole[last[email]] if email in last else None
        if before and shift.shift_start <= before.ends_at:
            whole[last[email]] = replace(before, ends_at=max(before.ends_at, shift.shift_end))
        else:
            last[email] = len(whole)
            whole.append(OnCallShift(email, shift.shift_start, shift.shift_end))
    return whole


def named(integrations: Sequence[Integration], link: str) -> Integration | None:
    """Return the integration with a link; its last part counts, as OnCall may know itself by another host name."""
    secret = _last_part(link)
    return next((each for each in integrations if secret and _last_part(each.link or "") == secret), None)


def _last_part(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]
