"""The scenarios of drills: files in ``data/drills/``, each one read and checked before anybody rehearses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ims.errors import SettingProblem, sentences
from ims.model.drill import DrillEventKind
from ims.sop.rehearsal import alert_name

HINT = "Correct the file as docs/drills.md shows, or take it away, then restart."


class ScenarioEvent(BaseModel):
    """Something that happens a number of minutes into the drill; an alert's text is ``Name: what it says``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    minute: float = Field(ge=0, le=24 * 60)
    kind: DrillEventKind
    text: str = Field(min_length=1, max_length=2000)


class Scenario(BaseModel):
    """What is rehearsed: a title, what is seen at first, what is to be learnt, and what happens when."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str = Field(min_length=1, max_length=200)
    aim: str = Field(default="", max_length=500)
    summary: str = Field(default="", max_length=2000)
    affects_sla: bool = False
    events: list[ScenarioEvent] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _resolves_what_fired(self) -> "Scenario":
        firing: set[str] = set()
        for event in self.in_order:
            name = alert_name(event.text)
            if event.kind is DrillEventKind.ALERT:
                firing.add(name)
            elif event.kind is DrillEventKind.ALERT_RESOLVED and name not in firing:
                raise ValueError(f"minute {event.minute:g}: the alert “{name}” is resolved but never fired before")
        return self

    @property
    def in_order(self) -> list[ScenarioEvent]:
        """The events as they happen."""
        return sorted(self.events, key=lambda event: event.minute)

    @property
    def lasts_for(self) -> timedelta:
        """The time to the last event, at ordinary speed."""
        return timedelta(minutes=self.in_order[-1].minute)


@dataclass(frozen=True)
class Scenarios:
    """What can be rehearsed, by the file's name without its ending, and the files that were refused."""

    by_name: Mapping[str, Scenario] = field(default_factory=dict)
    refused: Sequence[SettingProblem] = ()


def read_scenarios(folder: Path) -> Scenarios:
    """Read every scenario of a folder. A bad file is refused, and never keeps the portal from starting."""
    by_name: dict[str, Scenario] = {}
    refused: list[SettingProblem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            by_name[path.stem] = read_scenario(path.read_text(encoding="utf-8"), path.name)
        except SettingProblem as problem:
            refused.append(problem)
        except (OSError, UnicodeDecodeError) as error:
            refused.append(_problem(path.name, f"it cannot be read ({type(error).__name__})."))
    return Scenarios(by_name, refused)


def read_scenario(text: str, name: str) -> Scenario:
    """Read a scenario from YAML.

    Raises:
        SettingProblem: it cannot be read or does not make sense.
    """
    try:
        return Scenario.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _problem(name, f"it is not YAML{f' (line {mark.line + 1})' if mark else ''}.") from error
    except ValidationError as error:
        raise _problem(name, " ".join(sentences(error)[:3])) from error


def _problem(name: str, reason: str) -> SettingProblem:
    return SettingProblem("IMS-207", f"drills/{name}: {reason}", HINT)
