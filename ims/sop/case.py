"""What the procedure is evaluated against: an incident and its timeline, nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ims.model import Customer, EntryKind, Incident, TimelineEntry

_KEPT_IN_INCIDENT = {
    EntryKind.RESOLVED: "resolved_at",
    EntryKind.MITIGATED: "mitigated_at",
}


@dataclass(frozen=True)
class Case:
    """An incident with its timeline (oldest first) and the customers it affects."""

    incident: Incident
    entries: Sequence[TimelineEntry]
    customers: Sequence[Customer] = ()

    @cached_property
    def valid_entries(self) -> list[TimelineEntry]:
        """Return the entries without those that a correction replaced."""
        replaced = {entry.supersedes_id for entry in self.entries if entry.supersedes_id is not None}
        return [entry for entry in self.entries if entry.id not in replaced]

    @cached_property
    def since_reopened(self) -> list[TimelineEntry]:
        """Return the valid entries of the current round: all, or those after the last reopening."""
        reopened = [n for n, entry in enumerate(self.valid_entries) if entry.kind is EntryKind.REOPENED]
        return self.valid_entries[reopened[-1] + 1 :] if reopened else self.valid_entries

    @cached_property
    def _by_kind(self) -> dict[EntryKind, list[TimelineEntry]]:
        """The valid entries by kind, so that a dozen steps do not each go through a long timeline."""
        found: dict[EntryKind, list[TimelineEntry]] = {}
        for entry in self.valid_entries:
            found.setdefault(entry.kind, []).append(entry)
        return found

    def of_kind(self, *kinds: EntryKind) -> Iterator[TimelineEntry]:
        """Go through the valid entries of some kinds, oldest first."""
        if len(kinds) == 1:
            return iter(self._by_kind.get(kinds[0], ()))
        if not any(kind in self._by_kind for kind in kinds):
            return iter(())
        return (entry for entry in self.valid_entries if entry.kind in kinds)

    def first(self, kind: EntryKind) -> TimelineEntry | None:
        """Return the first valid entry of a kind."""
        return next(self.of_kind(kind), None)

    def time_of(self, kind: EntryKind) -> datetime | None:
        """Return when a kind of thing happened: the incident's own time where it keeps one, else the first entry's."""
        if kind is EntryKind.DECLARED:
            return self.incident.declared_at
        if kind in _KEPT_IN_INCIDENT:
            moment: datetime | None = getattr(self.incident, _KEPT_IN_INCIDENT[kind])
            return moment
        entry = self.first(kind)
        return entry.occurred_at if entry else None
