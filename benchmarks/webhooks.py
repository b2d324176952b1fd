"""How long a webhook waits until its alert is stored, at fifty a second, while ten people use the pages.

A webhook is answered when its alert is kept, so the answer is what is waited for. The time begins when a webhook is
due, not when a sender gets round to it: one that holds up the next is not forgiven. Without anybody on the pages is
what it is measured against.
"""

import statistics
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import httpx
import pytest
from sqlmodel import func, select

from benchmarks.interactions import THINKING, THINKING_ALONE, WARMING_SECONDS, Seen, act_together, set_up
from ims.bootstrap import build
from ims.config import Settings
from ims.model import Alert
from tests.endurance.fleet import AGENTS, fleet
from tests.intake.alert_bodies import body_of, written
from tests.servers import fresh_postgres_url

A_SECOND, SECONDS, SESSIONS, SENDERS = 50, 25.0, 10, 16
ALONE_SECONDS = 10.0
OPENING_SECONDS = 5.0
GOAL = 0.2  # seconds, p99


@dataclass
class Webhooks:
    """What the senders went through."""

    port: int
    name: str
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def send(self, seconds: float) -> None:
        """Send at an even pace, however long the answers take."""
        limits = httpx.Limits(max_connections=SENDERS, keepalive_expiry=1.0)
        with httpx.Client(timeout=60, limits=limits) as client, ThreadPoolExecutor(SENDERS) as threads:
            started = perf_counter()
            for number in range(int(seconds * A_SECOND)):
                due = started + number / A_SECOND
                sleep(max(0.0, due - perf_counter()))
                threads.submit(self._post, client, number, due)

    def percentile(self, of_hundred: int) -> float:
        """Return the milliseconds that so many of a hundred webhooks take at most."""
        return statistics.quantiles(self.seconds, n=100)[of_hundred - 1] * 1_000

    def _post(self, client: httpx.Client, number: int, due: float) -> None:
        body = body_of(written(fingerprint=f"{self.name}-{number}"))
        try:
            client.post(f"http://127.0.0.1:{self.port}/hooks/alertmanager", content=body).raise_for_status()
        except httpx.HTTPError as error:
            self.failures.append(f"webhook {number}: {type(error).__name__}")
        else:
            self.seconds.append(perf_counter() - due)


def run() -> None:
    """Measure on both databases, one process of the portal."""
    print(f"   {A_SECOND} webhooks a second for {SECONDS:g} s, {SESSIONS} people on the pages; milliseconds")
    print(
        f"   {'':<14}{'webhooks':>9}{'p50':>7}{'p99':>7}{'longest':>9}   alone:{'p50':>5}{'p99':>7}{'pages kept':>12}"
    )
    with TemporaryDirectory(prefix="ims-bench-") as folder:
        _measure("SQLite", f"sqlite:///{folder}/ims.db", Path(folder))
    try:
        with fresh_postgres_url() as url, TemporaryDirectory(prefix="ims-bench-") as folder:
            _measure("PostgreSQL", url, Path(folder))
    except pytest.skip.Exception as skipped:
        print(f"   {skipped}")


def _measure(name: str, url: str, folder: Path) -> None:
    portal = build(Settings(database_url=url))
    keys = set_up(portal)
    with fleet(folder, url, portals=1, workers=0, **AGENTS) as ours:
        ours.start()
        act_together(ours.ports, keys, 1, WARMING_SECONDS, THINKING_ALONE)  # the first imports the page's modules
        alone, beside = Webhooks(ours.ports[0], "alone"), Webhooks(ours.ports[0], "beside")
        alone.send(ALONE_SECONDS)
        seen = _beside(partial(act_together, ours.ports, keys, SESSIONS, SECONDS + OPENING_SECONDS, THINKING), beside)
    with portal.reading() as session:
        stored = session.exec(select(func.count()).select_from(Alert)).one()
    portal.database.close()
    _print(name, alone, beside, seen, stored)


def _beside(people: Callable[[], Seen], webhooks: Webhooks) -> Seen:
    """Send while people act; they open their pages first."""
    with ThreadPoolExecutor(1) as thread:
        acting: Future[Seen] = thread.submit(people)
        sleep(OPENING_SECONDS)
        webhooks.send(SECONDS)
        return acting.result()


def _print(name: str, alone: Webhooks, beside: Webhooks, seen: Seen, stored: int) -> None:
    p99, answered = beside.percentile(99), len(alone.seconds) + len(beside.seconds)
    times = f"{beside.percentile(50):>7.0f}{p99:>7.0f}{max(beside.seconds) * 1_000:>9.0f}"
    lonely = f"{alone.percentile(50):>14.0f}{alone.percentile(99):>7.0f}"
    print(f"   {name:<14}{len(beside.seconds):>9}{times}{lonely}{len(seen.acknowledged):>12}", flush=True)
    problems = [*alone.failures, *beside.failures, *seen.failures]
    problems += [f"{answered} were answered and {stored} are stored"] if stored != answered else []
    print("".join(f"   FAILED: {problem}\n" for problem in problems), end="")
    print(f"   goal: p99 at most {GOAL * 1_000:.0f} ms, every answered alert stored, nothing fails: ", end="")
    print("met" if p99 <= GOAL * 1_000 and not problems else "MISSED", flush=True)


if __name__ == "__main__":
    run()
