"""Adding an effect to the outbox, in the transaction of the change that caused it; and what a person does about one."""

from datetime import datetime

from ims.errors import NotFound, Refusal
from ims.model import Delivery, DeliveryState, Incident
from ims.model.message import Message
from ims.model.types import legible
from ims.store import deliveries
from ims.store.work import Work


def enqueue(
    work: Work,
    message: Message,
    *,
    key: str,
    stream: str = "",
    incident_id: int | None = None,
    customer_id: int | None = None,
    update_id: int | None = None,
    due_at: datetime | None = None,
) -> Delivery:
    """Ask for an effect. The same ``key`` again returns the row that is there and adds none."""
    present = deliveries.by_key(work.session, key)
    if present:
        return present
    wanted = Delivery(
        key=key,
        stream=stream,
        kind=message.kind,
        recipient=message.recipient,
        payload=message.model_dump(mode="json"),
        incident_id=incident_id,
        customer_id=customer_id,
        update_id=update_id,
        drill=_is_rehearsed(work, incident_id),
        created_at=work.now,
        due_at=due_at or work.now,
    )
    added = deliveries.add_once(work.session, wanted)
    work.outbox.add(added.kind)
    return added


def _is_rehearsed(work: Work, incident_id: int | None) -> bool:
    return incident_id is not None and work.get(Incident, incident_id).drill


def retry(work: Work, delivery_id: int) -> Delivery:
    """Try a failing, stopped or given-up delivery again now, with as many tries as a new one has.

    Raises:
        Refusal: it was sent already.
    """
    delivery = _unsent(work, delivery_id, "This was sent already; its proof is beside it.")
    delivery.state, delivery.due_at, delivery.problem = DeliveryState.WAITING, work.now, ""
    delivery.attempts, delivery.settled_at = 0, None
    work.outbox.add(delivery.kind)
    return delivery


def give_up(work: Work, delivery_id: int, reason: str) -> Delivery:
    """Decide that a delivery will not be sent; the reason stays visible.

    Raises:
        Refusal: it was sent already or is being sent, or no reason is given.
    """
    delivery = _unsent(work, delivery_id, "This was sent already; it cannot be called back.")
    if not reason.strip():
        raise Refusal("Say why this will not be sent.")
    if delivery.is_in_hand(work.now):
        raise Refusal("This is being sent right now; look again in two minutes.")
    delivery.give_up(work.now, f"Given up by {work.actor.name}: {legible(reason.strip())}")
    work.outbox.add(delivery.kind)  # what it held up may go now
    return delivery


def withdraw(work: Work, key: str, reason: str) -> None:
    """Give up what is not wanted any more; what was sent, or is being sent, stays."""
    present = deliveries.by_key(work.session, key)
    row = deliveries.locked(work.session, present.id) if present else None
    if row is None or row.state in (DeliveryState.SENT, DeliveryState.GIVEN_UP):
        return
    if not row.is_in_hand(work.now):
        row.give_up(work.now, reason)
        work.outbox.add(row.kind)


def _unsent(work: Work, delivery_id: int, sentence: str) -> Delivery:
    """Return a delivery that was not sent, locked against the worker that may be settling it."""
    delivery = deliveries.locked(work.session, delivery_id)
    if delivery is None:
        raise NotFound(f"There is no delivery {delivery_id} in the portal.")
    if delivery.state is DeliveryState.SENT:
        raise Refusal(sentence)
    return delivery
