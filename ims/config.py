"""Settings, from the environment (``IMS_…``) or, for secrets, from files (``IMS_…_FILE``)."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ims.errors import SettingProblem

ROOT = Path(__file__).resolve().parent.parent
_PREFIX = "IMS_"


class Settings(BaseSettings):
    """Every setting of the portal. ``docs/settings.md`` lists them for people."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="ignore")

    database_url: str = Field(
        default=f"sqlite:///{ROOT / 'var' / 'ims.db'}",
        title="Database",
        description="SQLite or PostgreSQL address",
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
    largest_webhook_bytes: int = Field(
        default=8_000_000,
        ge=1_000,
        title="Largest webhook",
        description="bytes; a larger body is answered 413",
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


def read_settings() -> Settings:
    """Read the settings of this process.

    Raises:
        SettingProblem: a value cannot be used, or a secret's file cannot be read.
    """
    try:
        return Settings(**_from_files())
    except ValidationError as error:
        first = error.errors()[0]
        name = _PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingProblem(
            "IMS-101",
            f"{name}: {first['msg']}.",
            "docs/settings.md says what it takes.",
        ) from error


def _from_files() -> dict[str, Any]:
    names = (name for name in Settings.model_fields if f"{_PREFIX}{name.upper()}_FILE" in os.environ)
    return {name: _file_of(f"{_PREFIX}{name.upper()}_FILE") for name in names}


def _file_of(variable: str) -> str:
    try:
        return Path(os.environ[variable]).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingProblem(
            "IMS-104",
            f"{variable} names a file that cannot be read: {error.strerror}.",
            "Check the path and its rights.",
        ) from error
