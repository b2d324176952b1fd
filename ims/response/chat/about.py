"""Who types in a chat, and which incident they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from ims.errors import Refusal
from ims.model import ACTIVE_STATES, Actor, EntryKind, EntrySource, Incident, TimelineEntry
from ims.ports import Command
from ims.response.chat import words as say
from ims.store import catalogue, incidents, references, timeline
from ims.store.work import Work

_COMMAND_ID = "command_id"  # in the data of the entries that a command wrote


@dataclass(frozen=True)
class ChatWork(Work):
    """A work whose entries say that they were typed in a chat, and by which command."""

    command: Command = field(kw_only=True)

    def record(  # noqa: D102  as in Work
        self,
        incident: Incident,
        kind: EntryKind,
        text: str,
        *,
        occurred_at: datetime | None = None,
        source: EntrySource | None = None,
        **data: Any,
    ) -> TimelineEntry:
        known: Mapping[str, Any] = {_COMMAND_ID: self.command.id, **data} if self.command.id else data
        said = source or EntrySource.CHAT
        return super().record(incident, kind, text, occurred_at=occurred_at, source=said, **known)


def who_typed(session: Session, command: Command) -> Actor:
    """Return the person of the portal who typed a command.

    Raises:
        Refusal: the chat did not say who, the portal does not know them, or they are no longer active.
    """
    if not command.person_email:
        raise Refusal("The chat does not tell the portal your e-mail address, so it does not know who you are.")
    person = catalogue.person_by_email(session, command.person_email)
    if person is None:
        raise Refusal(
            f"The portal does not know {command.person_email}. Ask an administrator to add you with this address."
        )
    if not person.active:
        raise Refusal(f"{person.name} is no longer active in the portal; ask an administrator.")
    return Actor(person.name, person.id, person.access)


def looked_at(session: Session, command: Command, rest: str) -> Incident:
    """Return the incident that somebody wants to see: the one they name, of the channel, or the only active one.

    Raises:
        NotFound: the one that was named is not there.
        Refusal: it is not clear which one.
    """
    key, _ = say.named(rest)
    if key:
        return incidents.by_key(session, key)
    return _of_channel(session, command.channel) or _only_active(session)


def to_be_changed(work: ChatWork, rest: str) -> tuple[Incident, str]:
    """Return the incident that a command changes, locked, and the words that are not its key.

    Raises:
        NotFound: the one that was named is not there.
        Refusal: it is not clear which one, or this very command was carried out already.
    """
    incident = looked_at(work.session, work.command, rest)
    here = _of_channel(work.session, work.command.channel)
    if here and here.is_active and here.id != incident.id:
        raise Refusal(
            f"This is the channel of {here.key}, and you named {incident.key}: type it in that one's channel, or in a "
            "direct message. Nothing was changed."
        )
    work.locked(Incident, incident.id)  # as it is now, not as it was looked up
    command_id = work.command.id
    if command_id and timeline.last_change(work.session, incident.id, _COMMAND_ID, command_id)[1]:
        raise Refusal(f"That was done already, in {incident.key}.")
    return incident, say.named(rest)[1]


def person_id_of(work: Work) -> int:
    """Return the id of the person who acts.

    Raises:
        Refusal: it is nobody in particular.
    """
    if work.actor.person_id is None:
        raise Refusal("Only a person can do this; choose who you are first.")
    return work.actor.person_id


def _of_channel(session: Session, channel: str) -> Incident | None:
    """Return the incident that a channel belongs to; none where several active ones share it."""
    if not channel:
        return None
    active = references.holders(session, "channel", active_in=[state.value for state in ACTIVE_STATES])
    sharing = [each for each in active if references.of_incident(session, each.id)["channel"].value == channel]
    if sharing:
        return sharing[0] if len(sharing) == 1 else None
    newest = references.by_value(session, "channel", channel)
    return session.get(Incident, newest) if newest else None


def _only_active(session: Session) -> Incident:
    active = incidents.active(session)
    if len(active) == 1:
        return active[0]
    if not active:
        raise Refusal(f"No incident is active. Name one, like INC-42, or declare one: {say.COMMAND} declare <title>")
    listed = say.shortened([f"{each.key} {each.title}" for each in active], "\n")
    raise Refusal(f"Which one? Write its number first, like “note {active[0].key} …”:\n{listed}")
