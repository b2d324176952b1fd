"""The story of the demo, read from ``data/demo.yaml``, and its times, which are relative to the moment of loading."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from ims.errors import SettingProblem, sentences
from ims.model import CustomerDraft, PersonDraft, ServiceDraft
from ims.sop import durations

FILE = "demo.yaml"
_DAY = re.compile(r"day (-\d{1,3}) (\d\d:\d\d)")
_NOW = re.compile(r"now -(\w+)")


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _span(text: str) -> str:
    durations.parse(text.partition(" at ")[0])
    return text


def _start(text: str) -> str:
    if not (_DAY.fullmatch(text) or _NOW.fullmatch(text)):
        raise ValueError(f"“{text}” is no beginning; write day -28 14:07 or now -38m.")
    if _NOW.fullmatch(text):
        durations.parse(text.removeprefix("now -"))
    return text


Span = Annotated[str, AfterValidator(_span)]
Start = Annotated[str, AfterValidator(_start)]


class Somebody(PersonDraft):
    """A person of the team; ``key`` is what the story calls them."""

    key: str


class Buyer(CustomerDraft):
    """A customer, with the names of the services they use."""

    key: str
    services: list[str]


class Order(_Told):
    """The rota; its turns go through the people in their order."""

    name: str
    time_zone: str
    handover_at: time
    shift_days: int


class Firing(_Told):
    """An alert. ``ends`` is how long it fires; without it, it still does."""

    name: str
    severity: str
    summary: str
    description: str = ""
    ends: Span | None = None


class LooseAlert(Firing):
    """An alert that never became an incident: dismissed with a reason, or waiting."""

    service: str
    at: Start
    dismissed: str = ""


class Act(BaseModel):
    """What somebody does ``at`` a time after the beginning; ``do`` names the act, the rest are its words."""

    model_config = ConfigDict(extra="allow", frozen=True)
    at: Span
    do: str
    by: str = "ic"

    @property
    def words(self) -> dict[str, Any]:
        """What belongs to this kind of act alone."""
        return dict(self.model_extra or {})


class Chapter(_Told):
    """One incident, from its first sign to the last thing done about it."""

    title: str
    begins: Start
    services: list[str]
    customers: list[str] = []
    affects: list[str] = []
    precaution: bool = False
    summary: str = ""
    alert: Firing | None = None
    acts: list[Act]


class Story(_Told):
    """The whole demo."""

    people: list[Somebody]
    rota: Order
    services: list[ServiceDraft]
    customers: list[Buyer]
    alerts: list[LooseAlert]
    incidents: list[Chapter]


def read_story(data_dir: Path) -> Story:
    """Read the story.

    Raises:
        SettingProblem: the file is missing or does not make sense.
    """
    try:
        return Story.model_validate(yaml.safe_load((data_dir / FILE).read_text(encoding="utf-8")))
    except ValidationError as error:
        raise _problem(sentences(error)[0]) from error
    except (OSError, yaml.YAMLError) as error:
        raise _problem(f"it cannot be read ({type(error).__name__}).") from error


def beginning(text: Start, now: datetime) -> datetime:
    """Return when something begins: ``day -28 14:07`` or ``now -38m``."""
    if day := _DAY.fullmatch(text):
        return _on_day(now.date() + timedelta(days=int(day[1])), day[2])
    return now - durations.parse(text.removeprefix("now -")).plain


def after(begin: datetime, text: Span) -> datetime:
    """Return a time after a beginning: ``6m``, ``2d``, ``3 working days at 10:00``."""
    span, _, hour = text.partition(" at ")
    moment = durations.parse(span).after(begin)
    return _on_day(moment.date(), hour) if hour else moment


def _on_day(day: date, hour: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(hour), UTC)


def _problem(reason: str) -> SettingProblem:
    return SettingProblem("IMS-204", f"data/{FILE}: {reason}", "Correct the file, or restore it.")
