"""Which workspace, and where the team meets in it."""

import re

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from ims.integrations.frame import SystemSettings

_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,20}")
_ADDRESS = re.compile(r"https://[^\s/]+/(\S+/)?|http://(localhost|127\.0\.0\.1)(:\d+)?/(\S+/)?")


class SlackSettings(SystemSettings):
    """The settings ``IMS_SLACK_…``; without a token the built-in twin keeps every message."""

    model_config = SettingsConfigDict(env_prefix="IMS_SLACK_", extra="ignore", hide_input_in_errors=True)
    begins_with = ("token",)

    token: SecretStr | None = Field(default=None, title="Bot token", description="starts with xoxb-; empty: no Slack")
    app_token: SecretStr | None = Field(
        default=None, title="App token", description="starts with xapp-; empty: no commands from Slack"
    )
    channel: str = Field(
        default="", title="Shared channel", description="internal, name or id; empty: a channel for each incident"
    )
    channel_prefix: str = Field(default="inc", title="Channel prefix", description="inc makes #inc-42-payments-down")
    timeout_seconds: int = Field(default=15, ge=1, le=300, title="Timeout", description="seconds for each answer")
    api_url: str = Field(
        default="https://slack.com/api/", title="Slack's address", description="another one for GovSlack"
    )

    @property
    def is_configured(self) -> bool:
        """Whether there is a workspace to talk to."""
        return self.token is not None

    @field_validator("token", "app_token", mode="before")
    @classmethod
    def _nothing_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("channel_prefix")
    @classmethod
    def _is_a_name(cls, prefix: str) -> str:
        if not _PREFIX.fullmatch(prefix):
            raise ValueError("write up to 21 lower-case letters, digits, - or _")
        return prefix

    @field_validator("api_url")
    @classmethod
    def _keeps_the_token_private(cls, url: str) -> str:
        url = f"{url.rstrip('/')}/"
        if not _ADDRESS.fullmatch(url):
            raise ValueError("write it like https://slack.com/api/")
        return url

    @model_validator(mode="after")
    def _complete(self) -> "SlackSettings":
        if self.app_token and not self.token:
            raise ValueError("IMS_SLACK_TOKEN is missing: IMS_SLACK_APP_TOKEN needs it")
        # Slack answers a token of the wrong kind with a riddle, and the two are easily swapped.
        _expect("IMS_SLACK_TOKEN", self.token, "xoxb-", "the bot token")
        _expect("IMS_SLACK_APP_TOKEN", self.app_token, "xapp-", "the app-level token")
        return self


def _expect(variable: str, token: SecretStr | None, start: str, which: str) -> None:
    if token and start not in token.get_secret_value():
        raise ValueError(f"{variable} is of the wrong kind: give {which}, which starts with {start}")
