"""One process that carries out deliveries: the portal's worker, or the bare driver with the same two statements.

``python -m benchmarks.carriers ims|bare URL`` says when it is ready, begins when it reads a line, and ends when nothing
waits any more.
"""

import os
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
from sqlalchemy import make_url

from ims.bootstrap import build
from ims.config import Settings
from ims.delivery.worker import BATCH, LEASE
from ims.store import deliveries

_PENDING = "('waiting', 'failing')"
_CLAIM = f"""
UPDATE delivery SET claimed_by = :me, claimed_until = :until, attempts = attempts + 1, tried_at = :now WHERE id IN (
    SELECT id FROM delivery AS due
    WHERE state IN {_PENDING} AND due_at <= :now AND (claimed_until IS NULL OR claimed_until <= :now) AND
    (stream = '' OR NOT EXISTS (
        SELECT 1 FROM delivery AS earlier
        WHERE earlier.stream = due.stream AND earlier.id < due.id
        AND earlier.state IN {_PENDING}
    ))
    ORDER BY due_at, id LIMIT {BATCH} :skip
) RETURNING *
"""
_SETTLE = f"""
UPDATE delivery SET state = 'sent', settled_at = :now, claimed_until = NULL, system = 'portal', proof = 'Kept', url = ''
WHERE id = :id AND claimed_by = :me AND state IN {_PENDING}
"""
_PENDING_LEFT = f"SELECT 1 FROM delivery WHERE state IN {_PENDING} LIMIT 1"


class Driver(Protocol):
    """A database by its driver alone."""

    def do(self, statement: str, **values: Any) -> Sequence[Any]:
        """Execute a statement in a transaction of its own and return what it gives."""


class Sqlite:
    """The standard library's driver, as durable as the portal's."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=60)
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")

    def do(self, statement: str, **values: Any) -> Sequence[Any]:
        """Take the writer's place, execute, commit; times are written as the portal writes them."""
        self._connection.execute("BEGIN IMMEDIATE")
        spoken = {name: f"{value:%Y-%m-%d %H:%M:%S.%f}" for name, value in values.items() if name in ("now", "until")}
        rows = self._connection.execute(statement.replace(":skip", ""), values | spoken).fetchall()
        self._connection.execute("COMMIT")
        return rows


class Postgres:
    """psycopg."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url)

    def do(self, statement: str, **values: Any) -> Sequence[Any]:
        """Execute and commit; rows that another claims are skipped, not waited for."""
        spoken = statement.replace(":skip", "FOR UPDATE SKIP LOCKED")
        for name in values:
            spoken = spoken.replace(f":{name}", f"%({name})s")
        with self._connection.transaction():
            cursor = self._connection.execute(spoken.encode(), values)
            return cursor.fetchall() if cursor.description else ()


def _begin() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def _carry_bare(url: str) -> None:
    is_sqlite = url.startswith("sqlite")
    driver: Driver = Sqlite(str(make_url(url).database)) if is_sqlite else Postgres(url)
    me = f"bare:{os.getpid()}"
    _begin()
    while driver.do(_PENDING_LEFT):
        now = datetime.now(UTC)
        for row in sorted(driver.do(_CLAIM, me=me, now=now, until=now + LEASE)):
            driver.do(_SETTLE, me=me, now=datetime.now(UTC), id=row[0])


def _carry_as_ims(url: str) -> None:
    portal = build(Settings(database_url=url))
    _begin()
    while True:
        portal.worker.run_due()
        with portal.reading() as session:
            if not any(state in deliveries.counts(session) for state in deliveries.PENDING):
                return


if __name__ == "__main__":
    {"ims": _carry_as_ims, "bare": _carry_bare}[sys.argv[1]](sys.argv[2])
