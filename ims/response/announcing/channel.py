"""The response team's channel: opened, told what happens, its head kept true, archived in the end."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from ims.model import Customer, DeliveryState, EntryKind, Incident, IncidentRole, Person, TimelineEntry
from ims.model.message import ChannelClosing, ChannelInvitation, ChannelStatus, Opening, TeamMessage
from ims.response.announcing.asking import ask, said
from ims.response.announcing.kinds import CHANGES_HEAD, ENDS, SPOKEN, STATE_CHANGES, TAKES_PART
from ims.response.command import ROLE_NAMES
from ims.store import coordination, deliveries, incidents
from ims.store.work import Work

STAYS_FOR = timedelta(hours=24)  # after the end, for the last words


def tell(work: Work, incident: Incident, entries: Sequence[TimelineEntry]) -> None:
    """Ask for what the channel must hear of new entries; where the incident has no channel, of nothing."""
    kinds = {entry.kind for entry in entries}
    if kinds.isdisjoint({EntryKind.DECLARED, EntryKind.REOPENED}) and not _is_there(work, incident):
        return
    if EntryKind.DECLARED in kinds:
        ask(work, incident, _opening(work, incident), str(incident.id), "team")
    for entry in entries:
        if entry.kind is EntryKind.REOPENED:
            _open_again(work, incident)
        if entry.kind in SPOKEN and entry.data.get("delivery_kind") != Opening.kind:  # which it could not hear
            word = TeamMessage(incident_key=incident.key, text=said(entry), broadcast=entry.kind in STATE_CHANGES)
            ask(work, incident, word, str(entry.id), "team")
        if entry.kind in TAKES_PART and entry.data.get("person_id"):
            _bring_in(work, incident, work.get(Person, entry.data["person_id"]))
    if not kinds.isdisjoint(CHANGES_HEAD) and EntryKind.DECLARED not in kinds:
        status = ChannelStatus(incident_key=incident.key, title=incident.title, facts=facts(work, incident))
        ask(work, incident, status, f"{incident.id}:{incident.version}", "team")
    if not kinds.isdisjoint(ENDS):
        closing = ChannelClosing(incident_key=incident.key)
        ask(work, incident, closing, f"{incident.id}:{incident.version}", "closing", after=STAYS_FOR)


def tell_correction(work: Work, incident: Incident, entry: TimelineEntry, text: str) -> None:
    """Say in the channel that an entry was written anew, if it heard of the entry."""
    if entry.kind in SPOKEN and _is_there(work, incident):
        ask(work, incident, TeamMessage(incident_key=incident.key, text=text), str(entry.id), "team")


def facts(work: Work, incident: Incident) -> dict[str, str]:
    """Return what stands at the head of the incident's channel, label and value."""
    roles = incidents.current_roles(work.session, incident.id)
    commander = roles[IncidentRole.COMMANDER].person_id if IncidentRole.COMMANDER in roles else incident.owner_id
    held = {role: roles[role].person_id if role in roles else commander for role in IncidentRole}
    customers: Iterable[Customer] = incidents.customers_of(work.session, incident.id)
    due = incident.next_update_due_at
    shown = {
        "State": incident.state.value.capitalize(),
        "Severity": incident.severity.label if incident.severity else "not set",
        "Impact": incident.impact_text or (incident.impact.value if incident.impact else ""),
        **{ROLE_NAMES[role]: work.get(Person, person_id).name for role, person_id in held.items() if person_id},
        "Customers": ", ".join(customer.name for customer in customers),
        "Next customer update": f"{due:%Y-%m-%d %H:%M} UTC" if due else "",
    }
    return {label: value for label, value in shown.items() if value}


def _opening(work: Work, incident: Incident) -> Opening:
    return Opening(incident_key=incident.key, title=incident.title, facts=facts(work, incident))


def _is_there(work: Work, incident: Incident) -> bool:
    """Say whether there is a channel, or will be one.

    An incident that was declared before the chat was connected has none; nor has one whose channel is archived, or was
    given up.
    """
    opened, closed = (deliveries.newest_of(work.session, incident.id, each.kind) for each in (Opening, ChannelClosing))
    if opened is None or opened.state is DeliveryState.GIVEN_UP:
        return False
    return closed is None or closed.state is not DeliveryState.SENT or closed.id < opened.id


def _open_again(work: Work, incident: Incident) -> None:
    """Take the channel into use again, or open another one where it is archived by now, and bring the team in."""
    deliveries.call_off(work.session, incident.id, ChannelClosing.kind, work.now, "The incident was reopened.")
    ask(work, incident, _opening(work, incident), f"{incident.id}:{incident.version}", "team")
    holders = {each.person_id for each in incidents.current_roles(work.session, incident.id).values()}
    working = {each.person_id for each in coordination.responders(work.session, incident.id)}
    for person_id in sorted(holders | working | ({incident.owner_id} if incident.owner_id else set())):
        _bring_in(work, incident, work.get(Person, person_id))


def _bring_in(work: Work, incident: Incident, person: Person) -> None:
    """Invite somebody, once for each opening: after the last one, the channel may be another."""
    opening = deliveries.newest_of(work.session, incident.id, Opening.kind)
    if opening and person.active:
        invitation = ChannelInvitation(incident_key=incident.key, person_name=person.name, person_email=person.email)
        ask(work, incident, invitation, f"{opening.id}:{person.id}", "team")
