"""Who and where: people by their e-mail, channels by their name or id."""

import re
from collections.abc import Iterator

from ims.integrations.slack import payloads
from ims.integrations.slack.refusals import Refused
from ims.integrations.slack.wire import Answer, Wire, listed, said
from ims.ports import DeliveryError

_ID = re.compile(r"[CDG][A-Z0-9]{5,}")  # a name has no capitals
_MOST_PAGES = 20  # of 999 channels


class Directory:
    """Looks things up each time: a channel that was renamed since must not get another one's messages."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def person(self, email: str) -> str:
        """Return the id of a person.

        Raises:
            DeliveryError: the workspace has nobody with the address.
        """
        try:
            return said(
                "users.lookupByEmail", self._wire.call("users.lookupByEmail", payloads.person(email)), "user", "id"
            )
        except Refused as refused:
            if refused.code != "users_not_found":
                raise
            sentence = f"Slack knows nobody with the e-mail {email}: correct it, or invite them to the workspace."
            raise DeliveryError(sentence, permanent=True) from refused

    def channel_id(self, channel: str) -> str:
        """Return the id of a channel that is given by id (``C…``) or by name, with or without ``#``.

        Raises:
            DeliveryError: the app sees no channel of this name.
        """
        return channel if _ID.fullmatch(channel) else said("conversations.list", self.named(channel), "id")

    def internal(self, channel: str) -> str:
        """Return the id of a channel, given by id or name, in which the team may speak freely.

        Raises:
            DeliveryError: there is none, people of another company read it, or the app is not in it.
        """
        return internal(self.record(channel) if _ID.fullmatch(channel) else self.named(channel))

    def record(self, channel: str) -> Answer:
        """Return what Slack says about the channel with an id.

        Raises:
            DeliveryError: it knows none.
        """
        found = self._wire.call("conversations.info", payloads.place(channel)).get("channel")
        return found if isinstance(found, dict) else {}

    def named(self, name: str) -> Answer:
        """Return what Slack says about the channel with a name.

        Raises:
            DeliveryError: the app sees none.
        """
        plain = name.removeprefix("#").casefold()
        found = next((channel for channel in self._all() if channel.get("name") == plain), None)
        if found is None:
            raise DeliveryError(
                f"The app sees no channel #{plain} in Slack: correct the name, or invite the app if it is private.",
                permanent=True,
            )
        return found

    def _all(self) -> Iterator[Answer]:
        for page in self._wire.pages("conversations.list", payloads.channels(), _MOST_PAGES):
            yield from listed(page, "channels")


def internal(found: Answer) -> str:
    """Return the id of a channel from what Slack says about it.

    Raises:
        DeliveryError: the team may not speak freely in it, or not at all.
    """
    name = f"#{found.get('name')}"
    if found.get("is_ext_shared") or found.get("is_pending_ext_shared"):
        raise DeliveryError(
            f"{name} is shared with another company: end that, or name an internal channel.", permanent=True
        )
    if found.get("is_archived"):
        raise DeliveryError(f"{name} is archived: bring it back in Slack, or name another one.", permanent=True)
    if not found.get("is_member"):
        raise DeliveryError(f"The app is not in {name}: invite it there, then retry.", permanent=True)
    return said("conversations.info", found, "id")
