"""How things look in OnCall's answers, field by field as they were recorded."""

from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def z(moment: datetime) -> str:
    """Return a moment as OnCall writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def user(user_id: str, username: str, email: str | None) -> Json:
    """Return a person."""
    return {
        "id": user_id,
        "grafana_id": 6_009_889,
        "email": email,
        "slack": None,
        "username": username,
        "role": "admin",
        "is_phone_number_verified": False,
        "timezone": None,
        "teams": [],
    }


def schedule(schedule_id: str, name: str) -> Json:
    """Return a schedule in which nobody is on call."""
    return {
        "id": schedule_id,
        "team_id": None,
        "name": name,
        "time_zone": "UTC",
        "on_call_now": [],
        "shifts": [],
        "ical_url_overrides": None,
        "enable_web_overrides": False,
        "slack": {"channel_id": None, "user_group_id": None},
        "type": "calendar",
    }


def alert(alert_id: str, group_id: str, at: datetime, payload: Json) -> Json:
    """Return an alert of a group."""
    return {"id": alert_id, "alert_group_id": group_id, "created_at": z(at), "payload": payload}


def note(note_id: str, group_id: str, author: str, at: datetime, text: str) -> Json:
    """Return a note beside a group."""
    return {
        "id": note_id,
        "alert_group_id": group_id,
        "author": author,
        "source": "Web",
        "created_at": z(at),
        "text": text,
    }


def group(group_id: str, integration: str, title: str | None, first: Json) -> Json:
    """Return a group that just opened with its first alert."""
    return {
        "id": group_id,
        "integration_id": integration,
        "team_id": None,
        "route_id": f"R{group_id[1:]}",
        "alerts_count": 1,
        "state": "firing",
        "created_at": first["created_at"],
        "resolved_at": None,
        "resolved_by": None,
        "acknowledged_at": None,
        "acknowledged_by": None,
        "labels": [],
        "title": title,
        "permalinks": {
            "slack": None,
            "slack_app": None,
            "telegram": None,
            "web": f"https://grafana.example.com/a/grafana-oncall-app/alert-groups/{group_id}",
        },
        "silenced_at": None,
        "last_alert": first,
    }


_NO_TEMPLATE = {"title": None, "message": None, "image_url": None}


def integration(integration_id: str, kind: str, name: str, link: str) -> Json:
    """Return a way in for alerts."""
    return {
        "maintenance_mode": None,
        "maintenance_started_at": None,
        "maintenance_end_at": None,
        "id": integration_id,
        "name": name,
        "description_short": None,
        "team_id": None,
        "link": link,
        "inbound_email": None,
        "type": kind,
        "templates": {
            "grouping_key": None,
            "resolve_signal": None,
            "acknowledge_signal": None,
            "source_link": None,
            "slack": _NO_TEMPLATE,
            "web": _NO_TEMPLATE,
            "sms": {"title": None},
            "phone_call": {"title": None},
            "telegram": _NO_TEMPLATE,
            "mobile_app": {"title": None, "message": None},
            "email": {"title": None, "message": None},
            "webhook": _NO_TEMPLATE,
        },
        "heartbeat": {"link": f"{link}heartbeat/"},
        "default_route": {
            "id": "R81YGC3LQ5QUV",
            "escalation_chain_id": "FYLCTNUSNXJXE",
            "slack": {"channel_id": None, "enabled": True},
            "telegram": {"id": None, "enabled": False},
            "mobile_app": {"id": None, "enabled": False},
            "mobile_app_critical": {"id": None, "enabled": False},
            "email": {"id": None, "enabled": False},
            "webhook": {"id": None, "enabled": False},
        },
    }
