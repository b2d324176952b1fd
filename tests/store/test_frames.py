"""The frames of the figures, on both databases."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from ims.bootstrap import Portal
from ims.metrics.population import COLUMNS
from ims.model import (
    Actor,
    FollowUp,
    FollowUpDraft,
    FollowUpState,
    Incident,
    IncidentService,
    IncidentState,
    Person,
    Service,
    Severity,
)
from ims.postmortem.following_up import follow_ups
from ims.store import frames
from tests.conftest import somebody

OPENED = datetime(2024, 3, 1, 10, tzinfo=UTC)
SETUP = Actor("Setup")


def add(portal: Portal, **fields: object) -> int:
    with portal.work(SETUP) as work:
        times = {"began_at": OPENED, "detected_at": OPENED, "declared_at": OPENED}
        known = {"title": "Mail is down", "owner_id": somebody(work)} | times | fields
        return work.add(Incident.model_validate(known)).id


def incidents(portal: Portal) -> pd.DataFrame:
    with portal.reading() as session:
        return frames.incidents(session)


def test_an_empty_portal_has_a_frame_with_the_columns_the_figures_need(both_portals: Portal) -> None:
    frame = incidents(both_portals)
    assert frame.empty
    assert set(COLUMNS) <= set(frame.columns)
    assert isinstance(frame["declared_at"].dtype, pd.DatetimeTZDtype)


def test_an_incident_is_one_row_with_its_services_and_times_in_utc(both_portals: Portal) -> None:
    number = add(both_portals, severity=Severity.SEV2, resolved_at=OPENED + timedelta(hours=1), sla_met=True)
    with both_portals.work(SETUP) as work:
        for name in ("web", "mail"):
            service = work.add(Service(name=name))
            work.add(IncidentService(incident_id=number, service_id=service.id))
    row = incidents(both_portals).iloc[0]
    assert (row["key"], row["severity"], row["state"]) == (f"INC-{number}", "sev2", "open")
    assert (row["services"], bool(row["sla_met"])) == (("mail", "web"), True)
    assert row["resolved_at"] - row["declared_at"] == timedelta(hours=1)


def test_drills_are_never_in_the_figures(both_portals: Portal) -> None:
    add(both_portals, drill=True)
    assert incidents(both_portals).empty


def test_the_version_changes_with_every_change(both_portals: Portal) -> None:
    def version() -> frames.Version:
        with both_portals.reading() as session:
            return frames.incident_version(session)

    seen = [version()]
    number = add(both_portals)
    seen.append(version())
    with both_portals.work(SETUP) as work:
        incident = work.incident(number)
        incident.severity, incident.version = Severity.SEV1, incident.version + 1
        service_id = work.add(Service(name="mail")).id
    seen.append(version())
    with both_portals.work(SETUP) as work:
        work.get(Service, service_id).name = "post"
    seen.append(version())
    assert len(set(seen)) == 4
    assert version() == seen[-1]


def test_the_version_of_follow_ups_changes_with_them_and_with_the_names_of_people(both_portals: Portal) -> None:
    def version() -> frames.Version:
        with both_portals.reading() as session:
            return frames.follow_up_version(session)

    number = add(both_portals)
    seen = [version()]
    with both_portals.work(SETUP) as work:
        added = follow_ups.add(work, number, FollowUpDraft(text="Add a check", owner_name="Cleo"))
    seen.append(version())
    with both_portals.work(SETUP) as work:
        follow_ups.finish(work, added.id, "The check is there")
    seen.append(version())
    with both_portals.work(SETUP) as work:
        work.get(Person, somebody(work)).name = "Another Name"
    seen.append(version())
    assert len(set(seen)) == 4
    assert version() == seen[-1]


def test_follow_ups_name_their_incident_and_owner(both_portals: Portal) -> None:
    number = add(both_portals)
    with both_portals.work(SETUP) as work:
        work.add(
            FollowUp(
                incident_id=number,
                number=1,
                text="Add a check",
                owner_name="Cleo",
                state=FollowUpState.DONE,
                created_at=OPENED,
                finished_at=OPENED + timedelta(days=2),
            )
        )
    with both_portals.reading() as session:
        row = frames.follow_ups(session).iloc[0]
    assert (row["key"], row["owner"], row["state"]) == (f"INC-{number}", "Cleo", "done")


def test_only_incidents_with_a_procedure_are_evaluated_by_it(both_portals: Portal) -> None:
    add(both_portals, origin="jira", origin_key="1")
    add(both_portals, state=IncidentState.CANCELLED)
    with both_portals.reading() as session:
        assert list(frames.run_by_the_procedure(session, 10)) == []
