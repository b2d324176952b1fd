"""What the document is written from: everything the portal knows of an incident, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlmodel import Session

from ims.model import Customer, CustomerUpdate, Delivery, FollowUp, Incident, Person, RoleAssignment, TimelineEntry
from ims.postmortem.content.usual import Usual, usual
from ims.sop.case import Case
from ims.sop.evaluation import StepStatus, evaluate
from ims.sop.procedure import Procedure
from ims.store import catalogue, deliveries, incidents, past, postmortem


@dataclass(frozen=True)
class RcaFacts:
    """The facts of one incident at a moment. ``written`` maps a section's key to what people wrote there before.

    ``known_customers`` are all of the portal's, affected or not;
    ``still_open`` are the unfinished follow-ups of the similar incidents, ``usual`` what each duration usually is.
    """

    incident: Incident
    written_at: datetime
    services: Sequence[str] = ()
    customers: Sequence[str] = ()
    known_customers: Sequence[Customer] = ()
    timeline: Sequence[TimelineEntry] = ()
    roles: Sequence[RoleAssignment] = ()
    people: Mapping[int, Person] = field(default_factory=dict)
    updates: Sequence[CustomerUpdate] = ()
    deliveries: Sequence[Delivery] = ()
    similar: Sequence[Incident] = ()
    still_open: Sequence[FollowUp] = ()
    usual: Mapping[str, Usual] = field(default_factory=dict)
    steps: Sequence[StepStatus] = ()
    follow_ups: Sequence[FollowUp] = ()
    ticket_keys: Mapping[int, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def case(self) -> Case:
        """The timeline to be asked by kinds of entry, which a long one is often."""
        return Case(self.incident, self.timeline)

    def name_of(self, person_id: int | None) -> str:
        """Return a person's name."""
        person = self.people.get(person_id or 0)
        return person.name if person else "nobody"

    def owner_of(self, follow_up: FollowUp) -> str:
        """Return the name of who has promised a follow-up; empty where nobody has."""
        return self.name_of(follow_up.owner_id) if follow_up.owner_id else follow_up.owner_name


def collect(
    session: Session,
    incident: Incident,
    procedure: Procedure,
    similar: Sequence[Incident],
    now: datetime,
) -> RcaFacts:
    """Collect the facts of an incident; ``similar`` are the earlier incidents that look like it."""
    customers = incidents.customers_of(session, incident.id)
    timeline = incidents.timeline(session, incident.id)
    case = Case(incident, timeline, customers)
    document = incidents.rca_document(session, incident.id)
    return RcaFacts(
        incident=incident,
        written_at=now,
        services=[service.name for service in incidents.services_of(session, incident.id)],
        customers=[customer.name for customer in customers],
        known_customers=catalogue.customers(session, active_only=False),
        timeline=case.valid_entries,
        roles=incidents.role_history(session, incident.id),
        people={person.id: person for person in catalogue.people(session, active_only=False)},
        updates=incidents.updates(session, incident.id),
        deliveries=deliveries.of_incident(session, incident.id),
        similar=similar,
        still_open=past.unfinished_follow_ups(session, [each.id for each in similar]),
        usual=_usual(session, incident),
        steps=evaluate(procedure, case, now),
        follow_ups=postmortem.follow_ups(session, incident.id),
        ticket_keys={ticket.id: ticket.key for ticket in incidents.tickets(session, incident.id)},
        written=dict(document.sections) if document else {},
    )


def _usual(session: Session, incident: Incident) -> Mapping[str, Usual]:
    if incident.severity is None:
        return {}
    return usual(past.of_severity(session, incident.severity, incident.declared_at, excluding=incident.id))
