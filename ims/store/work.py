"""A unit of work: one transaction, one moment, one person who acts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from ims.errors import NotFound
from ims.model import Actor, EntryKind, EntrySource, Incident, TimelineEntry
from ims.model.types import legible

Row = TypeVar("Row", bound=SQLModel)
# What moves the promise to the customers keeps it, so that it can be told later what was promised when.
_PROMISES = {
    EntryKind.DECLARED,
    EntryKind.SCOPE_CHANGED,
    EntryKind.UPDATE_WRITTEN,
    EntryKind.UPDATES_HELD,
    EntryKind.UPDATES_RESUMED,
    EntryKind.RESOLVED,
    EntryKind.REOPENED,
    EntryKind.CLOSED,
    EntryKind.CANCELLED,
}


@dataclass(frozen=True)
class Work:
    """What every verb is handed. The verb changes rows; whoever opened the work commits it, or nothing is kept.

    ``now`` is the moment of the whole transaction, an aware UTC time; ``entries`` are what it wrote into timelines, and
    ``outbox`` are the kinds of delivery it asked for, or gave up.
    """

    session: Session
    now: datetime
    actor: Actor
    entries: list[TimelineEntry] = field(default_factory=list)
    outbox: set[str] = field(default_factory=set)

    def add(self, row: Row) -> Row:
        """Insert a row and return it with its id."""
        self.session.add(row)
        self.session.flush()
        return row

    def add_once(self, row: Row, present: Callable[[], Row | None]) -> Row:
        """Insert a row, or return the one that another transaction inserted under its key in the same moment."""
        try:
            with self.session.begin_nested():
                return self.add(row)
        except IntegrityError:
            found = present()
            if found is None:
                raise
            return found

    def get(self, noun: type[Row], row_id: int | str) -> Row:
        """Return a row by its id.

        Raises:
            NotFound: there is no such row.
        """
        row = self.session.get(noun, row_id)
        if row is None:
            raise NotFound(f"There is no {noun.__name__.lower()} {row_id} in the portal.")
        return row

    def locked(self, noun: type[Row], row_id: int) -> Row:
        """Return a row by its id as it is now, locked until the end of the work, so that changes of it follow in turn.

        Raises:
            NotFound: there is no such row.
        """
        self.session.get(noun, row_id, with_for_update=True, populate_existing=True)
        return self.get(noun, row_id)

    def incident(self, incident_id: int) -> Incident:
        """Return an incident, locked until the end of the work, so that verbs on it go one after the other.

        Raises:
            NotFound: there is no such incident.
        """
        statement = select(Incident).where(col(Incident.id) == incident_id).with_for_update()
        # One that was read before it was locked may have been changed by others in between.
        incident = self.session.exec(statement.execution_options(populate_existing=True)).first()
        if incident is None:
            raise NotFound(f"There is no incident INC-{incident_id}.")
        return incident

    def record(
        self,
        incident: Incident,
        kind: EntryKind,
        text: str,
        *,
        occurred_at: datetime | None = None,
        source: EntrySource | None = None,
        **data: Any,
    ) -> TimelineEntry:
        """Write one entry into an incident's timeline; ``data`` must be fit for JSON."""
        incident.version += 1
        if kind in _PROMISES:
            promised = incident.next_update_due_at
            data.setdefault("next_update_due_at", promised.isoformat() if promised else None)
        by_person = self.actor.person_id is not None
        entry = self.add(
            TimelineEntry(
                incident_id=incident.id,
                kind=kind,
                text=str(legible(text)),
                occurred_at=occurred_at or self.now,
                recorded_at=self.now,
                author=self.actor.name,
                author_id=self.actor.person_id,
                source=source or (EntrySource.PERSON if by_person else EntrySource.PORTAL),
                data=data,
            )
        )
        self.entries.append(entry)
        return entry
