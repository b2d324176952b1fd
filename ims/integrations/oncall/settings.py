"""Where Grafana OnCall is, and what lets the portal in."""

import re
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from ims.integrations.frame import SystemSettings

_API = "/api/v1"


class OnCallSettings(SystemSettings):
    """The settings ``IMS_ONCALL_…``; without an address the portal's own rota counts, and pages stay in the portal."""

    model_config = SettingsConfigDict(env_prefix="IMS_ONCALL_", extra="ignore", hide_input_in_errors=True)
    begins_with = ("url",)

    url: str = Field(
        default="", title="Address", description="of the API, from OnCall's settings; with or without /api/v1"
    )
    token: SecretStr | None = Field(default=None, title="API key", description="of a user that is the portal's own")
    integration_url: SecretStr | None = Field(
        default=None, title="Integration's link", description="of the Formatted Webhook integration that pages go to"
    )
    integration_id: str = Field(default="", title="Integration's id", description="empty: found by its link")
    schedule: str = Field(default="", title="Schedule", description="its name; empty: the portal's own rota counts")
    webhook_token: SecretStr | None = Field(
        default=None, title="Webhook token", description="what OnCall's outgoing webhooks send as bearer token"
    )
    timeout_seconds: float = Field(default=10, gt=0, le=300, title="Timeout", description="seconds for each answer")

    @property
    def is_configured(self) -> bool:
        """Whether there is an OnCall to talk to."""
        return bool(self.url)

    @property
    def api(self) -> str:
        """The address that paths like ``/users/`` are added to."""
        return f"{self.url}{_API}"

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url and not _is_address(url):
            raise ValueError("write it like https://oncall.example.com, without a user or password in it")
        return url.rstrip("/").removesuffix(_API).rstrip("/")

    @field_validator("integration_url")
    @classmethod
    def _is_a_link(cls, link: SecretStr | None) -> SecretStr | None:
        if link and link.get_secret_value() and not _is_address(link.get_secret_value()):
            raise ValueError("copy the whole link from the integration's page, like https://…/formatted_webhook/…/")
        return link

    @field_validator("token", "webhook_token")
    @classmethod
    def _fits_a_header(cls, token: SecretStr | None) -> SecretStr | None:
        if token and not re.fullmatch(r"[!-~]*", token.get_secret_value()):
            raise ValueError("copy it whole: a key has no spaces, line breaks or letters like é")
        return token

    @model_validator(mode="after")
    def _complete(self) -> "OnCallSettings":
        given = [self.token, self.integration_url, self.webhook_token, self.schedule, self.integration_id]
        if not self.url and any(map(_shown, given)):
            raise ValueError("IMS_ONCALL_URL is missing: give the address of OnCall's API")
        if self.url and not _shown(self.token):
            raise ValueError("IMS_ONCALL_TOKEN is missing: OnCall's API asks for a key")
        if self.url and not _shown(self.integration_url):
            raise ValueError("IMS_ONCALL_INTEGRATION_URL is missing: give the link that pages go to")
        return self


def _is_address(text: str) -> bool:
    return bool(re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", text)) and bool(urlsplit(text).hostname)


def _shown(value: SecretStr | str | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""
