"""What an incident learns when a delivery is settled. The worker calls this in the settling transaction."""

from typing import Any

from ims.delivery.tickets import ask_for_sub_tasks
from ims.model import (
    Customer,
    CustomerUpdate,
    Delivery,
    EntryKind,
    EntrySource,
    Incident,
    Ticket,
)
from ims.ports import Receipt
from ims.store.work import Work

_CUSTOMER_KINDS = ("customer_post", "customer_mail")
_TICKET_KINDS = ("ticket", "sub_task")


def settled(work: Work, delivery: Delivery, receipt: Receipt | None) -> None:
    """Write what a delivery's end means into its incident: ``receipt`` is ``None`` when it stopped."""
    if delivery.incident_id is None:
        return
    incident = work.incident(delivery.incident_id)
    if receipt is None:
        text = f"Not delivered to {delivery.recipient}: {delivery.problem}"
        _record(work, incident, EntryKind.DELIVERY_STOPPED, text, delivery)
    elif delivery.kind in _CUSTOMER_KINDS:
        _customer_told(work, incident, delivery)
    elif delivery.kind in _TICKET_KINDS:
        _ticket_opened(work, incident, delivery, receipt)
    elif delivery.kind == "page":
        _record(
            work,
            incident,
            EntryKind.PAGED,
            f"Paged {delivery.payload['person_name']}",
            delivery,
        )


def _customer_told(work: Work, incident: Incident, delivery: Delivery) -> None:
    update = work.get(CustomerUpdate, delivery.update_id or 0)
    customer = work.get(Customer, delivery.customer_id or 0)
    incident.first_update_at = incident.first_update_at or update.written_at
    way = "in Slack" if delivery.kind == "customer_post" else "by e-mail"
    text = f"{customer.name} told {way}: {update.subject}"
    _record(
        work,
        incident,
        EntryKind.UPDATE_DELIVERED,
        text,
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
