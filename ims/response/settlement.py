"""What an incident learns when a delivery is settled. The worker calls this in the settling transaction."""

from datetime import timedelta
from typing import Any

from ims.delivery.dispatch import message_of
from ims.delivery.queue import enqueue
from ims.delivery.tickets import ask_for_sub_tasks
from ims.model import (
    Customer,
    CustomerUpdate,
    Delivery,
    EntryKind,
    EntrySource,
    Incident,
    Reference,
    Silence,
    Ticket,
)
from ims.ports import PORTAL_ITSELF, Receipt
from ims.store import deliveries, incidents, references
from ims.store.work import Work

PUT_OFF_FOR = timedelta(minutes=1)  # servers that put a letter off seldom take it sooner
_TICKET_KINDS = ("ticket", "sub_task")
_DOCUMENT_KINDS = ("document", "document_refresh")
# Words about the incident that the timeline holds already; the page of deliveries shows those that stopped.
_QUIET_KINDS = (
    "team_message",
    "channel_status",
    "channel_invitation",
    "channel_closing",
    "ticket_comment",
    "ticket_move",
    "stand_down",
    "document_share",
)


def settled(work: Work, delivery: Delivery, receipt: Receipt | None) -> None:
    """Write what a delivery's end means into its incident: ``receipt`` is ``None`` when it stopped."""
    if delivery.incident_id is None:
        return
    incident = work.incident(delivery.incident_id)
    if receipt is not None:
        _keep_references(work, delivery, receipt)
    if delivery.kind in _QUIET_KINDS:
        return
    if receipt is None:
        text = f"Not delivered to {delivery.recipient}: {delivery.problem}"
        _record(work, incident, EntryKind.DELIVERY_STOPPED, text, delivery, delivery_kind=delivery.kind)
        return
    _not_to_all(work, incident, delivery, receipt)
    if delivery.kind in deliveries.TO_CUSTOMERS:
        _customer_told(work, incident, delivery, receipt)
    elif delivery.kind in _TICKET_KINDS:
        _ticket_opened(work, incident, delivery, receipt)
    elif delivery.kind == "page":
        _record(
            work,
            incident,
            EntryKind.PAGED,
            _paged(delivery.payload["person_name"], receipt),
            delivery,
        )
    else:
        _place_opened(work, incident, delivery, receipt)


def _not_to_all(work: Work, incident: Incident, delivery: Delivery, receipt: Receipt) -> None:
    """Say who did not get what the others have; who may get it yet gets it alone, and holds up nobody else's next."""
    for reader, why in receipt.refused.items():
        if reader not in receipt.later:
            text = f"Not delivered to {reader}: {why}"
            _record(work, incident, EntryKind.DELIVERY_STOPPED, text, delivery, delivery_kind=delivery.kind)
            continue
        enqueue(
            work,
            message_of(delivery).model_copy(update={"only": [reader]}),
            key=f"{delivery.key}:{reader}",
            stream=f"{delivery.stream}:{reader}",
            incident_id=delivery.incident_id,
            customer_id=delivery.customer_id,
            update_id=delivery.update_id,
            due_at=work.now + PUT_OFF_FOR,
        )


def _place_opened(work: Work, incident: Incident, delivery: Delivery, receipt: Receipt) -> None:
    """Say where people meet, talk and write now."""
    if delivery.kind in _DOCUMENT_KINDS and receipt.reference:
        _document_written(work, incident, delivery, receipt)
    elif delivery.kind == "channel" and receipt.references:
        _record(work, incident, EntryKind.CHANNEL_OPENED, "Channel of the response team opened", delivery)
    elif delivery.kind == "room" and receipt.url:
        _room_opened(work, incident, delivery, receipt)
    elif delivery.kind == "invitation":
        _left_elsewhere(work, incident, delivery, receipt)
        _meeting_has_link(work, incident, delivery, receipt)


def _keep_references(work: Work, delivery: Delivery, receipt: Receipt) -> None:
    """Keep what later messages of the incident need."""
    incident_id = delivery.incident_id or 0
    for name, value in receipt.references.items():
        kept = Reference(incident_id=incident_id, name=name, value=value, system=receipt.system, url=receipt.url)
        references.keep(work.session, kept)
    if delivery.kind == "silence":
        work.get(Silence, int(delivery.payload["silence_id"])).reference = receipt.reference


