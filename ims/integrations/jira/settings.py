"""Where Jira is, who the portal is there, and what its tickets look like."""

import json
import re
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from ims.integrations.frame import SystemSettings
from ims.model import IncidentState

# What the portal writes itself; extra fields may not take it over.
_OURS = {"project", "issuetype", "parent", "summary", "description", "labels"}
_PROJECT = re.compile(r"[A-Z][A-Z0-9_]+")
JsonObject = Annotated[dict[str, Any], NoDecode]
Words = Annotated[list[str], NoDecode]


class JiraSettings(SystemSettings):
    """The settings ``IMS_JIRA_…``; without an address the portal keeps its own tickets."""

    model_config = SettingsConfigDict(env_prefix="IMS_JIRA_", extra="ignore", hide_input_in_errors=True)
    begins_with = ("url",)

    url: str = Field(default="", title="Jira", description="its address; empty: the portal keeps its own tickets")
    email: str = Field(default="", title="User's e-mail", description="Cloud; empty: Data Center, where a token is all")
    token: SecretStr | None = Field(default=None, title="Token", description="API token, or personal access token")
    project: str = Field(default="", title="Project", description="the key of the project that gets the tickets")
    issue_type: str = Field(default="Incident", title="Issue type", description="of the incident's ticket")
    sub_task_type: str = Field(default="", title="Sub-task type", description="empty: the project's first one")
    labels: Words = Field(default=[], title="Labels", description="more labels for each ticket, with commas between")
    fields: JsonObject = Field(default={}, title="Fields", description="more fields of the ticket, a JSON object")
    sub_task_fields: JsonObject = Field(default={}, title="Fields of sub-tasks", description="a JSON object")
    statuses: JsonObject = Field(
        default={},
        title="Statuses",
        description="which status stands for a state of the incident, a JSON object; others go by category",
    )
    resolution: str = Field(
        default="", title="Resolution", description="of a resolved ticket, where Jira asks; empty: the first that fits"
    )
    dropped: Words = Field(
        default=["Won't do", "Won't fix", "Duplicate", "Cannot reproduce", "Declined", "Cancelled", "Canceled"],
        title="Dropped",
        description="statuses and resolutions that mean: will not be done",
    )
    timeout_seconds: float = Field(default=20, gt=0, le=300, title="Timeout", description="seconds for each answer")

    @property
    def is_configured(self) -> bool:
        """Whether there is a Jira to talk to."""
        return bool(self.url)

    @property
    def is_cloud(self) -> bool:
        """Whether it is Jira Cloud, which asks who the token belongs to."""
        return bool(self.email)

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
            raise ValueError("write it like https://example.atlassian.net")
        return url.rstrip("/")

    @field_validator("token")
    @classmethod
    def _fits_a_header(cls, token: SecretStr | None) -> SecretStr | None:
        text = token.get_secret_value().strip() if token else ""
        if not re.fullmatch(r"[!-~]*", text):
            raise ValueError("a token holds no spaces, line breaks or accents: copy it again")
        return SecretStr(text) if text else None

    @field_validator("labels", "dropped", mode="before")
    @classmethod
    def _with_commas(cls, given: object) -> object:
        return [word.strip() for word in given.split(",") if word.strip()] if isinstance(given, str) else given

    @field_validator("labels")
    @classmethod
    def _are_labels(cls, labels: list[str]) -> list[str]:
        if any(re.search(r"\s", label) for label in labels):
            raise ValueError("Jira takes no label with a space in it")
        return labels

    @field_validator("fields", "sub_task_fields", "statuses", mode="before")
    @classmethod
    def _is_an_object(cls, given: object) -> object:
        try:
            read = json.loads(given.strip() or "{}") if isinstance(given, str) else given
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise ValueError('write a JSON object, like {"priority": {"name": "High"}}')  # noqa: TRY004  pydantic's way
        return read

    @field_validator("fields", "sub_task_fields")
    @classmethod
    def _leave_ours_alone(cls, fields: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(_OURS & fields.keys()):
            raise ValueError(f"the portal fills in {', '.join(taken)} itself")
        return fields

    @field_validator("statuses")
    @classmethod
    def _are_states_and_names(cls, statuses: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(statuses.keys() - set(IncidentState)):
            raise ValueError(f"there is no state {', '.join(unknown)}, only {', '.join(IncidentState)}")
        if not all(isinstance(name, str) and name for name in statuses.values()):
            raise ValueError("each state needs the name of a status")
        return statuses

    @model_validator(mode="after")
    def _complete(self) -> "JiraSettings":
        if not self.url:
            return self
        if self.token is None:
            raise ValueError("IMS_JIRA_TOKEN is missing: Jira lets nobody in without one")
        if self.url.endswith(".atlassian.net") and not self.email:
            raise ValueError("IMS_JIRA_EMAIL is missing: Jira Cloud asks whose token it is")
        if not _PROJECT.fullmatch(self.project):
            raise ValueError("IMS_JIRA_PROJECT is missing: give the project's key in capitals, like OPS")
        return self
