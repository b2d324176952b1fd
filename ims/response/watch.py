"""The watch: what the clock alone must bring about, with no browser open. Any number of watches may run at once."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from ims.clock import Clock
from ims.model import PORTAL, EntryKind, Incident, IncidentRole
from ims.response import cadence, coordination, drill, escalation, handover
from ims.sop.procedure import Procedure
from ims.store import coordination as kept
from ims.store import deliveries, incidents, on_call, timeline
from ims.store.database import Database
from ims.store.work import Work

Deed = Callable[[], object]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watch:
    """Looks at every incident somebody waits for, and does what its time has come for.

    What is due is found by reading alone, so an idle watch takes no writer's place. It is then found again under the
    incident's lock and done there: two watches at once do it once.
    """

    database: Database
    procedure_of: Callable[[Session, Incident], Procedure]
    clock: Clock
    announce: Callable[[Work], None]

    def round(self) -> int:
        """Look once; return how many incidents something was done for.

        A mistake in one incident is logged and must not keep the others from being paged and reminded.
        """
        now, touched = self.clock(), 0
        for incident_id in self._incidents():
            try:
                touched += self._look_after(incident_id, now)
            except deliveries.DatabaseAway:
                raise
            except Exception:
                _log.exception("INC-%s was not looked after; the next round tries again", incident_id)
        return touched

    def _look_after(self, incident_id: int, now: datetime) -> bool:
        if not self._anything_due(incident_id, now):
            return False
        with self.database.writing() as session:
            work = Work(session, now, PORTAL)
            for deed in self._due(work, work.incident(incident_id)):
                deed()
            self.announce(work)
        return True

    def _incidents(self) -> list[int]:
        with self.database.reading() as session:
            return [incident.id for incident in incidents.watched(session)]

    def _anything_due(self, incident_id: int, now: datetime) -> bool:
        with self.database.reading() as session:
            work = Work(session, now, PORTAL)
            return next(self._due(work, work.get(Incident, incident_id)), None) is not None

    def _due(self, work: Work, incident: Incident) -> Iterator[Deed]:
        """Go through what is due for an incident; reading only, until a deed is called."""
        yield from _pages(work, incident, self.procedure_of(work.session, incident))
        yield from _reminders(work, incident)
        yield from _handovers(work, incident)
        yield from _drill(work, incident)


def _pages(work: Work, incident: Incident, procedure: Procedure) -> Iterator[Deed]:
    due = escalation.due_page(work, incident, procedure)
    if due:
        yield partial(escalation.escalate, work, incident, due)


def _reminders(work: Work, incident: Incident) -> Iterator[Deed]:
    due = cadence.due_nudge(work, incident)
    if due:
        yield partial(cadence.remind, work, incident, due)
    for asked in kept.overdue_asks(work.session, incident.id, work.now):
        if not deliveries.by_key(work.session, f"nudge:{incident.id}:ask:{asked.id}:due:{asked.person_id}"):
            yield partial(coordination.remind_of_ask, work, asked)


def _handovers(work: Work, incident: Incident) -> Iterator[Deed]:
    for offered in kept.expired_handovers(work.session, incident.id, work.now):
        yield partial(handover.expire, work, offered.id)
    ended = _ended_shift(work, incident)
    if ended:
        yield partial(handover.end_shift, work, incident.id, *ended)


def _ended_shift(work: Work, incident: Incident) -> tuple[int, datetime] | None:
    """Return the commander and the end of their shift, when it ended during the incident and nobody was asked yet."""
    commander = incidents.current_roles(work.session, incident.id).get(IncidentRole.COMMANDER)
    shift = on_call.current_shift(work.session, work.now)
    if not incident.is_active or commander is None or shift is None or commander.person_id == shift.person_id:
        return None
    was_on_call = on_call.current_shift(work.session, max(commander.from_at, incident.declared_at))
    if was_on_call is None or was_on_call.person_id != commander.person_id or was_on_call.ends_at > work.now:
        return None
    asked = timeline.last_entry(work.session, incident.id, EntryKind.SHIFT_ENDED)
    if asked and asked.data.get("person_id") == commander.person_id and asked.occurred_at >= was_on_call.ends_at:
        return None
    return commander.person_id, was_on_call.ends_at


def _drill(work: Work, incident: Incident) -> Iterator[Deed]:
    if incident.drill and incident.is_active:  # what the team has resolved, the scenario does not stir up again
        for event in kept.due_drill_events(work.session, incident.id, work.now):
            yield partial(drill.play, work, incident, event)
