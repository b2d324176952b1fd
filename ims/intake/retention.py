"""Forgetting old webhook bodies: what was read from them stays as alerts, and the inbox does not grow for ever."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ims.clock import Clock
from ims.store import alerts
from ims.store.database import Database

BATCH = 200  # bodies in one transaction, so that an alert that arrives meanwhile hardly waits
LOOK_EVERY = timedelta(hours=1)


@dataclass
class Retention:
    """Removes the bodies that were received longer ago than ``keep_for``; any number may run at once."""

    database: Database
    keep_for: timedelta
    clock: Clock
    _rest_until: datetime | None = field(default=None, init=False)

    def round(self) -> int:
        """Remove one batch and return how many bodies it was; rest an hour once nothing old is left."""
        now = self.clock()
        if self._rest_until is not None and now < self._rest_until:
            return 0
        removed = self._remove_before(now - self.keep_for)
        self._rest_until = None if removed == BATCH else now + LOOK_EVERY
        return removed

    def _remove_before(self, moment: datetime) -> int:
        with self.database.reading() as session:  # an idle portal never takes SQLite's writer's place
            old = alerts.messages_before(session, moment, limit=BATCH)
        if not old:
            return 0
        with self.database.writing() as session:
            alerts.remove_messages(session, old)
        return len(old)
