"""What the tests share: a portal of their own on each database, a clock they turn by hand, a small team."""

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import pytest

from ims import rules
from ims.bootstrap import Portal, build
from ims.config import OF_TESTS, PREFIX, Settings
from ims.model import (
    Actor,
    Customer,
    CustomerService,
    Incident,
    IncidentDraft,
    Person,
    Rota,
    RotaMember,
    Service,
)
from ims.response.declare import declare
from ims.store import catalogue
from ims.store.database import Database
from ims.store.work import Work
from tests.databases import started_postgres_url, started_sqlite_url
from tests.servers import fresh_postgres_url

SHARED = Path(__file__).resolve().parents[2] / "shared"
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

# A portal under test has the settings of its test, not those of the shell that the tests were started from.
for _name in [name for name in os.environ if name.startswith(PREFIX) and not name.startswith(OF_TESTS)]:
    del os.environ[_name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI (``IMS_NO_SKIP``) a skipped test has failed; only the folder of shared material may be missing."""
    report = yield
    reason = str(report.longrepr)
    if report.skipped and os.environ.get("IMS_NO_SKIP") and not hasattr(report, "wasxfail") and "shared" not in reason:
        report.outcome, report.longrepr = "failed", f"skipped, which is forbidden here: {reason}"
    return report


@dataclass
class HandClock:
    """A clock that stands still until a test turns it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, span: timedelta) -> None:
        self.now += span


@dataclass(frozen=True)
class Team:
    """Ada is on call, Bob is next; Acme can be reached by every way, Globex lacks a manager."""

    ada: Person
    bob: Person
    payments: Service
    search: Service
    acme: Customer
    globex: Customer

    @property
    def as_ada(self) -> Actor:
        return Actor(self.ada.name, self.ada.id)

    @property
    def as_bob(self) -> Actor:
        return Actor(self.bob.name, self.bob.id)


@pytest.fixture(autouse=True)
def every_database_is_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give back the connections of each database that a test opens; Python 3.13 warns of those left open."""
    opened: list[Database] = []
    make = Database.__init__

    def note(self: Database, url: str) -> None:
        make(self, url)
        opened.append(self)

    monkeypatch.setattr(Database, "__init__", note)
    yield
    for database in opened:
        database.close()


@pytest.fixture(scope="session", autouse=True)
def rules_are_parsed_once() -> Iterator[None]:
    """Parse each text of the data folder once; hundreds of portals start on the same ones."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("read_procedure", "read_severity", "read_templates", "read_definitions", "read_rules"):
            patch.setattr(rules, name, cache(getattr(rules, name)))
        yield


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind without rows: whatever asks for it runs on both."""
    if request.param == "sqlite":
        yield started_sqlite_url(tmp_path)
    else:
        with started_postgres_url() as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind that no portal has been started on."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with fresh_postgres_url() as url:
            yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return started_sqlite_url(tmp_path)


def _portal(url: str, clock: Callable[[], datetime]) -> Iterator[Portal]:
    portal = build(Settings(database_url=url), clock)
    portal.start()
    yield portal
    portal.database.close()


@pytest.fixture
def portal(sqlite_url: str, clock: HandClock) -> Iterator[Portal]:
    """A portal on SQLite, for behaviour that does not depend on the database."""
    yield from _portal(sqlite_url, clock)


@pytest.fixture
def both_portals(database_url: str, clock: HandClock) -> Iterator[Portal]:
    """A portal on SQLite and again on PostgreSQL, for everything that is stored."""
    yield from _portal(database_url, clock)


def make_team(portal: Portal) -> Team:
    """Set up the team of the tests."""
    with portal.work(Actor("Setup")) as work:
        ada = work.add(Person(name="Ada Lovelace", email="ada@example.com"))
        bob = work.add(Person(name="Bob Kahn", email="bob@example.com"))
        payments, search = work.add(Service(name="payments")), work.add(Service(name="search"))
        acme = work.add(
            Customer(
                name="Acme",
                slack_channel="#acme-ims",
                contacts=["ops@acme.example"],
                manager_name="Mia",
                manager_email="mia@acme.example",
            )
        )
        globex = work.add(Customer(name="Globex", slack_channel="#globex", contacts=["it@globex.example"]))
        work.add(CustomerService(customer_id=acme.id, service_id=payments.id))
        work.add(CustomerService(customer_id=globex.id, service_id=payments.id))
        rota = work.add(
            Rota(name="SRE", time_zone="UTC", starts_on=date(2026, 11, 16), handover_at=time(9), shift_days=7)
        )
        work.add(RotaMember(rota_id=rota.id, position=0, person_id=ada.id))
        work.add(RotaMember(rota_id=rota.id, position=1, person_id=bob.id))
    return Team(ada, bob, payments, search, acme, globex)


def somebody(work: Work) -> int:
    """Return the id of a person to own the incidents of a test that is not about people."""
    known = catalogue.person_by_email(work.session, "somebody@example.com")
    return (known or work.add(Person(name="Somebody", email="somebody@example.com"))).id


@pytest.fixture
def team(portal: Portal) -> Team:
    return make_team(portal)


@pytest.fixture
def incident(portal: Portal, team: Team) -> Incident:
    """An incident that affects Acme, just declared, its first deliveries carried out."""
    draft = IncidentDraft.model_validate(
        {
            "title": "Payments fail with 502",
            "affects_customers": True,
            "service_ids": [team.payments.id],
            "customer_ids": [team.acme.id],
        }
    )
    with portal.work(team.as_ada) as work:
        declared = declare(work, draft, portal.procedure)
    portal.worker.run_due()
    return declared
