"""A real Prometheus and a real Alertmanager: a gauge goes up and becomes an incident, which hears when it goes down."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from ims.bootstrap import Portal, build
from ims.config import ROOT, Settings
from ims.intake.triage import draft_from_alerts
from ims.model import Alert, AlertStatus, CustomerUpdateDraft, EntryKind, Incident, IncidentDraft, TriageState
from ims.response.customers import send_update
from ims.response.declare import declare
from ims.store import incidents
from ims.store.alert_questions import Filter, listed
from tests.conftest import Team, make_team
from tests.servers import Server, alertmanager_server, portal_server, prometheus_server, running

ALERTS_TOKEN, METRICS_TOKEN = "alerts-in", "gauges-out"
PATIENCE = 30.0
PROMETHEUS = """\
global: {{scrape_interval: 500ms, evaluation_interval: 500ms}}
rule_files: [{rules}]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ["{alertmanager}"]}}]
scrape_configs:
  - job_name: {job}
    authorization: {{credentials: {token}}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
ALERTMANAGER = """\
route: {{receiver: ims, group_by: [alertname, service], group_wait: 1s, group_interval: 4s}}
receivers:
  - name: ims
    webhook_configs:
      - url: {portal}/hooks/alertmanager
        http_config: {{authorization: {{type: Bearer, credentials: {token}}}}}
"""
RULE = """\
groups:
  - name: payments
    rules:
      - alert: PaymentsFail
        expr: payments_failed_ratio > 0.05
        for: 2s
        labels: {severity: critical, service: payments}
        annotations: {summary: "{{ $value | humanizePercentage }} of payments fail"}
"""


class Payments(ThreadingHTTPServer):
    """Somebody's service, with a gauge that a test turns."""

    failed_ratio = 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Shown)


class _Shown(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Payments)
        body = f"# TYPE payments_failed_ratio gauge\npayments_failed_ratio {self.server.failed_ratio}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def payments() -> Iterator[Payments]:
    with Payments() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass
class Scene:
    """The portal's process, and the same portal in this process, as the commander's hands."""

    process: Server
    portal: Portal
    team: Team
    folder: Path

    @contextmanager
    def watched(self, rules: str, job: str, port: int) -> Iterator[Server]:
        """Let a Prometheus scrape a port and judge it by rules, and an Alertmanager tell the portal of it."""
        file = self.folder / "rules.yaml"
        file.write_text(rules)
        alertmanager = alertmanager_server(
            self.folder, ALERTMANAGER.format(portal=self.process.url, token=ALERTS_TOKEN)
        )
        target = {"rules": file, "alertmanager": f"127.0.0.1:{alertmanager.port}", "job": job, "port": port}
        prometheus = prometheus_server(self.folder, PROMETHEUS.format(token=METRICS_TOKEN, **target))
        with running(alertmanager), running(prometheus):
            yield prometheus

    def alert(self) -> Alert | None:
        with self.portal.reading() as session:
            return next(iter(listed(session, Filter())), None)

    def declare_from(self, alert: Alert) -> Incident:
        with self.portal.work(self.team.as_ada) as work:
            prefill = draft_from_alerts(work.session, [alert.id])
            known = {name: getattr(prefill, name) for name in ("title", "summary", "alert_ids", "service_ids")}
            asked = {**known, "customer_ids": prefill.customer_ids, "affects_customers": True}
            return declare(work, IncidentDraft.model_validate(asked), self.portal.procedure)

    def said(self, incident: Incident, kind: EntryKind) -> list[str]:
        with self.portal.reading() as session:
            return [entry.text for entry in incidents.timeline(session, incident.id) if entry.kind is kind]


@pytest.fixture
def scene(tmp_path: Path, database_url: str) -> Iterator[Scene]:
    alertmanager_server(tmp_path, "")  # where one of them is absent, nothing needs to start
    prometheus_server(tmp_path, "")
    portal = build(Settings(database_url=database_url))
    portal.start()
    team = make_team(portal)
    tokens = {"IMS_ALERTMANAGER_TOKEN": ALERTS_TOKEN, "IMS_METRICS_TOKEN": METRICS_TOKEN}
    with running(portal_server(tmp_path, database_url, **tokens)) as process:
        yield Scene(process, portal, team, tmp_path)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"not within {PATIENCE:g} s: {what}"
        time.sleep(0.1)


