"""The same night with one system in trouble: the others notice nothing, and once it heals it holds what it should.

Every system fails in every way, three times in the night. What it holds in the end is compared with a night without
trouble, so that nothing is lost and nothing is there twice. Two things can be there twice, because their systems do not
let us know: a Meet room (empty, and shown nowhere) and a letter whose taking was not answered (the same
``Message-ID``, so mail programs show it once).
"""

import logging
from typing import Any

import pytest

from tests.scenario.gate import Trouble
from tests.scenario.holdings import held_by, letters_sent_twice
from tests.scenario.short_night import play
from tests.scenario.world import SYSTEMS, world_of

MAY_DOUBLE = (Trouble.LOST, Trouble.SLOW)


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
