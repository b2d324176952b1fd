"""The night of the change to summer time, eight hours by a clock turned by hand: who is told what in which minute.

It starts at 22:00 UTC on Saturday 28 March 2026, 23:00 in Berlin. The rota hands over at 02:30 in Berlin, an hour that
this night does not have: at 01:00 UTC the clocks go from 02:00 to 03:00. Nobody answers for 40 minutes, updates are
held and resumed, a shift ends, a handover is offered in vain and then taken, and customers get their last word.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import select

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.model import (
    Actor,
    Customer,
    CustomerUpdateDraft,
    Delivery,
    EntryKind,
    Incident,
    IncidentDraft,
    IncidentRole,
    Person,
    Rota,
    RotaMember,
)
from ims.response import cadence, command, customers, handover, states
from ims.response.declare import declare
from ims.sop.case import Case
from ims.sop.freshness import freshness
from ims.store import deliveries, incidents
from ims.store.work import Work
from tests.conftest import HandClock

BEGINS = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

# What leaves the portal, in UTC: when, what, to whom.
TOLD = """
22:00 page Ada
22:05 page Bob
22:10 page Cleo
22:15 page Ada
22:20 page Bob
22:20 nudge Ada: the customer update is due in ten minutes
22:25 page Cleo
22:30 page Ada
22:30 nudge Ada: the customer update is due now
22:35 page Bob
22:40 page Cleo
22:40 nudge Bob: the customer update is ten minutes late
22:45 page Ada
23:45 nudge Bob: the customer update is due in ten minutes
01:30 nudge Ada: shift ended
01:40 nudge Bob: role offered
02:10 nudge Ada: nobody took over
02:12 nudge Bob: role offered
02:21 nudge Bob: the customer update is due now
02:30 nudge Cleo: the customer update is ten minutes late
03:25 nudge Bob: the customer update is due in ten minutes
04:20 nudge Bob: the customer update is due in ten minutes
04:45 nudge Bob: the last word to customers is due in ten minutes
04:55 nudge Bob: the last word to customers is due now
"""
# The minutes in which customers waited longer than they were promised: after the first of each, up to the second.
WAITED = [("22:30", "22:50"), ("02:20", "02:35"), ("04:55", "05:00")]


@dataclass
class Night:
    """The portal of this night, its people, and the minute it is."""

    portal: Portal
    clock: HandClock
    people: dict[str, Actor]
    incident: Incident
    waited: list[datetime]

    def live_until(self, hour: str) -> None:
        """Let every minute pass, the worker looking in each; the next act comes after it has looked."""
        while self.clock.now.strftime("%H:%M") != hour:
            self.clock.forward(MINUTE)
            self.portal.watch.round()
            self.portal.worker.run_due()
            due_at = self.now_kept().next_update_due_at
            if due_at and due_at < self.clock.now:
                self.waited.append(self.clock.now)

    def act(self, name: str, verb: Callable[[Work], Any]) -> Any:
        with self.portal.work(self.people[name]) as work:
            result = verb(work)
        self.portal.worker.run_due()
        return result

    def write(self, name: str, number: int, next_hour: str | None) -> None:
        said = {"phase": "investigating" if next_hour else "resolved", "subject": "s", "body": "b"}
        draft = CustomerUpdateDraft.model_validate(said | {"next_update_at": at(next_hour) if next_hour else None})
        self.act(name, lambda work: customers.send_update(work, self.incident.id, draft, number=number))

    def now_kept(self) -> Incident:
        with self.portal.reading() as session:
            return incidents.by_key(session, self.incident.key)


def at(hour: str) -> datetime:
    """Return the moment of this night that is an hour of UTC."""
    moment = datetime.combine(BEGINS, time.fromisoformat(hour), UTC)
    return moment if moment >= BEGINS else moment + timedelta(days=1)


@pytest.fixture
def night(database_url: str) -> Iterator[Night]:
    clock = HandClock(BEGINS)
    portal = build(Settings(database_url=database_url), clock)
    portal.start()
    with portal.work(Actor("Setup")) as work:
        people = [work.add(Person(name=name, email=f"{name}@example.com")) for name in ("Ada", "Bob", "Cleo")]
        acme = work.add(Customer(name="Acme", slack_channel="#acme", contacts=["ops@acme.example"]))
        rota = work.add(
            Rota(
                name="SRE",
                time_zone="Europe/Berlin",
                starts_on=BEGINS.date(),
                handover_at=time(2, 30),
                shift_days=1,
            )
        )
        for position, person in enumerate(people):
            work.add(RotaMember(rota_id=rota.id, position=position, person_id=person.id))
    draft = IncidentDraft(title="Down", affects_customers=True, service_ids=[], customer_ids=[acme.id])
    with portal.work(Actor("Monitoring")) as work:
        incident = declare(work, draft, portal.procedure)
    portal.worker.run_due()
    yield Night(portal, clock, {each.name: Actor(each.name, each.id) for each in people}, incident, [])
    portal.database.close()


def play(night: Night) -> None:
    """Live through the night: an act happens in its minute, after the worker has looked."""
    incident_id = night.incident.id
    night.live_until("22:40")
    night.act("Cleo", lambda work: command.acknowledge(work, incident_id))
    night.live_until("22:47")
    bob_id = night.people["Bob"].person_id or 0
    night.act("Cleo", lambda work: command.assign_role(work, incident_id, IncidentRole.COMMUNICATIONS, bob_id))
    night.live_until("22:50")
    night.write("Bob", 1, "23:55")
    night.live_until("23:50")
    night.write("Bob", 2, "00:50")
    night.live_until("00:05")
    night.act("Bob", lambda work: cadence.hold(work, incident_id, at("03:00"), "Acme asked for quiet until three"))
    night.live_until("01:40")
    night.act("Ada", lambda work: handover.offer(work, incident_id, IncidentRole.COMMANDER, bob_id))
    night.live_until("02:12")
    hand_over(night, bob_id)
    night.live_until("02:20")
    night.act("Bob", lambda work: cadence.resume(work, incident_id))
    night.live_until("02:35")
    night.write("Bob", 3, "03:35")
    night.live_until("03:30")
    night.write("Bob", 4, "04:30")
    night.live_until("04:25")
    night.act("Bob", lambda work: states.resolve(work, incident_id, "Rolled back", night.portal.procedure))
    night.live_until("05:00")
    night.write("Bob", 5, None)
    night.live_until("06:00")


def hand_over(night: Night, bob_id: int) -> None:
    offered = night.act(
        "Ada", lambda work: handover.offer(work, night.incident.id, IncidentRole.COMMANDER, bob_id, "My shift is over")
    )
    night.act("Bob", lambda work: handover.read_briefing(work, offered.id, night.portal.procedure))
    night.act("Bob", lambda work: handover.read_back(work, offered.id, "Nobody can pay", at("03:00")))
    night.act("Bob", lambda work: handover.accept(work, offered.id))


def told(portal: Portal) -> list[str]:
    """Return what left the portal, in the words of ``TOLD``."""
    with portal.reading() as session:
        rows = session.exec(select(Delivery).where(Delivery.kind.in_(["page", "nudge"])).order_by(Delivery.id)).all()  # type: ignore[attr-defined, arg-type]
    return [
        f"{row.created_at:%H:%M} {row.kind} {row.payload['person_name']}"
        + (f": {in_short(row.payload['text'])}" if row.kind == "nudge" else "")
        for row in rows
    ]


def in_short(text: str) -> str:
    known = {"shift of": "shift ended", "offered to": "role offered", "Nobody took over": "nobody took over"}
    short = next((words for part, words in known.items() if part in text), None)
    return short or text.partition(": ")[2].rstrip(".")


def test_pages_reminders_and_promises_are_as_the_procedure_says_minute_by_minute(night: Night) -> None:
    play(night)
    assert told(night.portal) == TOLD.strip().splitlines()
    expected = [
        at(start) + MINUTE * n for start, end in WAITED for n in range(1, int((at(end) - at(start)) / MINUTE) + 1)
    ]
    assert night.waited == expected
    with night.portal.reading() as session:
        assert all(row.state == "sent" for row in deliveries.of_incident(session, night.incident.id))


def test_the_shift_ends_when_it_would_have_without_the_change(night: Night) -> None:
    night.live_until("02:00")
    with night.portal.reading() as session:
        ended = [each for each in incidents.timeline(session, night.incident.id) if each.kind is EntryKind.SHIFT_ENDED]
    assert [(each.occurred_at, each.recorded_at) for each in ended] == [(at("01:30"), at("01:30"))]


def test_one_commander_at_every_minute(night: Night) -> None:
    play(night)
    with night.portal.reading() as session:
        held = [
            each for each in incidents.role_history(session, night.incident.id) if each.role is IncidentRole.COMMANDER
        ]
    assert [(each.from_at, each.until_at) for each in held] == [(BEGINS, at("02:12")), (at("02:12"), None)]


def test_freshness_counts_the_silence_that_was_too_long_and_no_hold(night: Night) -> None:
    """50 minutes, 60, and after 15 before the hold and 15 after it 55 and 55 more: no silence was over an hour."""
    play(night)
    with night.portal.reading() as session:
        case = Case(
            night.now_kept(),
            incidents.timeline(session, night.incident.id),
            incidents.customers_of(session, night.incident.id),
        )
    assert freshness(case, timedelta(hours=1), night.clock.now) == 1.0
    # By half an hour: 19 + 29 + 0 (30 outside the hold) + 24 + 24 minutes too long, of 385 less 135 on hold.
    expected = 1 - (19 + 29 + 0 + 24 + 24) / (385 - 135)
    assert freshness(case, timedelta(minutes=30), night.clock.now) == pytest.approx(expected)
