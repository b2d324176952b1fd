"""What a person decides about a message that was not sent: to try it again, or to give it up, and what follows."""

from collections.abc import Iterable, Sequence

from ims.delivery import queue
from ims.errors import Refusal
from ims.model import Customer, CustomerUpdate, Delivery, Incident, IncidentState
from ims.model.message import (
    ChannelClosing,
    ChannelInvitation,
    ChannelStatus,
    CustomerMail,
    CustomerPost,
    Opening,
    Page,
    TeamMessage,
    TicketComment,
    TicketMove,
    TicketRequest,
)
from ims.response.customers import CustomerMessage, said
from ims.response.escalation import is_answered
from ims.store import deliveries, incidents
from ims.store.work import Work

_IN_WORDS = {CustomerPost.kind: "Slack channel", CustomerMail.kind: "e-mail contact"}
# They say how things stand, so an old one that comes after a newer one says what is not so any more.
_STANDINGS = {CustomerPost.kind, CustomerMail.kind, ChannelStatus.kind, TicketMove.kind}
# What has no place to go to once this was given up.
_GOES_WITH = {
    Opening.kind: (TeamMessage, ChannelStatus, ChannelInvitation, ChannelClosing),
    TicketRequest.kind: (TicketComment, TicketMove),
}


def retry(work: Work, delivery_id: int) -> Delivery:
    """Try a delivery again now; one to a customer goes to the address that the customer has by now.

    Raises:
        Refusal: it was sent already, it is out of date, or the customer can no longer be reached that way.
    """
    delivery = queue.retry(work, delivery_id)
    if delivery.incident_id is not None:
        _check_date(work, work.get(Incident, delivery.incident_id), delivery)
    if delivery.update_id is not None and delivery.customer_id is not None:
        _address_anew(work, delivery, work.get(CustomerUpdate, delivery.update_id))
    return delivery


def retry_all(work: Work, delivery_ids: Iterable[int]) -> Sequence[str]:
    """Try again as many of some deliveries as can be; return why each of the others cannot."""
    reasons = []
    for delivery_id in delivery_ids:
        try:
            with work.session.begin_nested():
                retry(work, delivery_id)
        except Refusal as reason:
            reasons.append(str(reason))
    return reasons


def give_up(work: Work, delivery_id: int, reason: str) -> Delivery:
    """Decide that a delivery will not be sent, nor what could only be sent after it; the reason stays visible.

    Raises:
        Refusal: it was sent already or is being sent, or no reason is given.
    """
    delivery = queue.give_up(work, delivery_id, reason)
    for message in _GOES_WITH.get(delivery.kind, ()):
        if delivery.incident_id is not None:
            deliveries.call_off(work.session, delivery.incident_id, message.kind, work.now, delivery.problem)
    return delivery


def _check_date(work: Work, incident: Incident, delivery: Delivery) -> None:
    """Refuse what would tell the customers, the team or the sleepers what is not so any more."""
    if delivery.kind == Page.kind and is_answered(work, incident) and not _calls_somebody_in(incident, delivery):
        raise Refusal(f"Nobody needs to be woken for {incident.key} any more: give this page up.")
    if delivery.kind in deliveries.TO_CUSTOMERS and incident.state is IncidentState.CANCELLED:
        raise Refusal(f"{incident.key} is cancelled; reopen it to write to customers.")
    if delivery.kind in _STANDINGS and (newer := deliveries.newer_sent(work.session, delivery)):
        raise Refusal(
            f"What was sent to {delivery.recipient} at {newer.settled_at:%Y-%m-%d %H:%M} UTC is newer, and this would "
            "contradict it: give this one up."
        )


def _calls_somebody_in(incident: Incident, page: Delivery) -> bool:
    """Whether a page was asked for while somebody was there already, to bring in somebody else."""
    answered_at = incident.acknowledged_at
    return incident.is_active and answered_at is not None and page.created_at > answered_at


def _address_anew(work: Work, delivery: Delivery, update: CustomerUpdate) -> None:
    customer, incident = work.get(Customer, delivery.customer_id or 0), work.get(Incident, update.incident_id)
    if customer not in incidents.customers_of(work.session, incident.id):
        raise Refusal(f"{customer.name} is not affected by {incident.key} any more: give this message up.")
    for anew in said(work, incident, update, customer):
        message = _to_those_left(anew, delivery.payload.get("only")) if anew.kind == delivery.kind else None
        if message:
            delivery.payload, delivery.recipient = message.model_dump(mode="json"), message.recipient
            return
    if delivery.payload.get("only"):
        raise Refusal(f"{customer.name} does not name {delivery.recipient} any more: there is nobody to send it to.")
    raise Refusal(f"{customer.name} has no {_IN_WORDS[delivery.kind]} any more: add one in the settings, then retry.")


def _to_those_left(message: CustomerMessage, only: Sequence[str] | None) -> CustomerMessage | None:
    """Return the message for those who alone have not got it, ``None`` where the customer names none of them now."""
    if not only or not isinstance(message, CustomerMail):
        return message
    left = [reader for reader in only if reader in (*message.to, *message.cc)]
    return message.model_copy(update={"only": left}) if left else None
