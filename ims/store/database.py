"""The database: SQLite by default, PostgreSQL by its address; one way to read and one way to write."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

import ims.model  # noqa: F401  registers every table
from ims.errors import Conflict, SettingProblem

BUSY_TIMEOUT_SECONDS = 60
_READ_ONLY = "ims_read_only"


class Database:
    """Sessions on one database.

    SQLite allows one writer at a time. ``BEGIN IMMEDIATE`` takes that place at once instead of failing half-way with
    "database is locked", and a lock of our own queues this process's writers fairly before they compete with others.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = Lock() if self.is_sqlite else nullcontext()
        self._readers = self.engine.execution_options(**{_READ_ONLY: True, "postgresql_readonly": True})

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for reading; what it returns stays usable afterwards."""
        with Session(self._readers, expire_on_commit=False, autoflush=False) as session:
            yield session
            session.expunge_all()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session for one transaction: kept whole when the block ends, dropped whole when it raises."""
        with self._writers, Session(self.engine, expire_on_commit=False) as session:
            try:
                yield session
                session.commit()
            except StaleDataError as error:
                raise Conflict(
                    "Somebody changed this while you were writing. Nothing was saved; look again."
                ) from error

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() == "sqlite":
        return _sqlite_engine(str(address.database or ""))
    if address.get_backend_name() == "postgresql":
        return create_engine(address, pool_pre_ping=True)
    raise SettingProblem(
        "IMS-102",
        f"IMS keeps its data in SQLite or PostgreSQL, not in {address.get_backend_name()}.",
        "Set IMS_DATABASE_URL to postgresql://… or sqlite:///…, or leave it unset.",
    )


def _sqlite_engine(path: str) -> Engine:
    Path(path).resolve().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    # synchronous stays FULL: what a webhook was answered 2xx for survives a power cut.
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
