"""Twenty people act on the same five incidents on a real server, beside one person alone.

Each has a tab open that follows its incident as a browser does, and acts by a session of their own: reads another
incident, or writes into a timeline. Between two acts they think: ``THINKING`` seconds on average. What a session was
told is kept is looked for in the database afterwards; an exception anywhere is a failure.

``IMS_TEST_LOAD_SECONDS=120`` makes it last two minutes.
"""

import json
import os
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from time import monotonic, perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.model import Actor, Customer, IncidentDraft, Person, Rota, RotaMember, Service
from ims.response.declare import declare
from ims.store import incidents
from tests.endurance.fleet import AGENTS, fleet
from tests.servers import fresh_postgres_url

SECONDS = float(os.environ.get("IMS_TEST_LOAD_SECONDS", "120"))
SESSIONS, INCIDENTS = 20, 5
THINKING = 10.0  # seconds between two acts of one person, on average
THINKING_ALONE = 0.5  # one alone acts oftener, so that there is enough to measure; nobody waits for anybody
WRITES = 0.5  # of the acts
GOAL = 3.0  # times the p95 of one alone
MESSAGE_BYTES = 100_000_000
REQUEST_SECONDS = 60.0
OPENING_SECONDS = 120.0
WARMING_SECONDS = 3.0
AT_A_TIME = 0.25  # seconds a following tab waits for the server before it looks at the time


@dataclass
class Seen:
    """What all sessions together went through."""

    seconds: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    followed: int = 0  # runs of the parts that follow the incident by themselves

    @property
    def p95(self) -> float:
        """The seconds that 95 of 100 interactions take at most."""
        return statistics.quantiles(self.seconds, n=20)[-1]


def set_up(portal: Portal) -> Sequence[str]:
    """Set up a team, a person for each session, and the incidents; return their keys."""
    portal.start()
    with portal.work(Actor("Setup")) as work:
        people = [
            work.add(Person(name=f"Person {number}", email=f"p{number}@example.com")) for number in range(SESSIONS)
        ]
        service = work.add(Service(name="payments"))
        customer = work.add(Customer(name="Acme", slack_channel="#acme", contacts=["ops@acme.example"]))
        monday = work.now.date()
        rota = work.add(Rota(name="SRE", time_zone="UTC", starts_on=monday, handover_at=work.now.time(), shift_days=7))
        for position, person in enumerate(people):
            work.add(RotaMember(rota_id=rota.id, position=position, person_id=person.id))
    draft = {"affects_customers": True, "service_ids": [service.id], "customer_ids": [customer.id]}
    keys = []
    for number in range(INCIDENTS):
        with portal.work(Actor(people[0].name, people[0].id)) as work:
            titled = IncidentDraft.model_validate(draft | {"title": f"Outage {number}"})
            keys.append(declare(work, titled, portal.procedure).key)
    return keys


def run() -> None:
    """Measure with SQLite and one process, and with PostgreSQL, two portals and two workers."""
    print(f"   {SESSIONS} sessions for {SECONDS:g} s; p95 of an interaction in ms, × is to that of one alone")
    print(f"   {'':<32}{'acts':>5}{'kept':>6}{'median':>8}{'p95':>7}{'alone':>7}{'×':>6}")
    with TemporaryDirectory(prefix="ims-bench-") as folder:
        _measure("SQLite, 1 portal", f"sqlite:///{folder}/ims.db", Path(folder), portals=1, workers=0)
    try:
        with fresh_postgres_url() as url, TemporaryDirectory(prefix="ims-bench-") as folder:
            _measure("PostgreSQL, 2 portals, 2 workers", url, Path(folder), portals=2, workers=2)
    except pytest.skip.Exception as skipped:
        print(f"   {skipped}")


def _measure(name: str, url: str, folder: Path, *, portals: int, workers: int) -> None:
    portal = build(Settings(database_url=url))
    keys = set_up(portal)
    with fleet(folder, url, portals=portals, workers=workers, **AGENTS) as ours:
        ours.start()
        for port in ours.ports:
            act_together([port], keys, 1, WARMING_SECONDS, THINKING_ALONE)  # the first imports the page's modules
        alone = act_together(ours.ports, keys, 1, SECONDS / 4, THINKING_ALONE)
        seen = act_together(ours.ports, keys, SESSIONS, SECONDS, THINKING)
    missing = lost(portal, keys, [*alone.acknowledged, *seen.acknowledged])
    portal.database.close()
    median, ratio = statistics.median(seen.seconds), seen.p95 / alone.p95
    figures = f"{len(seen.seconds):>5}{len(seen.acknowledged):>6}{median * 1000:>8.0f}"
    print(f"   {name:<32}{figures}{seen.p95 * 1000:>7.0f}{alone.p95 * 1000:>7.0f}{ratio:>6.1f}", flush=True)
    problems = [*alone.failures, *seen.failures, *(f"lost: {text}" for text in sorted(missing))]
    problems += ["an exception in the log"] if "Traceback" in ours.log.read_text() else []
    print("".join(f"   FAILED: {problem}\n" for problem in problems), end="")
    print(f"   goal: at most {GOAL:g} times one alone, nothing lost, no exception: ", end="")
    print("met" if ratio <= GOAL and not problems else "MISSED", flush=True)


def act_together(ports: Sequence[int], keys: Sequence[str], sessions: int, seconds: float, thinking: float) -> Seen:
    """Let people act for a while, spread over the portals, once all have opened their page; return what they saw."""
    seen, started = Seen(), _Start(2 * sessions, seconds)
    with ThreadPoolExecutor(2 * sessions) as threads:
        for number in range(sessions):
            port, key = ports[number % len(ports)], keys[number % len(keys)]
            person = Someone(port, keys, random.Random(number), thinking, seen, name=f"{sessions}-{number}")
            threads.submit(started.guard, seen, partial(person.act, key))
            threads.submit(started.guard, seen, partial(_follow, port, key, seen=seen))
    return seen


