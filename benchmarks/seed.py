"""Filling a portal with many incidents at once: realistic in shape, bulk-inserted, the same every time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ims.bootstrap import Portal, build
from ims.clock import utc_now
from ims.config import Settings
from ims.model import (
    Alert,
    AlertStatus,
    Customer,
    CustomerUpdate,
    Delivery,
    DeliveryState,
    EntryKind,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Frequency,
    Impact,
    IncidentCustomer,
    IncidentRole,
    IncidentService,
    IncidentState,
    Person,
    RoleAssignment,
    Rota,
    RotaMember,
    Service,
    Severity,
    StoredProcedure,
    Ticket,
    TimelineEntry,
    UpdatePhase,
)
from ims.store import history
from ims.store.database import Session

YEARS = timedelta(days=3 * 365)
DETAILED = 300  # of the newest incidents: with the whole timeline, updates and deliveries
ACTIVE = 3
UNCLOSED = 20
ALERTS = 2_000
FIRING = 5
PEOPLE, SERVICES, CUSTOMERS = 8, 12, 20
_KINDS = (
    EntryKind.DECLARED,
    EntryKind.ROLE_ASSIGNED,
    EntryKind.PAGED,
    EntryKind.TICKET_OPENED,
    EntryKind.ACKNOWLEDGED,
    EntryKind.ROLES_CONFIRMED,
    EntryKind.IMPACT_SET,
    EntryKind.FREQUENCY_SET,
    EntryKind.SEVERITY_SET,
    EntryKind.UPDATE_WRITTEN,
    EntryKind.UPDATE_DELIVERED,
    EntryKind.UPDATE_DELIVERED,
    EntryKind.FINDING,
    EntryKind.REPLICATION,
    EntryKind.NOTE,
    EntryKind.TEAM_INVOLVED,
    EntryKind.UPDATE_WRITTEN,
    EntryKind.UPDATE_DELIVERED,
    EntryKind.UPDATE_DELIVERED,
    EntryKind.NOTE,
)
_TITLES = (
    "Card payments fail",
    "Search is slow",
    "E-mails are late",
    "Uploads fail",
    "Sign-in fails",
    "Exports missing",
)
_SEVERITIES = random.Random(1).choices(list(Severity), weights=[3, 12, 45, 40], k=997)


@dataclass(frozen=True)
class _Seeder:
    """One filling of one portal: what came first, and when each incident was declared."""

    session: Session
    now: datetime
    count: int
    digest: str
    chance: random.Random

    def declared_at(self, number: int) -> datetime:
        """Return when an incident was declared; ``number`` counts from 1, the oldest."""
        return self.now - YEARS * ((self.count - number) / self.count) - timedelta(minutes=20)

    def state(self, number: int) -> IncidentState:
        """Return where an incident stands: only the newest are not over."""
        place = self.count - number
        if place < ACTIVE:
            return IncidentState.OPEN if place else IncidentState.MITIGATED
        return IncidentState.RESOLVED if place < UNCLOSED else IncidentState.CLOSED

    def is_detailed(self, number: int) -> bool:
        """Return whether an incident has its whole story."""
        return number > self.count - DETAILED

    def incidents(self) -> Iterator[dict[str, Any]]:
        """Make the incidents, oldest first."""
        for number in range(1, self.count + 1):
            yield self._incident(number)

    def _incident(self, number: int) -> dict[str, Any]:
        declared_at, state = self.declared_at(number), self.state(number)
        resolved_at = declared_at + timedelta(minutes=self.chance.lognormvariate(4, 1))
        is_over = state in (IncidentState.RESOLVED, IncidentState.CLOSED)
        return {
            "title": f"{_TITLES[number % len(_TITLES)]} in zone {number % 17}",
            "summary": "Seen on the dashboard.",
            "state": state,
            "affects_customers": True,
            "impact": list(Impact)[number % 4],
            "impact_text": "Some customers",
            "frequency": list(Frequency)[number % 4],
            "frequency_text": "Now and then",
            "severity": _SEVERITIES[number % len(_SEVERITIES)],
            "began_at": declared_at - timedelta(minutes=5),
            "detected_at": declared_at - timedelta(minutes=3),
            "declared_at": declared_at,
            "acknowledged_at": declared_at + timedelta(minutes=3),
            "first_update_at": declared_at + timedelta(minutes=20),
            "mitigated_at": min(resolved_at, self.now) if state is not IncidentState.OPEN else None,
            "resolved_at": resolved_at if is_over else None,
            "closed_at": resolved_at + timedelta(days=4) if state is IncidentState.CLOSED else None,
            "next_update_due_at": None if is_over else self.now + timedelta(minutes=30),
            "owner_id": number % PEOPLE + 1,
            "declared_by": f"Person {number % PEOPLE + 1}",
            "procedure_digest": self.digest,
        }

    def links(self) -> None:
        """Give every incident its service, its customers and its Incident Commander."""
        numbers = range(1, self.count + 1)
        self._insert(IncidentService, ({"incident_id": n, "service_id": n % SERVICES + 1} for n in numbers))
        self._insert(IncidentCustomer, ({"incident_id": n, "customer_id": n % CUSTOMERS + 1} for n in numbers))
        self._insert(RoleAssignment, (self._commander(number) for number in numbers))

    def _commander(self, number: int) -> dict[str, Any]:
        return {
            "incident_id": number,
            "role": IncidentRole.COMMANDER,
            "person_id": number % PEOPLE + 1,
            "from_at": self.declared_at(number),
        }

    def stories(self) -> None:
        """Give the newest incidents their timelines, updates, deliveries and tickets; the others two entries each."""
        numbers = range(1, self.count + 1)
        self._insert(TimelineEntry, (entry for number in numbers for entry in self._timeline(number)))
        detailed = [number for number in numbers if self.is_detailed(number)]
        self._insert(Ticket, (self._ticket(number) for number in detailed))
        self._insert(CustomerUpdate, (self._update(number) for number in detailed))
        self._insert(
            Delivery, (self._delivery(place, number, n) for place, number in enumerate(detailed, 1) for n in range(8))
        )
        self._insert(FollowUp, (self._follow_up(number) for number in numbers if number % 5 == 0))

    def _timeline(self, number: int) -> Iterator[dict[str, Any]]:
        kinds = _KINDS if self.is_detailed(number) else (EntryKind.DECLARED, EntryKind.RESOLVED)
        for place, kind in enumerate(kinds):
            at = self.declared_at(number) + timedelta(minutes=place)
            yield {
                "incident_id": number,
                "kind": kind,
                "text": f"{kind.value.replace('_', ' ').capitalize()}, as an ordinary timeline says it.",
                "occurred_at": at,
                "recorded_at": at,
                "author": f"Person {number % PEOPLE + 1}",
                "author_id": number % PEOPLE + 1,
                "data": {"customer_id": number % CUSTOMERS + 1, "way": "customer_post", "phase": "investigating"},
            }

    def _ticket(self, number: int) -> dict[str, Any]:
        return {
            "incident_id": number,
            "key": f"T-{number}",
            "system": "portal",
            "title": f"INC-{number}",
            "created_at": self.declared_at(number),
        }

    def _update(self, number: int) -> dict[str, Any]:
        return {
            "incident_id": number,
            "number": 1,
            "phase": UpdatePhase.INVESTIGATING,
            "subject": "We are investigating",
            "body": "We are looking for the cause.",
            "written_at": self.declared_at(number) + timedelta(minutes=9),
            "next_update_at": self.declared_at(number) + timedelta(minutes=69),
            "author": f"Person {number % PEOPLE + 1}",
        }

    def _delivery(self, update_id: int, number: int, place: int) -> dict[str, Any]:
        at = self.declared_at(number) + timedelta(minutes=9)
        return {
            "key": f"seed:{number}:{place}",
            "kind": "customer_post",
            "recipient": "#customer",
            "payload": {"text": "We are looking for the cause."},
            "incident_id": number,
            "customer_id": number % CUSTOMERS + 1,
            "update_id": update_id,
            "state": DeliveryState.SENT,
            "created_at": at,
            "due_at": at,
            "settled_at": at,
            "proof": "Kept in the portal",
        }

    def _follow_up(self, number: int) -> dict[str, Any]:
        is_open = number % 100 == 0 or number > self.count - 100
        at = self.declared_at(number) + timedelta(days=3)
        return {
            "incident_id": number,
            "number": 1,
            "text": "Alert on it earlier",
            "owner_id": number % PEOPLE + 1,
            "due_on": (at + timedelta(days=14)).date(),
            "kind": FollowUpKind.DETECT,
            "state": FollowUpState.OPEN if is_open else FollowUpState.DONE,
            "created_at": at,
            "finished_at": None if is_open else at + timedelta(days=9),
        }

    def alerts(self) -> None:
        """Add alerts, a few of them firing."""
        self._insert(Alert, (self._alert(number) for number in range(ALERTS)))

    def _alert(self, number: int) -> dict[str, Any]:
        starts_at, fires = self.now - timedelta(hours=number, minutes=2), number < FIRING
        return {
            "fingerprint": f"{number:016x}",
            "starts_at": starts_at,
            "ends_at": None if fires else starts_at + timedelta(minutes=30),
            "status": AlertStatus.FIRING if fires else AlertStatus.RESOLVED,
            "name": "ErrorRateHigh",
            "labels": {"service": f"service-{number % SERVICES}", "severity": "critical"},
            "annotations": {"summary": "5 % of requests fail"},
            "last_received_at": starts_at,
        }

    def _insert(self, noun: Any, rows: Iterator[dict[str, Any]]) -> None:
        history.insert_rows(self.session, noun, list(rows))


def seed(database_url: str, count: int) -> Portal:
    """Return a portal with a number of incidents; 50,000 take some seconds."""
    portal = build(Settings(database_url=database_url))
    portal.start()
    if count:
        with portal.database.writing() as session:
            _fill(session, portal, count)
    return portal


def _fill(session: Session, portal: Portal, count: int) -> None:
    now = utc_now()
    _catalogue(session, now.date())
    procedure = portal.procedure
    session.add(StoredProcedure(digest=procedure.digest, text=procedure.text, first_used_at=now))
    session.flush()
    seeder = _Seeder(session, now, count, procedure.digest, random.Random(7))
    history.insert_incidents(session, list(seeder.incidents()))
    seeder.links()
    seeder.stories()
    seeder.alerts()


def _catalogue(session: Session, today: date) -> None:
    people = [Person(name=f"Person {n}", email=f"person{n}@example.com") for n in range(1, PEOPLE + 1)]
    services = [Service(name=f"service-{n}") for n in range(SERVICES)]
    customers = [
        Customer(name=f"Customer {n}", slack_channel=f"#customer-{n}", contacts=[f"ops@customer{n}.example"])
        for n in range(CUSTOMERS)
    ]
    rota = Rota(name="SRE", time_zone="UTC", starts_on=today - timedelta(days=70), handover_at=time(9), shift_days=7)
    session.add_all([*people, *services, *customers, rota])
    session.flush()
    session.add_all(RotaMember(rota_id=rota.id, position=n, person_id=each.id) for n, each in enumerate(people))
    session.flush()
