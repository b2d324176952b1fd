"""Bodies as Alertmanager writes them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ims.bootstrap import Portal
from ims.intake.alertmanager import read
from ims.intake.inbox import ALERTMANAGER, receive
from ims.model import Alert, InboxMessage
from ims.store import alert_questions

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "contracts" / "alertmanager_webhooks.json").read_text(encoding="utf-8")
)
STARTED = "2026-11-23T02:50:00.123456789Z"
STARTED_AGAIN = "2026-11-23T02:58:00Z"
ENDED = "2026-11-23T02:55:00Z"
NO_END = "0001-01-01T00:00:00Z"


def written(name: str = "PaymentsDown", *, ended: str = "", fingerprint: str = "f1", **changes: Any) -> dict[str, Any]:
    """Write one alert: firing, or resolved if it ended."""
    return {
        "status": "resolved" if ended else "firing",
        "labels": {"alertname": name, "service": "payments", "severity": "critical", "instance": "pay-1"},
        "annotations": {"summary": "5xx ratio 12%"},
        "startsAt": STARTED,
        "endsAt": ended or NO_END,
        "generatorURL": "http://prometheus.example/graph",
        "fingerprint": fingerprint,
    } | changes


def body_of(*alerts: Any, **envelope: Any) -> bytes:
    """Write a body around alerts; its own status is always "firing", as a group's is while one of it fires."""
    message = {"version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "ims", "truncatedAlerts": 0}
    return json.dumps(message | {"alerts": list(alerts)} | envelope).encode()


def post(portal: Portal, *alerts: Any, **envelope: Any) -> InboxMessage:
    """Hand a body to the intake, as the webhook does."""
    return post_raw(portal, body_of(*alerts, **envelope))


def post_raw(portal: Portal, body: bytes) -> InboxMessage:
    """Hand any bytes to the intake."""
    reading = read(body)
    with portal.work(ALERTMANAGER) as work:
        return receive(work, body, reading)


def kept(portal: Portal) -> list[Alert]:
    """Return every alert, by its start."""
    with portal.reading() as session:
        found: Iterable[Alert] = alert_questions.listed(session, alert_questions.Filter(), limit=100_000)
    return sorted(found, key=lambda alert: (alert.starts_at, alert.fingerprint))
