"""A real Alertmanager posts to the portal as people run it, through everything that goes wrong between the two."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from ims.model import Alert, AlertStatus, InboxMessage
from ims.store.alert_questions import Filter, listed, messages
from ims.store.database import Database
from tests.servers import Server, alertmanager_server, portal_server, running

pytestmark = pytest.mark.xdist_group("alertmanager")  # they share a portal

TOKEN = "a-token-for-the-test"
PATIENCE = 30.0
CONFIGURATION = """\
route:
  receiver: ims
  group_by: [alertname, service]
  group_wait: 1s
  group_interval: 2s
  repeat_interval: 3s
receivers:
  - name: ims
    webhook_configs:
      - url: {url}/hooks/alertmanager
        send_resolved: true
        max_alerts: {max_alerts}
        http_config:
          {credentials}
"""
CREDENTIALS = {
    "bearer": "authorization: {{type: Bearer, credentials_file: {file}}}",
    "basic": "basic_auth: {{username: alertmanager, password_file: {file}}}",
}


@dataclass
class Scene:
    """The portal, its database, and an Alertmanager; what it says here carries the name of the test."""

    name: str
    portal: Server
    database: Database
    alertmanager: Server
    token_file: Path
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=1))

    def tell(self, *instances: str, ended: bool = False) -> None:
        """Say, as Prometheus does, that alerts fire (since ``started_at``) or have ended."""
        times = {"startsAt": self.started_at.isoformat()}
        if ended:
            times["endsAt"] = datetime.now(UTC).isoformat()
        alerts = [
            {
                "labels": {"alertname": self.name, "service": "payments", "severity": "critical", "instance": instance},
                "annotations": {"summary": f"{instance} is down"},
                **times,
            }
            for instance in instances
        ]
        httpx.post(f"{self.alertmanager.url}/api/v2/alerts", json=alerts).raise_for_status()

    def kept(self) -> list[Alert]:
        """Return the alerts of this test, the earliest start first."""
        with self.database.reading() as session:
            found = [alert for alert in listed(session, Filter(), limit=1_000) if alert.name == self.name]
        return sorted(found, key=lambda alert: alert.starts_at)

    def alerts(self) -> dict[str, Alert]:
        return {alert.labels["instance"]: alert for alert in self.kept()}

    def bodies(self) -> list[InboxMessage]:
        with self.database.reading() as session:
            return list(messages(session, datetime.now(UTC), limit=1_000))

    def failures(self) -> float:
        """Return how many of its posts Alertmanager counts as failed."""
        told = httpx.get(f"{self.alertmanager.url}/metrics").text
        samples = (sample for each in text_string_to_metric_families(told) for sample in each.samples)
        return sum(
            sample.value
            for sample in samples
            if sample.name == "alertmanager_notification_requests_failed_total"
            and sample.labels["integration"] == "webhook"
        )

    def wait(self, seen: Callable[[dict[str, Alert]], bool]) -> dict[str, Alert]:
        """Wait until the portal has seen something; return its alerts."""
        wait_until(lambda: seen(self.alerts()), "what the portal should have seen")
        return self.alerts()


def is_resolved(alerts: dict[str, Alert], instance: str) -> bool:
    return alerts[instance].status is AlertStatus.RESOLVED


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("portal")
    alertmanager_server(folder, "")  # where there is none, nothing needs to start
    server = portal_server(folder, f"sqlite:///{folder / 'ims.db'}", IMS_ALERTMANAGER_TOKEN=TOKEN)
    with running(server):
        yield server


Staging = Callable[..., Scene]


@pytest.fixture
def stage(portal: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Staging]:
    """Start an Alertmanager that posts to the portal, with credentials and a limit as a test wants them."""
    with ExitStack() as ends:

        def start(credentials: str = "bearer", token: str = TOKEN, max_alerts: int = 0) -> Scene:
            token_file = tmp_path / "token"
            token_file.write_text(token)
            known_by = CREDENTIALS[credentials].format(file=token_file)
            configuration = CONFIGURATION.format(url=portal.url, max_alerts=max_alerts, credentials=known_by)
            alertmanager = ends.enter_context(running(alertmanager_server(tmp_path, configuration)))
            database = Database(portal.settings["IMS_DATABASE_URL"])
            return Scene(request.node.name, portal, database, alertmanager, token_file)

        yield start


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"not within {PATIENCE:g} s: {what}"
        time.sleep(0.1)


def test_a_real_alertmanager_is_understood_from_firing_to_resolved(stage: Staging) -> None:
    scene = stage()
    scene.tell("pay-1", "pay-2")
    firing = scene.wait(lambda alerts: len(alerts) == 2)
    assert {alert.status for alert in firing.values()} == {AlertStatus.FIRING}
    assert firing["pay-1"].annotations == {"summary": "pay-1 is down"}
    assert firing["pay-1"].ends_at is None

    scene.wait(lambda alerts: alerts["pay-1"].repeats > 0)

    scene.tell("pay-1", ended=True)
    partly = scene.wait(lambda alerts: is_resolved(alerts, "pay-1"))
    assert partly["pay-2"].status is AlertStatus.FIRING
    assert partly["pay-1"].ends_at is not None

    scene.tell("pay-2", ended=True)
    resolved = scene.wait(lambda alerts: is_resolved(alerts, "pay-2"))
    assert len(resolved) == 2
    assert [message.problem for message in scene.bodies() if message.problem] == []


def test_an_alert_that_fires_again_is_a_firing_of_its_own(stage: Staging) -> None:
    scene = stage()
    scene.tell("pay-1")
    scene.wait(lambda alerts: "pay-1" in alerts)
    scene.tell("pay-1", ended=True)
    scene.wait(lambda alerts: is_resolved(alerts, "pay-1"))

    scene.started_at = datetime.now(UTC)
    scene.tell("pay-1")
    wait_until(lambda: len(scene.kept()) == 2, "the second firing")
    first, second = scene.kept()
    assert first.fingerprint == second.fingerprint
    assert (first.status, second.status) == (AlertStatus.RESOLVED, AlertStatus.FIRING)
    assert second.starts_at == scene.started_at


def test_what_alertmanager_leaves_out_is_said(stage: Staging) -> None:
    scene = stage(max_alerts=2)
    scene.tell("pay-1", "pay-2", "pay-3", "pay-4", "pay-5")
    # It sends what began a minute ago at once, be it the first of the five; all five are in the post after that.
    told = "Alertmanager left out 3 more alerts"
    wait_until(lambda: any(told in body.problem for body in scene.bodies()), "what was left out of five")
    body = next(body for body in scene.bodies() if told in body.problem)
    assert body.alerts_new + body.alerts_repeated == 2


def test_what_fires_while_the_portal_is_down_is_stored_once_it_is_back(stage: Staging) -> None:
    scene = stage()
    scene.portal.kill()
    scene.tell("pay-1")
    wait_until(lambda: scene.failures() > 0, "a post that was refused")
    scene.portal.start()
    assert scene.wait(lambda alerts: "pay-1" in alerts)["pay-1"].status is AlertStatus.FIRING
    assert len(scene.kept()) == 1


def test_what_ends_while_the_portal_is_down_is_told_once_it_is_back(stage: Staging) -> None:
    scene = stage()
    scene.tell("pay-1")
    scene.wait(lambda alerts: "pay-1" in alerts)
    scene.portal.kill()
    scene.tell("pay-1", ended=True)
    wait_until(lambda: scene.failures() > 0, "a post that was refused")
    scene.portal.start()
    scene.wait(lambda alerts: is_resolved(alerts, "pay-1"))
    assert len(scene.kept()) == 1


def test_an_alertmanager_that_was_killed_tells_again_and_nothing_is_doubled(stage: Staging) -> None:
    scene = stage()
    scene.tell("pay-1", "pay-2")
    told = scene.wait(lambda alerts: len(alerts) == 2)
    scene.alertmanager.kill()
    scene.alertmanager.start()
    scene.tell("pay-1", "pay-2")  # as Prometheus does every minute
    scene.wait(lambda alerts: all(alert.repeats > told[name].repeats for name, alert in alerts.items()))
    scene.tell("pay-1", "pay-2", ended=True)
    scene.wait(lambda alerts: is_resolved(alerts, "pay-1") and is_resolved(alerts, "pay-2"))
    assert len(scene.kept()) == 2


@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_wrong_credentials_store_nothing_and_lose_nothing(stage: Staging, credentials: str) -> None:
    scene = stage(credentials, token="wrong")
    bodies = len(scene.bodies())
    scene.tell("pay-1")
    wait_until(lambda: scene.failures() > 0, "a post that was refused")
    assert (scene.alerts(), len(scene.bodies())) == ({}, bodies)
    assert "unexpected status code 401" in scene.alertmanager.log.read_text()

    scene.token_file.write_text(TOKEN)
    scene.wait(lambda alerts: "pay-1" in alerts)
    assert len(scene.kept()) == 1


@contextmanager
def no_place_for_alerts(database: Database) -> Iterator[None]:
    """Let every write of an alert fail until the block ends."""
    move = "ALTER TABLE {} RENAME TO {}"
    with database.engine.begin() as connection:
        connection.execute(text(move.format("alert", "alert_away")))
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            connection.execute(text(move.format("alert_away", "alert")))


def test_a_database_that_fails_is_answered_5xx_and_the_alert_comes_again(stage: Staging) -> None:
    scene = stage()
    bodies = len(scene.bodies())
    with no_place_for_alerts(scene.database):
        scene.tell("pay-1")
        wait_until(lambda: scene.failures() > 0, "a post that failed")
        assert len(scene.bodies()) == bodies
    scene.wait(lambda alerts: "pay-1" in alerts)
    assert len(scene.kept()) == 1
    assert "unexpected status code 500" in scene.alertmanager.log.read_text()
