"""Until when a root-cause document is to be published, by the severity of its incident: ``data/deadlines.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from ims.data_file import read_file
from ims.errors import Refusal
from ims.model import EntryKind, Incident, RcaDocument, RcaState, Severity
from ims.postmortem.content.blocks import ABOUT_DOCUMENT
from ims.sop.case import Case
from ims.sop.durations import Within, parse
from ims.sop.evaluation import StepState, evaluate
from ims.sop.procedure import Procedure
from ims.store import incidents
from ims.store.work import Work

FILE = "deadlines.yaml"
OTHER = "other"
_SATURDAY = 5
_DAY = timedelta(days=1)
_WEEKEND = 4 * _DAY  # by so much two spans of the same working days may differ


def _span(text: Any) -> Any:
    return parse(text) if isinstance(text, str) else text


Span = Annotated[Within, BeforeValidator(_span)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Reminding(_Part):
    """When somebody is reminded; hours are UTC."""

    working_days_before: int = Field(ge=0, le=30)
    again_every_days: int = Field(ge=1, le=365)
    from_hour: int = Field(ge=0, le=23)
    give_up_after: Span


class Deadlines(_Part):
    """All of the file."""

    published_within: Mapping[str, Span]
    remind: Reminding

    @field_validator("published_within")
    @classmethod
    def _complete(cls, given: Mapping[str, Within]) -> Mapping[str, Within]:
        known = {OTHER, *(severity.value for severity in Severity)}
        if OTHER not in given:
            raise ValueError("“other” is missing, for the severities that are not named")
        strange = sorted(set(given) - known)
        if strange:
            raise ValueError(f"“{strange[0]}” is no severity")
        return given

    def due_at(self, incident: Incident, document: RcaDocument | None) -> datetime | None:
        """Return until when the document is to be published: as somebody decided, or counted from the resolution.

        ``None`` while the incident is not resolved.
        """
        if document and document.due_at:
            return document.due_at
        if incident.resolved_at is None:
            return None
        severity = incident.severity.value if incident.severity else OTHER
        return self.published_within.get(severity, self.published_within[OTHER]).after(incident.resolved_at)

    def heard_of_since(self, now: datetime) -> datetime:
        """Return the earliest resolution, or moved deadline, that people could still hear of."""
        longest = max(span.after(now) - now for span in self.published_within.values())
        return now - longest - _WEEKEND - (self.remind.give_up_after.after(now) - now) - _WEEKEND

    def is_near(self, due_at: datetime, now: datetime) -> bool:
        """Return whether the deadline is so near, or so newly past, that people hear of it."""
        first = working_days_before(due_at, self.remind.working_days_before)
        return first.date() <= now.date() and now < self.remind.give_up_after.after(due_at)

    def slot(self, due_at: datetime, now: datetime) -> str | None:
        """Return which reminder a moment belongs to, ``None`` for none: one before, one on the day, then more.

        Weekends and nights are left out, so a reminder that falls there comes on the next morning of its slot.
        """
        now = now.astimezone(UTC)
        if now.weekday() >= _SATURDAY or now.hour < self.remind.from_hour or not self.is_near(due_at, now):
            return None
        days = (now.date() - due_at.astimezone(UTC).date()).days
        return "before" if days < 0 else f"late{days // self.remind.again_every_days}"


def working_days_before(moment: datetime, count: int) -> datetime:
    """Return the moment so many working days before another."""
    for _ in range(count):
        moment -= _DAY
        while moment.weekday() >= _SATURDAY:
            moment -= _DAY
    return moment


@dataclass(frozen=True)
class DueDocument:
    """A document that is to be published, perhaps not even started, and until when."""

    incident: Incident
    document: RcaDocument | None
    due_at: datetime


def is_wanted(procedure: Procedure, case: Case, now: datetime) -> bool:
    """Return whether the procedure asks for the document of an incident; somebody may have waived that step."""
    not_asked = (StepState.WAIVED, StepState.NOT_NEEDED)
    asking = [status for status in evaluate(procedure, case, now) if _asks_for_it(status.step.done_when)]
    return not asking or any(status.state not in not_asked for status in asking)


def _asks_for_it(done_when: Any) -> bool:
    return done_when is not None and EntryKind.RCA_CREATED in (*done_when.any, *done_when.all)


def move(work: Work, incident_id: int, due_at: datetime, reason: str) -> RcaDocument:
    """Give the document another deadline, and say why; whoever is reminded hears of the new one.

    Raises:
        Refusal: there is no document, it is published, no reason is given, or the time has passed.
    """
    incident = work.incident(incident_id)
    document = incidents.rca_document(work.session, incident_id)
    if document is None or document.state is RcaState.PUBLISHED:
        raise Refusal("There is no document that waits to be published.")
    if not reason.strip():
        raise Refusal("Say why the deadline moves.")
    if due_at <= work.now:
        raise Refusal("That time has passed; choose a later one.")
    document.due_at = due_at
    text = f"Root-cause document due by {due_at:%Y-%m-%d}: {reason.strip()}"
    work.record(incident, EntryKind.NOTE, text, due_at=due_at.isoformat(), about=ABOUT_DOCUMENT)
    return document


def read_deadlines(data_dir: Path) -> Deadlines:
    """Read the deadlines of a data folder.

    Raises:
        SettingProblem: they cannot be read or do not make sense.
    """
    return read_file(
        Deadlines, data_dir / FILE, "IMS-210", "Correct it, or restore the file; docs/rca.md has its words."
    )
