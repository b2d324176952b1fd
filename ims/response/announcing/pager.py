"""The pager and the war room: who is woken knows where to go, and whoever is not needed sleeps."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from ims.model import EntryKind, Incident, TimelineEntry
from ims.model.message import Page, RoomRequest, StandDown
from ims.response.announcing.asking import ask, said
from ims.response.announcing.kinds import MAY_ANSWER, PAGER_RESTS
from ims.response.escalation import is_answered
from ims.store import deliveries
from ims.store.work import Work

PAGE_WAITS_FOR_ROOM = timedelta(seconds=5)


def open_room(work: Work, incident: Incident, entries: Iterable[TimelineEntry]) -> None:
    """Ask for a war room when an incident is declared, unless it has one."""
    if any(entry.kind is EntryKind.DECLARED for entry in entries) and not incident.war_room:
        ask(work, incident, RoomRequest(incident_key=incident.key, title=incident.title), str(incident.id), "room")


def let_pages_name_the_room(work: Work, incident: Incident, entries: Collection[TimelineEntry]) -> None:
    """Whoever is woken needs to know where to go; but a room that takes longer than a moment keeps nobody asleep."""
    kinds = {entry.kind for entry in entries}
    if EntryKind.ROOM_OPENED in kinds:
        deliveries.reschedule(work.session, incident.id, Page.kind, work.now)
    elif EntryKind.DECLARED in kinds and not incident.war_room:
        deliveries.reschedule(work.session, incident.id, Page.kind, work.now + PAGE_WAITS_FOR_ROOM)


def tell(work: Work, incident: Incident, entries: Collection[TimelineEntry]) -> None:
    """End what rings once somebody is there or it is over."""
    for entry in entries:
        if entry.kind in PAGER_RESTS:
            _stand_down(work, incident, entry, str(entry.id))
    taken = [entry for entry in entries if entry.kind is EntryKind.ACKNOWLEDGED]
    answers = [entry for entry in entries if entry.kind in MAY_ANSWER]
    if answers and is_answered(work, incident):
        # Pages wait while the pager is away; once it is back, they would wake people for what is in hand or over.
        # Those that stopped may be for somebody who was called in since the acknowledgement.
        reason, is_moot = "Nobody needs to be woken any more.", bool(taken) or not incident.is_active
        deliveries.call_off(work.session, incident.id, Page.kind, work.now, reason, also_stopped=is_moot)
        taken = taken or answers
    if taken and incident.is_active:
        _let_others_sleep(work, incident, taken[-1])


def _let_others_sleep(work: Work, incident: Incident, why: TimelineEntry) -> None:
    """End what still rings, once for each page: who answers in the pager answers one page there, and others go on."""
    page = deliveries.newest_of(work.session, incident.id, Page.kind)
    if page:
        _stand_down(work, incident, why, f"page:{page.id}")


def _stand_down(work: Work, incident: Incident, entry: TimelineEntry, name: str) -> None:
    over = entry.kind in PAGER_RESTS
    message = StandDown(
        incident_key=incident.key, title=incident.title, text=said(entry), over=over, name=incident.name_everywhere
    )
    ask(work, incident, message, name, "page")
