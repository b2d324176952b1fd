"""A real Alertmanager posts to the portal as people run it, from the first firing to the last resolved alert."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from ims.model import Alert, AlertStatus, InboxMessage
from ims.store.alert_questions import Filter, listed, messages
from ims.store.database import Database
from tests.servers import absent, free_port, wait_for_port

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-the-test"
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
      - url: http://127.0.0.1:{port}/hooks/alertmanager
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials_file: {token_file}
"""


@contextmanager
def running(command: list[str], port: int, log: Path, environment: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_for_port(port)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


@dataclass
class Scene:
    """The portal's database, and Alertmanager's own interface."""

    database: Database
    alertmanager: httpx.Client

    def tell(self, instance: str, *, ended: bool = False) -> None:
        """Say, as Prometheus does, that an alert fires or has ended."""
        labels = {"alertname": "PaymentsDown", "service": "payments", "severity": "critical", "instance": instance}
        now = datetime.now(UTC)
        times = {"startsAt": (now - timedelta(minutes=1)).isoformat()} if not ended else {"endsAt": now.isoformat()}
        alert = {"labels": labels, "annotations": {"summary": f"{instance} is down"}, **times}
        self.alertmanager.post("/api/v2/alerts", json=[alert]).raise_for_status()

    def alerts(self) -> dict[str, Alert]:
        with self.database.reading() as session:
            return {alert.labels["instance"]: alert for alert in listed(session, Filter())}

    def bodies(self) -> list[InboxMessage]:
        with self.database.reading() as session:
            return list(messages(session, datetime.now(UTC), limit=100))

    def wait(self, seen: Callable[[dict[str, Alert]], bool], seconds: float = 30) -> dict[str, Alert]:
        """Wait until the portal has seen something.

        Raises:
            TimeoutError: it has not in time.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if seen(alerts := self.alerts()):
                return alerts
            time.sleep(0.2)
        raise TimeoutError(f"not seen within {seconds} s: {self.alerts()}")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        absent("Alertmanager", "apt-get install prometheus-alertmanager")
    portal_port, alertmanager_port = free_port(), free_port()
    url = f"sqlite:///{tmp_path / 'ims.db'}"
    token_file, configuration = tmp_path / "token", tmp_path / "alertmanager.yml"
    token_file.write_text(TOKEN)
    configuration.write_text(CONFIGURATION.format(port=portal_port, token_file=token_file))
    environment = {"IMS_DATABASE_URL": url, "IMS_ALERTMANAGER_TOKEN_FILE": str(token_file)}
    options = ["--server.headless=true", f"--server.port={portal_port}", "--server.address=127.0.0.1"]
    portal = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    alertmanager = [
        str(binary),
        f"--config.file={configuration}",
        f"--storage.path={tmp_path / 'storage'}",
        f"--web.listen-address=127.0.0.1:{alertmanager_port}",
        "--cluster.listen-address=",
    ]
    with (
        running(portal, portal_port, tmp_path / "portal.log", environment),
        running(alertmanager, alertmanager_port, tmp_path / "alertmanager.log"),
        httpx.Client(base_url=f"http://127.0.0.1:{alertmanager_port}") as client,
    ):
        httpx.get(f"http://127.0.0.1:{portal_port}/readyz", timeout=30).raise_for_status()
        database = Database(url)
        yield Scene(database, client)
        database.close()


def test_a_real_alertmanager_is_understood_from_firing_to_resolved(scene: Scene) -> None:
    scene.tell("pay-1")
    scene.tell("pay-2")
    firing = scene.wait(lambda alerts: len(alerts) == 2)
    assert {alert.status for alert in firing.values()} == {AlertStatus.FIRING}
    assert firing["pay-1"].annotations == {"summary": "pay-1 is down"}
    assert firing["pay-1"].ends_at is None

    scene.wait(lambda alerts: alerts["pay-1"].repeats > 0)

    scene.tell("pay-1", ended=True)
    partly = scene.wait(lambda alerts: alerts["pay-1"].status is AlertStatus.RESOLVED)
    assert partly["pay-2"].status is AlertStatus.FIRING
    assert partly["pay-1"].ends_at is not None

    scene.tell("pay-2", ended=True)
    resolved = scene.wait(lambda alerts: alerts["pay-2"].status is AlertStatus.RESOLVED)
    assert len(resolved) == 2
    assert [message.problem for message in scene.bodies() if message.problem] == []
