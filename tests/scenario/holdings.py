"""What every system holds after a night, in a form in which two nights can be compared."""

import re
from collections import Counter
from typing import Any

from tests.fakes.jira import text_of
from tests.fakes.slack import Channel
from tests.integrations.slack_world import words
from tests.scenario.world import World

_NUMBERED = re.compile(r"war-room-\w+|OPS-\d+")


def held_by(world: World) -> dict[str, Any]:
    """Return what the readers of each system find there; what says only when or how often it was tried is left out."""
    return {
        "slack": {channel.name: _channel(channel) for channel in world.slack.channels.values()},
        "smtp": {_letter(letter) for letter in world.mail.letters},
        "letters by name": len({str(letter["Message-ID"]) for letter in world.mail.letters}),
        "jira": sorted(_issue(issue) for issue in world.jira.issues.values()),
        "oncall": sorted((group["title"], group["state"]) for group in world.oncall.groups),
        "notes": Counter(note["text"] for note in world.oncall.notes),
        "alertmanager": [
            (sorted(each["value"] for each in silence["matchers"]), silence["endsAt"], silence["comment"])
            for silence in world.alertmanager.silences.values()
        ],
        "calendar": [_event(event) for event in world.google.calendar.events.values()],
        "guests": Counter((each.what, each.guest) for each in world.google.calendar.told),
    }


def letters_sent_twice(world: World) -> list[str]:
    """Return the names of letters that were taken more than once; a mail program shows such a letter once."""
    names = Counter(str(letter["Message-ID"]) for letter in world.mail.letters)
    return [name for name, count in names.items() if count > 1]


def _plain(text: str) -> str:
    """Leave out the numbers that depend on how many calls there were before."""
    return _NUMBERED.sub("…", text)


def _channel(channel: Channel) -> dict[str, Any]:
    head = next((message for message in channel.messages if message.blocks), None)
    return {
        "said": Counter(_plain(message.text) for message in channel.messages),
        "head": _plain(words(head.blocks)) if head else "",
        "archived": channel.archived,
        "members": set(channel.members),
        "pins": len(channel.pins),
    }


def _letter(letter: Any) -> tuple[str, ...]:
    """Its name, and those before it in its thread, hold the incident's mark, which no other night has."""
    before = len(str(letter["References"] or "").split())
    text = str(letter.get_body(("plain",)).get_content())
    return (*(str(letter[name]) for name in ("To", "Cc", "Subject")), f"letter {before + 1} of its thread", text)


def _issue(issue: Any) -> tuple[Any, ...]:
    comments = [_plain(text_of(comment["body"])).partition("\n\n")[0] for comment in issue.comments]
    links = [link["object"]["url"] for link in issue.links.values()]
    return issue.fields["summary"], issue.status, "parent" in issue.fields, comments, links


def _event(event: Any) -> tuple[Any, ...]:
    guests = [guest["email"] for guest in event["attendees"]]
    return event["summary"], event["status"], event["start"]["dateTime"], guests
