"""From a row back to its message, and from the message to the port that carries it."""

from ims.model import Delivery
from ims.model.message import KINDS, Message
from ims.ports import DeliveryError, Ports, Receipt

# For each kind of message, the ability that carries it (a field of ``Ports``) and the port's method.
ROUTES: dict[str, tuple[str, str]] = {
    "page": ("pager", "page"),
    "stand_down": ("pager", "stand_down"),
    "nudge": ("messenger", "nudge"),
    "team_message": ("messenger", "tell_team"),
    "customer_post": ("messenger", "tell_customer"),
    "channel": ("channels", "open_channel"),
    "channel_status": ("channels", "show_status"),
    "channel_invitation": ("channels", "bring_in"),
    "channel_closing": ("channels", "close_channel"),
    "customer_mail": ("mailer", "mail_customer"),
    "team_mail": ("mailer", "mail_team"),
    "invitation": ("meetings", "invite"),
    "room": ("rooms", "open_room"),
    "silence": ("silences", "silence"),
    "silence_end": ("silences", "end_silence"),
    "ticket": ("tickets", "open_ticket"),
    "sub_task": ("tickets", "open_sub_task"),
    "ticket_comment": ("tickets", "comment"),
    "ticket_move": ("tickets", "move"),
    "document": ("documents", "create"),
    "document_share": ("documents", "share"),
    "document_refresh": ("documents", "refresh"),
}


def message_of(delivery: Delivery) -> Message:
    """Return the message that a delivery row holds."""
    return KINDS[delivery.kind].model_validate(delivery.payload)


def carry_out(ports: Ports, message: Message, key: str) -> Receipt:
    """Hand a message to the adapter for its kind.

    Raises:
        DeliveryError: the other side did not take it.
    """
    if message.kind not in ROUTES:
        raise DeliveryError(f"No port carries a {message.kind}.", permanent=True)
    ability, verb = ROUTES[message.kind]
    receipt: Receipt = getattr(getattr(ports, ability), verb)(message, key)
    return receipt


def kinds_of(*abilities: str) -> list[str]:
    """Return the kinds of message that some abilities carry."""
    return [kind for kind, (ability, _) in ROUTES.items() if ability in abilities]
