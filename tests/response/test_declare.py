"""Declaring: the on-call takes command and is paged; everything is written once or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, func, select

from ims.bootstrap import Portal
from ims.errors import Forbidden, NotFound, Refusal
from ims.model import (
    AccessRole,
    Actor,
    Alert,
    AlertStatus,
    Delivery,
    EntryKind,
    Incident,
    IncidentDraft,
    IncidentRole,
    Person,
    TimelineEntry,
    TriageState,
)
from ims.response.declare import declare
from ims.response.states import cancel
from ims.store import deliveries, incidents, on_call
from tests.conftest import START, HandClock, Team, make_team
from tests.response.conftest import Act, reloaded, timeline


def draft(**fields: Any) -> IncidentDraft:
    return IncidentDraft.model_validate({"title": "Search is slow", "affects_customers": True} | fields)


def test_the_on_call_becomes_owner_and_commander(portal: Portal, team: Team, incident: Incident) -> None:
    with portal.reading() as session:
        roles = incidents.current_roles(session, incident.id)
    assert {role: held.person_id for role, held in roles.items()} == {IncidentRole.COMMANDER: team.ada.id}
    assert incident.owner_id == team.ada.id


def test_the_on_call_is_paged_as_a_delivery(portal: Portal, incident: Incident) -> None:
    with portal.reading() as session:
        pages = [row for row in deliveries.of_incident(session, incident.id) if row.kind == "page"]
    assert [page.payload["person_name"] for page in pages] == ["Ada Lovelace"]
    assert [entry.text for entry in timeline(portal, incident, EntryKind.PAGED)] == [
        "Page for Ada Lovelace only kept here: call them"
    ]


def test_the_ticket_is_opened_by_the_portal(portal: Portal, incident: Incident) -> None:
    with portal.reading() as session:
        ticket = incidents.main_ticket(session, incident.id)
    assert ticket
    assert ticket.key == f"T-{ticket.id}"
    assert timeline(portal, incident, EntryKind.TICKET_OPENED)


def test_with_customers_named_the_first_update_is_due_in_thirty_minutes(incident: Incident) -> None:
    assert incident.next_update_due_at == START + timedelta(minutes=30)


def test_without_a_rota_who_declares_takes_command(portal: Portal) -> None:
    with portal.work(Actor("Setup")) as work:
        cleo = work.add(Person(name="Cleo", email="cleo@example.com"))
    with portal.work(Actor("Cleo", cleo.id)) as work:
        declared = declare(work, draft(), portal.procedure)
    with portal.reading() as session:
        assert incidents.current_roles(session, declared.id)[IncidentRole.COMMANDER].person_id == cleo.id
        assert not [row for row in deliveries.of_incident(session, declared.id) if row.kind == "page"]


def test_a_double_click_declares_once(portal: Portal, act: Act) -> None:
    first, second = (act(lambda work: declare(work, draft(), portal.procedure, request_key="form-1")) for _ in range(2))
    assert first.id == second.id
    with portal.reading() as session:
        assert session.exec(select(func.count()).select_from(Incident)).one() == 1
        assert session.exec(select(func.count()).select_from(Delivery)).one() == 2


def test_an_incident_cannot_begin_in_the_future(portal: Portal, act: Act) -> None:
    with pytest.raises(Refusal, match="cannot have begun in the future"):
        act(lambda work: declare(work, draft(began_at=START + timedelta(hours=1)), portal.procedure))


@pytest.mark.parametrize("field", ["service_ids", "customer_ids", "alert_ids"])
def test_what_is_not_in_the_portal_is_refused_and_nothing_is_written(portal: Portal, act: Act, field: str) -> None:
    with pytest.raises(NotFound):
        act(lambda work: declare(work, draft(**{field: [999]}), portal.procedure))
    with portal.reading() as session:
        for noun in (Incident, TimelineEntry, Delivery):
            assert session.exec(select(func.count()).select_from(noun)).one() == 0


def test_alerts_become_part_of_it_and_date_its_detection(portal: Portal, act: Act) -> None:
    started = START - timedelta(minutes=12)
    with portal.work(Actor("Setup")) as work:
        alert = work.add(
            Alert(
                fingerprint="f1",
                starts_at=started,
                status=AlertStatus.FIRING,
                name="SearchSlow",
                annotations={"summary": "p99 4 s"},
                last_received_at=START,
            )
        )
    declared = act(lambda work: declare(work, draft(alert_ids=[alert.id]), portal.procedure))
    assert (declared.detected_at, declared.began_at) == (started, started)
    with portal.reading() as session:
        kept = session.get(Alert, alert.id)
    assert kept
    assert (kept.triage, kept.incident_id) == (TriageState.ATTACHED, declared.id)
    with pytest.raises(Refusal, match="belongs to INC-"):
        act(lambda work: declare(work, draft(alert_ids=[alert.id]), portal.procedure))


def test_a_viewer_may_not_declare(portal: Portal, team: Team) -> None:
    viewer = Actor("Vic", team.bob.id, AccessRole.VIEWER)
    with pytest.raises(Forbidden, match="You may look"), portal.work(viewer) as work:
        declare(work, draft(), portal.procedure)


def test_the_incident_keeps_the_procedure_it_ran_under(portal: Portal, incident: Incident) -> None:
    with portal.reading() as session:
        assert portal.procedure_of(session, incident).digest == portal.procedure.digest


def test_who_is_next_on_the_rota_is_on_call_after_the_handover(portal: Portal, team: Team) -> None:
    with portal.reading() as session:
        assert on_call.escalation_list(session, START) == [team.ada.id, team.bob.id]
        assert on_call.escalation_list(session, START + timedelta(hours=7)) == [team.bob.id, team.ada.id]


def test_declaring_works_on_both_databases(both_portals: Portal, clock: HandClock) -> None:
    team = make_team(both_portals)
    with both_portals.work(team.as_ada) as work:
        declared = declare(work, draft(customer_ids=[team.acme.id]), both_portals.procedure)
    assert both_portals.worker.run_due() == 2
    clock.forward(timedelta(minutes=1))
    with both_portals.work(team.as_bob) as work:
        cancel(work, declared.id, "a test")
    with both_portals.reading() as session:
        entries = session.exec(select(TimelineEntry).order_by(col(TimelineEntry.id))).all()
    assert [entry.kind for entry in entries][-1] is EntryKind.CANCELLED
    assert entries[-1].occurred_at == START + timedelta(minutes=1)
    assert reloaded(both_portals, declared).next_update_due_at is None
