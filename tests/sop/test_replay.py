"""What did we know at 14:20? The replay of a timeline, and corrections that the figures follow."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.metrics.durations import minutes as minutes_of
from ims.model import (
    Actor,
    CustomerUpdateDraft,
    EntryKind,
    Frequency,
    Impact,
    Incident,
    IncidentDraft,
    IncidentRole,
    IncidentState,
    Severity,
)
from ims.response import command, corrections, customers, definition, investigation, states
from ims.response.declare import declare
from ims.sop.case import Case
from ims.sop.evaluation import StepState, evaluate
from ims.sop.replay import known_at, roles_at
from ims.store import catalogue, frames, incidents
from ims.store.work import Work
from tests.conftest import START, HandClock, Team, make_team

Act = Callable[[float, Callable[[Work], Any]], Any]


@pytest.fixture
def team(both_portals: Portal) -> Team:
    return make_team(both_portals)


@pytest.fixture
def act(both_portals: Portal, clock: HandClock, team: Team) -> Act:
    """Do something as Ada at a minute after the start; deliveries follow."""

    def do(minute: float, verb: Callable[[Work], Any]) -> Any:
        clock.now = START + timedelta(minutes=minute)
        with both_portals.work(team.as_ada) as work:
            result = verb(work)
        both_portals.worker.run_due()
        return result

    return do


@pytest.fixture
def number(act: Act, both_portals: Portal, team: Team) -> int:
    draft = IncidentDraft(title="Payments fail", affects_customers=True, customer_ids=[team.acme.id])
    incident: Incident = act(0, lambda work: declare(work, draft, both_portals.procedure))
    return incident.id


def case(portal: Portal, number: int) -> Case:
    """Return the incident with everybody who may have been affected at some time."""
    with portal.reading() as session:
        return Case(
            incidents.by_key(session, str(number)), incidents.timeline(session, number), catalogue.customers(session)
        )


def known(portal: Portal, number: int, minute: float) -> Case:
    return known_at(case(portal, number), START + timedelta(minutes=minute))


def stored(portal: Portal, number: int) -> Incident:
    return case(portal, number).incident


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def test_roles_owner_and_definition_are_those_of_the_moment(
    both_portals: Portal, number: int, act: Act, team: Team
) -> None:
    act(5, lambda work: command.assign_role(work, number, IncidentRole.COMMANDER, team.bob.id))
    act(6, lambda work: definition.define_impact(work, number, Impact.MINOR, "few"))
    act(7, lambda work: definition.define_impact(work, number, Impact.OUTAGE, "everybody"))
    act(8, lambda work: definition.define_frequency(work, number, Frequency.CONSTANT, ""))
    told = [known(both_portals, number, minute) for minute in (4, 5, 6, 7)]
    assert [roles_at(each)[IncidentRole.COMMANDER] for each in told] == [team.ada.id] + [team.bob.id] * 3
    assert [each.incident.owner_id for each in told] == [team.ada.id] + [team.bob.id] * 3
    said = [(each.incident.impact, each.incident.impact_text, each.incident.frequency) for each in told]
    assert said == [(None, "", None)] * 2 + [(Impact.MINOR, "few", None), (Impact.OUTAGE, "everybody", None)]


def test_a_role_taken_back_is_the_commanders_again(both_portals: Portal, number: int, act: Act, team: Team) -> None:
    role = IncidentRole.COMMUNICATIONS
    act(1, lambda work: command.assign_role(work, number, role, team.bob.id))
    act(2, lambda work: command.take_back_role(work, number, role))
    assert [role in roles_at(known(both_portals, number, minute)) for minute in (0, 1, 2)] == [False, True, False]


def test_the_promise_to_the_customers_is_the_one_made_by_then(both_portals: Portal, number: int, act: Act) -> None:
    draft = {"phase": "investigating", "subject": "Payments", "body": "We look", "next_update_at": at(90)}
    first_promise = stored(both_portals, number).next_update_due_at
    act(20, lambda work: customers.send_update(work, number, CustomerUpdateDraft.model_validate(draft), number=1))
    told = [known(both_portals, number, minute).incident.next_update_due_at for minute in (19, 20)]
    assert told == [first_promise, at(90)]
    first_told = [known(both_portals, number, minute).incident.first_update_at for minute in (19, 20)]
    assert first_told == [None, at(20)]


def test_customers_are_those_named_by_then_even_if_taken_away_since(
    both_portals: Portal, number: int, act: Act, team: Team
) -> None:
    procedure = both_portals.procedure
    act(5, lambda work: definition.set_scope(work, number, procedure, [], [team.acme.id, team.globex.id]))
    act(9, lambda work: definition.set_scope(work, number, procedure, [], [team.globex.id]))
    told = [[customer.name for customer in known(both_portals, number, minute).customers] for minute in (4, 5, 9)]
    assert told == [["Acme"], ["Acme", "Globex"], ["Globex"]]


def test_what_was_written_down_later_was_not_known(both_portals: Portal, number: int, act: Act) -> None:
    act(30, lambda work: states.mitigate(work, number, "moved traffic", at=at(12)))
    assert known(both_portals, number, 20).incident.state is IncidentState.OPEN
    assert known(both_portals, number, 30).incident.mitigated_at == at(12)


def test_the_procedure_is_judged_as_it_stood(both_portals: Portal, number: int, act: Act) -> None:
    act(12, lambda work: command.confirm_roles(work, number))
    case_then = known(both_portals, number, 11)

    def standing(case: Case, minute: float) -> StepState:
        statuses = evaluate(both_portals.procedure, case, at(minute))
        return next(each.state for each in statuses if each.step.key == "assign_roles")

    assert standing(case_then, 11) is StepState.LATE
    assert standing(known(both_portals, number, 9), 9) is StepState.DUE
    assert standing(known(both_portals, number, 12), 12) is StepState.DONE


def test_a_corrected_beginning_was_not_known_before_it_was_corrected(
    both_portals: Portal, number: int, act: Act
) -> None:
    act(30, lambda work: corrections.correct_time(work, number, "began_at", at(-20), "The graphs show it"))
    assert [known(both_portals, number, minute).incident.began_at for minute in (29, 30)] == [at(0), at(-20)]


def test_the_figures_follow_a_corrected_resolution(both_portals: Portal, number: int, act: Act) -> None:
    act(60, lambda work: states.resolve(work, number, "", both_portals.procedure))

    def time_to_resolve() -> float:
        with both_portals.reading() as session:
            frame = frames.incidents(session)
        return float(minutes_of(frame, both_portals.metrics["time_to_resolve"]).iloc[0])

    before = time_to_resolve()
    act(70, lambda work: corrections.correct_time(work, number, "resolved_at", at(35), "It was over at 03:35"))
    assert before - time_to_resolve() == 25
    assert known(both_portals, number, 69).incident.resolved_at == at(60)
    assert known(both_portals, number, 70).incident.resolved_at == at(35)


def test_a_mitigation_told_by_the_resolution_alone_is_corrected_on_its_own(
    both_portals: Portal, number: int, act: Act
) -> None:
    act(60, lambda work: states.resolve(work, number, "", both_portals.procedure))
    act(61, lambda work: corrections.correct_time(work, number, "mitigated_at", at(20), "traffic moved"))
    act(62, lambda work: corrections.correct_time(work, number, "resolved_at", at(50), "earlier"))
    incident = stored(both_portals, number)
    assert (incident.mitigated_at, incident.resolved_at) == (at(20), at(50))
    assert known(both_portals, number, 62).incident.mitigated_at == at(20)


def test_a_correction_reaches_only_the_round_it_belongs_to(both_portals: Portal, number: int, act: Act) -> None:
    act(10, lambda work: states.mitigate(work, number, "first try"))
    act(20, lambda work: states.reopen(work, number, "it is back", both_portals.procedure))
    act(40, lambda work: states.resolve(work, number, "", both_portals.procedure))
    act(41, lambda work: corrections.correct_time(work, number, "mitigated_at", at(35), "traffic moved"))
    assert stored(both_portals, number).mitigated_at == at(35)
    first_try = next(entry for entry in case(both_portals, number).entries if entry.kind is EntryKind.MITIGATED)
    act(
        42,
        lambda work: corrections.correct_entry(
            work, first_try.id, text="first try", occurred_at=at(12), reason="clock was wrong"
        ),
    )
    assert stored(both_portals, number).mitigated_at == at(35)


def test_a_corrected_update_moves_when_customers_first_heard(both_portals: Portal, number: int, act: Act) -> None:
    draft = {"phase": "investigating", "subject": "Payments", "body": "We look", "next_update_at": at(90)}
    act(20, lambda work: customers.send_update(work, number, CustomerUpdateDraft.model_validate(draft), number=1))
    update = next(entry for entry in case(both_portals, number).entries if entry.kind is EntryKind.UPDATE_WRITTEN)
    act(
        30,
        lambda work: corrections.correct_entry(
            work, update.id, text=update.text, occurred_at=at(15), reason="They were called before"
        ),
    )
    assert stored(both_portals, number).first_update_at == at(15)


@pytest.mark.parametrize(
    ("name", "minute", "sentence"),
    [
        ("began_at", 45, "Then it was detected"),
        ("detected_at", 10, "Then it was declared"),
        ("declared_at", 20, "Then it was acknowledged"),
        ("mitigated_at", 50, "Then it was resolved"),
        ("resolved_at", 4, "before it was mitigated"),
        ("resolved_at", 200, "in the future"),
        ("closed_at", 10, "no such time yet"),
        ("title", 10, "no such time yet"),
    ],
)
def test_a_time_out_of_order_is_refused_in_words(
    both_portals: Portal, number: int, act: Act, name: str, minute: float, sentence: str
) -> None:
    act(5, lambda work: command.acknowledge(work, number))
    act(10, lambda work: states.mitigate(work, number, ""))
    act(40, lambda work: states.resolve(work, number, "", both_portals.procedure))
    with pytest.raises(Refusal, match=sentence):
        act(100, lambda work: corrections.correct_time(work, number, name, at(minute), "as it was"))


def test_a_time_typed_to_the_minute_may_fall_in_the_minute_of_its_neighbour(
    both_portals: Portal, number: int, act: Act
) -> None:
    act(10.6, lambda work: states.mitigate(work, number, ""))
    act(40, lambda work: states.resolve(work, number, "", both_portals.procedure))
    act(41, lambda work: corrections.correct_time(work, number, "resolved_at", at(10), "at once"))
    assert stored(both_portals, number).resolved_at == at(10.6)


def test_an_imported_incident_keeps_the_times_that_its_file_gave(both_portals: Portal, team: Team) -> None:
    with both_portals.work(Actor("Import")) as work:
        row = Incident(
            title="Mail down", origin="csv", origin_key="7", state=IncidentState.RESOLVED, severity=Severity.SEV2,
            began_at=at(-60), detected_at=at(-55), declared_at=at(-60), resolved_at=at(-30),
        )  # fmt: skip
        number = work.add(row).id
        resolved = work.record(row, EntryKind.RESOLVED, "Resolved there", occurred_at=at(-30))
        resolved_id = resolved.id
    with both_portals.work(team.as_ada) as work:
        corrections.correct_entry(work, resolved_id, text="Resolved there", occurred_at=at(-40), reason="zone")
    incident = stored(both_portals, number)
    assert (incident.resolved_at, incident.mitigated_at) == (at(-40), None)


def test_a_repeated_correction_of_an_entry_goes_to_the_newest(both_portals: Portal, number: int, act: Act) -> None:
    note = act(1, lambda work: investigation.note(work, number, "Cofee"))
    newer = act(
        2,
        lambda work: corrections.correct_entry(work, note.id, text="Coffee", occurred_at=at(1), reason="spelling"),
    )
    act(3, lambda work: corrections.correct_entry(work, newer.id, text="Tea", occurred_at=at(1), reason="it was tea"))
    said = [[entry.text for entry in known(both_portals, number, minute).valid_entries][-1] for minute in (1, 2, 3)]
    assert said == ["Cofee", "Coffee", "Tea"]
