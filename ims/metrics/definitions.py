"""The definitions of the figures, read from ``data/metrics.yaml`` and checked."""

from enum import StrEnum
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ims.errors import SettingProblem

DURATIONS = ("time_to_acknowledge", "time_to_first_update", "time_to_mitigate", "time_to_resolve")
REQUIRED = ("incidents", *DURATIONS, "sla_met", "late_steps", "follow_up_closure")


class Moment(StrEnum):
    """The times a figure can be measured between."""

    BEGAN = "began_at"
    DETECTED = "detected_at"
    DECLARED = "declared_at"
    ACKNOWLEDGED = "acknowledged_at"
    FIRST_UPDATE = "first_update_at"
    MITIGATED = "mitigated_at"
    RESOLVED = "resolved_at"
    CLOSED = "closed_at"
    CREATED = "created_at"
    FINISHED = "finished_at"


class Population(StrEnum):
    """Which incidents a figure is about."""

    ALL = "all"
    DECLARED_HERE = "declared_here"
    AFFECTS_CUSTOMERS = "affects_customers"


class Unit(StrEnum):
    """What a figure counts in."""

    MINUTES = "minutes"
    COUNT = "count"
    SHARE = "share"


class Definition(BaseModel):
    """What one figure means. ``version`` grows when the meaning changes, so that old numbers are not compared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    text: str = Field(min_length=1)
    start: Moment
    end: Moment | None = None
    fallback: Moment | None = None
    population: Population
    exclusions: list[str]
    unit: Unit
    version: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _makes_sense(self) -> "Definition":
        if self.unit is Unit.MINUTES and self.end is None:
            raise ValueError("a figure in minutes needs an end")
        if self.fallback is not None and self.end is None:
            raise ValueError("a fallback stands in for an end, and there is none")
        return self


def read_definitions(text: str, name: str = "data/metrics.yaml") -> dict[str, Definition]:
    """Read the definitions from YAML.

    Raises:
        SettingProblem: the file cannot be read, lacks a figure or does not make sense; the sentence says where.
    """
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _problem(name, f"line {mark.line + 1 if mark else 1} is not YAML") from error
    figures = content.get("figures") if isinstance(content, dict) else None
    if not isinstance(figures, dict):
        raise _problem(name, "it must hold “figures”, with a definition for each")
    missing = [key for key in REQUIRED if key not in figures]
    if missing:
        raise _problem(name, f"the figure {missing[0]} is missing")
    return {str(key): _definition(name, str(key), fields) for key, fields in figures.items()}


def _definition(name: str, key: str, fields: object) -> Definition:
    try:
        return Definition.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join([key, *(str(part) for part in first["loc"])])
        raise _problem(name, f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


def _problem(name: str, reason: str) -> SettingProblem:
    return SettingProblem("IMS-205", f"{name}: {reason}.", "Correct the definition; docs/figures.md has the words.")
