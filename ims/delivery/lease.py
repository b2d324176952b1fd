"""Keeping a claim while the other side takes its time."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

# Half an hour of renewals, each half a minute after the last: no call that still lives takes longer.
MOST_RENEWALS = 60
_log = logging.getLogger(__name__)


@contextmanager
def kept(renew: Callable[[], bool], every_seconds: float) -> Iterator[None]:
    """Call ``renew`` again and again until the block ends, or until it says that the claim is lost.

    Without this, a call that is slower than its lease would be made by another worker too. A process that dies renews
    nothing, so its rows still come back.
    """
    ended = Event()
    keeper = Thread(target=_renew_until, args=(ended, renew, every_seconds), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()  # a renewal after the row is settled would keep its next try waiting


def _renew_until(ended: Event, renew: Callable[[], bool], every_seconds: float) -> None:
    for _ in range(MOST_RENEWALS):
        if ended.wait(every_seconds) or not _still_ours(renew):
            return


def _still_ours(renew: Callable[[], bool]) -> bool:
    try:
        return renew()
    except Exception as error:  # a database that does not answer now may do so before the lease ends
        _log.error("a lease could not be renewed: %s", type(error).__name__)
        return True
