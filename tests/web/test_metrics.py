"""``/metrics`` as Prometheus reads it."""

import base64
import math
import shutil
import subprocess
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from ims.bootstrap import Portal
from ims.delivery.crew import Rounds
from ims.model import IncidentDraft
from ims.response.declare import declare
from ims.web import metrics
from tests.conftest import HandClock, make_team
from tests.servers import absent
from tests.web.conftest import Client, OpenClient
from tests.web.test_health import take_the_database_away

PATH = "/metrics"


def read(answer: httpx.Response) -> dict[str, float]:
    """Return each sample by its name and label values: ``ims_deliveries stopped``."""
    families = text_string_to_metric_families(answer.text)
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value for each in families for sample in each.samples
    }


def declare_one(portal: Portal) -> None:
    team = make_team(portal)
    asked = {"title": "Payments fail", "affects_customers": True, "customer_ids": [team.acme.id]}
    with portal.work(team.as_ada) as work:
        declare(work, IncidentDraft.model_validate(asked), portal.procedure)


def test_an_empty_portal_shows_every_gauge(client_from: OpenClient) -> None:
    answer = client_from().request("GET", PATH)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert {name for name, value in read(answer).items() if value == 0} == {
        *(f"ims_incidents_active {severity}" for severity in ("sev1", "sev2", "sev3", "sev4", "unset")),
        *(f"ims_deliveries {state}" for state in ("waiting", "failing", "stopped")),
        "ims_customer_updates_overdue",
        "ims_customer_update_overdue_seconds",
        "ims_pages_unanswered",
        "ims_alerts_waiting",
        "ims_delivery_oldest_waiting_seconds",
    }


def test_what_needs_somebody_is_seen(client_from: OpenClient, portal: Portal, clock: HandClock) -> None:
    declare_one(portal)
    clock.forward(timedelta(hours=3))
    seen = read(client_from().request("GET", PATH))
    assert seen["ims_incidents_active unset"] == seen["ims_customer_updates_overdue"] == 1
    assert seen["ims_pages_unanswered"] == 1
    assert seen["ims_customer_update_overdue_seconds"] > 3_600
    assert seen["ims_deliveries waiting"] > 0
    assert seen["ims_delivery_oldest_waiting_seconds"] == 3 * 3_600


def test_nobody_is_named(client_from: OpenClient, portal: Portal) -> None:
    declare_one(portal)
    text = client_from().request("GET", PATH).text
    assert [word for word in ("Ada", "Acme", "Payments", "example.com", "INC-") if word in text] == []


def test_the_version_is_there(client_from: OpenClient) -> None:
    assert 'ims_build_info{version="' in client_from().request("GET", PATH).text


@pytest.mark.parametrize(("age", "shown"), [(timedelta(seconds=5), 5.0), (None, math.inf)])
def test_the_workers_silence_is_there_once_somebody_can_tell_it(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, client_from: OpenClient, age: timedelta | None, shown: float
) -> None:
    told = metrics.endpoint(lambda: age)
    monkeypatch.setattr(metrics, "endpoint", lambda *_: told)
    assert read(client_from().request("GET", PATH))["ims_worker_last_round_age_seconds"] == shown


def test_a_reader_that_prefers_openmetrics_gets_it(client_from: OpenClient) -> None:
    answer = client_from(Accept="application/openmetrics-text;version=1.0.0").request("GET", PATH)
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.parametrize("token", [None, SecretStr("")])
def test_without_a_token_everybody_may_read(client_from: OpenClient, portal: Portal, token: SecretStr | None) -> None:
    portal.settings.metrics_token = token
    assert client_from("203.0.113.9").request("GET", PATH).status_code == 200


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        ("Bearer read-me", 200),
        ("Basic " + base64.b64encode(b"prometheus:read-me").decode(), 200),
        ("Bearer read-me-not", 401),
        ("Bearer s3cret-token", 401),  # Alertmanager's
        ("read-me", 401),
        ("Bearer ", 401),
        ("", 401),
    ],
)
def test_with_a_token_only_who_knows_it_may_read(
    client_from: OpenClient, portal: Portal, credentials: str, status: int
) -> None:
    portal.settings.metrics_token = SecretStr("read-me")
    answer = client_from("127.0.0.1", Authorization=credentials).request("GET", PATH)
    assert answer.status_code == status
    assert ("ims_" in answer.text) == (status == 200)


def test_the_metrics_token_does_not_let_alerts_in(client_from: OpenClient, portal: Portal) -> None:
    portal.settings.metrics_token = SecretStr("read-me")
    answer = client_from(Authorization="Bearer read-me").post("/hooks/alertmanager", content=b"{}")
    assert answer.status_code == 401


def test_without_its_database_the_portal_shows_no_gauge_and_no_secret(
    client_from: OpenClient, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_database_away(monkeypatch, portal)
    answer = client_from().request("GET", PATH)
    assert (answer.status_code, answer.text) == (503, "Nothing can be measured: OperationalError.\n")


def test_two_answers_share_nothing(client: Client, portal: Portal) -> None:
    before = read(client.request("GET", PATH))
    declare_one(portal)
    after = read(client.request("GET", PATH))
    assert before["ims_incidents_active unset"] == 0
    assert after["ims_incidents_active unset"] == 1


def test_prometheus_own_linter_finds_nothing(client_from: OpenClient, portal: Portal) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        absent("promtool", "apt-get install prometheus")
    declare_one(portal)
    text = client_from().request("GET", PATH).text
    linted = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout + linted.stderr) == (0, "")


def test_the_watch_says_that_somebody_keeps_it(portal: Portal, clock: HandClock) -> None:
    assert portal.watch_age() is None
    (watch,) = [hand for hand in portal.crew.hands if isinstance(hand, Rounds) and hand.name == "watch"]
    watch.job()
    clock.forward(timedelta(seconds=10))
    watch.job()
    assert portal.watch_age() == timedelta(seconds=10), "it is written down now and then, not in every round"
    clock.forward(timedelta(seconds=10))
    watch.job()
    assert portal.watch_age() == timedelta()
