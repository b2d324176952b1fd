"""The adapter: the team's channel of an incident, reminders, and the customers' channels."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ims.clock import Clock
from ims.integrations.slack import payloads
from ims.integrations.slack.directory import Directory, internal
from ims.integrations.slack.payloads import Arguments
from ims.integrations.slack.refusals import Refused, rubbish
from ims.integrations.slack.settings import SlackSettings
from ims.integrations.slack.socket import check_app_token
from ims.integrations.slack.wire import Answer, Wire, listed, said
from ims.model.message import (
    ChannelClosing,
    ChannelInvitation,
    ChannelStatus,
    CustomerPost,
    Nudge,
    Opening,
    TeamMessage,
)
from ims.ports import DeliveryError, Receipt

SYSTEM = "slack"
SCOPES = frozenset(
    {
        "channels:history",
        "channels:manage",
        "channels:read",
        "chat:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
        "pins:write",
        "users:read",
        "users:read.email",
    }
)
_LOOK_BACK = timedelta(days=1)
_TS = re.compile(r"[0-9]{10}\.[0-9]{6}")  # seconds since 1970, until 2286
_MOST_PAGES = 5  # of 200 messages
_MOST_CHANNELS = 9  # of one incident, one after the other
_THERE_ALREADY = {"already_in_channel", "cant_invite_self"}


@dataclass(frozen=True)
class _Posted:
    channel: str
    ts: str
    url: str

    def __str__(self) -> str:
        at = datetime.fromtimestamp(float(self.ts), UTC)
        return f"Slack accepted it in {self.channel} at {at:%Y-%m-%d %H:%M:%S} UTC (ts {self.ts})"


class SlackWorkspace:
    """Speaks in one workspace, as the app."""

    def __init__(self, settings: SlackSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._wire = Wire(settings)
        self._directory = Directory(self._wire)

    def nudge(self, nudge: Nudge, key: str) -> Receipt:
        user = self._directory.person(nudge.person_email)
        opened = self._wire.call("conversations.open", payloads.conversation(user))
        posted = self._post(payloads.nudge(nudge, said("conversations.open", opened, "channel", "id"), key))
        return Receipt(SYSTEM, f"{posted}.", posted.ts, posted.url)

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        self._must_be_internal(message.channel)
        posted = self._post(payloads.team_message(message, key))
        return Receipt(SYSTEM, f"{posted}.", posted.ts, posted.url)

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        arguments = payloads.customer_post(post, self._directory.channel_id(post.channel), key)
        if len(arguments["text"]) > payloads.LONGEST_TEXT:
            raise DeliveryError("The update is too long for a message in Slack: shorten it.", permanent=True)
        posted = self._post(arguments)
        return Receipt(SYSTEM, f"{posted}.", posted.ts, posted.url)

    def open_channel(self, opening: Opening, key: str) -> Receipt:
        if kept := self._kept(opening):
            return kept
        shared = self._settings.channel
        channel = self._directory.internal(shared) if shared else self._channel_of(opening)
        posted = self._post(payloads.opening(opening, channel, key))
        problems = [self._also("pins.add", payloads.pin(channel, posted.ts), "already_pinned")]
        if not shared:
            problems.append(self._also("conversations.setTopic", payloads.topic(opening, channel)))
        proof = " ".join([f"{posted}.", *filter(None, problems)])
        return Receipt(SYSTEM, proof, channel, posted.url, {"channel": channel, "thread": posted.ts})

    def _kept(self, opening: Opening) -> Receipt | None:
        """Take the channel of an incident that burns again into use as it is; ``None`` where there is none to use."""
        if not (opening.channel and opening.thread):
            return None
        try:
            found = self._directory.record(opening.channel)
        except Refused as refused:
            if refused.code != "channel_not_found":
                raise
            return None
        if found.get("is_archived"):
            return None
        channel = internal(found)
        self._wire.call("chat.update", payloads.status(opening))
        problem = self._also("pins.add", payloads.pin(channel, opening.thread), "already_pinned")
        return Receipt(SYSTEM, f"{channel} is in use again. {problem}".strip(), channel)

    def show_status(self, status: ChannelStatus, key: str) -> Receipt:
        _must_be_open(status.thread)
        self._must_be_internal(status.channel)
        self._wire.call("chat.update", payloads.status(status))
        return Receipt(SYSTEM, f"The head of {status.channel} reads as it should.", status.thread)

    def bring_in(self, invitation: ChannelInvitation, key: str) -> Receipt:
        _must_be_open(invitation.channel)
        user = self._directory.person(invitation.person_email)
        try:
            self._wire.call("conversations.invite", payloads.invitation(invitation.channel, user))
        except Refused as refused:
            if refused.code not in _THERE_ALREADY:
                raise
            return Receipt(SYSTEM, f"{invitation.person_name} was in {invitation.channel} already.", user)
        return Receipt(SYSTEM, f"{invitation.person_name} is in {invitation.channel}.", user)

    def close_channel(self, closing: ChannelClosing, key: str) -> Receipt:
        """Archive a channel that the app opened itself; any other one is shared, whatever the settings say by now.

        In a shared one the head is unpinned, because Slack takes a hundred pins for each channel.
        """
        if not closing.channel:
            return Receipt(SYSTEM, "No channel was opened.")
        found = self._directory.record(closing.channel)
        if found.get("is_archived"):
            return Receipt(SYSTEM, f"{closing.channel} was archived already.", closing.channel)
        if not self._opened(closing.channel, found):
            return self._unpinned(closing)
        try:
            self._wire.call("conversations.archive", payloads.place(closing.channel))
        except Refused as refused:
            if refused.code != "already_archived":
                raise
        return Receipt(SYSTEM, f"{closing.channel} is archived.", closing.channel)

    def _unpinned(self, closing: ChannelClosing) -> Receipt:
        unpin = payloads.pin(closing.channel, closing.thread)
        problem = self._also("pins.remove", unpin, "no_pin", "not_pinned") if closing.thread else ""
        proof = f"{closing.channel} stays open: it is not the incident's own. {problem}".strip()
        return Receipt(SYSTEM, proof, closing.channel)

    def ping(self) -> str:
        """Ask Slack who we are and what we may do.

        Raises:
            DeliveryError: it does not know us, the app lacks a scope, or the shared channel cannot be used.
        """
        ourselves, granted = self._wire.granted()
        missing = sorted(self._scopes() - granted) if granted else []
        if missing:
            raise DeliveryError(
                f"The app lacks {', '.join(missing)}: add the scopes to it in Slack and install it again.",
                permanent=True,
            )
        if self._settings.channel:
            self._directory.internal(self._settings.channel)
        who = f"Slack answers for {ourselves.get('team', 'the workspace')} as {ourselves.get('user', 'the app')}."
        return f"{who} {check_app_token(self._settings)}"

    def _must_be_internal(self, channel: str) -> None:
        """Look each time: people may share a channel with another company at any moment."""
        _must_be_open(channel)
        self._directory.internal(channel)

    def _scopes(self) -> frozenset[str]:
        return SCOPES | {"commands"} if self._settings.app_token else SCOPES

    def _channel_of(self, opening: Opening) -> str:
        """Create the incident's channel, or find the one that an earlier try or a person created.

        An incident that burns again after its channel was archived gets another one: Slack lets no bot bring one back.
        """
        for number in range(1, _MOST_CHANNELS + 1):
            name = payloads.channel_name(opening, self._settings.channel_prefix, number)
            try:
                created = self._wire.call("conversations.create", payloads.creation(name))
            except Refused as refused:
                if refused.code != "name_taken":
                    raise
                found = self._directory.named(name)
                if not found.get("is_archived"):
                    return internal(found)
            else:
                return said("conversations.create", created, "channel", "id")
        raise DeliveryError(f"#{name} and those before it are archived: bring one back in Slack.", permanent=True)

    def _opened(self, channel: str, found: Answer) -> bool:
        """Say whether the app opened a channel itself, and not for everybody."""
        ourselves, _ = self._wire.granted()
        is_shared = self._settings.channel.removeprefix("#") in {channel, found.get("name")}
        return not is_shared and found.get("creator") == said("auth.test", ourselves, "user_id")

    def _post(self, post: Arguments) -> _Posted:
        """Post a message, unless an earlier try did whose answer was lost.

        Slack knows no idempotency key, so every post is looked for first. Nobody else can tell whether it is a first
        try: the earlier one may have been another process, which died. It costs one call, of a method that may be
        called as often as messages may be posted.
        """
        ts = self._earlier(post)
        if not ts:
            ts = said("chat.postMessage", self._wire.call("chat.postMessage", post), "ts")
        if not _TS.fullmatch(ts):
            raise rubbish("chat.postMessage")
        return _Posted(post["channel"], ts, self._permalink(post["channel"], ts))

    def _earlier(self, post: Arguments) -> str:
        method, arguments = payloads.search(post, self._clock() - _LOOK_BACK)
        for page in self._wire.pages(method, arguments, _MOST_PAGES):
            for message in listed(page, "messages"):
                if payloads.carries_mark_of(post, message):
                    return said(method, message, "ts")
        return ""

    def _permalink(self, channel: str, ts: str) -> str:
        """Return the address of a message; without one it has been sent all the same."""
        try:
            return str(self._wire.call("chat.getPermalink", payloads.permalink(channel, ts)).get("permalink", ""))
        except DeliveryError:
            return ""

    def _also(self, method: str, arguments: Arguments, *fine: str) -> str:
        """Do what is nice to have; return why it failed, which must not fail what was done before."""
        try:
            self._wire.call(method, arguments)
        except DeliveryError as error:
            return "" if isinstance(error, Refused) and error.code in fine else str(error)
        return ""


def _must_be_open(channel: str) -> None:
    if not channel:
        raise DeliveryError("The incident has no channel yet: retry its channel first.", permanent=True)
