"""The score card: facts about each step against its due time."""

from datetime import timedelta

import pytest

from ims.config import ROOT
from ims.model import Customer, EntryKind, Incident, IncidentState, TimelineEntry
from ims.sop.case import Case
from ims.sop.procedure import Procedure, read_procedure
from ims.sop.score import ScoreCard, ScoredStep, Verdict, score_card
from tests.conftest import START

MINUTE = timedelta(minutes=1)
ACME = Customer(id=1, name="Acme", slack_channel="#acme", contacts=[])


@pytest.fixture
def procedure() -> Procedure:
    return read_procedure((ROOT / "data" / "sop.yaml").read_text(encoding="utf-8"))


def case_of(*happened: tuple[float, EntryKind, dict[str, object]], ended: float = 60, told: bool = True) -> Case:
    """A drill that was declared at the start and has ended after some minutes."""
    entries = [
        TimelineEntry(
            id=n, incident_id=1, kind=kind, text="", author="Ada", data=data,
            occurred_at=START + minute * MINUTE, recorded_at=START + minute * MINUTE,
        )
        for n, (minute, kind, data) in enumerate(happened, start=1)
    ]  # fmt: skip
    incident = Incident(
        id=1, title="A", state=IncidentState.CLOSED, affects_customers=True, drill=True,
        began_at=START, detected_at=START, declared_at=START, closed_at=START + ended * MINUTE,
    )  # fmt: skip
    return Case(incident, entries, [ACME] if told else [])


def score(case: Case, procedure: Procedure) -> ScoreCard:
    return score_card(procedure, case, START + timedelta(days=30))


def step(card: ScoreCard, title: str) -> ScoredStep:
    return next(each for each in card.steps if title in each.title)


def told(minute: float) -> list[tuple[float, EntryKind, dict[str, object]]]:
    delivered: dict[str, object] = {"customer_id": 1, "way": "customer_post", "phase": "investigating"}
    return [(minute, EntryKind.UPDATE_WRITTEN, {}), (minute, EntryKind.UPDATE_DELIVERED, delivered)]


def test_a_step_done_by_its_time_is_in_time_and_says_by_whom(procedure: Procedure) -> None:
    page = step(score(case_of((4, EntryKind.ACKNOWLEDGED, {})), procedure), "on-call")
    assert (page.verdict, page.done_by, page.late_by) == (Verdict.IN_TIME, "Ada", timedelta())
    assert (page.due_at, page.done_at) == (START + 5 * MINUTE, START + 4 * MINUTE)


def test_a_step_done_too_late_says_by_how_much(procedure: Procedure) -> None:
    page = step(score(case_of((7, EntryKind.ACKNOWLEDGED, {})), procedure), "on-call")
    assert (page.verdict, page.late_by) == (Verdict.LATE, 2 * MINUTE)


def test_a_step_left_undone_is_late_up_to_the_end_of_the_drill_and_no_further(procedure: Procedure) -> None:
    page = step(score(case_of(ended=25), procedure), "on-call")
    assert (page.verdict, page.late_by) == (Verdict.NOT_DONE, 20 * MINUTE)


def test_what_was_not_due_before_the_end_does_not_count(procedure: Procedure) -> None:
    card = score(case_of((4, EntryKind.ACKNOWLEDGED, {}), ended=6), procedure)
    assert step(card, "Define").verdict is Verdict.NOT_REACHED
    assert (card.in_time, card.timed) == (1, 1)


def test_a_step_without_a_clock_is_done_or_not_and_counts_in_neither(procedure: Procedure) -> None:
    found: list[tuple[float, EntryKind, dict[str, object]]] = [
        (3.0, EntryKind.FINDING, {}),
        (4.0, EntryKind.REPLICATION, {}),
    ]
    done = score(case_of(*found, ended=5), procedure)
    assert step(done, "Understand").verdict is Verdict.DONE
    left = score(case_of(ended=4), procedure)
    assert step(left, "Understand").verdict is Verdict.NOT_DONE
    assert (done.timed, left.timed) == (0, 0)


def test_the_first_customer_update_is_measured_from_the_declaration(procedure: Procedure) -> None:
    card = score(case_of(*told(34)), procedure)
    assert card.first_update_late_by == 4 * MINUTE
    row = step(card, "every hour")
    assert (row.due_at, row.done_at, row.verdict) == (START + 30 * MINUTE, START + 34 * MINUTE, Verdict.LATE)
    assert score(case_of(*told(20)), procedure).first_update_late_by == timedelta()


def test_customers_who_were_never_told_are_said_to_be(procedure: Procedure) -> None:
    card = score(case_of(ended=45), procedure)
    assert (card.first_update_missing, card.first_update_late_by) == (True, None)
    assert step(card, "every hour").verdict is Verdict.NOT_DONE
    assert not score(case_of(ended=20), procedure).first_update_missing, "the drill ended before it was due"
    assert not score(case_of(ended=45, told=False), procedure).first_update_missing, "no customer took part"


def test_questions_are_counted_with_their_answers(procedure: Procedure) -> None:
    question: dict[str, object] = {"event": "question"}
    card = score(
        case_of(
            (1, EntryKind.DRILL_EVENT, question),
            (2, EntryKind.DRILL_EVENT, question),
            (3, EntryKind.NOTE, {"answers": 1}),
            (4, EntryKind.DRILL_EVENT, {"event": "alert"}),
        ),
        procedure,
    )
    assert (card.questions, card.answered) == (2, 1)
