"""Every outside system at once, each as its strict fake, and a portal that is configured for all of them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import pytest
from sqlmodel import col, select

from ims import bootstrap
from ims.bootstrap import Portal
from ims.delivery.crew import Rounds
from ims.delivery.worker import Worker
from ims.model import Actor, Delivery, DeliveryState, Incident, Person, Rota
from ims.store import deliveries, incidents
from ims.store.work import Work
from tests.conftest import HandClock, Team, make_team
from tests.fakes.alertmanager import FakeAlertmanager
from tests.fakes.google import FakeGoogle
from tests.fakes.jira import FakeJira
from tests.fakes.oncall import FakeOnCall
from tests.fakes.slack import TOKEN, FakeSlack
from tests.fakes.smtp import MailServer
from tests.scenario.gate import Gate, HttpGate, MailGate
from tests.web.conftest import Client

Done = TypeVar("Done")
BEGINS = datetime(2026, 11, 23, 7, 9, tzinfo=UTC)  # a minute after the recorded alerts began
MINUTE = timedelta(minutes=1)
BASE_URL = "https://ims.example.com"
HOOK_TOKEN = "alertmanager-t0ken"
SYSTEMS = ("smtp", "alertmanager", "jira", "oncall", "slack", "google")
WAITS = (DeliveryState.WAITING, DeliveryState.FAILING)


@dataclass
class World:
    """The portal, its people, and what stands around it. ``gates`` are before the systems that may be in trouble."""

    clock: HandClock
    slack: FakeSlack
    oncall: FakeOnCall
    jira: FakeJira
    google: FakeGoogle
    mail: MailServer
    alertmanager: FakeAlertmanager
    gates: dict[str, Gate] = field(default_factory=dict)
    portal: Portal = field(init=False)
    team: Team = field(init=False)
    cleo: Person = field(init=False)

    def as_person(self, name: str) -> Actor:
        """Return a person of the team as who acts."""
        person = {"ada": self.team.ada, "bob": self.team.bob, "cleo": self.cleo}[name]
        return Actor(person.name, person.id)

    def act(self, name: str, verb: Callable[[Work], Done]) -> Done:
        """Do something as a person, in one transaction; nothing is carried out yet."""
        with self.portal.work(self.as_person(name)) as work:
            return verb(work)

    def go_round(self) -> None:
        """Let everybody of the crew do what is due now, as their threads would."""
        hands = self.portal.crew.hands
        for hand in hands:
            if isinstance(hand, Rounds):
                hand.job()
        workers = [hand for hand in hands if isinstance(hand, Worker)]
        while (due := self._due_kinds()) and sum(worker.run_due() for worker in workers if due & {*worker.kinds}):
            pass

    def _due_kinds(self) -> set[str]:
        """Return what waits now; who carries out nothing of it need not look, which makes the tests quicker."""
        due = select(Delivery.kind).where(col(Delivery.state).in_(WAITS), col(Delivery.due_at) <= self.clock.now)
        with self.portal.reading() as session:
            return set(session.exec(due.distinct()))

    def live(self, span: timedelta, every: timedelta = MINUTE) -> None:
        """Let time pass, the crew going round in each step."""
        end = self.clock.now + span
        while self.clock.now < end:
            self.clock.forward(min(every, end - self.clock.now))
            self.go_round()

    def hear_alerts(self, body: object) -> httpx.Response:
        """Let Alertmanager post to the portal."""
        return Client(headers={"Authorization": f"Bearer {HOOK_TOKEN}"}).post("/hooks/alertmanager", json=body)

    def hear_oncall(self, body: object, token: str | None = None) -> httpx.Response:
        """Let OnCall post to the portal."""
        offered = self.oncall.webhook_token if token is None else token
        return Client(headers={"Authorization": f"Bearer {offered}"}).post("/hooks/oncall", json=body)

    def incident(self, incident_id: int) -> Incident:
        """Return the incident as it is kept now."""
        with self.portal.reading() as session:
            return session.get_one(Incident, incident_id)

    def uid(self, incident_id: int) -> str:
        """Return by which name OnCall groups the pages of the incident."""
        return self.incident(incident_id).name_everywhere.lower()

    def rows(self, incident_id: int) -> list[Delivery]:
        """Return the deliveries of an incident, oldest first."""
        with self.portal.reading() as session:
            return list(deliveries.of_incident(session, incident_id))

    def unsent(self, incident_id: int) -> list[tuple[str, str, str]]:
        """Return what is due and was not sent: kind, state, problem."""
        return [
            (row.kind, row.state.value, row.problem)
            for row in self.rows(incident_id)
            if row.state is not DeliveryState.SENT
            and (row.state is not DeliveryState.WAITING or row.due_at <= self.clock.now)
        ]

    def told(self, incident_id: int) -> list[str]:
        """Return what the timeline says, oldest first."""
        with self.portal.reading() as session:
            return [entry.text for entry in incidents.timeline(session, incident_id)]

    def secrets(self) -> list[str]:
        """Return what no sentence may ever hold."""
        link = self.oncall.integration_url.rstrip("/").rpartition("/")[2]
        tokens = [TOKEN, self.oncall.token, self.oncall.webhook_token, link, self.mail.password, HOOK_TOKEN]
        return [*tokens, "jira-t0ken-of-the-test", "PRIVATE KEY", "ya29."]


@contextmanager
def world_of(url: str, *, gated: Collection[str] = (), impatient: bool = False) -> Iterator[World]:
    """Build the world on a database; a gate stands before each ``gated`` system, which is not waited for for long."""
    clock = HandClock(BEGINS)
    with ExitStack() as stack:
        world = World(
            clock,
            stack.enter_context(FakeSlack(clock)),
            stack.enter_context(FakeOnCall(now=clock)),
            stack.enter_context(FakeJira()),
            stack.enter_context(FakeGoogle()),
            stack.enter_context(MailServer()),
            stack.enter_context(FakeAlertmanager()),
        )
        for name in gated:
            behind = world.mail.port if name == "smtp" else _port_of(_urls(world)[name])
            gate = MailGate(behind) if name == "smtp" else HttpGate(behind)
            world.gates[name] = stack.enter_context(gate)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        settings = _environment(world, url) | (_short_of_time(gated) if impatient else {})
        for variable, value in settings.items():
            patch.setenv(variable, value)
        build = bootstrap.build
        patch.setattr(bootstrap, "build", lambda settings: build(settings, clock))
        bootstrap.portal.cache_clear()
        stack.callback(bootstrap.portal.cache_clear)
        world.portal = bootstrap.portal()
        stack.callback(world.portal.database.close)
        _people(world)
        if impatient and "slack" in gated:  # its setting takes whole seconds, which are long in a test
            patch.setattr(world.portal.ports.messenger._wire._client, "timeout", 0.3)  # type: ignore[attr-defined]
        yield world
        assert world.google.violations == []


def _people(world: World) -> None:
    """Put the team into every system; by the portal's own rota Bob is on call, by OnCall's schedule Ada is."""
    world.team = make_team(world.portal)
    with world.portal.work(Actor("Setup")) as work:
        world.cleo = work.add(Person(name="Cleo Jones", email="cleo@example.com"))
        work.get(Rota, 1).starts_on = date(2026, 11, 9)
    for name in ("ada", "bob", "cleo"):
        world.slack.add_person(f"{name}@example.com")
        world.oncall.add_user(name, f"{name}@example.com")
    night = BEGINS.replace(hour=18) - timedelta(days=1)
    world.oncall.put_on_call("SRE", "ada", night, night + timedelta(days=1))
    world.oncall.put_on_call("SRE", "bob", night + timedelta(days=1), night + timedelta(days=2))
    for channel in ("acme-ims", "globex"):
        world.slack.add_channel(channel, external=True, private=True)


def _urls(world: World) -> Mapping[str, str]:
    return {
        "slack": world.slack.url,
        "oncall": world.oncall.url,
        "jira": world.jira.url,
        "google": world.google.url,
        "alertmanager": world.alertmanager.url,
    }


def _port_of(url: str) -> int:
    return urlsplit(url).port or 0


def _environment(world: World, url: str) -> dict[str, str]:
    """Return the settings of the portal; a system with a gate before it is known by the gate's address."""

    def through(name: str, address: str) -> str:
        gate = world.gates.get(name)
        return address.replace(f":{gate.behind}", f":{gate.port}") if gate else address

    world.google.tokens.uri = through("google", world.google.tokens.uri)
    google: dict[str, Any] = world.google.settings() | {"api_url": through("google", world.google.url)}
    return {
        "IMS_DATABASE_URL": url,
        "IMS_BASE_URL": BASE_URL,
        "IMS_ALERTMANAGER_TOKEN": HOOK_TOKEN,
        "IMS_ALERTMANAGER_API_URL": through("alertmanager", world.alertmanager.url),
        "IMS_SMTP_HOST": "127.0.0.1",
        "IMS_SMTP_PORT": str(world.gates["smtp"].port if "smtp" in world.gates else world.mail.port),
        "IMS_SMTP_SECURITY": "none",
        "IMS_SMTP_SENDER": "incidents@ims.example",
        "IMS_SMTP_USER": "ims",
        "IMS_SMTP_PASSWORD": world.mail.password,
        **world.jira.environment,
        "IMS_JIRA_URL": through("jira", world.jira.url),
        "IMS_ONCALL_URL": through("oncall", world.oncall.url),
        "IMS_ONCALL_TOKEN": world.oncall.token,
        "IMS_ONCALL_INTEGRATION_URL": through("oncall", world.oncall.integration_url),
        "IMS_ONCALL_SCHEDULE": "SRE",
        "IMS_ONCALL_WEBHOOK_TOKEN": world.oncall.webhook_token,
        "IMS_SLACK_TOKEN": TOKEN,
        "IMS_SLACK_API_URL": through("slack", world.slack.url),
        **{f"IMS_GOOGLE_{name.upper()}": str(value) for name, value in google.items()},
    }


def _short_of_time(names: Collection[str]) -> dict[str, str]:
    """Return the settings by which the portal does not wait long for some systems."""
    variables = {name: f"IMS_{name.upper()}_TIMEOUT_SECONDS" for name in names}
    variables |= {"alertmanager": "IMS_ALERTMANAGER_API_TIMEOUT_SECONDS"} if "alertmanager" in names else {}
    return {variable: "1" if name == "slack" else "0.3" for name, variable in variables.items()}
