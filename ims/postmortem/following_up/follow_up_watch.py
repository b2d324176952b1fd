"""What the clock asks of follow-ups, with no browser open: alarms, reminders, questions, the weekly digest."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from ims.clock import Clock
from ims.model import PORTAL
from ims.postmortem.following_up import digest, looking_back, recurrence, reminders
from ims.postmortem.following_up.due_dates import FollowUpRules
from ims.store import catalogue, deliveries, readings
from ims.store import follow_ups as kept
from ims.store.database import Database, Session
from ims.store.work import Work

LOOK_EVERY = timedelta(minutes=1)  # for what has a day; what happened again is noticed at once
LOOK_BACK = timedelta(days=1)  # an incident declared earlier was compared then
DIGEST_STANDS = timedelta(days=1)  # one that nothing ran to send is not made up for later
_log = logging.getLogger(__name__)


@dataclass
class FollowUpWatch:
    """Looks at follow-ups. What is due is found by reading alone; any number of watches do each thing once."""

    database: Database
    rules: FollowUpRules
    base_url: str
    clock: Clock
    announce: Callable[[Work], None]
    _rest_until: datetime | None = field(default=None, init=False)
    _compared: dict[int, tuple[str, frozenset[int]]] = field(default_factory=dict, init=False)

    def round(self) -> None:
        """Look once. A mistake in one part is logged and does not keep the others."""
        now = self.clock()
        self._try(self._again, now)
        if self._rest_until is None or now >= self._rest_until:
            self._rest_until = now + LOOK_EVERY
            for part in (self._plan, self._remind, self._digest):
                self._try(part, now)

    def _try(self, part: Callable[[datetime], None], now: datetime) -> None:
        try:
            part(now)
        except deliveries.DatabaseAway:
            raise
        except Exception:
            _log.exception("Follow-ups were not looked after; the next round tries again")

    def _again(self, now: datetime) -> None:
        """Compare each new incident with those whose follow-ups are open, and again when its title or scope changes."""
        with self.database.reading() as session:
            new = kept.declared_since(session, now - LOOK_BACK)
            services = kept.service_ids(session, [incident.id for incident in new])
            looks = {incident.id: (incident.title, services[incident.id]) for incident in new}
            changed = [incident for incident in new if self._compared.get(incident.id) != looks[incident.id]]
            past = kept.incidents_with_open_ones(session) if changed else []
            found = [(each.id, other) for each in changed for other in recurrence.unraised(session, each, past)]
        self._compared = looks
        for incident_id, past_id in found:
            self._try(partial(self._raise_alarm, incident_id, past_id), now)

    def _raise_alarm(self, incident_id: int, past_id: int, now: datetime) -> None:
        compared = self._compared.pop(incident_id, None)  # looked at again where this fails
        with self.database.writing() as session:
            work = Work(session, now, PORTAL)
            recurrence.raise_alarm(work, incident_id, past_id)
            self.announce(work)
        if compared:
            self._compared[incident_id] = compared

    def _plan(self, now: datetime) -> None:
        with self.database.reading() as session:
            if not looking_back.unplanned(session, self.rules, now):
                return
        with self.database.writing() as session:
            looking_back.plan(Work(session, now, PORTAL), self.rules)

    def _remind(self, now: datetime) -> None:
        with self.database.reading() as session:
            found = reminders.due(session, self.rules, now, zone(session))
        for each in found:
            with self.database.writing() as session:
                reminders.send(Work(session, now, PORTAL), each)

    def _digest(self, now: datetime) -> None:
        with self.database.reading() as session:
            at = self.rules.last_digest_at(now, zone(session))
            sent = readings.last(session, digest.NAME)
            today = at.astimezone(zone(session)).date()
        if now >= at + DIGEST_STANDS or (sent and sent.asked_at >= at):
            return
        with self.database.writing() as session:
            # Whoever takes the turn of this digest sends it: its mark and its messages are kept together or not at all.
            if readings.take_turn(session, digest.NAME, "portal", now, now - at + timedelta(microseconds=1)):
                digest.send(Work(session, now, PORTAL), at, today, self.base_url)


def zone(session: Session) -> ZoneInfo:
    """Return the time zone in which the team lives: the rota's."""
    rota = next(iter(catalogue.rotas(session)), None)
    return ZoneInfo(rota.time_zone if rota else str(UTC))
