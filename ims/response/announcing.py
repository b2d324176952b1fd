"""What the team's own tools hear of an incident, in the transaction of the change that they hear of.

Every change of an incident is written into its timeline, so what a unit of work wrote there decides what is announced:
the channel of the incident, its ``Incident`` ticket, its war room, the pager. Nothing is announced to a system that is
not configured, because the timeline says it all already.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from ims.delivery.queue import enqueue
from ims.model import (
    Customer,
    DeliveryState,
    EntryKind,
    Incident,
    IncidentRole,
    IncidentState,
    Person,
    TimelineEntry,
)
from ims.model.message import (
    ChannelClosing,
    ChannelInvitation,
    ChannelStatus,
    Message,
    Opening,
    Page,
    RoomRequest,
    StandDown,
    TeamMessage,
    TicketComment,
    TicketMove,
)
from ims.response.command import ROLE_NAMES
from ims.response.escalation import is_answered
from ims.store import deliveries, incidents
from ims.store.work import Work

CHANNELS, PAGER, ROOMS, TICKETS = "channels", "pager", "rooms", "tickets"
PORTAL_ITSELF = "portal"
_CLOSING = ChannelClosing.kind
CHANNEL_STAYS_FOR = timedelta(hours=24)  # after the end, for the last words
PAGE_WAITS_FOR_ROOM = timedelta(seconds=5)

STATE_CHANGES = {
    EntryKind.MITIGATED: IncidentState.MITIGATED,
    EntryKind.RESOLVED: IncidentState.RESOLVED,
    EntryKind.REOPENED: IncidentState.OPEN,
    EntryKind.CLOSED: IncidentState.CLOSED,
    EntryKind.CANCELLED: IncidentState.CANCELLED,
}
_MILESTONES = {
    *STATE_CHANGES,
    EntryKind.SEVERITY_SET,
    EntryKind.UPDATE_WRITTEN,
    EntryKind.HANDED_OVER,
    EntryKind.RCA_CREATED,
    EntryKind.RCA_PUBLISHED,
    EntryKind.MEETING_PLANNED,
    EntryKind.MEETING_CALLED_OFF,
    EntryKind.MEETING_WAIVED,
}
_SPOKEN = {
    *_MILESTONES,
    EntryKind.ACKNOWLEDGED,
    EntryKind.ROLE_ASSIGNED,
    EntryKind.IMPACT_SET,
    EntryKind.FREQUENCY_SET,
    EntryKind.SCOPE_CHANGED,
    EntryKind.TICKET_OPENED,
    EntryKind.ROOM_OPENED,
    EntryKind.UPDATES_HELD,
    EntryKind.ALERT_RESOLVED,
    EntryKind.SILENCED,
    EntryKind.SILENCE_ENDED,
    EntryKind.NOTE,
    EntryKind.FINDING,
    EntryKind.REPLICATION,
    EntryKind.TEAM_INVOLVED,
    EntryKind.HANDOVER_OFFERED,
    EntryKind.DECIDED,
    EntryKind.CHANGE_MADE,
    EntryKind.CHANGE_SETTLED,
    EntryKind.NUDGED,
    EntryKind.DELIVERY_STOPPED,
}
_CHANGES_HEAD = {
    *STATE_CHANGES,
    EntryKind.SEVERITY_SET,
    EntryKind.IMPACT_SET,
    EntryKind.ROLE_ASSIGNED,
    EntryKind.HANDED_OVER,
    EntryKind.SCOPE_CHANGED,
    EntryKind.UPDATE_WRITTEN,
    EntryKind.UPDATES_HELD,
    EntryKind.UPDATES_RESUMED,
    EntryKind.ROOM_OPENED,
}
_TAKES_PART = (EntryKind.ROLE_ASSIGNED, EntryKind.RESPONDER_JOINED, EntryKind.HANDED_OVER)
_PAGER_RESTS = (EntryKind.RESOLVED, EntryKind.CANCELLED)
_MAY_ANSWER = {*STATE_CHANGES, EntryKind.ACKNOWLEDGED, EntryKind.ROLE_ASSIGNED, EntryKind.ROLES_CONFIRMED}
_ENDS = (EntryKind.CLOSED, EntryKind.CANCELLED)


def announce(work: Work, configured: frozenset[str]) -> None:
    """Ask for everything that the team's tools must hear of what this work wrote into timelines."""
    for incident_id in {entry.incident_id for entry in work.entries}:
        incident = work.get(Incident, incident_id)
        if incident.origin != "portal":  # imported ones were announced where they happened
            continue
        entries = [entry for entry in work.entries if entry.incident_id == incident_id]
        if CHANNELS in configured and _has_channel(work, incident, entries):
            _to_channel(work, incident, entries)
        if TICKETS in configured:
            _to_ticket(work, incident, entries)
        if ROOMS in configured:
            _to_rooms(work, incident, entries)
        if PAGER in configured:
            _to_pager(work, incident, entries)
        if {ROOMS, PAGER} <= configured:
            _let_pages_name_the_room(work, incident, entries)
    work.entries.clear()


