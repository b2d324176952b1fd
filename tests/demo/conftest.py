"""The demo, loaded once for each kind of database: it takes seconds, and nobody here changes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.demo.play import load
from tests.conftest import HandClock
from tests.servers import fresh_postgres_url


@contextmanager
def _database_url(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'ims.db'}"
    else:
        with fresh_postgres_url() as url:
            yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal that holds the demo."""
    with _database_url(request.param, tmp_path_factory.mktemp("demo")) as url:
        portal = build(Settings(database_url=url), HandClock())
        portal.start()
        load(portal, lambda _part, _words: None)
        yield portal
        portal.database.close()