def firing(prometheus: Server) -> dict[str, dict[str, str]]:
    """Return the annotations of every alert that fires in Prometheus, by its name."""
    answer = httpx.get(f"{prometheus.url}/api/v1/alerts").json()
    alerts = [alert for alert in answer["data"]["alerts"] if alert["state"] == "firing"]
    return {alert["labels"]["alertname"]: alert["annotations"] for alert in alerts}


def value(prometheus: Server, question: str) -> float:
    """Return what Prometheus knows of the only series that a question is about."""
    answer = httpx.get(f"{prometheus.url}/api/v1/query", params={"query": question}).json()
    (series,) = answer["data"]["result"]
    return float(series["value"][1])


def test_a_gauge_that_goes_up_becomes_an_incident_that_hears_when_it_goes_down(
    scene: Scene, payments: Payments
) -> None:
    with scene.watched(RULE, "payments", payments.server_port):
        payments.failed_ratio = 0.14
        wait_until(lambda: scene.alert() is not None, "the alert in the portal")
        alert = scene.alert()
        assert alert is not None
        assert (alert.name, alert.status, alert.triage) == ("PaymentsFail", AlertStatus.FIRING, TriageState.WAITING)
        assert alert.annotations["summary"] == "14% of payments fail"

        incident = scene.declare_from(alert)
        assert incident.title == "14% of payments fail"
        assert incident.began_at == alert.starts_at
        assert scene.said(incident, EntryKind.ALERT_RESOLVED) == []

        payments.failed_ratio = 0.01
        resolved = EntryKind.ALERT_RESOLVED
        wait_until(lambda: scene.said(incident, resolved) != [], "the resolved alert in the timeline")
        assert scene.said(incident, resolved) == ["Alert PaymentsFail resolved"]
        ended = scene.alert()
        assert ended is not None
        assert (ended.id, ended.status, ended.triage) == (alert.id, AlertStatus.RESOLVED, TriageState.ATTACHED)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_prometheus_notices_that_customers_of_the_portal_wait(scene: Scene) -> None:
    rules = (ROOT / "data" / "alert_rules" / "ims.yaml").read_text(encoding="utf-8")
    assert "for: 1m" in rules
    with scene.watched(rules.replace("for: 1m", "for: 2s"), "ims", scene.process.port) as prometheus:
        incident = _overdue(scene)
        wait_until(lambda: "IMSCustomersWait" in firing(prometheus), "the rule of the portal's own gauge")
        annotations = firing(prometheus)["IMSCustomersWait"]
        assert annotations["summary"] == "Customers of 1 incident(s) wait for a promised update"
        wait_until(lambda: scene.alert() is not None, "the portal's own alert in the portal")

        _tell_customers(scene, incident)
        wait_until(lambda: "IMSCustomersWait" not in firing(prometheus), "quiet after the update")
        assert value(prometheus, "ims_customer_updates_overdue") == value(prometheus, "ims_pages_unanswered") - 1 == 0


def _overdue(scene: Scene) -> Incident:
    asked = {"title": "Payments fail", "affects_customers": True, "customer_ids": [scene.team.acme.id]}
    with scene.portal.work(scene.team.as_ada) as work:
        incident = declare(work, IncidentDraft.model_validate(asked), scene.portal.procedure)
        incident.next_update_due_at = work.now
        return incident


def _tell_customers(scene: Scene, incident: Incident) -> None:
    with scene.portal.work(scene.team.as_ada) as work:
        promise = work.now + scene.portal.procedure.page_again_every
        asked = {"phase": "investigating", "subject": "s", "body": "b", "next_update_at": promise}
        send_update(work, incident.id, CustomerUpdateDraft.model_validate(asked), number=1)
