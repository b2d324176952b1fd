"""Keeping a claim while the other side takes its time."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

# Half an hour of renewals, each half a minute after the last: no call that still lives takes longer.
MOST_RENEWALS = 60
Renew = Callable[[], bool]
_log = logging.getLogger(__name__)


class Keeper:
    """Renews the claim in hand every so many seconds, from a thread of its own, as long as the ``with`` block lasts.

    Without this, a call that is slower than its lease would be made by another worker too. A process that dies renews
    nothing, so its rows still come back.
    """

    def __init__(self, every_seconds: float) -> None:
        self._every_seconds = every_seconds
        self._renew: Renew | None = None
        self._left = 0
        self._lock = Lock()
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @contextmanager
    def keeping(self, renew: Renew) -> Iterator[None]:
        """Call ``renew`` again and again until the block ends, or until it says that the claim is lost."""
        with self._lock:
            self._renew, self._left = renew, MOST_RENEWALS
        try:
            yield
        finally:
            with self._lock:  # a renewal after the row is settled would keep its next try waiting
                self._renew = None

    def _keep(self) -> None:
        while not self._ended.wait(self._every_seconds):
            with self._lock:
                if self._renew and not (self._left and _still_ours(self._renew)):
                    self._renew = None
                self._left -= 1


def _still_ours(renew: Renew) -> bool:
    try:
        return renew()
    except Exception as error:  # a database that does not answer now may do so before the lease ends
        _log.error("a lease could not be renewed: %s", type(error).__name__)
        return True
