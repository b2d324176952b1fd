"""Where the response meets: the link to the war room."""

from urllib.parse import urlsplit

from ims.errors import Refusal
from ims.model import EntryKind, Incident
from ims.response.wording import line
from ims.store.work import Work


def is_web_link(link: str) -> bool:
    """Return whether a text is an ``http`` or ``https`` address, so that following it runs nothing."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, link.strip()))


def set_war_room(work: Work, incident_id: int, link: str) -> Incident:
    """Say where the response team meets; an empty link takes it away.

    Raises:
        Refusal: it is not a web address.
    """
    incident = work.incident(incident_id)
    address = line(link)
    if address and not is_web_link(address):
        raise Refusal("The war room is not a web address; start it with https://.")
    if address != incident.war_room:
        incident.war_room = address
        work.record(incident, EntryKind.NOTE, f"War room: {address}" if address else "War room taken away")
    return incident
