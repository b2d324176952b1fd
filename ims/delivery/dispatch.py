"""From a row back to its message, and from the message to the port that carries it."""

from ims.model import Delivery
from ims.model.message import (
    KINDS,
    CustomerMail,
    CustomerPost,
    Invitation,
    Message,
    Nudge,
    Page,
    SubTaskRequest,
    TeamMessage,
    TicketRequest,
)
from ims.ports import DeliveryError, Ports, Receipt


def message_of(delivery: Delivery) -> Message:
    """Return the message that a delivery row holds."""
    return KINDS[delivery.kind].model_validate(delivery.payload)


def carry_out(ports: Ports, message: Message, key: str) -> Receipt:
    """Hand a message to the adapter for its kind.

    Raises:
        DeliveryError: the other side did not take it.
    """
    match message:
        case Page():
            return ports.pager.page(message, key)
        case Nudge():
            return ports.messenger.nudge(message, key)
        case TeamMessage():
            return ports.messenger.tell_team(message, key)
        case CustomerPost():
            return ports.messenger.tell_customer(message, key)
        case CustomerMail():
            return ports.mailer.mail_customer(message, key)
        case Invitation():
            return ports.meetings.invite(message, key)
        case TicketRequest():
            return ports.tickets.open_ticket(message, key)
        case SubTaskRequest():
            return ports.tickets.open_sub_task(message, key)
    raise DeliveryError(f"No port carries a {message.kind}.", permanent=True)
