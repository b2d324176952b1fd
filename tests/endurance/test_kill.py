"""``kill -9`` of everything at random moments, while alerts, declarations and customer updates come in.

What was acknowledged is there afterwards; what was to be sent is settled or waits, and settles; escalation and cadence
go on where they were.
"""

import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import httpx
import pytest
from sqlmodel import Session, col, select

from ims.bootstrap import Portal, build
from ims.clock import utc_now
from ims.config import ROOT, Settings
from ims.delivery.worker import LEASE
from ims.model import Alert, CustomerUpdate, Delivery, DeliveryState, EntryKind, InboxMessage, Incident, TimelineEntry
from ims.store import catalogue, deliveries, incidents, on_call
from tests.conftest import make_team
from tests.endurance.client import EACH_ANSWERED, INCIDENTS, UPDATES_OF_EACH
from tests.endurance.fleet import Fleet, fleet
from tests.intake.alert_bodies import body_of, written

BODIES, ALERTS_OF_EACH, SENDERS = 100, 5, 3
MOST_ALIVE = 2.0  # seconds from being ready to the end
MINUTE = timedelta(minutes=1)
PATIENCE = 120.0
# A transaction has the time at which it was begun: a round that was begun after an answer may still be first to write.
OVERTAKEN = timedelta(seconds=5)


@dataclass
class Senders:
    """Alertmanagers: each body is posted until a portal has acknowledged it."""

    ports: list[int]
    stop: Event = field(default_factory=Event)
    acknowledged: list[int] = field(default_factory=list)

    def send(self, numbers: list[int]) -> None:
        with httpx.Client(timeout=10) as client:
            for number in numbers:
                while not self.stop.is_set() and not self._posted(client, number):
                    time.sleep(0.05)

    def _posted(self, client: httpx.Client, number: int) -> bool:
        alerts = [written(f"Alert{number}", fingerprint=f"{number}-{each}") for each in range(ALERTS_OF_EACH)]
        port = self.ports[number % len(self.ports)]
        try:
            answer = client.post(f"http://127.0.0.1:{port}/hooks/alertmanager", content=body_of(*alerts))
        except httpx.TransportError:
            return False
        if answer.is_success:
            self.acknowledged.append(number)
            time.sleep(0.02)
        return answer.is_success


@contextmanager
def alerts_coming_in(ports: list[int]) -> Iterator[tuple[Senders, list["Future[None]"]]]:
    senders = Senders(ports)
    with ThreadPoolExecutor(SENDERS) as threads:
        sending = [threads.submit(senders.send, list(range(BODIES))[first::SENDERS]) for first in range(SENDERS)]
        try:
            yield senders, sending
        finally:
            senders.stop.set()


def data_with_pages_every_minute(folder: Path) -> Path:
    shutil.copytree(ROOT / "data", folder / "data")
    procedure = folder / "data" / "sop.yaml"
    text = procedure.read_text(encoding="utf-8")
    assert "page_again_every: 5m" in text
    procedure.write_text(text.replace("page_again_every: 5m", "page_again_every: 1m"), encoding="utf-8")
    return folder / "data"


def eventually(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"not within {PATIENCE:g} seconds: {what}"
        time.sleep(0.2)


def live_and_die(ours: Fleet, chance: random.Random, said: Path, seed: int) -> None:
    """Start everything and end it: once before it is ready, else in the middle of its work."""
    ready = chance.random() > 0.25
    ours.start(ready=ready)
    ours.run("-m", "tests.endurance.client", str(seed), out=said)
    time.sleep(chance.uniform(0, MOST_ALIVE))
    ours.kill(chance)


@pytest.mark.endurance
@pytest.mark.xdist_group("endurance")  # one after the other: each wants the machine
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("seeds", "portals", "workers"), [((1, 2, 3), 1, 0), ((4, 5), 2, 2)])
def test_nothing_acknowledged_is_lost_when_everything_is_killed(
    seeds: tuple[int, ...], portals: int, workers: int, database: str, tmp_path: Path
) -> None:
    data = data_with_pages_every_minute(tmp_path)
    portal = build(Settings(database_url=database, data_dir=data))
    portal.start()
    make_team(portal)
    said = tmp_path / "said"
    with (
        fleet(tmp_path, database, portals=portals, workers=workers, IMS_DATA_DIR=str(data)) as ours,
        alerts_coming_in(list(ours.ports)) as (senders, sending),
    ):
        for seed in seeds:
            live_and_die(ours, random.Random(seed), said, seed)
        restarted_at = utc_now()
        ours.start()
        person = ours.run("-m", "tests.endurance.client", "0", out=said)
        for each in sending:
            each.result(timeout=PATIENCE)
        assert person.wait(timeout=PATIENCE) == 0
        eventually(lambda: goes_on(portal, restarted_at), "pages and reminders after the restart")
        ours.kill(random.Random(0))
    with portal.reading() as session:
        assert_every_acknowledged_write_is_there(session, senders.acknowledged, said)
        assert_pages_have_their_slots(session)
        assert_each_reminder_came_once(session)
        pending = [row for row in session.exec(select(Delivery)) if row.state in deliveries.PENDING]
        assert all(row.state is DeliveryState.WAITING for row in pending)
    assert_everything_settles(portal)
    assert "Traceback" not in ours.log.read_text()
    portal.database.close()


