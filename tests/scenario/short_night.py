"""A short night, with a system in trouble or without: what people do, and what they see while it lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from ims.model import DeliveryState
from ims.response import command
from ims.response.announcing.pager import PAGE_WAITS_FOR_ROOM
from ims.store import standings
from tests.scenario import night
from tests.scenario.gate import Trouble
from tests.scenario.world import MINUTE, World

HEALING = timedelta(minutes=10)


def play(world: World, name: str = "", trouble: Trouble | None = None) -> int:
    """Live through a short night; a system is in trouble at its beginning, at its end, and a day later."""
    world.go_round()
    with troubled(world, name, trouble):
        incident_id = night.declare_it(world)
        world.live(PAGE_WAITS_FOR_ROOM)
        night.take_communications(world, incident_id)
        night.tell_customers(world, incident_id, 1)
        night.keep_alerts_quiet(world, incident_id)
        look_at_the_trouble(world, incident_id, name)
        world.live(MINUTE)
    wake_ada(world, incident_id)
    recover(world, incident_id)
    with troubled(world, name, trouble):
        night.tell_customers(world, incident_id, 2)
        night.end_it(world, incident_id)
        night.tell_customers(world, incident_id, 3)
        night.move_meeting(world, night.plan_meeting(world, incident_id))
        night.file_follow_ups(world, incident_id)
        world.live(MINUTE)
    recover(world, incident_id)
    night.close_it(world, incident_id)
    world.clock.forward(timedelta(hours=24))
    with troubled(world, name, trouble):
        world.go_round()
    recover(world, incident_id)
    return incident_id


def wake_ada(world: World, incident_id: int) -> None:
    """Wait for the page, but not until the next would be paged; then Ada answers it in the portal."""
    for _ in range(3):
        world.live(MINUTE)
        if all(row.state is DeliveryState.SENT for row in world.rows(incident_id) if row.kind == "page"):
            break
    world.act("ada", lambda work: command.acknowledge(work, incident_id))
    world.go_round()


def recover(world: World, incident_id: int) -> None:
    """Let time pass until everything is delivered; on a busy machine an impatient portal may need another try."""
    for _ in range(3):
        world.live(HEALING, every=HEALING)
        if not world.unsent(incident_id):
            return
    assert world.unsent(incident_id) == []


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