def _room_opened(work: Work, incident: Incident, delivery: Delivery, receipt: Receipt) -> None:
    """The room is where people meet, unless somebody has named another place meanwhile."""
    incident.war_room = incident.war_room or receipt.url
    _record(
        work, incident, EntryKind.ROOM_OPENED, f"War room opened: {receipt.url}", delivery, war_room=incident.war_room
    )


def _left_elsewhere(work: Work, incident: Incident, delivery: Delivery, receipt: Receipt) -> None:
    """What another system invited to before stays there as it was, because that one is not asked any more."""
    before = deliveries.sent_before(work.session, delivery)
    if before and before.system not in (receipt.system, PORTAL_ITSELF):
        text = f"The meeting stays as it was in “{before.system}”, which is not asked any more: change it there by hand"
        _record(work, incident, EntryKind.DELIVERY_STOPPED, text, delivery, delivery_kind=delivery.kind)


def _meeting_has_link(work: Work, incident: Incident, delivery: Delivery, receipt: Receipt) -> None:
    """People meet where the calendar says, unless somebody has named another place."""
    link = receipt.references.get("meeting", "")
    for meeting in incidents.meetings(work.session, incident.id):
        if link and not meeting.link and delivery.payload["meeting_id"] == meeting.id:
            meeting.link = link


def _document_written(work: Work, incident: Incident, delivery: Delivery, receipt: Receipt) -> None:
    """The document lives where it was made; what was written into it is known by its revision."""
    document = incidents.rca_document(work.session, incident.id)
    if document is None:
        return
    if delivery.kind == "document":
        document.home, document.outside_id, document.url = receipt.system, receipt.reference, receipt.url
        document.revision = ""
        text = f"Root-cause document opened for everybody to write in: {receipt.url}"
        _record(work, incident, EntryKind.RCA_CREATED, text, delivery)
    else:
        document.revision = receipt.reference
        _record(work, incident, EntryKind.RCA_REFRESHED, f"Root-cause document refreshed. {receipt.proof}", delivery)


def _paged(name: str, receipt: Receipt) -> str:
    return f"Page for {name} only kept here: call them" if receipt.is_only_kept else f"Paged {name}"


def _customer_told(work: Work, incident: Incident, delivery: Delivery, receipt: Receipt) -> None:
    """Say who was told, or that a person must tell them because no system carries the message."""
    update = work.get(CustomerUpdate, delivery.update_id or 0)
    customer = work.get(Customer, delivery.customer_id or 0)
    incident.first_update_at = incident.first_update_at or update.written_at
    way = "in Slack" if delivery.kind == "customer_post" else "by e-mail"
    who = f"{delivery.recipient} of {customer.name}" if delivery.payload.get("only") else customer.name
    text = f"For {who}, to be sent {way} by hand" if receipt.is_only_kept else f"{who} told {way}"
    _record(
        work,
        incident,
        EntryKind.UPDATE_DELIVERED,
        f"{text}: {update.subject}",
        delivery,
        customer_id=customer.id,
        update_id=update.id,
        way=delivery.kind,
        phase=update.phase.value,
    )


def _ticket_opened(work: Work, incident: Incident, delivery: Delivery, receipt: Receipt) -> None:
    ticket = work.get(Ticket, int(delivery.payload["ticket_id"]))
    ticket.key, ticket.url, ticket.system = (
        receipt.reference,
        receipt.url,
        receipt.system,
    )
    if ticket.parent_id is None:
        kept = Reference(
            incident_id=incident.id, name="ticket", value=ticket.key, system=receipt.system, url=receipt.url
        )
        references.keep(work.session, kept)
        _record(
            work,
            incident,
            EntryKind.TICKET_OPENED,
            f"Ticket {ticket.key} opened",
            delivery,
            ticket=ticket.key,
        )
        ask_for_sub_tasks(work, incident, ticket)


def _record(
    work: Work,
    incident: Incident,
    kind: EntryKind,
    text: str,
    delivery: Delivery,
    **data: Any,
) -> None:
    work.record(incident, kind, text, source=EntrySource.PORTAL, delivery_id=delivery.id, **data)
