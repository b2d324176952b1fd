"""The procedure after the end: closed incidents stand still, reopened ones start a new round."""

from collections.abc import Callable
from datetime import timedelta

from ims.bootstrap import Portal
from ims.model import CustomerUpdateDraft, Incident, UpdatePhase
from ims.response import customers, investigation, states
from ims.sop.evaluation import StepState, StepStatus, evaluate
from ims.store.work import Work
from tests.conftest import HandClock, Team


def _do(portal: Portal, team: Team, *verbs: Callable[[Work], object]) -> None:
    for verb in verbs:
        with portal.work(team.as_ada) as work:
            verb(work)


def _standing(portal: Portal, team: Team, incident: Incident, step: str) -> StepStatus:
    with portal.work(team.as_ada) as work:
        case = states.case_of(work, work.incident(incident.id))
        return next(each for each in evaluate(portal.procedure, case, work.now) if each.step.key == step)


def test_what_a_closed_incident_left_undone_does_not_get_later(
    portal: Portal, team: Team, clock: HandClock, incident: Incident
) -> None:
    clock.forward(timedelta(minutes=30))
    _do(
        portal,
        team,
        lambda work: states.resolve(work, incident.id, "", portal.procedure),
        lambda work: states.close(work, incident.id, portal.procedure, override_reason="Too small"),
    )
    at_the_close = _standing(portal, team, incident, "define").late_by
    clock.forward(timedelta(days=400))
    assert _standing(portal, team, incident, "define").late_by == at_the_close == timedelta(minutes=15)


def test_waiving_the_message_of_the_first_resolution_does_not_waive_that_of_the_second(
    portal: Portal, team: Team, incident: Incident
) -> None:
    _do(
        portal,
        team,
        lambda work: states.resolve(work, incident.id, "", portal.procedure),
        lambda work: investigation.waive_step(work, incident.id, portal.procedure, "tell_resolved", "They know"),
    )
    assert _standing(portal, team, incident, "tell_resolved").state is StepState.WAIVED
    _do(
        portal,
        team,
        lambda work: states.reopen(work, incident.id, "It is back", portal.procedure),
        lambda work: states.resolve(work, incident.id, "", portal.procedure),
    )
    assert _standing(portal, team, incident, "tell_resolved").state is StepState.DUE


def test_who_wrote_the_update_told_the_customers_and_not_the_portal_that_carried_it(
    portal: Portal, team: Team, incident: Incident
) -> None:
    draft = CustomerUpdateDraft(phase=UpdatePhase.RESOLVED, subject="Payments", body="It is over.")
    _do(
        portal,
        team,
        lambda work: states.resolve(work, incident.id, "", portal.procedure),
        lambda work: customers.send_update(work, incident.id, draft, number=1),
    )
    portal.worker.run_due()
    for step in ("tell_resolved", "inform_customers"):
        standing = _standing(portal, team, incident, step)
        assert (standing.state, standing.done_by) == (StepState.DONE, team.ada.name)
