"""From a slash command of Slack's to a command of ours, and from our answer to a message. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ims.integrations.slack.payloads import escaped
from ims.ports import Command, DeliveryError

MOST_BYTES = 60_000  # of the answer as JSON: the library's frames hold 65,535
_REST = "\n[…] The rest is in the portal."
_ADDRESS = re.compile(r"<(?:mailto:)?((?<=mailto:)[^<>|\s]+|https?://[^<>|\s]+)(?:\|[^<>]*)?>")
_NAME = re.compile(r"<([@#])[A-Z0-9]+\|([^<>]+)>")


def command_of(payload: Mapping[str, Any], envelope_id: str, email: str) -> Command:
    """Return what somebody typed.

    Its ``id`` is the trigger's, which belongs to the command; Slack may put it into a new envelope when it delivers it
    again.
    """
    return Command(
        text=as_typed(str(payload.get("text", ""))),
        person_email=email,
        person_name=str(payload.get("user_name", "")),
        channel=str(payload.get("channel_id", "")),
        id=str(payload.get("trigger_id") or envelope_id),
    )


def as_typed(text: str) -> str:
    """Return the text as it stood in the message box: Slack may escape three signs and make links of addresses."""
    text = _NAME.sub(r"\1\2", _ADDRESS.sub(r"\1", text))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typist(payload: Mapping[str, Any]) -> str:
    """Return Slack's id of who typed."""
    return str(payload.get("user_id", ""))


def question(user_id: str) -> dict[str, str]:
    """Return what asks Slack about a person."""
    return {"user": user_id}


def email_of(answer: Mapping[str, Any]) -> str:
    """Return the e-mail address by which the portal knows a person, from what Slack says about them.

    Raises:
        DeliveryError: another company's workspace vouches for the address, nobody does, or Slack does not tell it.
    """
    user: Mapping[str, Any] = answer.get("user") or {}
    if user.get("is_stranger") or user.get("is_bot") or user.get("deleted"):
        raise DeliveryError("only people of this workspace can command the portal.", permanent=True)
    if user.get("is_email_confirmed") is False:
        raise DeliveryError("your e-mail address is not confirmed in Slack.", permanent=True)
    email = str((user.get("profile") or {}).get("email") or "")
    if not email:
        raise DeliveryError("Slack does not tell your e-mail address; the app needs users:read.email.", permanent=True)
    return email


def only_to_them(text: str) -> dict[str, Any]:
    """Return an answer that nobody else in the channel sees, in which nothing is markup."""
    said = text
    while len(json.dumps(escaped(said))) > MOST_BYTES:
        said = said[: len(said) * 9 // 10]
    return {"response_type": "ephemeral", "text": escaped(said if said == text else said + _REST), "mrkdwn": False}


def answered_at(payload: Mapping[str, Any], api_url: str) -> str:
    """Return the address for a late answer; empty where it is not Slack's own."""
    address = str(payload.get("response_url", ""))
    there, slack = urlsplit(address), urlsplit(api_url)
    host, home = there.hostname or "", slack.hostname or ""
    same = there.scheme == slack.scheme and (host == home or host.endswith(f".{home}"))
    return address if same else ""
