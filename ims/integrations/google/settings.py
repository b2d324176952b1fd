"""Who the portal is at Google, and where its meetings are kept."""

import json
from enum import StrEnum
from functools import lru_cache
from typing import Any

from google.auth.crypt import RSASigner
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from ims.integrations.frame import SystemSettings

_OF_ACCOUNT = ("client_email", "private_key", "token_uri")


class MeetAccess(StrEnum):
    """Who enters a war room without knocking, in the words of the Meet API."""

    OPEN = "OPEN"
    TRUSTED = "TRUSTED"
    RESTRICTED = "RESTRICTED"


class Share(StrEnum):
    """Who may write in a new document."""

    INVOLVED = "involved"
    DOMAIN = "domain"
    NOBODY = "nobody"


class GoogleSettings(SystemSettings):
    """The settings ``IMS_GOOGLE_…``: a service account that acts as a user, or a user's own OAuth sign-in."""

    model_config = SettingsConfigDict(env_prefix="IMS_GOOGLE_", extra="ignore", hide_input_in_errors=True)
    begins_with = ("credentials", "client_id")

    credentials: SecretStr | None = Field(
        default=None, title="Service account", description="its JSON key; empty: meetings are kept in the portal"
    )
    acts_as: str = Field(
        default="", title="Acts as", description="e-mail of the user in whose name the service account acts"
    )
    client_id: str = Field(default="", title="OAuth client", description="instead of a service account")
    client_secret: SecretStr | None = Field(default=None, title="OAuth client's secret", description="of that client")
    refresh_token: SecretStr | None = Field(
        default=None, title="Refresh token", description="of the user who signed in with that client"
    )
    calendar: str = Field(default="primary", min_length=1, title="Calendar", description="its id; owned by that user")
    meet_access: MeetAccess = Field(
        default=MeetAccess.TRUSTED,
        title="War rooms",
        description="who enters without knocking: OPEN, TRUSTED or RESTRICTED",
    )
    folder: str = Field(
        default="", title="Folder", description="of the root-cause documents: its id; empty: the user's own Drive"
    )
    share_with: Share = Field(
        default=Share.INVOLVED,
        title="Documents",
        description="who may write in a new one: involved, domain or nobody",
    )
    domain: str = Field(default="", title="Domain", description="whose people may write, for instance example.com")
    timeout_seconds: float = Field(default=20, gt=0, le=300, title="Timeout", description="seconds for each answer")
    api_url: str = Field(default="", title="API address", description="empty: Google; else another server (tests)")

    @property
    def is_configured(self) -> bool:
        """Whether there is an account to act with."""
        return self.credentials is not None or self.refresh_token is not None

    @property
    def service_account(self) -> dict[str, Any]:
        """Return the key of the service account; empty, where there is none."""
        account: dict[str, Any] = json.loads(self.credentials.get_secret_value()) if self.credentials else {}
        return account

    @field_validator("credentials", "client_secret", "refresh_token")
    @classmethod
    def _empty_is_none(cls, secret: SecretStr | None) -> SecretStr | None:
        return secret if secret and secret.get_secret_value().strip() else None

    @field_validator("credentials")
    @classmethod
    def _can_sign(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and (flaw := _flaw_of(secret.get_secret_value())):
            raise ValueError(f"this is not the JSON key of a service account: {flaw}")
        return secret

    @field_validator("folder")
    @classmethod
    def _without_address(cls, folder: str) -> str:
        """Take the id of a folder from its address, which is what people copy."""
        return folder.strip().split("?")[0].rstrip("/").rpartition("/")[2]

    @field_validator("api_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> "GoogleSettings":
        oauth = {
            "IMS_GOOGLE_CLIENT_ID": self.client_id,
            "IMS_GOOGLE_CLIENT_SECRET": self.client_secret,
            "IMS_GOOGLE_REFRESH_TOKEN": self.refresh_token,
        }
        if self.credentials and any(oauth.values()):
            raise ValueError("IMS_GOOGLE_CREDENTIALS and IMS_GOOGLE_CLIENT_ID exclude each other: give one of the two")
        if self.credentials and "@" not in self.acts_as:
            raise ValueError("IMS_GOOGLE_ACTS_AS is missing: give the user in whose name the service account invites")
        if self.acts_as and not self.credentials:
            raise ValueError("IMS_GOOGLE_CREDENTIALS is missing: IMS_GOOGLE_ACTS_AS needs a service account")
        if any(oauth.values()) and not all(oauth.values()):
            missing = next(name for name, value in oauth.items() if not value)
            raise ValueError(f"{missing} is missing: OAuth needs client, secret and refresh token")
        if self.share_with is Share.DOMAIN and not self.domain:
            raise ValueError("IMS_GOOGLE_DOMAIN is missing: name the domain whose people may write in the documents")
        return self


@lru_cache(maxsize=4)  # settings are read often, and to prove an RSA key takes a twentieth of a second
def _flaw_of(text: str) -> str:
    """Return what is wrong with a service account's key, without a word of the key itself."""
    try:
        account = json.loads(text)
    except ValueError:
        return "it is no JSON"
    if not isinstance(account, dict) or account.get("type") != "service_account":
        return 'its "type" is not "service_account"'
    missing = [name for name in _OF_ACCOUNT if not isinstance(account.get(name), str)]
    if missing:
        return f"it has no {missing[0]}"
    try:
        RSASigner.from_service_account_info(account)  # type: ignore[no-untyped-call]
    except ValueError:
        return "its private_key cannot be read"
    return ""
