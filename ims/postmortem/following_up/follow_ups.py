"""Follow-ups: added, changed, started, finished, dropped, reopened. Each act is in the incident's timeline."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any

from ims.delivery.tickets import open_sub_task
from ims.errors import Conflict, Refusal
from ims.model import (
    UNFINISHED,
    EntryKind,
    FollowUp,
    FollowUpDraft,
    FollowUpState,
    Incident,
    IncidentState,
    Person,
    Ticket,
    TicketState,
)
from ims.store import postmortem
from ims.store.work import Work

_FIELDS = {"text": "action", "owner_id": "owner", "owner_name": "owner", "due_on": "due date", "kind": "kind"}


def add(work: Work, incident_id: int, draft: FollowUpDraft) -> FollowUp:
    """Add a follow-up to an incident; it becomes a sub-task of the incident's ticket.

    Raises:
        Refusal: the incident was cancelled, or the owner is not one of the portal's people.
    """
    incident = work.incident(incident_id)
    if incident.state is IncidentState.CANCELLED:
        raise Refusal(f"{incident.key} was no incident; reopen it to add follow-ups.")
    values = _values(work, draft)
    number = max((each.number for each in postmortem.follow_ups(work.session, incident_id)), default=0) + 1
    follow_up = work.add(FollowUp(**values, incident_id=incident_id, number=number, created_at=work.now))
    follow_up.ticket_id = _sub_task(work, incident, follow_up).id
    text = f"Follow-up {follow_up.row_id}: {follow_up.text}"
    work.record(incident, EntryKind.FOLLOW_UP_ADDED, text, follow_up_id=follow_up.id)
    return follow_up


def change(
    work: Work, follow_up_id: int, draft: FollowUpDraft, *, expected_version: int | None = None, reason: str = ""
) -> FollowUp:
    """Give a follow-up the text, owner, due date and kind of the draft. A draft that changes nothing writes nothing.

    Raises:
        Conflict: somebody changed it since the version that the draft was made from.
        Refusal: the owner is not one of the portal's people.
    """
    incident, follow_up = _open(work, follow_up_id, expected_version)
    values = _values(work, draft)
    changed = {name: value for name, value in values.items() if getattr(follow_up, name) != value}
    if not changed:
        return follow_up
    fields = list(dict.fromkeys(_FIELDS[name] for name in changed))
    why = f" ({reason})" if reason else ""
    _write(work, incident, follow_up, changed, f"{follow_up.row_id} changed: {', '.join(fields)}{why}")
    return follow_up


def start(work: Work, follow_up_id: int, reason: str = "", *, expected_version: int | None = None) -> FollowUp:
    """Say that somebody works on it."""
    return _move(work, follow_up_id, FollowUpState.IN_PROGRESS, "started", reason, expected_version)


def set_aside(work: Work, follow_up_id: int, reason: str = "", *, expected_version: int | None = None) -> FollowUp:
    """Say that nobody works on it for now.

    Raises:
        Refusal: it is finished; reopening it needs a reason.
    """
    return _move(work, follow_up_id, FollowUpState.OPEN, "set aside", reason, expected_version)


def finish(work: Work, follow_up_id: int, note: str, *, expected_version: int | None = None) -> FollowUp:
    """Say that it is done; the note says what was done, or where to see it.

    Raises:
        Refusal: there is no note, or it was dropped.
    """
    said = _needed(note, f"what was done about {_name(work, follow_up_id)}")
    return _move(work, follow_up_id, FollowUpState.DONE, "done", said, expected_version)


def drop(work: Work, follow_up_id: int, reason: str, *, expected_version: int | None = None) -> FollowUp:
    """Decide that it will not be done, and say why.

    Raises:
        Refusal: there is no reason, or it is done.
    """
    why = _needed(reason, f"why {_name(work, follow_up_id)} will not be done")
    return _move(work, follow_up_id, FollowUpState.DROPPED, "dropped", why, expected_version)


def reopen(work: Work, follow_up_id: int, reason: str, *, expected_version: int | None = None) -> FollowUp:
    """Take a done or dropped follow-up up again, and say why.

    Raises:
        Refusal: it is unfinished anyway, or there is no reason.
    """
    why = _needed(reason, f"why {_name(work, follow_up_id)} is taken up again")
    incident, follow_up = _open(work, follow_up_id, expected_version)
    if follow_up.state in UNFINISHED:
        raise Refusal(f"{follow_up.row_id} is not finished; there is nothing to reopen.")
    values = {"state": FollowUpState.OPEN, "finished_at": None, "finish_reason": "", "ask_at": None}
    values |= {"worked": None, "worked_text": "", "worked_at": None}
    _write(work, incident, follow_up, values, f"{follow_up.row_id} reopened: {why}")
    return follow_up


def move_to(work: Work, follow_up_id: int, state: FollowUpState, reason: str) -> FollowUp:
    """Bring a follow-up to a state, by way of reopening where it is finished; ``reason`` is what that way needs.

    Raises:
        Refusal: the state needs a reason, and there is none.
    """
    follow_up = work.get(FollowUp, follow_up_id)
    if follow_up.state not in UNFINISHED and follow_up.state is not state:
        reopen(work, follow_up_id, reason)
    verbs: dict[FollowUpState, Callable[[Work, int, str], FollowUp]] = {
        FollowUpState.OPEN: set_aside,
        FollowUpState.IN_PROGRESS: start,
        FollowUpState.DONE: finish,
        FollowUpState.DROPPED: drop,
    }
    return verbs[state](work, follow_up_id, reason)


def _move(
    work: Work, follow_up_id: int, state: FollowUpState, word: str, reason: str, expected_version: int | None
) -> FollowUp:
    incident, follow_up = _open(work, follow_up_id, expected_version)
    if follow_up.state is state:
        return follow_up
    if follow_up.state not in UNFINISHED:
        raise Refusal(f"{follow_up.row_id} is {follow_up.state.value} already; reopen it first.")
    finished = state not in UNFINISHED
    values: dict[str, Any] = {"state": state, "finished_at": work.now if finished else None}
    values |= {"finish_reason": reason if finished else ""}
    text = f"{follow_up.row_id} {word}: {reason}" if reason else f"{follow_up.row_id} {word}"
    _write(work, incident, follow_up, values, text)
    return follow_up


def _open(work: Work, follow_up_id: int, expected_version: int | None) -> tuple[Incident, FollowUp]:
    """Return a follow-up and its incident, which is locked, so that the version read is the newest."""
    follow_up = work.get(FollowUp, follow_up_id)
    incident = work.incident(follow_up.incident_id)
    work.session.refresh(follow_up)
    if expected_version is not None and follow_up.version != expected_version:
        raise Conflict(f"{_last_change(work, follow_up)} Yours was not saved; look at it again and repeat it.")
    return incident, follow_up


def _last_change(work: Work, follow_up: FollowUp) -> str:
    entries = postmortem.entries_of_kind(work.session, follow_up.incident_id, EntryKind.FOLLOW_UP_CHANGED)
    mine = [entry for entry in entries if entry.data.get("follow_up_id") == follow_up.id]
    name = f"INC-{follow_up.incident_id} {follow_up.row_id}"
    return (
        f"{mine[-1].author} changed {name} meanwhile ({mine[-1].text})." if mine else f"{name} was changed meanwhile."
    )


def _write(work: Work, incident: Incident, follow_up: FollowUp, values: dict[str, Any], text: str) -> None:
    changes = {name: [_plain(getattr(follow_up, name)), _plain(value)] for name, value in values.items()}
    for name, value in values.items():
        setattr(follow_up, name, value)
    follow_up.version += 1
    if follow_up.ticket_id:
        ticket = work.get(Ticket, follow_up.ticket_id)
        ticket.title, ticket.state = follow_up.text, TicketState(follow_up.state.value)
    work.record(incident, EntryKind.FOLLOW_UP_CHANGED, text, follow_up_id=follow_up.id, changes=changes)


def _plain(value: object) -> object:
    """Return a value as JSON can hold it."""
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _values(work: Work, draft: FollowUpDraft) -> dict[str, Any]:
    if draft.owner_id is not None:
        work.get(Person, draft.owner_id)
    return draft.model_dump() | ({"owner_name": ""} if draft.owner_id is not None else {})


def _sub_task(work: Work, incident: Incident, follow_up: FollowUp) -> Ticket:
    return open_sub_task(work, incident, follow_up.text, f"Follow-up {follow_up.row_id} of {incident.key}")


def _name(work: Work, follow_up_id: int) -> str:
    return work.get(FollowUp, follow_up_id).row_id


def _needed(text: str, what: str) -> str:
    if not text.strip():
        raise Refusal(f"Say {what}.")
    return text.strip()
