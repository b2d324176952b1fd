"""How many alerts a second are stored, against bare inserts into SQLite with the same durability."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.intake.alertmanager import read
from ims.intake.inbox import ALERTMANAGER, receive

ROOT = Path(__file__).resolve().parent.parent
SINGLE, HUNDREDS = 1_000, 50
ROUNDS = 3
PORT = 8798
TOKEN = "benchmark"


def run() -> None:
    """Print alerts stored per second, the best of three rounds of each way, taken in turns."""
    with tempfile.TemporaryDirectory() as folder:
        rates: dict[str, list[float]] = {}
        with _Served(Path(folder)) as served:
            for number in range(ROUNDS):
                for name, measure in _ways(Path(folder), number, served).items():
                    rates.setdefault(name, []).append(measure())
    bare = max(rates["bare inserts, one alert a commit"])
    print(f"{'alerts stored per second':<48}{'rate':>10}{'of bare':>10}")
    for name, measured in rates.items():
        print(f"{name:<48}{max(measured):>10,.0f}{max(measured) / bare:>10.0%}")


def _ways(folder: Path, number: int, served: "_Served") -> dict[str, Callable[[], float]]:
    singles, hundreds = _bodies(f"s{number}", SINGLE, 1), _bodies(f"h{number}", HUNDREDS, 100)
    return {
        "bare inserts, one alert a commit": lambda: _bare(folder / f"bare{number}.db", singles),
        "intake, 1 alert a body": lambda: _intake(folder / f"single{number}.db", singles),
        "intake, 100 alerts a body": lambda: _intake(folder / f"hundred{number}.db", hundreds),
        "HTTP, 1 alert a body": lambda: served.post(singles),
        "HTTP, 100 alerts a body": lambda: served.post(hundreds),
    }


def _bodies(prefix: str, count: int, size: int) -> list[bytes]:
    return [_body([f"{prefix}-{number}-{each}" for each in range(size)]) for number in range(count)]


def _body(fingerprints: list[str]) -> bytes:
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "HighErrorRate", "service": "payments", "severity": "critical", "instance": each},
            "annotations": {"summary": "5xx ratio 12 %", "runbook_url": "https://wiki.example/run"},
            "startsAt": "2026-11-23T07:07:45.847365813Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph",
            "fingerprint": each,
        }
        for each in fingerprints
    ]
    return json.dumps({"version": "4", "groupKey": "{}:{}", "status": "firing", "alerts": alerts}).encode()


def _rate(bodies: list[bytes], store: Callable[[bytes], object]) -> float:
    alerts = sum(len(json.loads(body)["alerts"]) for body in bodies)
    started = time.perf_counter()
    for body in bodies:
        store(body)
    return alerts / (time.perf_counter() - started)


def _bare(path: Path, bodies: list[bytes]) -> float:
    """Insert the body and its alert, ready made, and commit: what no intake can go below."""
    _portal(path).database.close()  # the same tables and indexes
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    rows = iter([json.loads(body)["alerts"][0] for body in bodies])

    def store(body: bytes) -> None:
        alert = next(rows)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO inbox_message (source, received_at, body, state, problem, alerts_new, alerts_repeated) "
            "VALUES ('alertmanager', '2026-11-23 07:08:00.000000', ?, 'read', '', 1, 0)",
            (body,),
        )
        connection.execute(
            "INSERT INTO alert (source, fingerprint, starts_at, status, name, labels, annotations, group_key, "
            "generator_url, last_received_at, repeats, triage, triage_reason, triaged_by) "
            "VALUES ('alertmanager', ?, ?, 'firing', ?, ?, ?, '{}:{}', ?, ?, 0, 'waiting', '', '')",
            (
                alert["fingerprint"],
                "2026-11-23 07:07:45.847365",
                alert["labels"]["alertname"],
                json.dumps(alert["labels"]),
                json.dumps(alert["annotations"]),
                alert["generatorURL"],
                "2026-11-23 07:08:00.000000",
            ),
        )
        connection.execute("COMMIT")

    rate = _rate(bodies, store)
    connection.close()
    return rate


def _portal(path: Path) -> Portal:
    portal = build(Settings(database_url=f"sqlite:///{path}"))
    portal.start()
    return portal


def _intake(path: Path, bodies: list[bytes]) -> float:
    portal = _portal(path)

    def store(body: bytes) -> None:
        reading = read(body)
        with portal.work(ALERTMANAGER) as work:
            receive(work, body, reading)

    rate = _rate(bodies, store)
    portal.database.close()
    return rate


class _Served:
    """The portal as people run it, worker and all, and one sender with one connection."""

    def __init__(self, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "IMS_DATABASE_URL": f"sqlite:///{folder / 'served.db'}",
            "IMS_ALERTMANAGER_TOKEN": TOKEN,
        }
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{PORT}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60
        )

    def __enter__(self) -> "_Served":
        options = ["--server.headless=true", f"--server.port={PORT}", "--server.address=127.0.0.1"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *options],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._process.terminate()
        self._process.wait(timeout=30)

    def post(self, bodies: list[bytes]) -> float:
        """Post bodies one after the other and return alerts per second."""
        return _rate(bodies, lambda body: self._client.post("/hooks/alertmanager", content=body).raise_for_status())

    def _wait_until_ready(self) -> None:
        for _ in range(300):
            try:
                if self._client.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise RuntimeError("the portal does not start")


if __name__ == "__main__":
    run()
