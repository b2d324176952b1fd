"""The team's channels, direct messages and customers' channels in Slack, and commands from there."""

from datetime import timedelta

from ims.integrations.frame import Handler, Pace, System
from ims.integrations.slack.settings import SlackSettings
from ims.integrations.slack.socket import CommandListener
from ims.integrations.slack.workspace import SlackWorkspace

# Slack counts by method. A delivery calls each of those that it needs about once, and the scarce ones that nearly
# every delivery needs (history, replies, update) take "50+ per minute". It is also less than a message per second.
PACE = Pace(50, timedelta(minutes=1))


def _listener(settings: SlackSettings, handler: Handler) -> CommandListener | None:
    return CommandListener(settings, handler) if settings.app_token else None


SYSTEM = System(
    "slack",
    "Slack",
    ("messenger", "channels"),
    SlackSettings,
    SlackWorkspace,
    pace=PACE,
    listens=_listener,
)
