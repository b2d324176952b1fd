"""A workspace with two people in it, and the messages that the Slack tests send there."""

from typing import Any

from ims.clock import Clock
from ims.integrations.slack.settings import SlackSettings
from ims.integrations.slack.workspace import SlackWorkspace
from ims.model.message import (
    ChannelClosing,
    ChannelInvitation,
    ChannelStatus,
    CustomerPost,
    Nudge,
    Opening,
    TeamMessage,
)
from tests.fakes.slack import TOKEN, FakeSlack

ADA = "ada@ims.example"
PORTAL = "https://ims.example/incident?key=INC-42"
ROOM = "https://meet.example/abc"
FACTS = {"Severity": "SEV1", "Commander": "Ada"}
HOSTILE = "<!channel> <@U123> *bold* _it_ `code` <https://evil.example|our bank> &lt; a & b @here"


def workspace(slack: FakeSlack, clock: Clock | None = None, **settings: Any) -> SlackWorkspace:
    """Return the adapter that speaks in a fake workspace."""
    known = {"token": TOKEN, "api_url": slack.url, "timeout_seconds": 1}
    return SlackWorkspace(SlackSettings.model_validate(known | settings), clock or slack.clock)


def opening(**changes: Any) -> Opening:
    known = {"incident_key": "INC-42", "title": "Payments down", "facts": FACTS, "portal": PORTAL}
    return Opening.model_validate(known | changes)


def team_message(references: Any, **changes: Any) -> TeamMessage:
    known = {"incident_key": "INC-42", "text": "Rolled back."}
    return TeamMessage.model_validate(known | dict(references) | changes)


def status(references: Any, **changes: Any) -> ChannelStatus:
    known = {"incident_key": "INC-42", "title": "Payments down", "facts": FACTS, "portal": PORTAL, "room": ROOM}
    return ChannelStatus.model_validate(known | dict(references) | changes)


def invitation(channel: str, email: str = ADA) -> ChannelInvitation:
    return ChannelInvitation(incident_key="INC-42", person_name="Ada", person_email=email, channel=channel)


def closing(channel: str, thread: str = "") -> ChannelClosing:
    return ChannelClosing(incident_key="INC-42", channel=channel, thread=thread)


def nudge(**changes: Any) -> Nudge:
    known = {"incident_key": "INC-42", "text": "An update is due.", "person_name": "Ada", "person_email": ADA}
    return Nudge.model_validate(known | {"portal": PORTAL} | changes)


def post(channel: str, **changes: Any) -> CustomerPost:
    known = {"incident_key": "INC-42", "customer": "Acme", "channel": channel, "subject": "Payments", "text": "On it."}
    return CustomerPost.model_validate(known | changes)


def words(blocks: Any) -> str:
    """Return what people read in blocks; a link as its label and address."""
    parts = [blocks[0]["text"]["text"], "\n"] if blocks[0]["type"] == "header" else []
    for block in blocks:
        for section in block.get("elements", []):
            parts += [
                f"{each['text']} ({each['url']})" if "url" in each else each["text"] for each in section["elements"]
            ]
    return "".join(parts)
