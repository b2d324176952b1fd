"""How many deliveries a second are settled, against the same statements by the bare driver.

The adapters are the built-in twins, which answer at once, so that nothing but the outbox is measured.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import pytest

from ims.bootstrap import Portal, build
from ims.clock import utc_now
from ims.config import ROOT, Settings
from ims.model import Delivery, DeliveryState
from ims.model.message import TeamMessage
from ims.store import deliveries, history
from tests.servers import fresh_postgres_url

ROWS, ROUNDS = 1_000, 3
WORKERS = (1, 3)
GOAL = 1 / 4  # of the bare driver


def run() -> None:
    """Print deliveries settled per second, the best of three rounds of each way, taken in turns."""
    print(f"{'deliveries settled per second':<40}{'bare':>8}{'portal':>8}{'of bare':>9}")
    for name, database in {"SQLite": _sqlite, "PostgreSQL": fresh_postgres_url}.items():
        for workers in WORKERS:
            try:
                _compare(f"{name}, {workers} worker{'s' * (workers > 1)}", database, workers)
            except pytest.skip.Exception as skipped:
                print(skipped)


@contextmanager
def _sqlite() -> Iterator[str]:
    with TemporaryDirectory(prefix="ims-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'ims.db'}"


def _compare(name: str, database: Callable[[], AbstractContextManager[str]], workers: int) -> None:
    rates: dict[str, list[float]] = {"bare": [], "ims": []}
    for _ in range(ROUNDS):
        for way, measured in rates.items():
            with database() as url:
                measured.append(_rate(url, way, workers))
    bare, ours = max(rates["bare"]), max(rates["ims"])
    print(f"{name:<40}{bare:>8,.0f}{ours:>8,.0f}{ours / bare:>9.0%}", end="")
    print("" if ours >= GOAL * bare else f"   MISSED: the goal is {GOAL:.0%}", flush=True)


def _rate(url: str, way: str, workers: int) -> float:
    portal = _filled(url)
    command = [sys.executable, "-m", "benchmarks.carriers", way, url]
    carriers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    for carrier in carriers:
        assert carrier.stdout is not None
        carrier.stdout.readline()
    started = perf_counter()
    for carrier in carriers:
        carrier.communicate("go\n", timeout=300)
    seconds = perf_counter() - started
    with portal.reading() as session:
        assert deliveries.counts(session) == {DeliveryState.SENT: ROWS}
    portal.database.close()
    return ROWS / seconds


def _filled(url: str) -> Portal:
    portal = build(Settings(database_url=url))
    portal.start()
    now, message = utc_now(), TeamMessage(incident_key="INC-1", text="We are looking for the cause.")
    row = {
        "kind": message.kind,
        "recipient": message.recipient,
        "payload": message.model_dump(mode="json"),
        "created_at": now,
        "due_at": now,
    }
    with portal.database.writing() as session:
        history.insert_rows(session, Delivery, [row | {"key": f"{number}"} for number in range(ROWS)])
    return portal


if __name__ == "__main__":
    run()
