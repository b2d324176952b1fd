"""From a message of ours to the arguments of a Slack method. Pure, and the one place that knows Slack's names.

What people typed is never markup: in ``text`` the three signs that Slack acts on are escaped and formatting is off; in
blocks it stands in rich-text elements, which Slack does not parse.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import (
    HeaderBlock,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextSectionElement,
)
from slack_sdk.models.blocks.block_elements import RichTextElement

from ims.model.message import ChannelStatus, CustomerPost, Nudge, Opening, TeamMessage

Arguments = dict[str, Any]

LONGEST_TEXT = 40_000  # Slack cuts a longer one without a word
LONGEST_NAME = 80
LONGEST_TOPIC = 250
_LONGEST_HEADER = 150
_LONGEST_PART = 3_000  # of a block; all of them together may have about 13,000
_MOST_FACTS = 15
_LONGEST_FACT = 500
_REST = "\n[…] The rest is in the portal."
_MARK = "ims_delivery"
_LINK = re.compile(r"https?://\S+")


def customer_post(post: CustomerPost, channel: str, key: str) -> Arguments:
    """Return the post of a customer update, the subject as its first line."""
    return _marked({"channel": channel, **_plain(escaped(f"{post.subject}\n{post.text}"))}, key)


def team_message(message: TeamMessage, key: str) -> Arguments:
    """Return the post to the team's thread, or to its channel where no thread is known."""
    post = {"channel": message.channel, **_plain(_fitting(message.text))}
    if message.thread:
        post |= {"thread_ts": message.thread, "reply_broadcast": message.broadcast}
    return _marked(post, key)


def nudge(message: Nudge, channel: str, key: str) -> Arguments:
    """Return the direct message, with a link to the portal where it is known."""
    parts = [_text(_cut(message.text, _LONGEST_PART)), *_links(message.portal)]
    return _marked({"channel": channel, **_plain(_fitting(message.text)), "blocks": [_rich(parts)]}, key)


def opening(message: Opening, channel: str, key: str) -> Arguments:
    """Return the message at the head of the team's channel."""
    return _marked({"channel": channel, **_head(message), "unfurl_links": False, "unfurl_media": False}, key)


def status(message: ChannelStatus | Opening) -> Arguments:
    """Return the change of the message at the head. What is not named stays, our mark too."""
    return {"channel": message.channel, "ts": message.thread, **_head(message, message.room)}


def creation(name: str) -> Arguments:
    """Return what creates a channel that everybody in the workspace can find."""
    return {"name": name, "is_private": False}


