"""A world of its own for each test that changes it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenario.holdings import held_by, letters_sent_twice
from tests.scenario.short_night import play
from tests.scenario.world import World, world_of


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    with world_of(sqlite_url) as world:
        world.go_round()
        yield world


@pytest.fixture(scope="session")
def good_night(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What every system holds after a night without trouble."""
    with world_of(f"sqlite:///{tmp_path_factory.mktemp('good') / 'ims.db'}") as world:
        incident_id = play(world)
        assert world.unsent(incident_id) == []
        assert len(world.google.meet.spaces) == 1
        assert letters_sent_twice(world) == []
        return held_by(world)
