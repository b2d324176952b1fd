"""From a message of ours to what OnCall is sent. Pure: the same message always makes the same payload."""

import hashlib
import re
from typing import Any

from ims.model.message import Page, StandDown

Payload = dict[str, Any]

# What Django, in which OnCall is written, takes for the address of a page: a domain with a dot, or four numbers.
_REAL_ADDRESS = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]*[a-z0-9])+(:\d{1,5})?(/\S*)?", re.IGNORECASE)
_MARK = re.compile(r"Reference: (INC-\d+(?:-[0-9a-f]{8})?)/[0-9a-f]{16}")
_UID = re.compile(r"inc-(\d+(?:-[0-9a-f]{8})?)")


def alert_of_page(page: Page) -> Payload:
    """Return the alert that wakes whoever is on call; OnCall groups alerts of one ``alert_uid``."""
    return {
        "alert_uid": uid_of(page.called),
        "title": _title(page),
        "message": _message(page),
        "state": "alerting",
        "link_to_upstream_details": page.portal,
    }


def alert_of_stand_down(message: StandDown) -> Payload:
    """Return the alert that says it is over."""
    return {
        "alert_uid": uid_of(message.called),
        "title": _title(message),
        "message": _plain(message.text),
        "state": "ok",
        "link_to_upstream_details": message.portal,
    }


def note_of(message: StandDown, group_id: str) -> Payload:
    """Return the note that says why nobody needs to be woken any more; OnCall trims it, so it is trimmed here."""
    return {"alert_group_id": group_id, "text": _plain(message.text).strip()}


def escalation_of(page: Page, key: str, user_id: str) -> Payload:
    """Return the request to wake one person, by the rules they made for what is important.

    OnCall refuses a ``source_url`` without a real domain, and with it the page; such a link stays in the message only.
    """
    payload: Payload = {
        "title": _title(page),
        "message": f"{_message(page)}\n{mark_of(page.called, key)}",
        "users": [{"id": user_id, "important": True}],
    }
    return payload | ({"source_url": page.portal} if _REAL_ADDRESS.fullmatch(page.portal) else {})


def uid_of(incident: str) -> str:
    """Return by which name OnCall groups the pages of an incident."""
    return incident.lower()


def mark_of(incident: str, key: str) -> str:
    """Return the last line of a page to one person, by which we find it again: OnCall knows no idempotency key.

    The key is hashed, because OnCall escapes what a key might hold.
    """
    return f"Reference: {incident}/{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def incident_of_uid(uid: str) -> str:
    """Return the incident that an ``alert_uid`` of ours stands for, or an empty text for that of somebody else."""
    named = _UID.fullmatch(uid)
    return f"INC-{named[1]}" if named else ""


def incident_of_message(message: str) -> str:
    """Return the incident that a message of ours names in its last line, or an empty text."""
    marked = _MARK.fullmatch(message.rpartition("\n")[2])
    return marked[1] if marked else ""


def _title(message: Page | StandDown) -> str:
    return _plain(f"{message.incident_key} {message.title}")


def _message(page: Page) -> str:
    links = (f"War room: {page.room}" if page.room else "", f"Portal: {page.portal}" if page.portal else "")
    return "\n".join(line for line in (_plain(page.text), *links) if line)


def _plain(text: str) -> str:
    """Keep what people typed from addressing everybody: OnCall shows it in Slack, where ``<!channel>`` does.

    It is also read as SMS and on the web, so that there is no escape that all of them undo; a space without width after
    the bracket is seen by nobody.
    """
    return re.sub(r"<(?=\S)", "<\u200b", text)
