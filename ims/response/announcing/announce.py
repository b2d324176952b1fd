"""What is announced of a change, in the transaction of the change.

Every change of an incident is written into its timeline, so what a unit of work wrote there decides what is announced:
the channel of the incident, its ``Incident`` ticket, its war room, the pager. Nothing is announced to a system that is
not configured, because the timeline says it all already.
"""

from collections.abc import Sequence

from ims.model import Incident, TimelineEntry
from ims.response.announcing import channel, pager, ticket
from ims.response.announcing.asking import said
from ims.store.work import Work

CHANNELS, PAGER, ROOMS, TICKETS = "channels", "pager", "rooms", "tickets"


def announce(work: Work, configured: frozenset[str]) -> None:
    """Ask for everything that the team's tools must hear of what this work wrote into timelines."""
    for incident_id in {entry.incident_id for entry in work.entries}:
        incident = work.get(Incident, incident_id)
        if incident.origin != "portal":  # imported ones were announced where they happened
            continue
        entries = [entry for entry in work.entries if entry.incident_id == incident_id]
        _correct(work, incident, [entry for entry in entries if entry.supersedes_id], configured)
        _tell(work, incident, [entry for entry in entries if not entry.supersedes_id], configured)
    work.entries.clear()


def _tell(work: Work, incident: Incident, entries: Sequence[TimelineEntry], configured: frozenset[str]) -> None:
    if CHANNELS in configured:
        channel.tell(work, incident, entries)
    if TICKETS in configured:
        ticket.tell(work, incident, entries)
    if ROOMS in configured:
        pager.open_room(work, incident, entries)
    if PAGER in configured:
        pager.tell(work, incident, entries)
    if {ROOMS, PAGER} <= configured:
        pager.let_pages_name_the_room(work, incident, entries)


def _correct(work: Work, incident: Incident, entries: Sequence[TimelineEntry], configured: frozenset[str]) -> None:
    """Say what was written anew. It happened long ago: nothing is moved, opened, ended or archived for it again."""
    for entry in entries:
        text = f"Corrected: {said(entry)}"
        if CHANNELS in configured:
            channel.tell_correction(work, incident, entry, text)
        if TICKETS in configured:
            ticket.tell_correction(work, incident, entry, text)
