"""Databases for tests, each its own and as the portal leaves a new one after its first start.

The schema is laid out once in a test process and copied, which is ten times as fast. Whoever tests the first start
itself takes an address where there is nothing: ``empty_database_url``, ``fresh_postgres_url``.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

from ims.store import schema
from ims.store.database import Database
from tests.servers import fresh_postgres_url


def started_sqlite_url(folder: Path) -> str:
    """Put a file into a folder and return its address."""
    return f"sqlite:///{shutil.copyfile(_file(), folder / 'ims.db')}"


@contextmanager
def started_postgres_url() -> Iterator[str]:
    """Give a database of a real PostgreSQL, and drop it afterwards."""
    with fresh_postgres_url(copied_from=_postgres()) as url:
        yield url


@lru_cache(maxsize=1)
def _file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ims-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _start(f"sqlite:///{folder / 'ims.db'}")
    return folder / "ims.db"


@lru_cache(maxsize=1)
def _postgres() -> str:
    stack = ExitStack()
    url = stack.enter_context(fresh_postgres_url())
    atexit.register(stack.close)
    _start(url)
    return url


def _start(url: str) -> None:
    database = Database(url)
    schema.migrate(database)
    database.close()  # PostgreSQL copies only what nobody is connected to
