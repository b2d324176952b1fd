"""Where the response meets: the link to the war room."""

from urllib.parse import urlsplit

from ims.errors import Refusal
from ims.model import EntryKind, Incident
from ims.model.seen import agreed
from ims.response.wording import line
from ims.store import timeline
from ims.store.work import Work


def is_web_link(link: str) -> bool:
    """Return whether a text is an ``http`` or ``https`` address, so that following it runs nothing."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, link.strip()))


def set_war_room(work: Work, incident_id: int, link: str, *, seen: str | None = None) -> Incident:
    """Say where the response team meets; an empty link takes it away. ``seen`` is the link that the writer saw.

    Raises:
        Conflict: somebody else changed it meanwhile; nothing is written.
        Refusal: it is not a web address.
    """
    incident = work.incident(incident_id)
    address = line(link)
    if address and not is_web_link(address):
        raise Refusal("The war room is not a web address; start it with https://.")
    if seen is not None:
        fields = {"war_room": seen}, {"war_room": incident.war_room}, {"war_room": address}
        address = agreed(*fields, lambda name: timeline.last_change(work.session, incident_id, name))["war_room"]
    if address != incident.war_room:
        incident.war_room = address
        text = f"War room: {address}" if address else "War room taken away"
        work.record(incident, EntryKind.NOTE, text, war_room=address)
    return incident