def goes_on(portal: Portal, since: datetime) -> bool:
    """Return whether somebody was paged since a moment, and reminded of every promise to customers."""
    with portal.reading() as session:
        paged = select(Delivery.id).where(Delivery.kind == "page", col(Delivery.created_at) >= since)
        answered = session.exec(select(Incident).where(col(Incident.acknowledged_at).is_not(None))).all()
        reminded = all(last_promise(each) in keys_of(session, each, "nudge") for each in answered)
        return reminded and session.exec(paged).first() is not None


def last_promise(incident: Incident) -> str:
    """Return what the key of the reminder of the last promise has in it."""
    return f":{incident.next_update_due_at:%Y%m%dT%H%M%S}:early:"


def keys_of(session: Session, incident: Incident, kind: str) -> str:
    return " ".join(row.key for row in of_kind(session, incident, kind))


def assert_every_acknowledged_write_is_there(session: Session, bodies: list[int], said: Path) -> None:
    acts = [json.loads(line) for line in said.read_text().splitlines()]
    assert sorted(bodies) == list(range(BODIES))
    fingerprints = Counter(session.exec(select(Alert.fingerprint)))
    assert fingerprints == {f"{body}-{each}": 1 for body in range(BODIES) for each in range(ALERTS_OF_EACH)}
    assert len(session.exec(select(InboxMessage.id)).all()) >= BODIES
    declared = {incident.id: incident for incident in session.exec(select(Incident))}
    assert {act["declared"] for act in acts if "declared" in act} == set(declared)
    assert len(declared) == INCIDENTS
    assert all(declared[act["answered"]].acknowledged_at for act in acts if "answered" in act)
    kept = Counter((update.incident_id, update.number) for update in session.exec(select(CustomerUpdate)))
    assert {(act["incident"], act["update"]) for act in acts if "update" in act} == set(kept)
    assert len(kept) == kept.total() == INCIDENTS // EACH_ANSWERED * UPDATES_OF_EACH


def assert_pages_have_their_slots(session: Session) -> None:
    """The right person in each slot, within its minute; nobody after the answer."""
    order = on_call.escalation_list(session, utc_now())
    for incident in session.exec(select(Incident)):
        for page in of_kind(session, incident, "page"):
            slot = int(page.key.rpartition(":")[2])
            assert int((page.created_at - incident.declared_at) / MINUTE) + 1 == slot
            paged = catalogue.people_by_id(session, order)[order[(slot - 1) % len(order)]]
            assert page.payload["person_name"] == paged.name
            assert incident.acknowledged_at is None or page.created_at <= incident.acknowledged_at + OVERTAKEN
        assert (incident.acknowledged_at is None) == (number_of(incident) % EACH_ANSWERED != 0)


def number_of(incident: Incident) -> int:
    """Return which of the client's incidents it is; PostgreSQL leaves out an id whose transaction was killed."""
    return int(incident.title.removeprefix("Outage "))


def assert_each_reminder_came_once(session: Session) -> None:
    for incident in session.exec(select(Incident)):
        nudges = of_kind(session, incident, "nudge")
        told = [entry for entry in incidents.timeline(session, incident.id) if entry.kind is EntryKind.NUDGED]
        assert len(told) == len({nudge.key for nudge in nudges})
        keys = keys_of(session, incident, "nudge")
        assert incident.acknowledged_at is None or keys.count(last_promise(incident)) == 1


def of_kind(session: Session, incident: Incident, kind: str) -> list[Delivery]:
    return [row for row in deliveries.of_incident(session, incident.id) if row.kind == kind]


def assert_everything_settles(portal: Portal) -> None:
    """What a killed worker had in hand is taken over when its lease has ended; each effect is told to its incident."""
    later = build(portal.settings, lambda: utc_now() + LEASE + MINUTE)
    later.worker.run_due()
    later.database.close()
    with portal.reading() as session:
        assert set(deliveries.counts(session)) == {DeliveryState.SENT}
        rows = Counter(row.kind for row in session.exec(select(Delivery)))
        entries = Counter(entry.kind for entry in session.exec(select(TimelineEntry)))
        assert entries[EntryKind.PAGED] == rows["page"]
        assert entries[EntryKind.UPDATE_DELIVERED] == rows["customer_post"] + rows["customer_mail"]
        assert rows["customer_post"] == 2 * INCIDENTS // EACH_ANSWERED * UPDATES_OF_EACH
