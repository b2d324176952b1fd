"""Drills: the whole procedure rehearsed from a scenario; no effect leaves the portal, no figure counts it."""

from datetime import timedelta

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ims.errors import SettingProblem
from ims.model import EntryKind, Incident, IncidentDraft
from ims.model.drill import DrillEvent, DrillEventKind
from ims.response.declare import declare
from ims.sop.procedure import Procedure
from ims.store.work import Work


class ScenarioEvent(BaseModel):
    """Something that happens a number of minutes into the drill."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    minute: float = Field(ge=0, le=24 * 60)
    kind: DrillEventKind
    text: str = Field(min_length=1, max_length=2000)


class Scenario(BaseModel):
    """What is rehearsed: a title, what is seen at first, and what happens when."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str = Field(min_length=1, max_length=200)
    summary: str = ""
    affects_sla: bool = False
    events: list[ScenarioEvent] = Field(min_length=1, max_length=200)


def read_scenario(text: str, name: str) -> Scenario:
    """Read a scenario from YAML.

    Raises:
        SettingProblem: it cannot be read or does not make sense.
    """
    try:
        return Scenario.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise SettingProblem("IMS-207", f"{name} is not YAML.", "docs/drills.md shows a scenario.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        raise SettingProblem(
            "IMS-207", f"{name}: {where}: {first['msg']}.", "docs/drills.md shows a scenario."
        ) from error


def start(
    work: Work,
    scenario: Scenario,
    procedure: Procedure,
    *,
    service_ids: list[int],
    customer_ids: list[int],
    speed: float = 1.0,
) -> Incident:
    """Declare a rehearsal and plan its events; ``speed`` 2.0 plays them in half the time."""
    draft = IncidentDraft(
        title=scenario.title,
        summary=scenario.summary,
        affects_customers=True,
        affects_sla=scenario.affects_sla,
        service_ids=service_ids,
        customer_ids=customer_ids,
    )
    incident = declare(work, draft, procedure, drill=True)
    for event in scenario.events:
        due_at = work.now + timedelta(minutes=event.minute) / speed
        work.add(DrillEvent(incident_id=incident.id, kind=event.kind, text=event.text, due_at=due_at))
    return incident


def play(work: Work, incident: Incident, event: DrillEvent) -> None:
    """Let one event happen. The worker's clock calls this when it is due."""
    event.played_at = work.now
    work.record(incident, EntryKind.DRILL_EVENT, event.text, occurred_at=event.due_at, event=event.kind.value)
