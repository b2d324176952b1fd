"""Two at once: nothing is overwritten unseen, changes to different fields meet, and nothing goes out twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Barrier

import pytest

from ims.bootstrap import Portal
from ims.errors import Conflict, Refusal
from ims.model import (
    Actor,
    CustomerUpdateDraft,
    EntryKind,
    Frequency,
    Impact,
    Incident,
    IncidentDraft,
    IncidentRole,
    Person,
    Severity,
    TimelineEntry,
)
from ims.response import command, customers, definition, links
from ims.response.declare import declare
from ims.response.definition import Definition
from ims.response.investigation import note
from ims.store import deliveries, incidents
from ims.store.work import Work
from tests.conftest import HandClock, Team, make_team

PEOPLE = 8
NOTHING = Definition()


def begin(portal: Portal, team: Team) -> Incident:
    draft = IncidentDraft.model_validate(
        {"title": "Payments fail", "affects_customers": True, "customer_ids": [team.acme.id]}
    )
    with portal.work(team.as_ada) as work:
        return declare(work, draft, portal.procedure)


@pytest.fixture
def defined(portal: Portal, team: Team, incident: Incident, clock: HandClock) -> Definition:
    """What the incident was when Ada opened the form; Bob has saved another one since."""
    before = Definition(Impact.DEGRADED, "Some cards", Frequency.RARE, "", Severity.SEV3)
    with portal.work(team.as_ada) as work:
        definition.define(work, incident.id, before, seen=NOTHING)
    clock.forward(timedelta(minutes=12))
    with portal.work(team.as_bob) as work:
        worse = replace(before, severity=Severity.SEV2, impact_text="All cards")
        definition.define(work, incident.id, worse, seen=before, reason="More and more")
    return before


def now_in(portal: Portal, incident: Incident) -> Definition:
    with portal.reading() as session:
        return Definition.of(incidents.by_key(session, incident.key))


def entries(portal: Portal, incident: Incident) -> list[TimelineEntry]:
    with portal.reading() as session:
        return list(incidents.timeline(session, incident.id))


def test_a_stale_severity_is_refused_with_who_what_and_when(
    portal: Portal, team: Team, incident: Incident, defined: Definition
) -> None:
    wanted = replace(defined, severity=Severity.SEV1)
    with pytest.raises(Conflict) as met, portal.work(team.as_ada) as work:
        definition.define(work, incident.id, wanted, seen=defined, reason="Everybody")
    assert str(met.value).startswith("Bob Kahn changed the severity to “sev2” at 03:12 UTC")
    (clash,) = met.value.clashes
    assert (clash.theirs, clash.mine, clash.by) == (Severity.SEV2, Severity.SEV1, "Bob Kahn")
    assert now_in(portal, incident).severity is Severity.SEV2


def test_every_field_that_both_changed_is_named_at_once(
    portal: Portal, team: Team, incident: Incident, defined: Definition
) -> None:
    wanted = replace(defined, severity=Severity.SEV1, impact_text="Only Visa", frequency=Frequency.CONSTANT)
    with pytest.raises(Conflict) as met, portal.work(team.as_ada) as work:
        definition.define(work, incident.id, wanted, seen=defined, reason="Everybody")
    assert [clash.name for clash in met.value.clashes] == ["impact_text", "severity"]
    assert now_in(portal, incident).frequency is Frequency.RARE


def test_changes_to_different_fields_meet_without_a_word(
    portal: Portal, team: Team, incident: Incident, defined: Definition
) -> None:
    with portal.work(team.as_ada) as work:
        definition.define(work, incident.id, replace(defined, frequency=Frequency.CONSTANT), seen=defined)
    assert now_in(portal, incident) == Definition(Impact.DEGRADED, "All cards", Frequency.CONSTANT, "", Severity.SEV2)


def test_the_same_change_by_both_is_no_conflict_and_written_once(
    portal: Portal, team: Team, incident: Incident, defined: Definition
) -> None:
    before = len(entries(portal, incident))
    with portal.work(team.as_ada) as work:
        definition.define(work, incident.id, replace(defined, severity=Severity.SEV2), seen=defined)
    assert len(entries(portal, incident)) == before


def test_mine_goes_over_theirs_knowingly(portal: Portal, team: Team, incident: Incident, defined: Definition) -> None:
    seen = replace(defined, severity=Severity.SEV2)
    with portal.work(team.as_ada) as work:
        definition.define(work, incident.id, replace(seen, severity=Severity.SEV1), seen=seen, reason="Everybody")
    assert entries(portal, incident)[-1].text == "Severity: SEV2 → SEV1. Everybody"


def test_words_without_their_level_are_asked_for_and_not_lost_silently(
    portal: Portal, team: Team, incident: Incident
) -> None:
    with pytest.raises(Refusal, match="Choose the impact"), portal.work(team.as_ada) as work:
        definition.define(work, incident.id, Definition(impact_text="Nobody can pay"), seen=NOTHING)


def test_customers_that_two_people_add_are_both_kept(portal: Portal, team: Team, incident: Incident) -> None:
    seen = [team.payments.id], [team.acme.id]
    with portal.work(team.as_bob) as work:
        definition.set_scope(
            work, incident.id, portal.procedure, [team.payments.id], [team.acme.id, team.globex.id], seen=seen
        )
    with portal.work(team.as_ada) as work:
        definition.set_scope(work, incident.id, portal.procedure, [team.search.id], [team.acme.id], seen=seen)
    with portal.reading() as session:
        assert [each.name for each in incidents.customers_of(session, incident.id)] == ["Acme", "Globex"]
        assert [each.name for each in incidents.services_of(session, incident.id)] == ["search"]


def test_a_war_room_that_somebody_else_set_is_not_replaced_unseen(
    portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_bob) as work:
        links.set_war_room(work, incident.id, "https://meet.example/bob", seen="")
        note(work, incident.id, "Another entry, so that the last one is not the war room's")
    with pytest.raises(Conflict) as met, portal.work(team.as_ada) as work:
        links.set_war_room(work, incident.id, "https://meet.example/ada", seen="")
    assert str(met.value).startswith("Bob Kahn changed the war room to “https://meet.example/bob”")
    with portal.work(team.as_ada) as work:
        links.set_war_room(work, incident.id, "https://meet.example/ada", seen="https://meet.example/bob")


def test_a_role_is_not_taken_from_somebody_the_writer_did_not_see(
    portal: Portal, team: Team, incident: Incident
) -> None:
    nobody: dict[IncidentRole, int | None] = dict.fromkeys(IncidentRole)
    with portal.work(team.as_bob) as work:
        command.assign_role(work, incident.id, IncidentRole.OPERATIONS, team.bob.id, seen=nobody)
    verbs: list[Callable[[Work], None]] = [
        lambda work: command.assign_role(work, incident.id, IncidentRole.OPERATIONS, team.ada.id, seen=nobody),
        lambda work: command.take_back_role(work, incident.id, IncidentRole.OPERATIONS, seen=nobody),
    ]
    for verb in verbs:
        with pytest.raises(Conflict, match="Operations Lead to “Bob Kahn”"), portal.work(team.as_ada) as work:
            verb(work)
    seen = nobody | {IncidentRole.OPERATIONS: team.bob.id}
    with portal.work(team.as_ada) as work:
        command.assign_role(work, incident.id, IncidentRole.OPERATIONS, team.ada.id, seen=seen)


def crowd(portal: Portal) -> list[Actor]:
    with portal.work(Actor("Setup")) as work:
        people = [work.add(Person(name=f"P{n}", email=f"p{n}@example.com")) for n in range(PEOPLE)]
    return [Actor(person.name, person.id) for person in people]


def all_at_once(portal: Portal, people: list[Actor], act: Callable[[Work, int], object]) -> list[bool]:
    """Let everybody act in the same moment; return whose act was acknowledged, the others being told of a conflict."""
    together = Barrier(len(people))

    def one(number: int) -> bool:
        together.wait()
        try:
            with portal.work(people[number]) as work:
                act(work, number)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(len(people)) as threads:
        return list(threads.map(one, range(len(people))))


def test_eight_people_at_one_field_are_acknowledged_once(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident, people = begin(both_portals, team), crowd(both_portals)

    def act(work: Work, number: int) -> None:
        definition.define(work, incident.id, Definition(Impact.OUTAGE, f"text of P{number}"), seen=NOTHING)

    acknowledged = all_at_once(both_portals, people, act)
    assert acknowledged.count(True) == 1
    winner = people[acknowledged.index(True)].name
    assert now_in(both_portals, incident).impact_text == f"text of {winner}"
    (written,) = [each for each in entries(both_portals, incident) if each.kind is EntryKind.IMPACT_SET]
    assert written.author == winner


def test_eight_people_at_different_fields_are_all_acknowledged_and_nothing_is_lost(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident, people = begin(both_portals, team), crowd(both_portals)

    def act(work: Work, number: int) -> None:
        wanted = (
            Definition(impact=Impact.OUTAGE),
            Definition(frequency=Frequency.CONSTANT),
            Definition(severity=Severity.SEV1),
        )
        if number < len(wanted):
            definition.define(work, incident.id, wanted[number], seen=NOTHING)
        elif number == len(wanted):
            links.set_war_room(work, incident.id, "https://meet.example/x", seen="")
        else:
            note(work, incident.id, f"note of P{number}")

    before = len(entries(both_portals, incident))
    assert all(all_at_once(both_portals, people, act))
    written = entries(both_portals, incident)[before:]
    assert sorted(entry.author for entry in written) == [person.name for person in people]
    assert now_in(both_portals, incident) == Definition(Impact.OUTAGE, "", Frequency.CONSTANT, "", Severity.SEV1)
    with both_portals.reading() as session:
        assert incidents.by_key(session, incident.key).war_room == "https://meet.example/x"


def test_eight_people_who_append_to_one_text_lose_no_word(both_portals: Portal) -> None:
    """Each repeats what was refused, on top of what is there by then, as the page lets them."""
    team = make_team(both_portals)
    incident, people = begin(both_portals, team), crowd(both_portals)
    together = Barrier(PEOPLE)

    def append(person: Actor) -> int:
        for tries in count(1):
            seen = now_in(both_portals, incident)
            if tries == 1:
                together.wait()  # everybody has seen the same
            wanted = Definition(Impact.OUTAGE, f"{seen.impact_text} {person.name}")
            try:
                with both_portals.work(person) as work:
                    definition.define(work, incident.id, wanted, seen=seen)
            except Conflict:
                continue
            return tries
        return 0

    with ThreadPoolExecutor(PEOPLE) as threads:
        tries = list(threads.map(append, people))
    changes = [each for each in entries(both_portals, incident) if each.kind is EntryKind.IMPACT_SET]
    assert max(tries) > 1
    assert len(changes) == PEOPLE
    assert sorted(now_in(both_portals, incident).impact_text.split()) == [person.name for person in people]


def test_one_update_sent_by_eight_people_goes_out_once(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident, people = begin(both_portals, team), crowd(both_portals)
    promise = both_portals.clock() + timedelta(hours=1)
    update = CustomerUpdateDraft.model_validate(
        {"phase": "investigating", "subject": "Payments", "body": "We look into it.", "next_update_at": promise}
    )
    sent = all_at_once(both_portals, people, lambda work, _: customers.send_update(work, incident.id, update, number=1))
    assert all(sent)
    both_portals.worker.run_due()
    with both_portals.reading() as session:
        (written,) = incidents.updates(session, incident.id)
        told = deliveries.of_update(session, written.id)
    assert sorted(each.kind for each in told) == ["customer_mail", "customer_post"]


def test_eight_different_updates_at_once_send_one_and_tell_the_others_whose(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident, people = begin(both_portals, team), crowd(both_portals)
    promise = both_portals.clock() + timedelta(hours=1)

    def act(work: Work, number: int) -> None:
        asked = {"phase": "investigating", "subject": "Payments", "body": f"By P{number}", "next_update_at": promise}
        customers.send_update(work, incident.id, CustomerUpdateDraft.model_validate(asked), number=1)

    acknowledged = all_at_once(both_portals, people, act)
    assert acknowledged.count(True) == 1
    with both_portals.reading() as session:
        (written,) = incidents.updates(session, incident.id)
    assert written.author == people[acknowledged.index(True)].name


def test_the_first_of_eight_acknowledgements_counts(both_portals: Portal) -> None:
    team = make_team(both_portals)
    incident, people = begin(both_portals, team), crowd(both_portals)
    assert all(all_at_once(both_portals, people, lambda work, _: command.acknowledge(work, incident.id)))
    acknowledged = [each for each in entries(both_portals, incident) if each.kind is EntryKind.ACKNOWLEDGED]
    assert len(acknowledged) == 1
