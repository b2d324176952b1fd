"""The database: SQLite by default, PostgreSQL by its address; one way to read and one way to write."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

import ims.model  # noqa: F401  registers every table
from ims.errors import Conflict, SettingProblem

# Who is handed a session names its type from here; only the store asks it anything.
__all__ = ["Database", "IntegrityError", "Session"]

BUSY_TIMEOUT_SECONDS = 60
# A page may read while it reads, so twenty that run at once take forty connections; those above ten are given back.
KEPT_CONNECTIONS, MORE_CONNECTIONS = 10, 30
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
    def snapshot(self) -> Iterator[Connection]:
        """Open a connection that sees the database as it is at one moment, however long it reads."""
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._readers.connect().execution_options(**level) as connection, connection.begin():
            yield connection

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """Open one transaction that may rebuild tables.

        SQLite changes a table by writing it anew, and would delete what refers to it on the way; so its foreign keys
        rest meanwhile, and are checked at the end.
        """
        with self.engine.connect() as connection, self._foreign_keys_at_rest(connection), connection.begin():
            yield connection
            if self.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise SettingProblem(
                    "IMS-109",
                    "The database could not be brought up to date: a row would lose what it refers to.",
                    "Nothing was changed. Keep the file and report this.",
                )

    @contextmanager
    def _foreign_keys_at_rest(self, connection: Connection) -> Iterator[None]:
        driver = connection.connection.driver_connection
        if not self.is_sqlite or driver is None:
            yield
            return
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            driver.execute("PRAGMA foreign_keys = ON")

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

    def knock(self) -> None:
        """Connect once.

        Raises:
            SettingProblem: the database does not answer; the sentence names it without its password.
        """
        try:
            self.engine.connect().close()
        except DatabaseError as error:
            place = self.engine.url.set(query={}).render_as_string(hide_password=True)
            reason = str(error.orig).strip().partition("\n")[0]
            raise SettingProblem(
                "IMS-106",
                f"The database {place} does not answer: {reason}.",
                "Start it, or correct IMS_DATABASE_URL.",
            ) from None  # the error's own text may hold the whole address

    @property
    def in_words(self) -> str:
        """Which database it is, without user or password."""
        url = self.engine.url
        if self.is_sqlite:
            return f"SQLite, {url.database}"
        return f"PostgreSQL, {url.database} on {url.host or 'this machine'}"

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _address(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise SettingProblem(
            "IMS-102",
            "IMS_DATABASE_URL is not an address of a database.",
            "Write it like postgresql://user@host/name or sqlite:////folder/ims.db, or leave it unset.",
        ) from None  # the error's own text may hold a password


def _engine(url: str) -> Engine:
    address = _address(url)
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() == "sqlite":
        return _sqlite_engine(str(address.database or ""))
    if address.get_backend_name() == "postgresql":
        return create_engine(address, pool_pre_ping=True, pool_size=KEPT_CONNECTIONS, max_overflow=MORE_CONNECTIONS)
    raise SettingProblem(
        "IMS-102",
        f"IMS keeps its data in SQLite or PostgreSQL, not in {address.get_backend_name()}.",
        "Set IMS_DATABASE_URL to postgresql://… or sqlite:///…, or leave it unset.",
    )


def _sqlite_engine(path: str) -> Engine:
    if path in ("", ":memory:"):
        raise SettingProblem(
            "IMS-102",
            "A database in memory forgets everything when the portal ends.",
            "Set IMS_DATABASE_URL to a file, sqlite:////folder/ims.db, or leave it unset.",
        )
    _make_folder(Path(path).resolve().parent)
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
        pool_size=KEPT_CONNECTIONS,
        max_overflow=MORE_CONNECTIONS,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingProblem(
            "IMS-106",
            f"The folder of the database, {folder}, cannot be made: {error.strerror}.",
            "Correct IMS_DATABASE_URL, or the rights of the folder above.",
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    # synchronous stays FULL: what a webhook was answered 2xx for survives a power cut.
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(read_only)}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