def facts(work: Work, incident: Incident) -> dict[str, str]:
    """Return what stands at the head of the incident's channel, label and value."""
    roles = incidents.current_roles(work.session, incident.id)
    commander = roles[IncidentRole.COMMANDER].person_id if IncidentRole.COMMANDER in roles else incident.owner_id
    held = {role: roles[role].person_id if role in roles else commander for role in IncidentRole}
    customers: Iterable[Customer] = incidents.customers_of(work.session, incident.id)
    due = incident.next_update_due_at
    said = {
        "State": incident.state.value.capitalize(),
        "Severity": incident.severity.label if incident.severity else "not set",
        "Impact": incident.impact_text or (incident.impact.value if incident.impact else ""),
        **{ROLE_NAMES[role]: work.get(Person, person_id).name for role, person_id in held.items() if person_id},
        "Customers": ", ".join(customer.name for customer in customers),
        "Next customer update": f"{due:%Y-%m-%d %H:%M} UTC" if due else "",
    }
    return {label: value for label, value in said.items() if value}


def _to_channel(work: Work, incident: Incident, entries: Iterable[TimelineEntry]) -> None:
    is_new = any(entry.kind is EntryKind.DECLARED for entry in entries)
    if is_new:
        _ask(work, incident, _opening(work, incident), str(incident.id), "team")
    for entry in entries:
        if entry.kind is EntryKind.REOPENED:
            _keep_channel(work, incident)
        if entry.kind in _SPOKEN and entry.data.get("delivery_kind") != Opening.kind:  # which it could not hear
            said = TeamMessage(incident_key=incident.key, text=_said(entry), broadcast=entry.kind in STATE_CHANGES)
            _ask(work, incident, said, str(entry.id), "team")
        if entry.kind in _TAKES_PART and entry.data.get("person_id"):
            _bring_in(work, incident, work.get(Person, entry.data["person_id"]))
    if any(entry.kind in _CHANGES_HEAD for entry in entries) and not is_new:
        status = ChannelStatus(incident_key=incident.key, title=incident.title, facts=facts(work, incident))
        _ask(work, incident, status, f"{incident.id}:{incident.version}", "team")
    if any(entry.kind in _ENDS for entry in entries):
        closing = ChannelClosing(incident_key=incident.key)
        _ask(work, incident, closing, f"{incident.id}:{incident.version}", "closing", after=CHANNEL_STAYS_FOR)


def _opening(work: Work, incident: Incident) -> Opening:
    return Opening(incident_key=incident.key, title=incident.title, facts=facts(work, incident))


def _has_channel(work: Work, incident: Incident, entries: Sequence[TimelineEntry]) -> bool:
    """One that was declared before the chat was connected has none; nor has one whose channel is archived."""
    if any(entry.kind in (EntryKind.DECLARED, EntryKind.REOPENED) for entry in entries):
        return True
    opened, closed = (deliveries.newest_of(work.session, incident.id, kind) for kind in (Opening.kind, _CLOSING))
    is_archived = closed is not None and closed.state is DeliveryState.SENT
    return opened is not None and not (is_archived and closed is not None and closed.id > opened.id)


