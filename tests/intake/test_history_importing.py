"""Bringing past incidents in, on both databases: whole or not at all, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ims.bootstrap import Portal
from ims.intake.history.found import PastIncident
from ims.intake.history.importing import Outcome, bring_in
from ims.model import Actor, EntryKind, EntrySource, Incident, IncidentState, Service, Severity
from ims.store import catalogue, deliveries, history, incidents, overview
from tests.conftest import make_team

OPENED = datetime(2024, 3, 1, 10, tzinfo=UTC)
IMPORTER = Actor("Import")


def past(key: str = "OPS-1", **fields: object) -> PastIncident:
    given = {
        "origin": "jira",
        "key": key,
        "row": 2,
        "title": "Mail is down",
        "opened_at": OPENED,
        "resolved_at": OPENED + timedelta(hours=2),
        "state": IncidentState.CLOSED,
        "severity": Severity.SEV2,
        "services": ("Mail",),
    }
    return PastIncident(**(given | fields))  # type: ignore[arg-type]  # a test gives the fields it is about


def run(portal: Portal, *pasts: PastIncident) -> Outcome:
    with portal.work(IMPORTER) as work:
        return bring_in(work, pasts)


def stored(portal: Portal, key: str = "OPS-1") -> Incident:
    with portal.reading() as session:
        found = incidents.by_origin(session, "jira", key)
    assert found is not None
    return found


def test_an_incident_comes_in_with_its_times_severity_and_service(both_portals: Portal) -> None:
    assert run(both_portals, past(sla_met=False, time_zone="Europe/Berlin")) == Outcome(added=1)
    incident = stored(both_portals)
    assert (incident.state, incident.severity, incident.sla_met) == (IncidentState.CLOSED, Severity.SEV2, False)
    assert (incident.declared_at, incident.resolved_at) == (OPENED, OPENED + timedelta(hours=2))
    assert (incident.procedure_digest, incident.time_zone) == (None, "Europe/Berlin")
    with both_portals.reading() as session:
        assert [service.name for service in incidents.services_of(session, incident.id)] == ["Mail"]


def test_its_timeline_says_that_it_was_imported(both_portals: Portal) -> None:
    run(both_portals, past(notes=((OPENED + timedelta(hours=1), "Update: we look"),)))
    with both_portals.reading() as session:
        entries = incidents.timeline(session, stored(both_portals).id)
    assert [entry.kind for entry in entries] == [EntryKind.DECLARED, EntryKind.NOTE, EntryKind.RESOLVED]
    assert {entry.source for entry in entries} == {EntrySource.IMPORT}
    assert entries[-1].occurred_at == OPENED + timedelta(hours=2)


def test_importing_again_brings_nothing_in_twice(both_portals: Portal) -> None:
    run(both_portals, past("A"), past("B"))
    assert run(both_portals, past("A"), past("B")) == Outcome(unchanged=2)


def test_importing_a_corrected_file_updates_what_changed(both_portals: Portal) -> None:
    run(both_portals, past("A"), past("B", resolved_at=None, state=IncidentState.OPEN))
    outcome = run(both_portals, past("A"), past("B", services=("Web",)))
    assert outcome == Outcome(updated=1, unchanged=1)
    incident = stored(both_portals, "B")
    assert (incident.resolved_at, incident.state) == (OPENED + timedelta(hours=2), IncidentState.CLOSED)
    with both_portals.reading() as session:
        assert [service.name for service in incidents.services_of(session, incident.id)] == ["Web"]
        note = incidents.timeline(session, incident.id)[-1]
    assert note.text == "Imported again; changed: state, resolved"


def test_what_people_wrote_on_an_imported_incident_is_not_overwritten(both_portals: Portal) -> None:
    run(both_portals, past())
    with both_portals.work(Actor("Ada")) as work:
        incident = work.incident(stored(both_portals).id)
        incident.severity = Severity.SEV1
        work.record(incident, EntryKind.SEVERITY_SET, "It was worse", source=EntrySource.PERSON)
    assert run(both_portals, past(title="Corrected there")) == Outcome(kept=1)
    assert stored(both_portals).severity is Severity.SEV1


def test_a_resolution_before_the_start_is_kept_as_it_is(both_portals: Portal) -> None:
    run(both_portals, past(resolved_at=OPENED - timedelta(hours=1)))
    assert stored(both_portals).resolved_at == OPENED - timedelta(hours=1)


def test_a_service_of_the_team_is_found_whatever_its_case_and_others_are_not_offered(both_portals: Portal) -> None:
    with both_portals.work(IMPORTER) as work:
        work.add(Service(name="mail"))
    run(both_portals, past("A"), past("B", services=("MAIL", "Fax")))
    with both_portals.reading() as session:
        assert [service.name for service in catalogue.services(session)] == ["mail"]
        assert [service.name for service in catalogue.services(session, active_only=False)] == ["Fax", "mail"]


def test_an_incident_that_was_open_in_its_file_burns_nowhere_here(both_portals: Portal) -> None:
    run(both_portals, past(state=IncidentState.OPEN, resolved_at=None))
    with both_portals.reading() as session:
        assert list(incidents.active(session)) == []
        assert list(overview.burning_with_commanders(session)) == []


def test_nobody_is_paged_for_an_incident_that_was_open_in_its_file(both_portals: Portal) -> None:
    make_team(both_portals)
    run(both_portals, past(state=IncidentState.OPEN, resolved_at=None))
    assert both_portals.watch.round() == 0
    with both_portals.reading() as session:
        assert deliveries.of_incident(session, stored(both_portals).id) == []


def test_an_import_that_fails_half_way_leaves_nothing(both_portals: Portal) -> None:
    def fail(done: float) -> None:
        if done == 1:
            raise RuntimeError

    many = [past(str(number)) for number in range(2500)]
    with pytest.raises(RuntimeError), both_portals.work(IMPORTER) as work:
        bring_in(work, many, fail)
    with both_portals.reading() as session:
        assert history.origins(session) == {}


def test_two_people_who_import_the_same_file_at_once_bring_it_in_once(both_portals: Portal) -> None:
    many = [past(str(number)) for number in range(300)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: run(both_portals, *many), range(4)))
    assert sorted(outcome.added for outcome in outcomes) == [0, 0, 0, 300]
    assert sum(outcome.unchanged for outcome in outcomes) == 900


def test_progress_is_told(portal: Portal) -> None:
    told: list[float] = []
    with portal.work(IMPORTER) as work:
        bring_in(work, [past(str(number)) for number in range(2500)], told.append)
    assert told == [0.4, 0.8, 1.0]


def test_six_thousand_incidents_are_in_within_seconds(both_portals: Portal) -> None:
    many = [replace(past(), key=str(number), opened_at=OPENED + timedelta(minutes=number)) for number in range(6000)]
    assert run(both_portals, *many).added == 6000
    with both_portals.reading() as session:
        assert history.origins(session) == {"jira": 6000}
    assert stored(both_portals, "17").declared_at == OPENED + timedelta(minutes=17)


def test_nothing_to_bring_in_is_nothing_done(portal: Portal) -> None:
    assert run(portal) == Outcome()
    assert Outcome().sentence == "0 incidents added, 0 updated, 0 unchanged."
