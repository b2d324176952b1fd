"""Each step's standing: a pure function of (procedure, incident, timeline, now)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ims.model import EntryKind, IncidentState, TimelineEntry
from ims.sop.case import Case
from ims.sop.procedure import Phase, Procedure, Rule, Step
from ims.sop.rules import RULES, Standing


class StepState(StrEnum):
    """Where a step stands. ``later`` is one whose clock has not started, ``open`` one without a clock."""

    DONE = "done"
    DUE = "due"
    LATE = "late"
    OPEN = "open"
    LATER = "later"
    AS_NEEDED = "as_needed"
    WAIVED = "waived"
    NOT_NEEDED = "not_needed"


FINISHED_STATES = (StepState.DONE, StepState.WAIVED, StepState.NOT_NEEDED)


@dataclass(frozen=True)
class StepStatus:
    """A step's standing at a moment.

    ``late_by`` is how much too late it was done, or is by now; zero when it is not late. ``evidence`` says in words
    what shows that it was done, why it was waived, or what is missing.
    """

    step: Step
    phase: Phase
    state: StepState
    evidence: str = ""
    done_at: datetime | None = None
    done_by: str = ""
    due_at: datetime | None = None
    late_by: timedelta = timedelta()

    @property
    def is_finished(self) -> bool:
        """Whether nobody needs to do anything about it any more."""
        return self.state in FINISHED_STATES


@dataclass(frozen=True)
class Progress:
    """How far the procedure is, counting the steps that are needed."""

    done: int
    needed: int
    late: int


def evaluate(procedure: Procedure, case: Case, now: datetime) -> list[StepStatus]:
    """Return the standing of every step, in the order of the procedure.

    The clock of a closed incident stands still: what was left open does not get later year after year.
    """
    if case.incident.state is IncidentState.CLOSED and case.incident.closed_at:
        now = min(now, case.incident.closed_at)
    return [_status(procedure, phase, step, case, now) for phase in procedure.phases for step in phase.steps]


def progress(statuses: Sequence[StepStatus]) -> Progress:
    """Count the steps that are done or waived, among those needed; and those that are or were late."""
    passed_over = (StepState.NOT_NEEDED, StepState.AS_NEEDED)
    needed = [status for status in statuses if status.state not in passed_over]
    finished = [status for status in needed if status.is_finished]
    return Progress(len(finished), len(needed), sum(1 for status in needed if status.late_by))


def _status(procedure: Procedure, phase: Phase, step: Step, case: Case, now: datetime) -> StepStatus:
    due_at = _due_at(step, case)
    decided = _decided_by_hand(phase, step, case, due_at)
    if decided:
        return decided
    standing = _standing(procedure, step, case, now)
    due_at = standing.due_at or due_at
    if standing.done_at is not None:
        late_by = standing.late_by or _overrun(due_at, standing.done_at)
        return StepStatus(
            step,
            phase,
            StepState.DONE,
            standing.evidence,
            standing.done_at,
            standing.done_by,
            due_at,
            late_by,
        )
    state = StepState.NOT_NEEDED if standing.not_needed else _unfinished_state(step, case, due_at, now)
    late_by = _overrun(due_at, now) if state is StepState.LATE else timedelta()
    return StepStatus(step, phase, state, standing.evidence, due_at=due_at, late_by=late_by)


def _unfinished_state(step: Step, case: Case, due_at: datetime | None, now: datetime) -> StepState:
    is_over = case.incident.state in (IncidentState.CLOSED, IncidentState.CANCELLED)
    if case.incident.state is IncidentState.CANCELLED:
        return StepState.NOT_NEEDED
    if step.as_needed and due_at is None:
        return StepState.NOT_NEEDED if is_over else StepState.AS_NEEDED
    if due_at is None:
        return StepState.LATER if step.due else StepState.OPEN
    return StepState.LATE if now > due_at else StepState.DUE


def _overrun(due_at: datetime | None, moment: datetime) -> timedelta:
    return max(moment - due_at, timedelta()) if due_at else timedelta()


def _due_at(step: Step, case: Case) -> datetime | None:
    started = case.time_of(step.due.after) if step.due else None
    return step.due.within.after(started) if step.due and started else None


def _decided_by_hand(phase: Phase, step: Step, case: Case, due_at: datetime | None) -> StepStatus | None:
    """Return the standing that a person gave the step by ticking or waiving it; the last word counts.

    A reopened incident is resolved anew, so a word about telling customers counts only for its own round.
    """
    states = {
        EntryKind.STEP_DONE: StepState.DONE,
        EntryKind.STEP_WAIVED: StepState.WAIVED,
    }
    each_round = step.done_when is not None and step.done_when.rule is Rule.CUSTOMERS_TOLD_RESOLVED
    words = [entry for entry in case.of_kind(*states) if entry.data.get("step") == step.key]
    if each_round:
        words = [entry for entry in words if entry in case.since_reopened]
    if not words:
        return None
    entry = words[-1]
    state = states[entry.kind]
    late_by = _overrun(due_at, entry.occurred_at) if state is StepState.DONE else timedelta()
    return StepStatus(
        step,
        phase,
        state,
        str(entry.data.get("reason", "")),
        entry.occurred_at,
        entry.author,
        due_at,
        late_by,
    )


def _standing(procedure: Procedure, step: Step, case: Case, now: datetime) -> Standing:
    if step.done_when is None:
        return Standing()
    if step.done_when.rule:
        return RULES[step.done_when.rule](procedure, case, now)
    if step.done_when.any:
        return _completed_by(next(case.of_kind(*step.done_when.any), None))
    firsts = [case.first(kind) for kind in step.done_when.all]
    present = [entry for entry in firsts if entry is not None]
    if len(present) < len(firsts):
        return Standing()
    return _completed_by(max(present, key=lambda entry: entry.occurred_at))


def _completed_by(entry: TimelineEntry | None) -> Standing:
    if entry is None:
        return Standing()
    return Standing(done_at=entry.occurred_at, done_by=entry.author, evidence=entry.text)
