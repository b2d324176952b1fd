"""The same night with one system in trouble: the others notice nothing, and once it heals it holds what it should.

Every system fails in every way, three times in the night. What it holds in the end is compared with a night without
trouble, so that nothing is lost and nothing is there twice. Two things can be there twice, because their systems do not
let us know: a Meet room (empty, and shown nowhere) and a letter whose taking was not answered (the same
``Message-ID``, so mail programs show it once).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from ims.model import DeliveryState
from ims.response import command
from ims.store import standings
from tests.scenario import night
from tests.scenario.gate import Trouble
from tests.scenario.holdings import held_by, letters_sent_twice
from tests.scenario.world import MINUTE, SYSTEMS, World, world_of

MAY_DOUBLE = (Trouble.LOST, Trouble.SLOW)
HEALING = timedelta(minutes=10)


def play(world: World, name: str = "", trouble: Trouble | None = None) -> int:
    """Live through a short night; a system is in trouble at its beginning, at its end, and a day later."""
    world.go_round()
    with troubled(world, name, trouble):
        incident_id = night.declare_it(world)
        world.act("ada", lambda work: command.acknowledge(work, incident_id))
        night.take_communications(world, incident_id)
        night.tell_customers(world, incident_id, 1)
        night.keep_alerts_quiet(world, incident_id)
        look_at_the_trouble(world, incident_id, name)
        world.live(MINUTE)
    world.live(HEALING, every=HEALING)
    assert world.unsent(incident_id) == []
    with troubled(world, name, trouble):
        night.tell_customers(world, incident_id, 2)
        night.end_it(world, incident_id)
        night.tell_customers(world, incident_id, 3)
        night.move_meeting(world, night.plan_meeting(world, incident_id))
        night.file_follow_ups(world, incident_id)
        world.live(MINUTE)
    world.live(HEALING, every=HEALING)
    night.close_it(world, incident_id)
    world.clock.forward(timedelta(hours=24))
    with troubled(world, name, trouble):
        world.go_round()
    world.live(HEALING, every=HEALING)
    return incident_id


@contextmanager
def troubled(world: World, name: str, trouble: Trouble | None) -> Iterator[None]:
    if name:
        world.gates[name].trouble = trouble
    yield
    if name:
        world.gates[name].trouble = None


def look_at_the_trouble(world: World, incident_id: int, name: str) -> None:
    """Whoever looks now sees what waits for the system and when it is tried again; nobody else waits."""
    theirs, now = night.kinds_of_system(world, name), world.clock.now
    rows = world.rows(incident_id)
    others = {(row.kind, row.state) for row in rows if row.kind not in theirs}
    assert {state for _, state in others} == {DeliveryState.SENT}
    assert name == "oncall" or ("page", DeliveryState.SENT) in others
    if not name:
        return
    failing = [row for row in rows if row.state is DeliveryState.FAILING]
    assert failing
    for row in failing:
        assert row.kind in theirs
        assert row.due_at > now
        assert len(row.problem.split()) > 2, "a sentence for people"
        assert "<" not in row.problem
        assert "Unexpected" not in row.problem
        assert [secret for secret in world.secrets() if secret in row.problem] == []
    with world.portal.reading() as session:
        waiting = standings.unsent(session, now)
        problem = standings.last_problem(session, theirs)
    assert set(waiting) <= set(theirs)
    assert sum(counts.get(DeliveryState.FAILING, 0) for counts in waiting.values()) == len(failing)
    assert problem
    assert problem.problem in {row.problem for row in failing}


@pytest.fixture(scope="module")
def good_night(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What every system holds after a night without trouble."""
    with world_of(f"sqlite:///{tmp_path_factory.mktemp('good') / 'ims.db'}") as world:
        incident_id = play(world)
        assert world.unsent(incident_id) == []
        assert len(world.google.meet.spaces) == 1
        assert letters_sent_twice(world) == []
        return held_by(world)


@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name.lower())
@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_in_trouble_holds_up_nobody_and_misses_nothing(
    name: str, trouble: Trouble, sqlite_url: str, good_night: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), world_of(sqlite_url, gated=[name], impatient=trouble is Trouble.SLOW) as world:
        incident_id = play(world, name, trouble)
        assert world.gates[name].met or trouble is Trouble.DOWN
        assert world.unsent(incident_id) == []
        assert held_by(world) == good_night
        assert len(world.google.meet.spaces) == 1 or (name == "google" and trouble in MAY_DOUBLE)
        assert letters_sent_twice(world) == [] or (name == "smtp" and trouble in MAY_DOUBLE)
    assert [record for record in caplog.records if record.name.startswith("ims")] == []
