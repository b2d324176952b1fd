"""The stage of the demo: a portal whose clock is turned by hand, inside one transaction of the real database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from ims.bootstrap import Portal
from ims.integrations import registry
from ims.store.database import Database, Session

DELIVERED_AFTER = timedelta(seconds=5)  # the way from an act to its deliveries


@dataclass
class TurnedClock:
    """A clock that shows what the story says."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the moment of the story."""
        return self.now


class OneTransaction(Database):
    """A database whose every transaction is part of a larger one, so that the whole story is kept or nothing.

    Until the larger one ends, no other worker sees the story's deliveries; one that did would carry them out at the
    real time and spoil the past.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read inside the transaction."""
        yield self._session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write inside the transaction; the next reader looks at the rows anew, as in a session of its own."""
        yield self._session
        self._session.flush()
        self._session.expire_all()


@contextmanager
def stage(portal: Portal, clock: TurnedClock) -> Iterator[Portal]:
    """Set up a stage on a portal's database. Whatever systems are configured, the story only reaches the twins."""
    with portal.database.writing() as session:
        yield Portal(portal.settings, OneTransaction(session), registry.twins(), clock)
