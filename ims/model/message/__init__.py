"""What the portal says to the outside world, one type per kind of message.

What the team reads (``TeamMessage``, ``Page``) and what customers read (``CustomerPost``, ``CustomerMail``) are
different types, carried by different methods of the ports, so an internal word cannot reach a customer's channel.

Some of what a message needs is known only when an earlier one was carried out: the channel that another system opened,
the key of a ticket. Such fields are named in ``found_later`` and filled in when the message is carried out.
"""

from ims.model.message.customers import CustomerMail, CustomerPost
from ims.model.message.documents import DocumentRefresh, DocumentRequest, DocumentShare, NewBlock, NewRow
from ims.model.message.kind import Message
from ims.model.message.meetings import Invitation
from ims.model.message.paging import Nudge, Page, StandDown
from ims.model.message.silences import SilenceEnd, SilenceRequest
from ims.model.message.team import (
    ChannelClosing,
    ChannelInvitation,
    ChannelStatus,
    Opening,
    RoomRequest,
    TeamMail,
    TeamMessage,
)
from ims.model.message.tickets import SubTaskRequest, TicketComment, TicketMove, TicketRequest

__all__ = [
    "KINDS",
    "ChannelClosing",
    "ChannelInvitation",
    "ChannelStatus",
    "CustomerMail",
    "CustomerPost",
    "DocumentRefresh",
    "DocumentRequest",
    "DocumentShare",
    "Invitation",
    "Message",
    "NewBlock",
    "NewRow",
    "Nudge",
    "Opening",
    "Page",
    "RoomRequest",
    "SilenceEnd",
    "SilenceRequest",
    "StandDown",
    "SubTaskRequest",
    "TeamMail",
    "TeamMessage",
    "TicketComment",
    "TicketMove",
    "TicketRequest",
]

KINDS: dict[str, type[Message]] = {
    message.kind: message
    for message in (
        Page,
        StandDown,
        Nudge,
        Opening,
        TeamMessage,
        ChannelStatus,
        ChannelInvitation,
        ChannelClosing,
        CustomerPost,
        CustomerMail,
        TeamMail,
        Invitation,
        RoomRequest,
        SilenceRequest,
        SilenceEnd,
        TicketRequest,
        SubTaskRequest,
        TicketComment,
        TicketMove,
        DocumentRequest,
        DocumentShare,
        DocumentRefresh,
    )
}
