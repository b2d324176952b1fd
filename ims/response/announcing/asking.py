"""Asking for a message about an incident, in the order of those to the same reader."""

from datetime import timedelta

from ims.delivery.queue import enqueue
from ims.model import Incident, TimelineEntry
from ims.model.message import Message
from ims.store.work import Work


def said(entry: TimelineEntry) -> str:
    """Return an entry as the tools show it: its words and who wrote them."""
    return f"{entry.text} ({entry.author})"


def ask(
    work: Work, incident: Incident, message: Message, name: str, stream: str, *, after: timedelta = timedelta()
) -> None:
    """Ask for a message; ``name`` tells it from others of its kind, ``stream`` is whom it goes to."""
    in_order = stream if ":" in stream else f"{stream}:{incident.id}"
    enqueue(
        work,
        message,
        key=f"{message.kind}:{name}",
        stream=in_order,
        incident_id=incident.id,
        due_at=work.now + after,
    )
