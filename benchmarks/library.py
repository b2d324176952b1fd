"""Finding post-mortems by their words among 20,000, on both databases."""

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.model import LibraryEntry
from ims.store import library
from ims.store.library import Asked
from tests.servers import fresh_postgres_url

ENTRIES, WORDS, TIMES = 20_000, 600, 5
BEGINNINGS = "pay data que cert rout disk net log auth cach shard pool index gate node cluster zone host job feed"
ENDINGS = "ment base ue ificate er work in oriser ing ed ion able al ity ful less ness way room line set book ward"
GOAL = 1.0  # seconds; who types a search waits that long without wondering


def run() -> None:
    """Print how long searches take: one rare word, one common word, three words, and similar ones."""
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{Path(folder) / 'library.db'}")
    with fresh_postgres_url() as url:
        _measure("PostgreSQL", url)


def _measure(name: str, url: str) -> None:
    portal = build(Settings(database_url=url))
    portal.start()
    started = perf_counter()
    with portal.database.writing() as session:
        for entry in _entries():
            session.add(entry)
    print(f"{name}: {ENTRIES:,} entries of {WORDS} words kept in {perf_counter() - started:.0f} s")
    for typed in ("feedlinebook", "payment", "authness netline shardful"):
        _time(portal, typed)
    portal.database.close()


def _time(portal: Portal, typed: str) -> None:
    spent = []
    for _ in range(TIMES):
        started = perf_counter()
        with portal.reading() as session:
            library.search(session, Asked(typed), limit=10)
            hits = library.count(session, Asked(typed))
        spent.append(perf_counter() - started)
    met = "" if median(spent) <= GOAL else f"  MISSED, goal {GOAL * 1000:.0f} ms"
    print(f"  “{typed}”: {hits:,} hits, page and count in {median(spent) * 1000:.0f} ms{met}")


def _entries() -> Iterator[LibraryEntry]:
    """Words as in speech: a few in every text, most of them rare (Zipf's law)."""
    chance = random.Random(1)
    words = ["".join(parts) for parts in product(BEGINNINGS.split(), ENDINGS.split())]
    words += [f"{one}{other}" for one, other in product(words[::3], ENDINGS.split())]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    for number in range(ENTRIES):
        text = chance.choices(words, weights, k=WORDS)
        yield LibraryEntry(
            source=f"{number}.md",
            title=" ".join(text[:6]),
            services=text[6],
            cause=chance.choice(["deploy", "capacity", ""]),
            occurred_on=date(2020, 1, 1) + timedelta(days=number % 2000),
            text=" ".join(text),
            kept_at=datetime(2026, 11, 23, tzinfo=UTC),
        )
