"""Alerts of the story, as the bodies that Alertmanager would post."""

import hashlib
import json
from datetime import datetime

from ims.demo.story import Firing

_NEVER = "0001-01-01T00:00:00Z"  # how Alertmanager writes that an alert has not ended


def labels(alert: Firing, service: str) -> dict[str, str]:
    """Return what an alert is known by."""
    return {"alertname": alert.name, "service": service, "severity": alert.severity, "cluster": "eu-1"}


def fingerprint(alert: Firing, service: str) -> str:
    """Return the alert's fingerprint: like Alertmanager's, 16 hexadecimal digits that follow from the labels."""
    return hashlib.sha256(json.dumps(labels(alert, service)).encode()).hexdigest()[:16]


def body(alert: Firing, service: str, starts_at: datetime, ends_at: datetime | None = None) -> bytes:
    """Return the body that says an alert fires, or with ``ends_at`` that it is resolved."""
    status = "resolved" if ends_at else "firing"
    about = {"summary": alert.summary} | ({"description": alert.description} if alert.description else {})
    one = {
        "status": status,
        "labels": labels(alert, service),
        "annotations": about,
        "startsAt": starts_at.isoformat(),
        "endsAt": ends_at.isoformat() if ends_at else _NEVER,
        "generatorURL": f"http://prometheus.fjordlane.example/graph?alert={alert.name}",
        "fingerprint": fingerprint(alert, service),
    }
    message = {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{alert.name}",service="{service}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "ims",
        "groupLabels": {"alertname": alert.name, "service": service},
        "commonLabels": labels(alert, service),
        "commonAnnotations": about,
        "externalURL": "http://alertmanager.fjordlane.example",
        "alerts": [one],
    }
    return json.dumps(message).encode()
