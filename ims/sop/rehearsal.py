"""What a drill has played so far, read from its timeline: its alerts, its questions and their answers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ims.model import EntryKind, TimelineEntry
from ims.model.drill import DrillEventKind


@dataclass(frozen=True)
class PlayedAlert:
    """An alert that exists only in a drill; it fires until ``resolved_at``."""

    name: str
    says: str
    fired_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class Question:
    """A question that customers or management put to the team; open until somebody answers it."""

    entry_id: int
    text: str
    asked_at: datetime
    answer: TimelineEntry | None = None


def alert_name(text: str) -> str:
    """Return the name of an alert that is written as ``Name: what it says``."""
    return text.partition(":")[0].strip()


def event_kind(entry: TimelineEntry) -> DrillEventKind | None:
    """Return what kind of event an entry plays; ``None`` for one that is no event of a drill."""
    return DrillEventKind(entry.data["event"]) if entry.kind is EntryKind.DRILL_EVENT else None


def alerts(entries: Sequence[TimelineEntry]) -> list[PlayedAlert]:
    """Return the alerts that a drill has played, in the order they fired."""
    found: dict[str, PlayedAlert] = {}
    for entry in entries:
        kind, name = event_kind(entry), alert_name(entry.text)
        if kind is DrillEventKind.ALERT:
            found[name] = PlayedAlert(name, entry.text.partition(":")[2].strip(), entry.occurred_at)
        elif kind is DrillEventKind.ALERT_RESOLVED and name in found:
            found[name] = replace(found[name], resolved_at=entry.occurred_at)
    return list(found.values())


def questions(entries: Sequence[TimelineEntry]) -> list[Question]:
    """Return the questions that a drill has put, oldest first, each with its answer."""
    answers = {entry.data["answers"]: entry for entry in entries if "answers" in entry.data}
    return [
        Question(entry.id, entry.text, entry.occurred_at, answers.get(entry.id))
        for entry in entries
        if event_kind(entry) is DrillEventKind.QUESTION
    ]