def _bring_in(work: Work, incident: Incident, person: Person) -> None:
    invitation = ChannelInvitation(incident_key=incident.key, person_name=person.name, person_email=person.email)
    _ask(work, incident, invitation, f"{incident.id}:{person.id}", "team")


def _keep_channel(work: Work, incident: Incident) -> None:
    """An incident that burns again keeps its channel; one that is archived already is opened again."""
    kept = deliveries.call_off(work.session, incident.id, ChannelClosing.kind, work.now, "The incident was reopened.")
    if not kept:
        _ask(work, incident, _opening(work, incident), f"{incident.id}:{incident.version}", "team")


def _to_ticket(work: Work, incident: Incident, entries: Iterable[TimelineEntry]) -> None:
    ticket = incidents.main_ticket(work.session, incident.id)
    if ticket is None or (ticket.key and ticket.system == PORTAL_ITSELF):  # opened before another was connected
        return
    for entry in entries:
        if entry.kind in _MILESTONES:
            said = TicketComment(incident_key=incident.key, text=_said(entry))
            _ask(work, incident, said, str(entry.id), f"ticket:{ticket.id}")
        if entry.kind in STATE_CHANGES:
            move = TicketMove(incident_key=incident.key, state=STATE_CHANGES[entry.kind].value)
            _ask(work, incident, move, str(entry.id), f"ticket:{ticket.id}")


def _to_rooms(work: Work, incident: Incident, entries: Iterable[TimelineEntry]) -> None:
    if any(entry.kind is EntryKind.DECLARED for entry in entries) and not incident.war_room:
        _ask(work, incident, RoomRequest(incident_key=incident.key, title=incident.title), str(incident.id), "room")


def _let_pages_name_the_room(work: Work, incident: Incident, entries: Collection[TimelineEntry]) -> None:
    """Whoever is woken needs to know where to go; but a room that takes longer than a moment keeps nobody asleep."""
    kinds = {entry.kind for entry in entries}
    if EntryKind.ROOM_OPENED in kinds:
        deliveries.reschedule(work.session, incident.id, Page.kind, work.now)
    elif EntryKind.DECLARED in kinds and not incident.war_room:
        deliveries.reschedule(work.session, incident.id, Page.kind, work.now + PAGE_WAITS_FOR_ROOM)


def _to_pager(work: Work, incident: Incident, entries: Collection[TimelineEntry]) -> None:
    for entry in entries:
        if entry.kind in _PAGER_RESTS:
            _stand_down(work, incident, entry, str(entry.id))
    taken = [entry for entry in entries if entry.kind is EntryKind.ACKNOWLEDGED]
    answers = [entry for entry in entries if entry.kind in _MAY_ANSWER]
    if answers and is_answered(work, incident):
        # Pages wait while the pager is away; once it is back, they would wake people for what is in hand or over.
        deliveries.call_off(work.session, incident.id, Page.kind, work.now, "Nobody needs to be woken any more.")
        taken = taken or answers
    if taken and incident.is_active:
        _let_others_sleep(work, incident, taken[-1])


def _let_others_sleep(work: Work, incident: Incident, why: TimelineEntry) -> None:
    """End what still rings, once for each page: who answers in the pager answers one page there, and others go on."""
    page = deliveries.newest_of(work.session, incident.id, Page.kind)
    if page:
        _stand_down(work, incident, why, f"page:{page.id}")


def _stand_down(work: Work, incident: Incident, entry: TimelineEntry, name: str) -> None:
    over = entry.kind in _PAGER_RESTS
    message = StandDown(
        incident_key=incident.key, title=incident.title, text=_said(entry), over=over, name=incident.name_everywhere
    )
    _ask(work, incident, message, name, "page")


def _said(entry: TimelineEntry) -> str:
    return f"{entry.text} ({entry.author})"


def _ask(
    work: Work, incident: Incident, message: Message, name: str, stream: str, *, after: timedelta = timedelta()
) -> None:
    in_order = stream if ":" in stream else f"{stream}:{incident.id}"
    enqueue(
        work,
        message,
        key=f"{message.kind}:{name}",
        stream=in_order,
        incident_id=incident.id,
        due_at=work.now + after,
    )
