"""Settings, from the environment (``IMS_…``) or, for secrets, from files (``IMS_…_FILE``)."""

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ims.errors import SettingProblem

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "IMS_"
FILE = "_FILE"
_SQLITE = "sqlite:///"
OF_TESTS = ("IMS_TEST_", "IMS_NO_SKIP")
Read = TypeVar("Read", bound=BaseSettings)


class Settings(BaseSettings):
    """Every setting of the portal. ``docs/settings.md`` lists them for people."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", hide_input_in_errors=True)

    database_url: str = Field(
        default=f"sqlite:///{ROOT / 'var' / 'ims.db'}",
        title="Database",
        description="SQLite or PostgreSQL address",
        repr=False,  # it may hold a password
    )
    data_dir: Path = Field(
        default=ROOT / "data",
        title="Data folder",
        description="procedure, severity, templates",
    )
    base_url: str = Field(
        default="http://localhost:8501",
        title="Address",
        description="what links in messages start with",
    )
    alertmanager_token: SecretStr | None = Field(
        default=None,
        title="Alertmanager token",
        description="accepted as bearer token, or as password of basic auth",
    )
    alertmanager_token_next: SecretStr | None = Field(
        default=None,
        title="Next Alertmanager token",
        description="accepted too, while tokens are rotated",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        title="Metrics token",
        description="asked of whoever reads /metrics, as bearer token or as password of basic auth",
    )
    largest_webhook_bytes: int = Field(
        default=8_000_000,
        ge=1_000,
        title="Largest webhook",
        description="bytes; a larger body is answered 413",
    )
    keep_webhook_days: int = Field(
        default=90,
        ge=1,
        le=36_500,
        title="Webhooks are kept for",
        description="days; then a body is removed from the inbox, its alerts stay",
    )
    local_user: str = Field(
        default="",
        title="Local user",
        description="e-mail of who acts when no sign-in is configured (development)",
    )
    worker: bool = Field(
        default=True,
        title="Worker",
        description="run the delivery worker in the portal's process",
    )

    @field_validator("database_url")
    @classmethod
    def _same_file_from_everywhere(cls, url: str) -> str:
        """Read a relative path of SQLite from the project's folder, whichever folder a command is called in."""
        path = url.removeprefix(_SQLITE)
        is_relative = url.startswith(_SQLITE) and path and not path.startswith(("/", ":", "file:"))
        return f"{_SQLITE}{ROOT / path}" if is_relative else url

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
            raise ValueError("write it like https://ims.example.com")
        return url.rstrip("/")


def read_settings() -> Settings:
    """Read the settings of this process.

    Raises:
        SettingProblem: a value cannot be used, or a secret's file cannot be read.
    """
    settings, problems = try_settings()
    if settings is None:
        raise problems[0]
    return settings


def try_settings() -> tuple[Settings | None, Sequence[SettingProblem]]:
    """Read the settings; where they cannot be used, return ``None`` and every reason at once."""
    return try_read(Settings)


def try_read(kind: type[Read]) -> tuple[Read | None, Sequence[SettingProblem]]:
    """Read settings of a kind; where they cannot be used, return ``None`` and every reason at once."""
    values, problems = _from_files(kind)
    try:
        settings = kind(**values)
    except ValidationError as error:
        return None, [*problems, *(_problem(kind, each) for each in error.errors(include_input=False))]
    return (None, problems) if problems else (settings, [])


def variables(kind: type[BaseSettings]) -> dict[str, str]:
    """Return the environment variable of each setting of a kind, by the setting's name."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    return {name: f"{prefix}{name.upper()}" for name in kind.model_fields}


def unknown_settings(*kinds: type[BaseSettings]) -> dict[str, str]:
    """Return each ``IMS_…`` variable that no kind of settings has, with the one probably meant (or nothing)."""
    known = [f"{variable}{end}" for kind in kinds for variable in variables(kind).values() for end in ("", FILE)]
    strange = [
        name for name in os.environ if name.startswith(PREFIX) and name not in known and not name.startswith(OF_TESTS)
    ]
    return {name: next(iter(get_close_matches(name, known, n=1)), "") for name in sorted(strange)}


def _problem(kind: type[BaseSettings], error: Any) -> SettingProblem:
    reason = str(error["msg"]).removeprefix("Value error, ")
    name = "_".join(str(part) for part in error["loc"])
    sentence = f"{variables(kind).get(name, name.upper())}: {reason}." if name else f"{reason}."
    return SettingProblem("IMS-101", sentence, "docs/settings.md says what it takes.")


def _from_files(kind: type[BaseSettings]) -> tuple[dict[str, Any], list[SettingProblem]]:
    values: dict[str, Any] = {}
    problems = []
    for name, variable in variables(kind).items():
        if f"{variable}{FILE}" in os.environ:
            try:
                values[name] = _file_of(f"{variable}{FILE}")
            except SettingProblem as problem:
                problems.append(problem)
    return values, problems


def _file_of(variable: str) -> str:
    try:
        return Path(os.environ[variable]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingProblem(
            "IMS-104",
            f"{variable} names a file that cannot be read: {reason}.",
            "Check the path and its rights.",
        ) from None
