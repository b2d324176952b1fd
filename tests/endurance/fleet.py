"""Real processes of the portal, as a server runs them: portals, workers, people at terminals; and their sudden end."""

import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ims.config import ROOT
from tests.servers import free_port

AGENTS = {"STREAMLIT_SERVER_ENABLE_AGENT_API": "true"}
READY_SECONDS = 120  # on a machine that is busy with other tests
LONGEST_GAP = 0.05  # seconds between two processes' ends


@dataclass
class Fleet:
    """The processes of one installation. ``log`` takes what they write on stderr, over all restarts."""

    log: Path
    settings: dict[str, str]
    portals: int
    workers: int
    ports: Sequence[int] = ()
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ports = [free_port() for _ in range(self.portals)]

    def start(self, *, ready: bool = True) -> None:
        """Start every process; wait until the portals answer, or not."""
        for port in self.ports:
            self.run("-m", "ims", "serve", "--port", str(port), IMS_WORKER="false" if self.workers else "true")
        for _ in range(self.workers):
            self.run("-m", "ims", "worker")
        for port in self.ports if ready else ():
            self._wait_until_ready(port)

    def run(self, *words: str, out: Path | None = None, **settings: str) -> "subprocess.Popen[bytes]":
        """Start one process of Python; its stdout is added to a file, or dropped."""
        with self.log.open("ab") as log, (out or Path(os.devnull)).open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=log,
                env=os.environ | self.settings | settings,
            )
        self.running.append(process)
        return process

    def _wait_until_ready(self, port: int) -> None:
        end = time.monotonic() + READY_SECONDS
        while not is_ready(port):
            ended = [process.args for process in self.running if process.poll() is not None]
            if ended or time.monotonic() > end:
                told = self.log.read_text(errors="replace")[-2000:]
                raise AssertionError(f"The portal on port {port} is not ready; ended: {ended}.\n{told}")
            time.sleep(0.05)

    def kill(self, chance: random.Random) -> None:
        """End everything at once, or nearly, and without a word."""
        chance.shuffle(self.running)
        for process in self.running:
            time.sleep(chance.uniform(0, LONGEST_GAP))
            process.send_signal(signal.SIGKILL)
        for process in self.running:
            process.wait(timeout=20)
        self.running.clear()


@contextmanager
def fleet(folder: Path, url: str, *, portals: int = 1, workers: int = 0, **settings: str) -> Iterator[Fleet]:
    """Give an installation on a database, not yet started; nothing of it outlives the block."""
    ours = Fleet(folder / "log", {"IMS_DATABASE_URL": url} | settings, portals, workers)
    try:
        yield ours
    finally:
        ours.kill(random.Random(0))


def is_ready(port: int) -> bool:
    """Return whether a portal says that it can do its work."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False
