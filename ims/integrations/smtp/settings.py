"""Where the mail server is, and who writes."""

import re
from enum import StrEnum

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from ims.integrations.frame import SystemSettings

# What every mail server takes, and what can stand in a Message-ID.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Security(StrEnum):
    """How the connection is kept private: upgraded after the greeting, from the first byte, or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class SmtpSettings(SystemSettings):
    """The settings ``IMS_SMTP_…``; without a host the built-in twin keeps every message."""

    model_config = SettingsConfigDict(env_prefix="IMS_SMTP_", extra="ignore", hide_input_in_errors=True)
    begins_with = ("host",)

    host: str = Field(default="", title="Mail server", description="its name; empty: e-mail is kept in the portal")
    port: int = Field(default=587, ge=1, le=65_535, title="Port", description="587 with starttls, 465 with tls")
    security: Security = Field(default=Security.STARTTLS, title="Security", description="starttls, tls or none")
    user: str = Field(default="", title="User", description="empty: the server asks for no sign-in")
    password: SecretStr | None = Field(default=None, title="Password", description="of the user")
    sender: str = Field(default="", title="Sender", description="the address that customers see and answer to")
    sender_name: str = Field(default="Incident response", title="Sender's name", description="shown beside it")
    bounces_to: str = Field(default="", title="Bounces to", description="what is refused later; empty: the sender")
    timeout_seconds: float = Field(default=20, gt=0, le=300, title="Timeout", description="seconds for each answer")

    @property
    def is_configured(self) -> bool:
        """Whether there is a server to talk to."""
        return bool(self.host)

    @property
    def envelope_sender(self) -> str:
        """The address that mail servers send back to what they cannot deliver."""
        return self.bounces_to or self.sender

    @model_validator(mode="after")
    def _complete(self) -> "SmtpSettings":
        if self.host and not self.sender:
            raise ValueError("IMS_SMTP_SENDER is missing: give the address that customers answer to")
        for name, address in (("SENDER", self.sender), ("BOUNCES_TO", self.bounces_to)):
            if address and not _ADDRESS.fullmatch(address):
                raise ValueError(f"IMS_SMTP_{name} is no address: write it like incidents@example.com, without a name")
        if self.user and self.password is None:
            raise ValueError("IMS_SMTP_PASSWORD is missing: IMS_SMTP_USER needs it")
        return self
