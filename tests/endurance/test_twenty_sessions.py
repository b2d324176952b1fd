"""Twenty people act on the same five incidents, on real servers: nothing acknowledged is lost, nothing fails.

How long they act is ``IMS_TEST_LOAD_SECONDS``; docs/benchmarks.md tells of two minutes, and of the times, which a
machine that does other things besides cannot promise.
"""

import os
from pathlib import Path

import pytest

from benchmarks.interactions import SESSIONS, THINKING, act_together, lost, set_up
from ims.bootstrap import build
from ims.config import Settings
from tests.endurance.fleet import AGENTS, fleet

SECONDS = float(os.environ.get("IMS_TEST_LOAD_SECONDS", "20"))


@pytest.mark.endurance
@pytest.mark.xdist_group("endurance")  # one after the other: each wants the machine
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("portals", "workers"), [(1, 0), (2, 2)])
def test_twenty_people_on_five_incidents_lose_nothing(
    portals: int, workers: int, database: str, tmp_path: Path
) -> None:
    portal = build(Settings(database_url=database))
    keys = set_up(portal)
    with fleet(tmp_path, database, portals=portals, workers=workers, **AGENTS) as ours:
        ours.start()
        seen = act_together(ours.ports, keys, SESSIONS, SECONDS, THINKING)
    assert seen.failures == []
    assert len(seen.acknowledged) >= SESSIONS / 2
    assert lost(portal, keys, seen.acknowledged) == set()
    assert "Traceback" not in ours.log.read_text()
    portal.database.close()
