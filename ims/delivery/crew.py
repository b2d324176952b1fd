"""Everything that works beside the pages: a worker for each ability, and rounds that the clock brings about."""

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Protocol

JOIN_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Hand(Protocol):
    """Somebody of the crew."""

    name: str

    def run_forever(self) -> None:
        """Work until asked to stop."""

    def shut_down(self) -> None:
        """Ask to stop after what is in hand."""


@dataclass
class Rounds:
    """Does something again and again, ``every_seconds``. A failure is logged and the next round follows."""

    name: str
    job: Callable[[], object]
    every_seconds: float
    stop: Event = field(default_factory=Event)

    def run_forever(self) -> None:
        """Go round until asked to stop."""
        while not self.stop.is_set():
            try:
                self.job()
            except Exception as error:
                # Messages of errors may hold addresses with secrets, so only the place is logged.
                trace = "".join(traceback.format_tb(error.__traceback__))
                _log.error("%s failed; the next round follows: %s\n%s", self.name, type(error).__name__, trace)
            self.stop.wait(self.every_seconds)

    def shut_down(self) -> None:
        """End after this round."""
        self.stop.set()


class Connection(Protocol):
    """Something that keeps itself open in threads of its own."""

    def start(self) -> None:
        """Open it."""

    def stop(self) -> None:
        """Close it."""


@dataclass
class Commanded:
    """Keeps a connection open through which people command the portal."""

    connection: Connection
    name: str = "commands"
    stop: Event = field(default_factory=Event)

    def run_forever(self) -> None:
        """Keep it open until asked to stop."""
        self.connection.start()
        self.stop.wait()
        self.connection.stop()

    def shut_down(self) -> None:
        """Close it."""
        self.stop.set()


@dataclass
class Crew:
    """Runs each hand in a thread of its own, so that whoever waits for a slow system holds up nobody else."""

    hands: Sequence[Hand]
    _threads: list[Thread] = field(default_factory=list)

    def start(self) -> None:
        """Set everybody to work."""
        self._threads = [Thread(target=hand.run_forever, name=hand.name, daemon=True) for hand in self.hands]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let what is in hand end. Whoever still waits for an outside system after ten seconds is left behind."""
        for hand in self.hands:
            hand.shut_down()
        for thread in self._threads:
            thread.join(timeout=JOIN_SECONDS)
