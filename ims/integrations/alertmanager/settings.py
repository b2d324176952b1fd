"""Where Alertmanager's API is, and how to sign in to it."""

import re

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from ims.integrations.frame import SystemSettings


class AlertmanagerSettings(SystemSettings):
    """The settings ``IMS_ALERTMANAGER_API_…``; without an address people silence alerts themselves.

    ``IMS_ALERTMANAGER_TOKEN`` is another thing: what Alertmanager shows to the portal.
    """

    model_config = SettingsConfigDict(env_prefix="IMS_ALERTMANAGER_", extra="ignore", hide_input_in_errors=True)
    begins_with = ("api_url",)

    api_url: str = Field(default="", title="Alertmanager", description="its address; empty: silence alerts yourself")
    api_user: str = Field(default="", title="User", description="for basic auth, where it asks for one")
    api_password: SecretStr | None = Field(default=None, title="Password", description="of the user")
    api_token: SecretStr | None = Field(default=None, title="Token", description="bearer token, in the user's place")
    api_timeout_seconds: float = Field(default=10, gt=0, le=300, title="Timeout", description="seconds for each answer")

    @property
    def is_configured(self) -> bool:
        """Whether there is an Alertmanager to talk to."""
        return bool(self.api_url)

    @field_validator("api_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
            raise ValueError("write it like https://alertmanager.example.com, user and password in their own settings")
        return url.rstrip("/").removesuffix("/api/v2")

    @field_validator("api_token")
    @classmethod
    def _fits_a_header(cls, token: SecretStr | None) -> SecretStr | None:
        text = token.get_secret_value().strip() if token else ""
        if not re.fullmatch(r"[!-~]*", text):
            raise ValueError("a token holds no spaces, line breaks or accents: copy it again")
        return SecretStr(text) if text else None

    @model_validator(mode="after")
    def _complete(self) -> "AlertmanagerSettings":
        if self.api_user and self.api_password is None:
            raise ValueError("IMS_ALERTMANAGER_API_PASSWORD is missing: IMS_ALERTMANAGER_API_USER needs it")
        if self.api_password and not self.api_user:
            raise ValueError("IMS_ALERTMANAGER_API_USER is missing: IMS_ALERTMANAGER_API_PASSWORD needs it")
        if self.api_user and self.api_token:
            raise ValueError("IMS_ALERTMANAGER_API_TOKEN and IMS_ALERTMANAGER_API_USER exclude each other: keep one")
        return self
