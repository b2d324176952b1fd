"""What people type into the verbs is kept whole, or refused in words."""

from datetime import timedelta
from typing import Any

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import EntryKind, Impact, Incident
from ims.model.types import PROSE_LENGTH
from ims.response import definition, investigation, links, states
from ims.store import incidents
from tests.conftest import HandClock, Team, make_team


def test_control_codes_in_a_note_are_made_visible_so_that_every_database_keeps_them(
    both_portals: Portal, clock: HandClock
) -> None:
    team = make_team(both_portals)
    with both_portals.work(team.as_ada) as work:
        times: dict[str, Any] = dict.fromkeys(("began_at", "detected_at", "declared_at"), clock.now)
        incident = work.add(Incident(title="Search", owner_id=team.ada.id, **times))
        investigation.note(work, incident.id, "a\x00b")
        definition.define_impact(work, incident.id, Impact.MINOR, "c\x00d")
    with both_portals.reading() as session:
        assert incidents.timeline(session, incident.id)[0].text == "a\u2400b"
        assert incidents.by_key(session, incident.key).impact_text == "c\u2400d"


def test_an_endless_note_is_refused_and_a_long_one_kept(portal: Portal, team: Team, incident: Incident) -> None:
    with portal.work(team.as_ada) as work:
        assert investigation.note(work, incident.id, "x" * 10_000).text == "x" * 10_000
        with pytest.raises(Refusal, match="longer than 50,000"):
            investigation.note(work, incident.id, "x" * (PROSE_LENGTH + 1))


@pytest.mark.parametrize("address", ["https://meet.example/a?b=c", "http://localhost:8080/room"])
def test_a_web_address_is_a_link(address: str) -> None:
    assert links.is_web_link(address)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://x.example", "https://", "meet", "https://a b", "http://[", ""]
)
def test_anything_else_is_not_a_link(address: str) -> None:
    assert not links.is_web_link(address)


def test_setting_the_same_war_room_again_writes_nothing(portal: Portal, team: Team, incident: Incident) -> None:
    for _ in range(2):
        with portal.work(team.as_ada) as work:
            links.set_war_room(work, incident.id, " https://meet.example/a ")
    with portal.reading() as session:
        notes = [entry for entry in incidents.timeline(session, incident.id) if entry.kind is EntryKind.NOTE]
        assert [note.text for note in notes] == ["War room: https://meet.example/a"]


def test_setting_the_same_scope_again_writes_nothing(portal: Portal, team: Team, incident: Incident) -> None:
    with portal.work(team.as_ada) as work:
        before = work.incident(incident.id).version
        definition.set_scope(work, incident.id, portal.procedure, [team.payments.id], [team.acme.id])
        assert work.incident(incident.id).version == before


def test_a_minute_picked_in_a_form_is_not_before_the_second_it_follows(
    portal: Portal, team: Team, clock: HandClock, incident: Incident
) -> None:
    clock.forward(timedelta(minutes=10, seconds=31))
    with portal.work(team.as_ada) as work:
        mitigated_at = states.mitigate(work, incident.id, "").mitigated_at
    clock.forward(timedelta(seconds=20))
    with portal.work(team.as_ada) as work:
        resolved = states.resolve(work, incident.id, "", portal.procedure, at=clock.now.replace(second=0))
        assert resolved.resolved_at == mitigated_at


def test_a_time_a_little_in_the_future_is_taken_as_now(
    portal: Portal, team: Team, clock: HandClock, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        assert states.mitigate(work, incident.id, "", at=clock.now + timedelta(minutes=2)).mitigated_at == clock.now
        assert states.resolve(work, incident.id, "", portal.procedure).resolved_at == clock.now
