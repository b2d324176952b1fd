"""What customers read first: the templates of ``data/templates/customer_updates.yaml``, filled with plain words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ims.errors import SettingProblem
from ims.model import Impact, Incident, Service, UpdatePhase

PLACEHOLDERS = ("title", "services", "impact", "began", "next_update", "key")
_BRACES = re.compile(r"\{([^{}]*)\}")
_UNKNOWN = "unknown"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Template(_Strict):
    """The subject and body of one phase, with placeholders."""

    subject: str = Field(min_length=1)
    body: str = Field(min_length=1)

    @field_validator("subject", "body")
    @classmethod
    def _known(cls, text: str) -> str:
        for word in _BRACES.findall(text):
            if word not in PLACEHOLDERS:
                allowed = " ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                raise ValueError(f"nothing fills {{{word}}}; there are {allowed}")
        return text


class CustomerWords(_Strict):
    """How a value is said to customers."""

    no_services: str = Field(min_length=1)
    no_next_update: str = Field(min_length=1)
    impact: Mapping[str, str]

    @field_validator("impact")
    @classmethod
    def _complete(cls, impact: Mapping[str, str]) -> Mapping[str, str]:
        missing = [word for word in (_UNKNOWN, *Impact) if not impact.get(word)]
        if missing:
            raise ValueError(f"no words for {', '.join(missing)}")
        return impact


class UpdateTemplates(_Strict):
    """Every template; each phase has one."""

    words: CustomerWords
    phases: Mapping[UpdatePhase, Template]

    @field_validator("phases")
    @classmethod
    def _complete(cls, phases: Mapping[UpdatePhase, Template]) -> Mapping[UpdatePhase, Template]:
        missing = [phase.value for phase in UpdatePhase if phase not in phases]
        if missing:
            raise ValueError(f"no template for {', '.join(missing)}")
        return phases


@dataclass(frozen=True)
class FilledTemplate:
    """The text to start from."""

    subject: str
    body: str


def read_templates(text: str, name: str = "data/templates/customer_updates.yaml") -> UpdateTemplates:
    """Read the templates from YAML.

    Raises:
        SettingProblem: it cannot be read, a phase is missing, or nothing fills a placeholder; the sentence names it.
    """
    try:
        return UpdateTemplates.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise _problem(f"{name}{place}: it is not YAML") from error
    except ValidationError as error:
        raise _problem(f"{name}: {_reason(error)}") from error


def fill(
    templates: UpdateTemplates,
    phase: UpdatePhase,
    incident: Incident,
    services: Sequence[Service],
    next_update_at: datetime | None,
) -> FilledTemplate:
    """Fill the template of a phase with the title, services, impact and times of an incident, and nothing else."""
    values = {
        "title": incident.title,
        "services": joined([service.name for service in services]) or templates.words.no_services,
        "impact": templates.words.impact[incident.impact.value if incident.impact else _UNKNOWN],
        "began": customer_time(incident.began_at),
        "next_update": customer_time(next_update_at) if next_update_at else templates.words.no_next_update,
        "key": incident.key,
    }
    template = templates.phases[phase]
    return FilledTemplate(_filled(template.subject, values), _filled(template.body, values).strip())


def customer_time(at: datetime) -> str:
    """Say a time to customers, who may be anywhere: ``23 November 2026, 14:20 UTC``."""
    moment = at.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def joined(names: Sequence[str]) -> str:
    """List names as people do: ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Replace each placeholder once; braces inside a value stay as they are."""
    return _BRACES.sub(lambda match: values[match[1]], text)


def _reason(error: ValidationError) -> str:
    first: Any = error.errors()[0]
    where = " ".join(str(part) for part in first["loc"])
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _problem(sentence: str) -> SettingProblem:
    return SettingProblem("IMS-203", f"{sentence}.", "Correct it; docs/customer-updates.md lists the placeholders.")
