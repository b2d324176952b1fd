"""Each step's standing follows from the timeline and the clock, and from nothing else."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from ims.config import ROOT
from ims.model import Customer, EntryKind, Incident, IncidentState, TimelineEntry
from ims.sop.case import Case
from ims.sop.evaluation import Progress, StepState, StepStatus, evaluate, progress
from ims.sop.procedure import read_procedure

PROCEDURE = read_procedure((ROOT / "data" / "sop.yaml").read_text(encoding="utf-8"))
DECLARED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ACME = Customer(id=1, name="Acme", slack_channel="#acme", contacts=["ops@acme.example"])
UNREACHABLE = Customer(id=2, name="Ghost")
_ids = count(1)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def entry(kind: EntryKind, after: float, author: str = "Ada", **data: Any) -> TimelineEntry:
    at = DECLARED + minutes(after)
    return TimelineEntry(
        id=next(_ids),
        incident_id=1,
        kind=kind,
        text=kind.value,
        occurred_at=at,
        recorded_at=at,
        author=author,
        data=data,
    )


def told(after: float, phase: str = "investigating", customer: int = 1) -> list[TimelineEntry]:
    written = entry(EntryKind.UPDATE_WRITTEN, after, phase=phase)
    ways = [
        entry(EntryKind.UPDATE_DELIVERED, after, "IMS", customer_id=customer, way=way, phase=phase)
        for way in ("customer_post", "customer_mail")
    ]
    return [written, *ways]


def incident(**fields: Any) -> Incident:
    known: dict[str, Any] = {
        "id": 1,
        "title": "x",
        "affects_customers": True,
        "began_at": DECLARED,
        "detected_at": DECLARED,
        "declared_at": DECLARED,
    } | fields
    return Incident(**known)


def step(key: str, case: Case, after: float) -> StepStatus:
    statuses = evaluate(PROCEDURE, case, DECLARED + minutes(after))
    return next(status for status in statuses if status.step.key == key)


def test_a_step_is_due_until_its_time_and_late_after_it() -> None:
    case = Case(incident(), [])
    assert step("page_on_call", case, 5).state is StepState.DUE
    late = step("page_on_call", case, 7)
    assert (late.state, late.late_by) == (StepState.LATE, minutes(2))


def test_a_step_done_too_late_is_done_and_says_by_how_much() -> None:
    case = Case(incident(), [entry(EntryKind.ACKNOWLEDGED, 12, "Bob")])
    status = step("page_on_call", case, 60)
    assert (status.state, status.done_by, status.late_by) == (StepState.DONE, "Bob", minutes(7))


def test_a_step_of_several_entries_is_done_with_the_last_of_them() -> None:
    case = Case(incident(), [entry(EntryKind.IMPACT_SET, 1), entry(EntryKind.SEVERITY_SET, 9)])
    assert step("define", case, 10).state is StepState.DUE
    complete = Case(case.incident, [*case.entries, entry(EntryKind.FREQUENCY_SET, 11)])
    assert step("define", complete, 12).done_at == DECLARED + minutes(11)


def test_roles_are_held_once_the_commander_confirms_what_they_keep() -> None:
    commander = entry(EntryKind.ROLE_ASSIGNED, 0, role="incident_commander")
    assert step("assign_roles", Case(incident(), [commander]), 3).state is StepState.DUE
    confirmed = Case(incident(), [commander, entry(EntryKind.ROLES_CONFIRMED, 4)])
    assert step("assign_roles", confirmed, 5).state is StepState.DONE


def test_roles_are_held_when_both_leads_are_named() -> None:
    leads = [
        entry(EntryKind.ROLE_ASSIGNED, 2, role="communications_lead"),
        entry(EntryKind.ROLE_ASSIGNED, 6, role="operations_lead"),
    ]
    assert step("assign_roles", Case(incident(), leads), 8).done_at == DECLARED + minutes(6)
    assert step("assign_roles", Case(incident(), leads[:1]), 8).state is StepState.DUE


def test_a_customer_counts_as_told_only_by_every_way_they_can_be_reached() -> None:
    only_slack = told(20)[:2]
    half = Case(incident(next_update_due_at=DECLARED + minutes(80)), only_slack, [ACME])
    assert step("inform_customers", half, 21).evidence == "Not yet told: Acme"


def test_while_it_lasts_the_update_step_is_due_by_the_promise() -> None:
    running = Case(incident(next_update_due_at=DECLARED + minutes(80)), told(20), [ACME])
    status = step("inform_customers", running, 60)
    assert (status.state, status.due_at) == (StepState.DUE, DECLARED + minutes(80))
    assert step("inform_customers", running, 90).late_by == minutes(10)


def test_after_resolution_a_silence_over_the_hour_is_told() -> None:
    resolved = incident(state=IncidentState.RESOLVED, resolved_at=DECLARED + minutes(200))
    case = Case(resolved, [*told(20), *told(75), *told(190)], [ACME])
    status = step("inform_customers", case, 300)
    assert status.state is StepState.DONE
    assert status.late_by == minutes(190 - 75 - 60 - 1)


def test_customers_told_in_time_and_until_the_end_are_not_told_late() -> None:
    resolved = incident(state=IncidentState.RESOLVED, resolved_at=DECLARED + minutes(100))
    case = Case(resolved, [*told(20), *told(75), *told(150, "resolved")], [ACME])
    assert step("inform_customers", case, 300).late_by == timedelta()


def test_a_late_first_update_is_told_after_resolution() -> None:
    resolved = incident(state=IncidentState.RESOLVED, resolved_at=DECLARED + minutes(60))
    assert step("inform_customers", Case(resolved, told(42), [ACME]), 300).late_by == minutes(12)


def test_without_affected_customers_nobody_needs_to_be_told() -> None:
    precaution = Case(incident(affects_customers=False, precaution=True), [])
    assert step("inform_customers", precaution, 5).state is StepState.NOT_NEEDED


def test_affected_customers_without_a_name_are_asked_for() -> None:
    status = step("inform_customers", Case(incident(), []), 31)
    assert status.state is StepState.LATE
    assert "Name the affected customers" in status.evidence


def test_a_customer_nobody_can_reach_is_never_told() -> None:
    case = Case(incident(), told(20), [ACME, UNREACHABLE])
    assert step("inform_customers", case, 21).evidence == "Not yet told: Ghost"


def test_the_clock_of_a_later_step_starts_with_its_event() -> None:
    assert step("tell_resolved", Case(incident(), [], [ACME]), 500).state is StepState.LATER
    resolved = incident(state=IncidentState.RESOLVED, resolved_at=DECLARED + minutes(100))
    assert step("tell_resolved", Case(resolved, [], [ACME]), 110).due_at == DECLARED + minutes(130)


def test_customers_told_before_a_reopening_are_owed_the_last_word_again() -> None:
    entries = [*told(100, "resolved"), entry(EntryKind.REOPENED, 120)]
    resolved = incident(state=IncidentState.RESOLVED, resolved_at=DECLARED + minutes(200))
    assert step("tell_resolved", Case(resolved, entries, [ACME]), 210).state is StepState.DUE
    again = Case(resolved, [*entries, *told(205, "resolved")], [ACME])
    assert step("tell_resolved", again, 210).state is StepState.DONE


def test_a_step_as_needed_waits_and_is_not_needed_at_the_close() -> None:
    assert step("hand_over", Case(incident(), []), 10).state is StepState.AS_NEEDED
    closed = incident(state=IncidentState.CLOSED, closed_at=DECLARED + minutes(300))
    assert step("hand_over", Case(closed, []), 400).state is StepState.NOT_NEEDED


def test_a_waived_step_keeps_its_reason_and_is_never_late() -> None:
    waived = entry(EntryKind.STEP_WAIVED, 400, step="rca_meeting", reason="no customer noticed")
    status = step("rca_meeting", Case(incident(resolved_at=DECLARED), [waived]), 60 * 24 * 30)
    assert (status.state, status.evidence, status.late_by) == (StepState.WAIVED, "no customer noticed", timedelta())


def test_the_last_word_about_a_step_counts() -> None:
    words = [
        entry(EntryKind.STEP_WAIVED, 10, step="understand", reason="no time"),
        entry(EntryKind.STEP_DONE, 20, step="understand", reason="found it after all"),
    ]
    assert step("understand", Case(incident(), words), 30).state is StepState.DONE


def test_an_entry_that_was_corrected_no_longer_counts() -> None:
    wrong = entry(EntryKind.ACKNOWLEDGED, 2)
    right = entry(EntryKind.ACKNOWLEDGED, 4)
    right.supersedes_id = wrong.id
    assert step("page_on_call", Case(incident(), [wrong, right]), 5).done_at == DECLARED + minutes(4)


def test_nothing_is_asked_of_a_cancelled_incident() -> None:
    cancelled = incident(state=IncidentState.CANCELLED, closed_at=DECLARED + minutes(5))
    states = {status.state for status in evaluate(PROCEDURE, Case(cancelled, []), DECLARED + minutes(600))}
    assert states == {StepState.NOT_NEEDED}


@pytest.mark.parametrize(("after", "late"), [(1, 0), (12, 2), (40, 5)])
def test_progress_counts_what_is_needed_and_what_is_late(after: float, late: int) -> None:
    statuses = evaluate(PROCEDURE, Case(incident(), [], [ACME]), DECLARED + minutes(after))
    assert progress(statuses) == Progress(done=0, needed=10, late=late)


def test_an_update_that_has_not_arrived_is_not_called_sent() -> None:
    def update(number: int, *ways: str) -> list[TimelineEntry]:
        written = entry(EntryKind.UPDATE_WRITTEN, number, update_id=number)
        arrived = [
            entry(EntryKind.UPDATE_DELIVERED, number, "IMS", customer_id=1, way=way, update_id=number) for way in ways
        ]
        return [written, *arrived]

    first = update(1, "customer_post", "customer_mail")

    def evidence(*second: str) -> str:
        return step("inform_customers", Case(incident(), [*first, *update(2, *second)], [ACME]), 5).evidence

    assert evidence() == evidence("customer_mail") == "The newest update has not reached everybody: Acme"
    assert evidence("customer_post", "customer_mail") == "2 sent, the next is promised"
