"""Words and colours for alerts. Everything that a sender wrote passes through ``plain``."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from ims.intake.triage import service_name, what_it_says
from ims.model import Alert, AlertStatus, TriageState
from ims.ui import places, words
from ims.ui.text import line
from ims.ui.words import Colour

TRIAGE = {
    TriageState.WAITING: "Waiting",
    TriageState.ATTACHED: "In an incident",
    TriageState.DISMISSED: "Dismissed",
}
STATUS = {AlertStatus.FIRING: "Firing", AlertStatus.RESOLVED: "Resolved"}
_SEVERITY_COLOUR: dict[str, Colour] = {
    "critical": "red",
    "page": "red",
    "emergency": "red",
    "error": "orange",
    "high": "orange",
    "major": "orange",
    "warning": "yellow",
    "warn": "yellow",
    "minor": "yellow",
    "info": "blue",
    "information": "blue",
    "low": "blue",
}
_PLACES = ("instance", "pod", "node", "host", "container", "namespace")


def severity(label: str) -> str:
    """Return the severity label as a filled chip; the label is the sender's word, not the incident's severity."""
    if not label:
        return ""
    colour = _SEVERITY_COLOUR.get(label.casefold(), "gray")
    return f":{colour}-badge[{line(label, 30)}]"


def status(alert: Alert, now: datetime) -> str:
    """Say whether an alert fires and how long it did, as Markdown."""
    if alert.status is AlertStatus.FIRING:
        return f":red[:material/notifications_active: **Firing**] for {words.duration(now - alert.starts_at)}"
    lasted = words.duration((alert.ends_at or now) - alert.starts_at)
    return f":green[:material/check: Resolved] after {lasted}"


def place(alert: Alert) -> str:
    """Return which of its group an alert is: where it was measured."""
    named = [alert.labels[label] for label in _PLACES if alert.labels.get(label)]
    return ", ".join(named) or service_name(alert.labels) or alert.name


def sentence(alert: Alert) -> str:
    """Return what the alert says for people, as Markdown short enough for a list."""
    return line(what_it_says(alert), 160)


def incident_links(incident_ids: Iterable[int]) -> None:
    """Draw links to incidents; they stand beside each other in a horizontal container."""
    for each in sorted(incident_ids):
        places.link("incident", f"INC-{each}", icon="local_fire_department", key=f"INC-{each}")


def is_link(text: str) -> bool:
    """Return whether a sender's text is an address that may be offered as a link."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()
