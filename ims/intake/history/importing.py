"""Bringing past incidents in: all of them or none, and never one of them twice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from ims.intake.history.found import PastIncident
from ims.model import EntryKind, EntrySource, Incident, IncidentService, IncidentState, TimelineEntry
from ims.store import history
from ims.store.work import Work

AT_A_TIME = 1000
_COMPARED = (
    *("title", "summary", "state", "severity", "declared_at", "acknowledged_at", "resolved_at", "closed_at"),
    *("sla_met", "planned", "time_zone"),
)
Progress = Callable[[float], None]


@dataclass
class Outcome:
    """What an import did. ``kept`` were changed in the portal since, and stay as people left them."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0

    @property
    def sentence(self) -> str:
        """Say it for people."""
        parts = [f"{self.added:,} incidents added", f"{self.updated:,} updated", f"{self.unchanged:,} unchanged"]
        if self.kept:
            parts.append(f"{self.kept:,} left alone because people worked on them here")
        return ", ".join(parts) + "."


@dataclass
class _Entries:
    """Rows that wait to be written with the incidents of one step."""

    work: Work
    timeline: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)

    def record(self, incident_id: int, kind: EntryKind, text: str, occurred_at: datetime) -> None:
        actor = self.work.actor
        self.timeline.append(
            {
                "incident_id": incident_id,
                "kind": kind,
                "text": text,
                "occurred_at": occurred_at,
                "recorded_at": self.work.now,
                "author": actor.name,
                "author_id": actor.person_id,
                "source": EntrySource.IMPORT,
                "data": {},
            }
        )

    def link(self, incident_id: int, service_ids: set[int]) -> None:
        self.services += [{"incident_id": incident_id, "service_id": each} for each in sorted(service_ids)]

    def write(self) -> None:
        history.insert_rows(self.work.session, IncidentService, self.services)
        history.insert_rows(self.work.session, TimelineEntry, self.timeline)


def bring_in(work: Work, incidents: Sequence[PastIncident], progress: Progress = lambda _done: None) -> Outcome:
    """Write past incidents: new ones are added, changed ones updated, the others left as they are.

    An incident that somebody has worked on in the portal keeps what people wrote. ``progress`` is told the share done.
    """
    history.one_at_a_time(work.session)
    outcome = Outcome()
    done = 0
    ids = history.service_ids(work.session, {name for incident in incidents for name in incident.services})
    for origin, group in groupby(sorted(incidents, key=lambda each: each.origin), key=lambda each: each.origin):
        step = _Import(work, ids, outcome, origin)
        for some in _steps(list(group)):
            step.write(some)
            done += len(some)
            progress(done / len(incidents))
    return outcome


def _steps(incidents: Sequence[PastIncident]) -> Iterator[Sequence[PastIncident]]:
    for start in range(0, len(incidents), AT_A_TIME):
        yield incidents[start : start + AT_A_TIME]


class _Import:
    """The import of one origin: what is there already is asked once."""

    def __init__(self, work: Work, service_ids: dict[str, int], outcome: Outcome, origin: str) -> None:
        self.work = work
        self.service_ids = service_ids
        self.outcome = outcome
        self.present = history.imported(work.session, origin)
        self.links = history.services_of(work.session, origin) if self.present else {}
        self.worked_on = history.worked_on(work.session, origin) if self.present else set()

    def write(self, incidents: Sequence[PastIncident]) -> None:
        entries = _Entries(self.work)
        self._add([each for each in incidents if each.key not in self.present], entries)
        self._update([each for each in incidents if each.key in self.present], entries)
        entries.write()

    def _services(self, incident: PastIncident) -> set[int]:
        return {self.service_ids[name] for name in incident.services}

    def _add(self, incidents: Sequence[PastIncident], entries: _Entries) -> None:
        ids = history.insert_incidents(self.work.session, [_row(incident) for incident in incidents])
        for incident_id, incident in zip(ids, incidents, strict=True):
            entries.link(incident_id, self._services(incident))
            declared = f"Imported from {incident.origin}, number {incident.key}"
            entries.record(incident_id, EntryKind.DECLARED, declared, incident.opened_at)
            for at, text in incident.notes:
                entries.record(incident_id, EntryKind.NOTE, text, at)
            if incident.resolved_at:
                entries.record(incident_id, EntryKind.RESOLVED, "Resolved there", incident.resolved_at)
        self.outcome.added += len(incidents)

    def _update(self, incidents: Sequence[PastIncident], entries: _Entries) -> None:
        changes = []
        for incident in incidents:
            there = self.present[incident.key]
            row = _row(incident)
            changed = [name for name in _COMPARED if there[name] != row[name]]
            services_differ = self.links.get(there["id"], set()) != self._services(incident)
            if not changed and not services_differ:
                self.outcome.unchanged += 1
            elif there["id"] in self.worked_on:
                self.outcome.kept += 1
            else:
                changes.append(row | {"id": there["id"], "version": there["version"] + 1})
                entries.link(there["id"], self._services(incident))
                words = [name.removesuffix("_at").replace("_", " ") for name in changed] or ["services"]
                entries.record(
                    there["id"], EntryKind.NOTE, f"Imported again; changed: {', '.join(words)}", self.work.now
                )
        history.update_incidents(self.work.session, changes)
        history.unlink_services(self.work.session, [change["id"] for change in changes])
        self.outcome.updated += len(changes)


def _row(incident: PastIncident) -> dict[str, Any]:
    """Return the columns of an incident. Began, detected and declared are one moment: the file knows no more."""
    mitigated = incident.resolved_at if incident.state is IncidentState.MITIGATED else None
    opened_at = incident.opened_at
    blank = Incident(title=incident.title, began_at=opened_at, detected_at=opened_at, declared_at=opened_at)
    return blank.model_dump(exclude={"id"}) | {
        "summary": incident.summary,
        "state": incident.state,
        "severity": incident.severity,
        "acknowledged_at": incident.acknowledged_at,
        "mitigated_at": mitigated,
        "resolved_at": incident.resolved_at,
        "closed_at": incident.closed_at,
        "declared_by": f"import ({incident.origin})",
        "origin": incident.origin,
        "origin_key": incident.key,
        "sla_met": incident.sla_met,
        "planned": incident.planned,
        "time_zone": incident.time_zone,
    }
