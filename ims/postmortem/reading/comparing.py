"""What a document would change: its follow-ups beside those of the portal, before anything is written.

A row is known by its id (``FU-1``), or by its text where people retyped it. A value that the portal changed after the
document was written wins over the document's, and that is said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from ims.model import EntryKind, FollowUp, FollowUpDraft, FollowUpState, Person, TimelineEntry
from ims.model.types import LINE_LENGTH
from ims.postmortem.content.wording import label
from ims.postmortem.reading.matching import as_cut, as_kept, earlier_words, pairs
from ims.postmortem.reading.owners import meant
from ims.postmortem.reading.understood import RcaReading, ReadFollowUp
from ims.store import catalogue, incidents, postmortem

_NAMES = {"text": "action", "owner": "owner", "due_on": "due date", "kind": "kind"}


@dataclass(frozen=True)
class NewRow:
    """A row that will become a follow-up, perhaps one that is under way or done already."""

    draft: FollowUpDraft
    state: FollowUpState | None


@dataclass(frozen=True)
class ChangedRow:
    """A follow-up that the document changes: to what, and in words."""

    follow_up: FollowUp
    draft: FollowUpDraft
    state: FollowUpState | None
    words: str


@dataclass(frozen=True)
class BothChanged:
    """A field that people changed in the document and in the portal, to different words."""

    follow_up: FollowUp
    name: str
    in_document: str
    here: str

    @property
    def key(self) -> tuple[str, str]:
        """What names it in a choice: the row and the field."""
        return self.follow_up.row_id, self.name

    @property
    def words(self) -> str:
        """Say both."""
        return (
            f"{self.follow_up.row_id}: the document says {_NAMES[self.name]} “{self.in_document}”, but it was changed "
            f"to “{self.here}” here after the document was written. What is here stays unless you choose."
        )


@dataclass(frozen=True)
class Choices:
    """What people decided: the fields in which the document is right, and the vanished rows to drop, with a reason.

    ``texts`` are the keys of the sections in which the document is right.
    """

    from_document: frozenset[tuple[str, str]] = frozenset()
    dropped: Mapping[str, str] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()


@dataclass
class Changes:
    """Everything a document would do to the follow-ups of an incident.

    ``both_changed`` are the fields in which what is here stays; ``missing`` the rows that are gone from the document.
    """

    new: list[NewRow] = field(default_factory=list)
    changed: list[ChangedRow] = field(default_factory=list)
    both_changed: list[BothChanged] = field(default_factory=list)
    missing: list[FollowUp] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def are_none(self) -> bool:
        """Whether taking the document in would leave the follow-ups as they are."""
        return not (self.new or self.changed)


@dataclass(frozen=True)
class _Known:
    """What the portal knows while it compares."""

    people: Sequence[Person]
    later: Mapping[int, Mapping[str, Sequence[Any]]]  # by follow-up id and field: values before changes since

    from_document: frozenset[tuple[str, str]]

    def owner(self, read: ReadFollowUp) -> Sequence[Person]:
        """Return the people an owner's words may mean."""
        return meant(self.people, read)

    def name(self, person_id: int | None) -> str:
        """Return a person's name."""
        return next((each.name for each in self.people if each.id == person_id), "nobody")


def compare(session: Session, incident_id: int, reading: RcaReading, choices: Choices | None = None) -> Changes:
    """Say what a document would change, once people chose where it says otherwise than the portal."""
    present = postmortem.follow_ups(session, incident_id)
    entries = postmortem.entries_of_kind(session, incident_id, EntryKind.FOLLOW_UP_CHANGED)
    known = _Known(
        catalogue.people(session, active_only=False),
        _changed_since(entries, reading.written_at or _last_read(session, incident_id)),
        choices.from_document if choices else frozenset(),
    )
    changes = Changes()
    left = {follow_up.number: follow_up for follow_up in present}
    for read, follow_up in pairs(reading.follow_ups, left, changes.notes, earlier_words(entries)):
        if follow_up is None:
            _compare_new(changes, known, read)
        else:
            _compare_known(changes, known, read, follow_up)
    lost = [note.split(" ")[0] for note in reading.not_understood if note.startswith("FU-")]
    changes.missing = [follow_up for follow_up in left.values() if follow_up.row_id not in lost]
    return changes


def _compare_new(changes: Changes, known: _Known, read: ReadFollowUp) -> None:
    people = known.owner(read)
    if read.owner and len(people) != 1:
        which = "more than one person" if people else "none of the portal's people"
        changes.notes.append(f"The owner “{read.owner[:60]}” of “{read.text[:60]}” is {which}; the name is kept.")
    owner_id = people[0].id if len(people) == 1 else None
    draft = FollowUpDraft(
        text=_text(read, changes),
        owner_id=owner_id,
        owner_name="" if owner_id else as_kept(read.owner)[:LINE_LENGTH],
        due_on=read.due,
        kind=read.kind,
    )
    changes.new.append(NewRow(draft, _new_state(read, changes)))


def _new_state(read: ReadFollowUp, changes: Changes) -> FollowUpState | None:
    if read.state is FollowUpState.DROPPED:
        changes.notes.append(f"“{read.text[:60]}” is dropped in the document; drop it here with its reason.")
        return None
    return read.state


