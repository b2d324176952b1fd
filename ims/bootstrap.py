"""The one place that wires: settings, database, procedure, adapters, worker. Pages, routes and commands start here."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, lru_cache, partial

from sqlmodel import Session

from ims.clock import Clock, utc_now
from ims.config import Settings, read_settings
from ims.delivery.crew import Commanded, Crew, Hand, Rounds
from ims.delivery.dispatch import ROUTES, kinds_of
from ims.delivery.worker import Worker
from ims.errors import Forbidden
from ims.intake.retention import Retention
from ims.integrations import registry
from ims.integrations.frame import Pace
from ims.model import AccessRole, Actor, Delivery, Incident, StoredProcedure
from ims.ports import Ports, Receipt
from ims.postmortem.following_up.follow_up_watch import FollowUpWatch
from ims.postmortem.review.deadline_watch import DeadlineWatch
from ims.response.announcing.announce import announce
from ims.response.chat.commands import Chat
from ims.response.listening import Listening
from ims.response.settlement import settled
from ims.response.watch import Watch
from ims.rules import Rules
from ims.sop.procedure import Procedure, read_procedure
from ims.store import readings, references, schema
from ims.store.database import Database
from ims.store.work import Work

WATCH_EVERY_SECONDS = LISTEN_EVERY_SECONDS = 5.0
WATCH, SAY_EVERY = "watch", timedelta(seconds=15)
_log = logging.getLogger(__name__)


@dataclass
class Portal(Rules):
    """Everything one process needs, wired. Tests build their own; everybody else asks ``portal()``."""

    settings: Settings
    database: Database
    ports: Ports
    clock: Clock = utc_now
    _procedures: dict[str, Procedure] = field(default_factory=dict)

    @cached_property
    def worker(self) -> Worker:
        """A worker for every kind of delivery; it is not started here."""
        return self._worker()

    @cached_property
    def crew(self) -> Crew:
        """Whoever works beside the pages in this process; nobody is started here."""
        hands: list[Hand] = [
            *self._workers,
            Rounds("watch", self._keep_watch, WATCH_EVERY_SECONDS),
            Rounds("reading who is on call", self.listening.who_is_on_call, LISTEN_EVERY_SECONDS),
            Rounds("reading who answered", self.listening.who_answered, LISTEN_EVERY_SECONDS),
            Rounds("reading tickets", self.listening.how_tickets_stand, LISTEN_EVERY_SECONDS),
        ]
        return Crew([*hands, *self._commanded()])

    def _commanded(self) -> Iterator[Hand]:
        for system, listener in registry.listeners(self.chat.answer):
            noted = partial(self.listening.whether_commands_come, system.abilities[0], listener)
            yield Commanded(listener)
            yield Rounds("noting whether commands come", noted, LISTEN_EVERY_SECONDS)

    @cached_property
    def chat(self) -> Chat:
        """What does the commands that people type in a chat."""
        return Chat(
            reading=self.reading,
            open_work=self.work,
            procedure=self.procedure,
            procedure_of=self.procedure_of,
            templates=self.update_templates,
            base_url=self.settings.base_url,
            clock=self.clock,
        )

    @cached_property
    def _workers(self) -> list[Worker]:
        """One worker for each ability that an outside system serves, so that none waits for another; one for the rest.

        The order of a stream is kept by the database, so a stream may cross workers.
        """
        abilities = {ability for ability, _ in ROUTES.values()}
        lanes = [self._lane(ability) for ability in sorted(abilities & self.ports.configured)]
        rest = kinds_of(*abilities - self.ports.configured)
        return [*lanes, self._worker(rest)] if rest else lanes

    def _lane(self, ability: str) -> Worker:
        """A worker for one ability, which shares the pace of its system with the system's other abilities."""
        system = registry.serving().get(ability)
        if system is None or system.pace is None:
            return self._worker(kinds_of(ability))
        return self._worker(kinds_of(ability), system.pace, kinds_of(*system.abilities))

    def _worker(self, kinds: Sequence[str] = (), pace: Pace | None = None, paced_kinds: Sequence[str] = ()) -> Worker:
        return Worker(
            self.database,
            self.ports,
            registry.rehearsal(),
            self._settled,
            self.clock,
            self._whereabouts,
            kinds,
            pace,
            paced_kinds,
        )

    @cached_property
    def listening(self) -> Listening:
        """What is read again and again from outside systems."""
        return Listening(self.database, self.ports, _system_of, self.announce, self.clock)

    @cached_property
    def watch(self) -> Watch:
        """What the clock alone brings about: pages, reminders, handovers that ran out, drills."""
        return Watch(self.database, self.procedure_of, self.clock, self.announce)

    @cached_property
    def deadline_watch(self) -> DeadlineWatch:
        """What reminds people of root-cause documents."""
        return DeadlineWatch(self.database, self.deadlines, self.procedure_of, self.clock, self.announce)

    @cached_property
    def follow_up_watch(self) -> FollowUpWatch:
        """What the clock asks of follow-ups: alarms, reminders, questions, the weekly digest."""
        return FollowUpWatch(self.database, self.follow_up_rules, self.settings.base_url, self.clock, self.announce)

    @cached_property
    def retention(self) -> Retention:
        """What removes old webhook bodies."""
        return Retention(self.database, timedelta(days=self.settings.keep_webhook_days), self.clock)

    def look_around(self) -> None:
        """Do what the clock alone asks for."""
        self.watch.round()
        self.follow_up_watch.round()
        self.deadline_watch.round()
        self.retention.round()

    def _keep_watch(self) -> None:
        """Look around, and say now and then that somebody does, for whoever watches the portal."""
        self.look_around()
        with self.reading() as session:
            is_due = readings.is_due(session, WATCH, self.clock(), SAY_EVERY)
        if is_due:
            with self.database.writing() as session:
                if readings.take_turn(session, WATCH, "portal", self.clock(), SAY_EVERY):
                    readings.succeeded(session, WATCH, self.clock(), None)

    def watch_age(self) -> timedelta | None:
        """Return how long ago some process last kept watch, or ``None`` if none ever did."""
        with self.reading() as session:
            kept = readings.last(session, WATCH)
            return self.clock() - kept.read_at if kept and kept.read_at else None

    def announce(self, work: Work) -> None:
        """Let the team's tools hear of what a work did."""
        announce(work, self.ports.configured)

    def _settled(self, work: Work, delivery: Delivery, receipt: Receipt | None) -> None:
        settled(work, delivery, receipt)
        self.announce(work)

    def _whereabouts(self, session: Session, delivery: Delivery) -> dict[str, str]:
        """Return what a message of an incident may need that is known only now."""
        if delivery.incident_id is None:
            return {}
        found = {name: each.value for name, each in references.of_incident(session, delivery.incident_id).items()}
        incident = session.get_one(Incident, delivery.incident_id)
        room = {"room": incident.war_room} if incident.war_room else {}
        return found | room | {"portal": f"{self.settings.base_url}/incident?key={incident.key}"}

    def procedure_of(self, session: Session, incident: Incident) -> Procedure:
        """Return the procedure an incident was declared under."""
        digest = incident.procedure_digest
        if digest is None or digest == self.procedure.digest:
            return self.procedure
        if digest not in self._procedures:
            stored = session.get(StoredProcedure, digest)
            self._procedures[digest] = read_procedure(stored.text) if stored else self.procedure
        return self._procedures[digest]

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for reading."""
        with self.database.reading() as session:
            yield session

    @contextmanager
    def work(self, actor: Actor) -> Iterator[Work]:
        """Open a unit of work for somebody; it is committed when the block ends, and who is to deliver is woken.

        Raises:
            Forbidden: the person may only look.
        """
        if actor.access is AccessRole.VIEWER:
            raise Forbidden("You may look, but not change anything; ask an administrator for the responder role.")
        with self.database.writing() as session:
            work = Work(session, self.clock(), actor)
            yield work
            self.announce(work)
        for worker in self._workers:
            worker.hear(work.outbox)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let the crew work beside the block, as the portal's process does."""
        for title, problem in self.ports.unusable.items():
            _log.error("%s is configured by half, and what goes out through it stops: %s", title, problem)
        self.crew.start()
        try:
            yield
        finally:
            self.crew.stop()

    def start(self) -> None:
        """Check what the portal cannot run without, and bring the schema up to date.

        Raises:
            SettingProblem: it cannot run; the sentence says why.
        """
        self.read_all()
        schema.migrate(self.database)


def build(settings: Settings, clock: Clock = utc_now) -> Portal:
    """Wire a portal from settings."""
    return Portal(settings, Database(settings.database_url), registry.ports(clock), clock)


@lru_cache(maxsize=1)
def portal() -> Portal:
    """Return this process's portal, started."""
    wired = build(read_settings())
    wired.start()
    return wired


def _system_of(ability: str) -> str:
    system = registry.in_use(ability)
    return system.name if system else ""