class _Start:
    """Where everybody waits for everybody, until the time begins to run."""

    def __init__(self, parties: int, seconds: float) -> None:
        self.seconds, self.end = seconds, 0.0
        self._gate = Barrier(parties, self._begin, timeout=OPENING_SECONDS)

    def _begin(self) -> None:
        self.end = monotonic() + self.seconds

    def __call__(self) -> float:
        """Wait, and return when it ends."""
        self._gate.wait()
        return self.end

    def guard(self, seen: Seen, act: Callable[["_Start"], None]) -> None:
        """Do something, and let nobody wait for who failed."""
        try:
            act(self)
        except Exception as error:
            seen.failures.append(f"{type(error).__name__}: {error}")
            self._gate.abort()


@dataclass
class Someone:
    """One person and their session."""

    port: int
    keys: Sequence[str]
    chance: random.Random
    thinking: float
    seen: Seen
    name: str
    session: str = ""

    def act(self, key: str, started: _Start) -> None:
        """Open an incident, then think and act until the end."""
        address = f"http://127.0.0.1:{self.port}/_stcore/agent/"
        # The server ends connections that are idle for five seconds; one must not be used in that moment.
        fresh = httpx.Limits(keepalive_expiry=1.0)
        with httpx.Client(base_url=address, timeout=REQUEST_SECONDS, limits=fresh) as client:
            self.session = self._ask(client, page="incident", query_params={"key": [key]})["session_id"]
            end, act = started(), 0
            while self._think(end):
                act += 1
                if self.chance.random() < WRITES:
                    self._write(client, f"Note {act} of {self.name}")
                else:
                    self._timed(client, page="incident", query_params={"key": [self.chance.choice(self.keys)]})

    def _think(self, end: float) -> bool:
        """Wait a while; return whether there is time for another act."""
        span = self.chance.uniform(0, 2 * self.thinking)
        sleep(max(0.0, min(span, end - monotonic())))
        return monotonic() < end

    def _write(self, client: httpx.Client, text: str) -> None:
        answer = self._timed(client, widget_state={"entry_text": text}, trigger={"key": "entry_submit"})
        if any(node["type"] == "alert" and "error" in json.dumps(node.get("props", {})) for node in _nodes(answer)):
            self.seen.failures.append(f"{text}: refused")
        else:
            self.seen.acknowledged.append(text)

    def _timed(self, client: httpx.Client, **request: Any) -> Any:
        started = perf_counter()
        answer = self._ask(client, session_id=self.session, **request)
        self.seen.seconds.append(perf_counter() - started)
        return answer

    def _ask(self, client: httpx.Client, **request: Any) -> Any:
        """Send an interaction and return the page as it is then.

        Raises:
            RuntimeError: it was refused, or the page failed.
        """
        answer = client.post("interact", json=request)
        while answer.status_code == httpx.codes.ACCEPTED:  # it still runs; this waits for it without starting it over
            answer = client.post("interact", json={"session_id": answer.json()["session_id"]})
        page = answer.json()
        if answer.status_code != httpx.codes.OK or page["status"] != "ready":
            raise RuntimeError(f"{answer.status_code} {page.get('error') or page.get('status')} for {request}")
        return page


def _nodes(answer: Any) -> Iterator[dict[str, Any]]:
    waiting = [answer["tree"]]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("children", ())


def _follow(port: int, key: str, started: _Start, *, seen: Seen) -> None:
    """Keep a tab open on an incident, and run its parts that follow it as often as they ask for, as a browser does."""
    with connect(f"ws://127.0.0.1:{port}/_stcore/stream", max_size=MESSAGE_BYTES, compression=None) as tab:
        _rerun(tab, key)
        end = started()
        asked: dict[str, tuple[float, float]] = {}  # by part: every how many seconds, and when next
        while monotonic() < end:
            with suppress(TimeoutError):
                _hear(ForwardMsg.FromString(tab.recv(timeout=AT_A_TIME, decode=False)), asked, seen)
            for part, (every, at) in asked.items():
                if monotonic() >= at:
                    asked[part] = (every, monotonic() + every)
                    _rerun(tab, key, part)
                    seen.followed += 1


def _hear(message: ForwardMsg, asked: dict[str, tuple[float, float]], seen: Seen) -> None:
    match message.WhichOneof("type"):
        case "auto_rerun":
            every = message.auto_rerun.interval
            # Tabs are opened at different times; here all are at once, so they begin to follow at different times.
            asked.setdefault(message.auto_rerun.fragment_id, (every, monotonic() + random.uniform(0, every)))
        case "delta" if message.delta.new_element.HasField("exception"):
            seen.failures.append(f"a page that follows: {message.delta.new_element.exception.message}")


def _rerun(tab: ClientConnection, key: str, part: str = "") -> None:
    asked = BackMsg()
    asked.rerun_script.query_string = urlencode({"key": key})
    asked.rerun_script.page_name = "incident"
    asked.rerun_script.fragment_id = part
    asked.rerun_script.is_auto_rerun = bool(part)
    tab.send(asked.SerializeToString())


def lost(portal: Portal, keys: Sequence[str], acknowledged: Sequence[str]) -> set[str]:
    """Return what was acknowledged and is in no timeline."""
    with portal.reading() as session:
        kept = {entry.text for key in keys for entry in incidents.timeline(session, incidents.by_key(session, key).id)}
    return set(acknowledged) - kept


if __name__ == "__main__":
    run()
