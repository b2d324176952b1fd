"""What an incident needs next."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.config import ROOT
from ims.model import (
    CustomerUpdateDraft,
    EntryKind,
    Frequency,
    Impact,
    Incident,
    IncidentDraft,
    Severity,
)
from ims.model.coordination import TemporaryChangeDraft
from ims.response import command, coordination, customers, definition, investigation, states
from ims.response.declare import declare
from ims.response.next_action import NextAction, next_action
from ims.sop.evaluation import evaluate
from ims.sop.procedure import read_procedure
from ims.store.work import Work
from tests.conftest import HandClock, Team

Step = Callable[[Work, int], object]

PROCEDURE = read_procedure((ROOT / "data" / "sop.yaml").read_text(encoding="utf-8"))


def record(kind: EntryKind) -> Step:
    return lambda work, incident_id: work.record(work.incident(incident_id), kind, kind.value)


def define(work: Work, incident_id: int) -> None:
    definition.define_impact(work, incident_id, Impact.OUTAGE, "")
    definition.define_frequency(work, incident_id, Frequency.CONSTANT, "")
    definition.decide_severity(work, incident_id, Severity.SEV1)


def tell(phase: str, number: int) -> Step:
    def send(work: Work, incident_id: int) -> None:
        promised = None if phase == "resolved" else work.now + timedelta(hours=1)
        draft = CustomerUpdateDraft.model_validate(
            {"phase": phase, "subject": "Payments", "body": "We look into it.", "next_update_at": promised}
        )
        customers.send_update(work, incident_id, draft, number=number)

    return send


def waive(key: str, portal: Portal) -> Step:
    return lambda work, incident_id: investigation.waive_step(work, incident_id, portal.procedure, key, "Too small")


LIFE: list[tuple[NextAction, Step]] = [
    (NextAction.ACKNOWLEDGE, command.acknowledge),
    (NextAction.CONFIRM_ROLES, command.confirm_roles),
    (NextAction.DEFINE, define),
    (NextAction.TELL_FIRST, tell("investigating", 1)),
    (NextAction.MITIGATE, lambda work, incident_id: states.mitigate(work, incident_id, "")),
    (NextAction.RESOLVE, lambda work, incident_id: states.resolve(work, incident_id, "", PROCEDURE)),
    (NextAction.TELL_RESOLVED, tell("resolved", 2)),
    (NextAction.CREATE_RCA, record(EntryKind.RCA_CREATED)),
    (NextAction.PLAN_MEETING, record(EntryKind.MEETING_PLANNED)),
    (NextAction.HOLD_MEETING, record(EntryKind.MEETING_HELD)),
    (NextAction.FILE_FOLLOW_UPS, record(EntryKind.FOLLOW_UPS_FILED)),
]


def needs(portal: Portal, team: Team, incident_id: int) -> NextAction:
    with portal.work(team.as_ada) as work:
        case = states.case_of(work, work.incident(incident_id))
        return next_action(case, evaluate(portal.procedure, case, work.now), work.now)


def do(portal: Portal, team: Team, incident_id: int, *steps: Step) -> None:
    for step in steps:
        with portal.work(team.as_ada) as work:
            step(work, incident_id)
        portal.worker.run_due()


def test_each_thing_is_asked_for_in_the_order_of_an_incidents_life(
    portal: Portal, team: Team, clock: HandClock, incident: Incident
) -> None:
    for expected, step in LIFE:
        assert needs(portal, team, incident.id) is expected
        do(portal, team, incident.id, step)
        clock.forward(timedelta(minutes=1))
    assert needs(portal, team, incident.id) is NextAction.CLOSE
    do(portal, team, incident.id, lambda work, incident_id: states.close(work, incident_id, portal.procedure))
    assert needs(portal, team, incident.id) is NextAction.NOTHING


@pytest.mark.parametrize("minutes", [22, 45])
def test_a_promise_that_is_near_or_past_goes_before_roles_and_definition(
    portal: Portal, team: Team, clock: HandClock, incident: Incident, minutes: int
) -> None:
    do(portal, team, incident.id, command.acknowledge)
    clock.forward(timedelta(minutes=minutes))
    assert needs(portal, team, incident.id) is NextAction.TELL_FIRST


def test_after_the_first_update_the_next_is_asked_for_only_when_it_is_near(
    portal: Portal, team: Team, clock: HandClock, incident: Incident
) -> None:
    do(portal, team, incident.id, *(step for _, step in LIFE[:4]))
    clock.forward(timedelta(minutes=49))
    assert needs(portal, team, incident.id) is NextAction.MITIGATE
    clock.forward(timedelta(minutes=1))
    assert needs(portal, team, incident.id) is NextAction.TELL_AGAIN


def test_affected_customers_without_a_name_must_be_named(portal: Portal, team: Team) -> None:
    draft = IncidentDraft.model_validate({"title": "Search is slow", "affects_customers": True})
    with portal.work(team.as_ada) as work:
        incident_id = declare(work, draft, portal.procedure).id
    do(portal, team, incident_id, *(step for _, step in LIFE[:3]))
    assert needs(portal, team, incident_id) is NextAction.NAME_CUSTOMERS


def test_a_precaution_never_asks_for_customers(portal: Portal, team: Team) -> None:
    draft = IncidentDraft.model_validate({"title": "Search is slow", "precaution": True})
    with portal.work(team.as_ada) as work:
        incident_id = declare(work, draft, portal.procedure).id
    do(portal, team, incident_id, *(step for _, step in LIFE[:3]))
    assert needs(portal, team, incident_id) is NextAction.MITIGATE
    do(portal, team, incident_id, lambda work, incident_id: states.resolve(work, incident_id, "", PROCEDURE))
    assert needs(portal, team, incident_id) is NextAction.CREATE_RCA


def test_a_meeting_that_was_called_off_is_to_be_planned_again(portal: Portal, team: Team, incident: Incident) -> None:
    do(portal, team, incident.id, *(step for _, step in LIFE[:9]))
    assert needs(portal, team, incident.id) is NextAction.HOLD_MEETING
    do(portal, team, incident.id, record(EntryKind.MEETING_CALLED_OFF))
    assert needs(portal, team, incident.id) is NextAction.PLAN_MEETING
    do(portal, team, incident.id, record(EntryKind.MEETING_PLANNED))
    assert needs(portal, team, incident.id) is NextAction.HOLD_MEETING


def test_a_waived_step_is_not_asked_for(portal: Portal, team: Team, incident: Incident) -> None:
    do(portal, team, incident.id, *(step for _, step in LIFE[:7]))
    do(portal, team, incident.id, waive("create_rca_document", portal), waive("rca_meeting", portal))
    assert needs(portal, team, incident.id) is NextAction.FILE_FOLLOW_UPS


def test_what_was_changed_for_now_is_settled_before_closing(portal: Portal, team: Team, incident: Incident) -> None:
    change = TemporaryChangeDraft(what="Rate limit off", how_to_undo="Set it to 100")
    do(portal, team, incident.id, lambda work, incident_id: coordination.make_change(work, incident_id, change))
    do(portal, team, incident.id, *(step for _, step in LIFE))
    assert needs(portal, team, incident.id) is NextAction.SETTLE_CHANGES
    do(portal, team, incident.id, lambda work, _: coordination.settle_change(work, 1, "It is at 100"))
    assert needs(portal, team, incident.id) is NextAction.CLOSE


def test_a_reopened_incident_owes_its_customers_the_resolution_again(
    portal: Portal, team: Team, clock: HandClock, incident: Incident
) -> None:
    do(portal, team, incident.id, *(step for _, step in LIFE[:7]))
    clock.forward(timedelta(minutes=5))
    do(portal, team, incident.id, lambda work, i: states.reopen(work, i, "It is back", portal.procedure))
    assert needs(portal, team, incident.id) is NextAction.MITIGATE
    clock.forward(timedelta(minutes=5))
    do(portal, team, incident.id, lambda work, i: states.resolve(work, i, "", PROCEDURE))
    assert needs(portal, team, incident.id) is NextAction.TELL_RESOLVED
