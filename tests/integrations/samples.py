"""One message of each kind, as the portal sends it when every reference of its incident is known."""

from ims.model import IncidentState
from ims.model.message import (
    KINDS,
    ChannelClosing,
    ChannelInvitation,
    ChannelStatus,
    CustomerMail,
    CustomerPost,
    DocumentRefresh,
    DocumentRequest,
    DocumentShare,
    Invitation,
    Message,
    NewBlock,
    NewRow,
    Nudge,
    Opening,
    Page,
    RoomRequest,
    SilenceEnd,
    SilenceRequest,
    StandDown,
    SubTaskRequest,
    TeamMail,
    TeamMessage,
    TicketComment,
    TicketMove,
    TicketRequest,
)

INCIDENT = "INC-7"
TITLE = "Payments fail with 502"
PORTAL = "https://ims.example.com/incident?key=INC-7"
ROOM = "https://meet.example.com/abc-defg-hij"
CHANNEL, THREAD = "C024BE91L", "1763866800.000100"
TICKET = "OPS-7"
DOCUMENT = "1aBcDeFgHiJkLmNoP"
FACTS = {"Severity": "SEV1", "Incident Commander": "Ada Lovelace", "State": "open"}

MESSAGES: tuple[Message, ...] = (
    Page(
        incident_key=INCIDENT,
        title=TITLE,
        text="SEV1. You are on call. Take command in the portal.",
        person_name="Ada Lovelace",
        person_email="ada@example.com",
        portal=PORTAL,
        room=ROOM,
    ),
    StandDown(incident_key=INCIDENT, title=TITLE, text="Ada Lovelace has taken command.", portal=PORTAL),
    Nudge(
        incident_key=INCIDENT,
        text="A customer update is due at 03:30 UTC.",
        person_name="Bob Kahn",
        person_email="bob@example.com",
        portal=PORTAL,
    ),
    Opening(incident_key=INCIDENT, title=TITLE, facts=FACTS, channel=CHANNEL, thread=THREAD, portal=PORTAL, room=ROOM),
    TeamMessage(incident_key=INCIDENT, text="Rolled back to 4.2.", broadcast=True, channel=CHANNEL, thread=THREAD),
    ChannelStatus(
        incident_key=INCIDENT,
        title=TITLE,
        facts=FACTS | {"State": "mitigated"},
        channel=CHANNEL,
        thread=THREAD,
        portal=PORTAL,
        room=ROOM,
    ),
    ChannelInvitation(incident_key=INCIDENT, person_name="Bob Kahn", person_email="bob@example.com", channel=CHANNEL),
    ChannelClosing(incident_key=INCIDENT, channel=CHANNEL, thread=THREAD),
    CustomerPost(
        incident_key=INCIDENT,
        customer="Acme",
        channel="#acme-ims",
        subject="Payments fail",
        text="We are on it. Next update by 04:00 UTC.",
    ),
    CustomerMail(
        incident_key=INCIDENT,
        customer="Acme",
        to=["ops@acme.example"],
        cc=["mia@acme.example"],
        subject="Payments fail: we are investigating",
        text="We are on it.\n\nNext update by 04:00 UTC.",
        thread="INC-7:3",
        thread_subject="Payments fail [INC-7]",
        number=2,
    ),
    TeamMail(
        to="bob@example.com",
        subject="Your follow-ups: 2 open, 1 overdue",
        text="INC-7 FU-1: Alert on the queue's length (3 days overdue)\nINC-7 FU-2: Raise the limit",
    ),
    Invitation(
        incident_key=INCIDENT,
        uid="rca-7@ims.example.com",
        sequence=0,
        title="Root cause of INC-7",
        agenda="What happened; why; what we do about it.",
        starts_at="2026-11-24T09:00:00+00:00",
        ends_at="2026-11-24T10:00:00+00:00",
        link=PORTAL,
        attendees=["ada@example.com", "bob@example.com"],
    ),
    RoomRequest(incident_key=INCIDENT, title=TITLE),
    SilenceRequest(
        silence_id=4,
        incident_key=INCIDENT,
        matchers={"alertname": "HighErrorRate", "service": "payments"},
        starts_at="2026-11-23T03:00:00+00:00",
        ends_at="2026-11-23T05:00:00+00:00",
        author="Ada Lovelace",
        comment="INC-7: known, being rolled back",
    ),
    SilenceEnd(silence_id=4, incident_key=INCIDENT, silence="7d8f1b1e-3c0e-4f0e-9d3a-2b8b6f1f5a11"),
    TicketRequest(ticket_id=1, incident_key=INCIDENT, title=TITLE, description="SEV1\nSince 02:40 UTC", portal=PORTAL),
    SubTaskRequest(
        ticket_id=2,
        parent_key=TICKET,
        incident_key=INCIDENT,
        title="Alert on the queue's length",
        description="Owner: Bob Kahn",
        portal=PORTAL,
    ),
    TicketComment(incident_key=INCIDENT, text="Mitigated: rolled back to 4.2.", ticket=TICKET),
    TicketMove(incident_key=INCIDENT, state=IncidentState.MITIGATED.value, ticket=TICKET),
    DocumentRequest(
        incident_key=INCIDENT,
        mark="ims-rca-INC-7-1f2e3d4c",
        title="INC-7 Root cause",
        content="UEsDBA==",
        share_with=["ada@example.com", "bob@example.com"],
    ),
    DocumentShare(incident_key=INCIDENT, share_with=["eve@example.com"], document=DOCUMENT),
    DocumentRefresh(
        incident_key=INCIDENT,
        blocks=[
            NewBlock(
                heading="Timeline",
                seen_caption="Written by IMS; refreshed from the incident. As of 2026-11-23 03:00:00 UTC.",
                seen_rows=[["Time", "What happened", "Who"], ["03:00", "Declared", "Ada"]],
                caption="Written by IMS; refreshed from the incident. As of 2026-11-23 04:00:00 UTC.",
                rows=[
                    NewRow(cells=["Time", "What happened", "Who"], was=0),
                    NewRow(cells=["03:00", "Declared: payments fail", "Ada"], was=1),
                    NewRow(cells=["03:30", "Rolled back", "Bob"]),
                ],
            )
        ],
        document=DOCUMENT,
    ),
)
SAMPLES: dict[str, Message] = {message.kind: message for message in MESSAGES}


def of_kinds(*kinds: str) -> list[Message]:
    """Return the samples of some kinds, or of every kind."""
    return [SAMPLES[kind] for kind in kinds or KINDS]