def _compare_known(changes: Changes, known: _Known, read: ReadFollowUp, follow_up: FollowUp) -> None:
    wanted = _wanted(changes, known, read, follow_up)
    values: dict[str, Any] = {
        "text": follow_up.text,
        "owner": (follow_up.owner_id, follow_up.owner_name),
        "due_on": follow_up.due_on,
        "kind": follow_up.kind,
    }
    accepted = {
        name: value
        for name, value in wanted.items()
        if value != values[name] and _may_change(changes, known, follow_up, name, value)
    }
    state = _state(changes, known, read, follow_up)
    if not accepted and state is None:
        return
    values |= accepted
    (owner_id, owner_name) = values.pop("owner")
    draft = FollowUpDraft.model_validate(values | {"owner_id": owner_id, "owner_name": owner_name})
    said = [f"{_NAMES[name]} → {_said(known, value)}" for name, value in accepted.items()]
    said += [f"state → {label(state)}"] if state else []
    changes.changed.append(ChangedRow(follow_up, draft, state, f"{follow_up.row_id}: {'; '.join(said)}"))


def _wanted(changes: Changes, known: _Known, read: ReadFollowUp, follow_up: FollowUp) -> dict[str, Any]:
    """Return the values the document asks for; where it is unclear, those that are there."""
    kind = read.kind or follow_up.kind
    due_on = follow_up.due_on if "due_on" in read.unsaid else read.due
    return {
        "text": _text(read, changes),
        "owner": _wanted_owner(changes, known, read, follow_up),
        "due_on": due_on,
        "kind": kind,
    }


def _wanted_owner(changes: Changes, known: _Known, read: ReadFollowUp, follow_up: FollowUp) -> tuple[int | None, str]:
    people = known.owner(read)
    if "owner" in read.unsaid or follow_up.owner_id in [person.id for person in people]:
        return follow_up.owner_id, follow_up.owner_name
    if not read.owner and not read.owner_email:
        return None, ""
    if len(people) == 1:
        return people[0].id, ""
    name = as_kept(read.owner)[:LINE_LENGTH]
    if name != follow_up.owner_name:
        changes.notes.append(
            f"{follow_up.row_id}: the owner “{read.owner[:60]}” is none of the portal's people; the name is kept."
        )
    return None, name


def _may_change(changes: Changes, known: _Known, follow_up: FollowUp, name: str, value: Any) -> bool:
    """Return whether the document's word counts: not where the portal changed the same value after it was written."""
    columns = ("owner_id", "owner_name") if name == "owner" else (name,)
    before = [known.later.get(follow_up.id, {}).get(column, ()) for column in columns]
    if not any(before):
        return True
    as_written = tuple(
        past[0] if past else _plain(getattr(follow_up, column)) for column, past in zip(columns, before, strict=True)
    )
    in_document = tuple(map(_plain, value)) if name == "owner" else (_plain(value),)
    if in_document == as_written:
        return False  # the document is only older
    here = (follow_up.owner_id, follow_up.owner_name) if name == "owner" else getattr(follow_up, name)
    both = BothChanged(follow_up, name, _said(known, value), _said(known, here))
    if both.key in known.from_document:
        return True
    changes.both_changed.append(both)
    return False


def _state(changes: Changes, known: _Known, read: ReadFollowUp, follow_up: FollowUp) -> FollowUpState | None:
    """Return the state to move to, or ``None``."""
    if read.state in (None, follow_up.state):
        return None
    before = known.later.get(follow_up.id, {}).get("state", ())
    if before and before[0] == read.state.value:
        return None  # the document is only older
    if read.state in (FollowUpState.DONE, FollowUpState.IN_PROGRESS) and follow_up.state in (
        FollowUpState.OPEN,
        FollowUpState.IN_PROGRESS,
    ):
        return read.state
    changes.notes.append(
        f"{follow_up.row_id} is {label(follow_up.state).lower()} here and {label(read.state).lower()} in the document; "
        "that needs a reason, so change it on the page."
    )
    return None


def _last_read(session: Session, incident_id: int) -> datetime | None:
    document = incidents.rca_document(session, incident_id)
    return (document.read_at or document.created_at) if document else None


def _changed_since(entries: Iterable[TimelineEntry], written_at: datetime | None) -> dict[int, dict[str, list[Any]]]:
    """Return the values that were changed after a document was written: for each, what it was before."""
    found: dict[int, dict[str, list[Any]]] = {}
    for entry in entries:
        if written_at is not None and entry.recorded_at > written_at:
            _note_change(found, entry)
    return found


def _note_change(found: dict[int, dict[str, list[Any]]], entry: TimelineEntry) -> None:
    fields = found.setdefault(int(entry.data.get("follow_up_id", 0)), {})
    for name, (old, _) in entry.data.get("changes", {}).items():
        fields.setdefault(name, []).append(old)


def _text(read: ReadFollowUp, changes: Changes) -> str:
    text = as_kept(read.text)
    if len(text) > LINE_LENGTH:
        changes.notes.append(
            f"“{text[:60]}…” is longer than {LINE_LENGTH} characters; its first {LINE_LENGTH} are taken, "
            "the rest stays in the document."
        )
    return as_cut(read.text)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _said(known: _Known, value: Any) -> str:
    if isinstance(value, tuple):
        owner_id, owner_name = value
        return known.name(owner_id) if owner_id else owner_name or "nobody"
    return str(value) if value is not None else "none"
