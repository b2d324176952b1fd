"""What the endurance tests share: a database that fits how many processes there are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import fresh_postgres_url


@pytest.fixture
def database(workers: int, tmp_path: Path) -> Iterator[str]:
    """SQLite for a portal alone, PostgreSQL for several processes."""
    if not workers:
        yield f"sqlite:///{tmp_path / 'ims.db'}"
        return
    with fresh_postgres_url() as url:
        yield url
