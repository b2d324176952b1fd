"""The one place that wires: settings, database, procedure, adapters, worker. Pages, routes and commands start here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Thread

from sqlmodel import Session

from ims.clock import Clock, utc_now
from ims.config import Settings, read_settings
from ims.delivery.worker import Worker
from ims.errors import Forbidden, SettingProblem
from ims.intake.retention import Retention
from ims.integrations import registry
from ims.metrics.definitions import Definition, read_definitions
from ims.model import AccessRole, Actor, Incident, StoredProcedure
from ims.ports import Ports
from ims.response.scenarios import Scenarios, read_scenarios
from ims.response.settlement import settled
from ims.response.templates import UpdateTemplates, read_templates
from ims.response.watch import Watch
from ims.sop.procedure import Procedure, read_procedure
from ims.sop.severity import SeverityMatrix, read_severity
from ims.store import schema
from ims.store.database import Database
from ims.store.work import Work


@dataclass
class Portal:
    """Everything one process needs, wired. Tests build their own; everybody else asks ``portal()``."""

    settings: Settings
    database: Database
    ports: Ports
    clock: Clock = utc_now
    _procedures: dict[str, Procedure] = field(default_factory=dict)

    @cached_property
    def procedure(self) -> Procedure:
        """The procedure that new incidents run under."""
        return read_procedure(_read(self.settings.data_dir / "sop.yaml"))

    @cached_property
    def severity_matrix(self) -> SeverityMatrix:
        """The matrix that suggests severities."""
        return read_severity(_read(self.settings.data_dir / "severity.yaml"))

    @cached_property
    def update_templates(self) -> UpdateTemplates:
        """What a customer update starts from, by phase."""
        return read_templates(_read(self.settings.data_dir / "templates" / "customer_updates.yaml"))

    @cached_property
    def metrics(self) -> dict[str, Definition]:
        """What each figure means."""
        return read_definitions(_read(self.settings.data_dir / "metrics.yaml"))

    @cached_property
    def scenarios(self) -> Scenarios:
        """What can be rehearsed, and the scenario files that were refused."""
        return read_scenarios(self.settings.data_dir / "drills")

    @cached_property
    def worker(self) -> Worker:
        """The delivery worker of this process; it is not started here."""
        return Worker(self.database, self.ports, registry.rehearsal(), settled, self.clock, self._look_around)

    @cached_property
    def watch(self) -> Watch:
        """What the clock alone brings about: pages, reminders, handovers that ran out, drills."""
        return Watch(self.database, self.procedure_of, self.clock)

    @cached_property
    def retention(self) -> Retention:
        """What removes old webhook bodies."""
        return Retention(self.database, timedelta(days=self.settings.keep_webhook_days), self.clock)

    def _look_around(self) -> None:
        """Do what the clock alone asks for."""
        self.watch.round()
        self.retention.round()

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
        """Open a unit of work for somebody; it is committed when the block ends, and the worker is woken.

        Raises:
            Forbidden: the person may only look.
        """
        if actor.access is AccessRole.VIEWER:
            raise Forbidden("You may look, but not change anything; ask an administrator for the responder role.")
        with self.database.writing() as session:
            yield Work(session, self.clock(), actor)
        self.worker.wake.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Run the delivery worker beside the block, as the portal's process does."""
        thread = Thread(target=self.worker.run_forever, name="delivery-worker", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.worker.shut_down()
            thread.join(timeout=10)

    def start(self) -> None:
        """Check what the portal cannot run without, and bring the schema up to date.

        Raises:
            SettingProblem: it cannot run; the sentence says why.
        """
        _ = self.procedure, self.severity_matrix, self.update_templates, self.metrics, self.scenarios
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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingProblem(
            "IMS-105",
            f"{path} cannot be read: {error.strerror}.",
            "Restore the file, or set IMS_DATA_DIR.",
        ) from error
