"""What Prometheus costs: one reading of every gauge, against one short question, the list of people."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.seed import seed
from ims.bootstrap import Portal
from ims.store.catalogue import people
from ims.store.gauges import gauges

COUNTS = (0, 1_000, 50_000)
ROUNDS = 50


def run() -> None:
    """Print the milliseconds of a reading for each number of incidents, the median of fifty."""
    print(f"{'incidents':>9}{'gauges':>10}{'people':>10}{'×':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            portal = seed(f"sqlite:///{Path(folder) / str(count)}.db", count)
            _measure(portal, count)
            portal.database.close()


def _measure(portal: Portal, count: int) -> None:
    def read_gauges() -> None:
        with portal.reading() as session:
            gauges(session, portal.clock())

    def read_people() -> None:
        with portal.reading() as session:
            people(session)

    ours, bare = _milliseconds(read_gauges), _milliseconds(read_people)
    print(f"{count:>9,}{ours:>10.1f}{bare:>10.1f}{ours / bare:>6.1f}")


def _milliseconds(what: Callable[[], object]) -> float:
    return median(_once(what) for _ in range(ROUNDS)) * 1_000


def _once(what: Callable[[], object]) -> float:
    started = perf_counter()
    what()
    return perf_counter() - started
