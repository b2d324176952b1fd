"""Reminding of root-cause documents that are due, by the clock alone. Any number of watches may run at once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from ims.clock import Clock
from ims.delivery.queue import enqueue
from ims.model import PORTAL, EntryKind, Incident, IncidentRole, Person
from ims.model.message import Nudge
from ims.postmortem.review.deadline import Deadlines, DueDocument, is_wanted
from ims.sop.case import Case
from ims.sop.procedure import Procedure
from ims.store import catalogue, deliveries, incidents, overview, publications
from ims.store.database import Database
from ims.store.work import Work

LOOK_EVERY = timedelta(minutes=5)
_ANSWERING = (IncidentRole.COMMUNICATIONS, IncidentRole.COMMANDER)  # before the incident's owner
_log = logging.getLogger(__name__)


@dataclass
class DeadlineWatch:
    """Looks every few minutes for documents that are near or past their deadline, and reminds whoever answers for each.

    What is due is found by reading alone, then found again under the incident's lock and done there: two watches at
    once remind once.
    """

    database: Database
    deadlines: Deadlines
    procedure_of: Callable[[Session, Incident], Procedure]
    clock: Clock
    announce: Callable[[Work], None]
    _rest_until: datetime | None = field(default=None, init=False)

    def round(self) -> int:
        """Look once and return how many people were reminded; a mistake about one document does not keep the others."""
        now = self.clock()
        if self._rest_until is not None and now < self._rest_until:
            return 0
        self._rest_until = now + LOOK_EVERY
        return sum(self._look_at(incident_id, now) for incident_id in self._candidates(now))

    def _candidates(self, now: datetime) -> list[int]:
        with self.database.reading() as session:
            return [
                incident.id for incident, _ in publications.unpublished(session, self.deadlines.heard_of_since(now))
            ]

    def _look_at(self, incident_id: int, now: datetime) -> bool:
        try:
            with self.database.reading() as session:
                if self._due(Work(session, now, PORTAL), session.get_one(Incident, incident_id)) is None:
                    return False
            return self._remind(incident_id, now)
        except deliveries.DatabaseAway:
            raise
        except Exception:
            _log.exception("Nobody was reminded of INC-%s's document; the next round tries again", incident_id)
            return False

    def _remind(self, incident_id: int, now: datetime) -> bool:
        with self.database.writing() as session:
            work = Work(session, now, PORTAL)
            incident = work.incident(incident_id)
            due = self._due(work, incident)
            if due is None:
                return False
            slot, person, found = due
            text = reminder(found, now)
            message = Nudge(incident_key=incident.key, text=text, person_name=person.name, person_email=person.email)
            enqueue(
                work,
                message,
                key=f"{slot}{person.id}",
                stream=f"nudge:{incident.id}:{person.id}",
                incident_id=incident.id,
            )
            work.record(incident, EntryKind.NUDGED, f"Reminded {person.name}: {text}", stage=slot.split(":")[-2])
            self.announce(work)
        return True

    def _due(self, work: Work, incident: Incident) -> tuple[str, Person, DueDocument] | None:
        """Return the reminder that is due now and was not given yet: its slot, whom to remind, and of what."""
        found = incidents.rca_document(work.session, incident.id)
        due_at = self.deadlines.due_at(incident, found) if publications.is_awaited(incident, found) else None
        slot = self.deadlines.slot(due_at, work.now) if due_at else None
        if due_at is None or slot is None:
            return None
        key = f"nudge:{incident.id}:rca:{due_at:%Y%m%d}:{slot}:"
        person = answers_for(work.session, incident)
        if person is None or deliveries.any_for_slot(work.session, incident.id, key):
            return None
        if found is None and not self._is_wanted(work.session, incident, work.now):
            return None
        return key, person, DueDocument(incident, found, due_at)

    def _is_wanted(self, session: Session, incident: Incident, now: datetime) -> bool:
        case = Case(incident, incidents.timeline(session, incident.id), incidents.customers_of(session, incident.id))
        return is_wanted(self.procedure_of(session, incident), case, now)


def answers_for(session: Session, incident: Incident) -> Person | None:
    """Return who answers for the document: the Communications Lead, the Incident Commander, or the incident's owner.

    Whoever has left answers for nothing; where all of them have, an administrator does.
    """
    return _answering(session, [incident])[incident.id]


def _answering(session: Session, several: Sequence[Incident]) -> dict[int, Person | None]:
    """Return who answers for the document of each incident, by three questions for all of them together."""
    roles: dict[int, dict[IncidentRole, int]] = {incident.id: {} for incident in several}
    for held in overview.roles_in(session, roles):
        roles[held.incident_id][held.role] = held.person_id
    holders = {each.id: (*map(roles[each.id].get, _ANSWERING), each.owner_id) for each in several}
    people = catalogue.first_still_here(session, set(holders.values()))
    return {number: people[group] for number, group in holders.items()}


def reminder(found: DueDocument, now: datetime) -> str:
    """Say what is due when, in one sentence."""
    days = (found.due_at.date() - now.date()).days
    what = f"{'' if found.document else 'is not started, and '}{'is' if days >= 0 else 'was'} to be published"
    when = "today" if days == 0 else f"by {found.due_at:%Y-%m-%d}"
    late = f", {-days} {'day' if days == -1 else 'days'} ago" if days < 0 else ""
    return f"{found.incident.key}: the root-cause document {what} {when}{late}."


def mine(session: Session, person_id: int, deadlines: Deadlines, now: datetime) -> list[DueDocument]:
    """Return the documents a person answers for whose deadline is near or newly past, the most urgent first."""
    near = [
        DueDocument(incident, document, due_at)
        for incident, document in publications.unpublished(session, deadlines.heard_of_since(now))
        if (due_at := deadlines.due_at(incident, document)) and deadlines.is_near(due_at, now)
    ]
    answering = _answering(session, [each.incident for each in near])
    found = [each for each in near if (person := answering[each.incident.id]) and person.id == person_id]
    return sorted(found, key=lambda each: each.due_at)
