"""The score card of a drill: each step of the procedure against its due time. Facts, no points. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ims.model import EntryKind
from ims.sop.case import Case
from ims.sop.evaluation import StepState, StepStatus, evaluate
from ims.sop.procedure import Procedure, Rule
from ims.sop.rehearsal import questions
from ims.sop.rules import first_update_due_at


class Verdict(StrEnum):
    """What became of a step. ``not_reached`` was not due yet when the drill ended."""

    IN_TIME = "in_time"
    LATE = "late"
    NOT_DONE = "not_done"
    DONE = "done"
    NOT_REACHED = "not_reached"
    WAIVED = "waived"
    NOT_NEEDED = "not_needed"


_UNFINISHED = {
    StepState.LATE: Verdict.NOT_DONE,
    StepState.OPEN: Verdict.NOT_DONE,
    StepState.DUE: Verdict.NOT_REACHED,
    StepState.LATER: Verdict.NOT_REACHED,
    StepState.AS_NEEDED: Verdict.NOT_NEEDED,
    StepState.NOT_NEEDED: Verdict.NOT_NEEDED,
    StepState.WAIVED: Verdict.WAIVED,
}


@dataclass(frozen=True)
class ScoredStep:
    """One step: when it was due, when and by whom it was done, and by how much that was too late."""

    title: str
    verdict: Verdict
    due_at: datetime | None
    done_at: datetime | None
    done_by: str
    late_by: timedelta

    @property
    def has_a_clock(self) -> bool:
        """Whether it was due at a time before the end, so that it counts as in time or not."""
        return self.verdict in (Verdict.IN_TIME, Verdict.LATE) or bool(self.late_by)


@dataclass(frozen=True)
class ScoreCard:
    """How a drill went. ``first_update_late_by`` is ``None`` where no customer update was due or sent."""

    steps: Sequence[ScoredStep]
    first_update_late_by: timedelta | None
    first_update_missing: bool
    questions: int
    answered: int

    @property
    def in_time(self) -> int:
        """How many steps were done by their time."""
        return sum(1 for step in self.steps if step.verdict is Verdict.IN_TIME)

    @property
    def timed(self) -> int:
        """How many steps had to be done by a time."""
        return sum(1 for step in self.steps if step.has_a_clock)


def score_card(procedure: Procedure, case: Case, now: datetime) -> ScoreCard:
    """Return the score card of a drill: up to its end, or up to now while it runs."""
    end = min(now, case.incident.closed_at or now)
    first = case.first(EntryKind.UPDATE_WRITTEN)
    due_at = first_update_due_at(procedure, case.incident.declared_at) if case.customers else None
    told_at = first.occurred_at if first else None
    asked = questions(case.valid_entries)
    return ScoreCard(
        [_scored(status, case, due_at, told_at) for status in evaluate(procedure, case, now)],
        max(told_at - due_at, timedelta()) if told_at and due_at else None,
        bool(due_at and told_at is None and end > due_at),
        len(asked),
        sum(1 for question in asked if question.answer),
    )


def _scored(status: StepStatus, case: Case, first_due_at: datetime | None, told_at: datetime | None) -> ScoredStep:
    due_at, done_at = status.due_at, status.done_at
    if status.step.done_when and status.step.done_when.rule is Rule.CUSTOMERS_UPDATED and case.customers:
        # The step runs until the resolution; what people compare is the first word with its time.
        due_at, done_at = first_due_at, told_at if done_at else None
    return ScoredStep(status.step.title, _verdict(status, due_at), due_at, done_at, status.done_by, status.late_by)


def _verdict(status: StepStatus, due_at: datetime | None) -> Verdict:
    if status.state is not StepState.DONE:
        return _UNFINISHED[status.state]
    if status.late_by:
        return Verdict.LATE
    return Verdict.IN_TIME if due_at else Verdict.DONE