def channel_name(message: Opening, prefix: str, number: int = 1) -> str:
    """Return what an incident's channel is called: ``inc-42-payments-down``, of the signs that Slack allows.

    ``number`` counts the incident's channels; later ones end with it.
    """
    key = message.incident_key.rpartition("-")[2].lower()
    end = f"-{number}" if number > 1 else ""
    folded = unicodedata.normalize("NFKD", message.title.casefold()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", folded)
    return "-".join([prefix, key, *words])[: LONGEST_NAME - len(end)].rstrip("-") + end


def topic(message: Opening, channel: str) -> Arguments:
    """Return the topic of an incident's channel."""
    return {"channel": channel, "topic": _fitting(f"{message.title} {message.portal}".strip(), LONGEST_TOPIC, "…")}


def pin(channel: str, ts: str) -> Arguments:
    """Return what pins a message, or takes its pin away."""
    return {"channel": channel, "timestamp": ts}


def permalink(channel: str, ts: str) -> Arguments:
    """Return what asks for the address of a message."""
    return {"channel": channel, "message_ts": ts}


def invitation(channel: str, user: str) -> Arguments:
    """Return what brings a person into a channel."""
    return {"channel": channel, "users": user}


def place(channel: str) -> Arguments:
    """Return what names a channel, to look at it or to archive it."""
    return {"channel": channel}


def person(email: str) -> Arguments:
    """Return what looks a person up."""
    return {"email": email}


def conversation(user: str) -> Arguments:
    """Return what opens the direct messages with a person."""
    return {"users": user}


def channels() -> Arguments:
    """Return what lists the channels that the app can see, archived ones too, as their names are taken."""
    return {"types": "public_channel,private_channel", "exclude_archived": False, "limit": 999}


def search(post: Arguments, since: datetime) -> tuple[str, Arguments]:
    """Return the method and arguments that read what was said since a moment in the place where a post goes."""
    bounds = {"oldest": f"{since.timestamp():.6f}", "include_all_metadata": True, "limit": 200}
    if "thread_ts" in post:
        return "conversations.replies", {"channel": post["channel"], "ts": post["thread_ts"], **bounds}
    return "conversations.history", {"channel": post["channel"], **bounds}


def carries_mark_of(post: Arguments, message: Mapping[str, Any]) -> bool:
    """Say whether a message of Slack's is this post, as an earlier try left it."""
    return bool(message.get("metadata") == post["metadata"])


def escaped(text: str) -> str:
    """Return text so that Slack shows it letter by letter; it acts on nothing but these three signs."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _marked(post: Arguments, key: str) -> Arguments:
    """Return the post with the mark by which a later try knows it.

    Whoever is in a channel may read it, customers too, so it is a digest. It covers the text, because two portals (or
    one whose database was made anew) number their deliveries alike.
    """
    digest = hashlib.sha256(f"{key}\n{post['text']}".encode()).hexdigest()[:32]
    return post | {"metadata": {"event_type": _MARK, "event_payload": {"key": digest}}}


def _plain(text: str) -> Arguments:
    # Without "parse", Slack makes links of addresses and of nothing else; with "none", not even of those.
    return {
        "text": text,
        "mrkdwn": False,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _head(message: Opening | ChannelStatus, room: str = "") -> Arguments:
    title = f"{message.incident_key}: {message.title}"
    facts = list(message.facts.items())[:_MOST_FACTS]
    parts = [part for label, value in facts for part in _fact(label, value)]
    parts += _links(message.portal, room)
    header = HeaderBlock(text=PlainTextObject(text=_cut(title, _LONGEST_HEADER), emoji=False))
    blocks = [header.to_dict(), _rich(parts)] if parts else [header.to_dict()]
    lines = [title, *(f"{label}: {value}" for label, value in facts)]
    return {"text": _fitting("\n".join(lines)), "blocks": blocks}


def _fact(label: str, value: str) -> Iterator[RichTextElement]:
    yield _text(f"{_cut(label, _LONGEST_FACT)}: ", bold=True)
    yield _text(f"{_cut(value, _LONGEST_FACT)}\n")


def _links(portal: str, room: str = "") -> Iterator[RichTextElement]:
    for address, label in ((portal, "Open it in the portal"), (room, "Join the room")):
        if _LINK.fullmatch(address):
            yield _text("\n")
            yield RichTextElementParts.Link(url=address, text=label)
        elif address:  # typed by a person: a number to dial, say
            yield _text(f"\n{label}: {_cut(address, _LONGEST_FACT)}")


def _text(text: str, *, bold: bool = False) -> RichTextElement:
    style = RichTextElementParts.TextStyle(bold=True) if bold else None
    return RichTextElementParts.Text(text=text, style=style)


def _rich(parts: list[RichTextElement]) -> dict[str, Any]:
    block: dict[str, Any] = RichTextBlock(elements=[RichTextSectionElement(elements=parts)]).to_dict()
    return block


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _fitting(text: str, longest: int = LONGEST_TEXT, rest: str = _REST) -> str:
    """Return the text escaped, and cut with a word about it where Slack would refuse it, or cut it without one."""
    text = escaped(text)
    return text if len(text) <= longest else re.sub(r"&\w*$", "", text[: longest - len(rest)]) + rest
