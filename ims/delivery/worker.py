"""The worker: claims due rows, carries each out, settles it or plans the next try."""

import logging
import os
import secrets
import socket
import traceback
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from sqlmodel import Session

from ims.clock import Clock
from ims.delivery.dispatch import carry_out, message_of
from ims.delivery.lease import Keeper
from ims.integrations.frame import Pace
from ims.model import PORTAL, Delivery, DeliveryState
from ims.model.message import Message
from ims.ports import DeliveryError, Ports, Receipt
from ims.store import deliveries
from ims.store.database import Database
from ims.store.work import Work

LEASE = timedelta(minutes=2)
RENEW_SECONDS = LEASE.total_seconds() / 4
BATCH = 20
FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(minutes=30)
MOST_ATTEMPTS = 12
POLL_SECONDS = 2.0

Settled = Callable[[Work, Delivery, Receipt | None], None]
Whereabouts = Callable[[Session, Delivery], Mapping[str, str]]
_log = logging.getLogger(__name__)


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


@dataclass
class Worker:
    """One worker; any number may run on one database.

    ``settled`` is told of each delivery that was sent (with its receipt) or stopped (with ``None``), inside the
    transaction that settles it, so that the incident learns of it or nothing happened. ``whereabouts`` tells what a
    message needs that was not known when it was asked for. A worker with ``kinds`` carries out only those, so that one
    slow system holds up nobody else's; ``pace`` is the most that their system takes, by all its ``paced_kinds``
    together.
    """

    database: Database
    ports: Ports
    rehearsal: Ports
    settled: Settled
    clock: Clock
    whereabouts: Whereabouts = lambda _session, _delivery: {}
    kinds: Sequence[str] = ()
    pace: Pace | None = None
    paced_kinds: Sequence[str] = ()
    name: str = field(default_factory=_name)
    wake: Event = field(default_factory=Event)
    stop: Event = field(default_factory=Event)
    _rests_until: datetime | None = field(default=None, init=False)

    def run_due(self) -> int:
        """Carry out what is due now, in rounds, until nothing is; return how many were tried."""
        tried = 0
        while batch := self._claim():
            tried += self._carry_out(batch)
        return tried

    def run_forever(self) -> None:
        """Work until ``stop`` is set: at once when ``wake`` is set, else every two seconds.

        A failing database must not end the worker, so any error is logged and the next round tries again.
        """
        while not self.stop.is_set():
            try:
                self.run_due()
            except Exception as error:
                _log.error("a round of deliveries failed; the next one follows: %s", _trace(error))
            self.wake.wait(POLL_SECONDS)
            self.wake.clear()

    def hear(self, kinds: Set[str]) -> None:
        """Look at once, if deliveries of these kinds concern this worker."""
        if kinds and (not self.kinds or not kinds.isdisjoint(self.kinds)):
            self.wake.set()

    def shut_down(self) -> None:
        """Ask ``run_forever`` to end after the delivery in hand."""
        self.stop.set()
        self.wake.set()

    def _claim(self) -> list[Delivery]:
        if not self._room():
            return []
        with self.database.writing() as session:
            if self.pace:  # two that count at once would both find room for the last call
                deliveries.one_at_a_time(session, self._paced)
            return deliveries.claim(session, self.name, self.clock(), LEASE, self._left(session), self.kinds)

    def _room(self) -> int:
        """Return how many deliveries may be taken now, 0 where none is due.

        Looking before claiming, an idle worker never takes SQLite's writer's place.
        """
        if self.stop.is_set() or self._is_told_to_wait():
            return 0
        with self.database.reading() as session:
            return self._left(session) if deliveries.any_due(session, self.clock(), self.kinds) else 0

    def _left(self, session: Session) -> int:
        """Return how many deliveries the pace leaves.

        With a pace one is taken after the other: the moment it is taken is then the moment its system is called.
        """
        if self.pace is None:
            return BATCH
        taken = deliveries.tried_since(session, self._paced, self.clock() - self.pace.per)
        return 1 if taken < self.pace.calls else 0

    @property
    def _paced(self) -> Sequence[str]:
        return self.paced_kinds or self.kinds

    def _carry_out(self, batch: list[Delivery]) -> int:
        """Carry out what was claimed; when asked to stop or to wait, give back what was not begun."""
        with Keeper(RENEW_SECONDS) as keeper:
            for place, delivery in enumerate(batch):
                if self.stop.is_set() or self._is_told_to_wait():
                    with self.database.writing() as session:
                        deliveries.release(session, self.name, [left.id for left in batch[place:]])
                    return place
                if self._still_ours(delivery):
                    self._deliver(delivery, keeper)
        return len(batch)

    def _is_told_to_wait(self) -> bool:
        return self._rests_until is not None and self.clock() < self._rests_until

    def _still_ours(self, delivery: Delivery) -> bool:
        """Renew a lease that slow deliveries before this one have half used up; say whether it could be kept.

        Without this, another worker would take the row over while this one still means to send it, and send it twice.
        """
        now = self.clock()
        if delivery.claimed_until is not None and delivery.claimed_until - now > LEASE / 2:
            return True
        return self._renew(delivery)

    def _renew(self, delivery: Delivery) -> bool:
        with self.database.writing() as session:
            return deliveries.renew(session, self.name, delivery.id, self.clock() + LEASE)

    def _ports_for(self, delivery: Delivery) -> Ports:
        """Keep a drill in the house, whatever is configured."""
        return self.rehearsal if delivery.drill else self.ports

    def _deliver(self, delivery: Delivery, keeper: Keeper) -> None:
        if delivery.attempts > MOST_ATTEMPTS:
            reason = f"Tried {MOST_ATTEMPTS} times, and no worker lived to say what came of it."
            self._failed(delivery, DeliveryError(reason, permanent=True))
            return
        try:
            message = self._located(delivery)
            with keeper.keeping(lambda: self._renew(delivery)):
                receipt = carry_out(self._ports_for(delivery), message, delivery.key)
        except DeliveryError as error:
            self._failed(delivery, error)
        except Exception as error:
            _log.error("delivery %s failed in a way its adapter did not foresee: %s", delivery.id, _trace(error))
            self._failed(
                delivery,
                DeliveryError(f"Unexpected: {type(error).__name__}", permanent=False),
            )
        else:
            self._sent(delivery, receipt)

    def _located(self, delivery: Delivery) -> Message:
        message = message_of(delivery)
        if not message.found_later:
            return message
        with self.database.reading() as session:
            return message.located(self.whereabouts(session, delivery))

    def _sent(self, claimed: Delivery, receipt: Receipt) -> None:
        with self.database.writing() as session:
            delivery = deliveries.held_by(session, claimed.id, self.name)
            if delivery is None:  # the lease ran out and another worker took it over
                return
            delivery.system, delivery.proof, delivery.url = receipt.system, receipt.proof, receipt.url
            delivery.problem = receipt.problem
            self._settle(session, delivery, DeliveryState.SENT, receipt)

    def _failed(self, claimed: Delivery, error: DeliveryError) -> None:
        if error.retry_after and self.kinds and not claimed.drill:
            self._rests_until = self.clock() + error.retry_after
        with self.database.writing() as session:
            delivery = deliveries.held_by(session, claimed.id, self.name)
            if delivery is None:
                return
            delivery.problem = delivery.failure = str(error)
            delivery.failed_at = self.clock()
            if error.permanent or delivery.attempts >= MOST_ATTEMPTS:
                self._settle(session, delivery, DeliveryState.STOPPED, None)
            else:
                delivery.state, delivery.claimed_until = DeliveryState.FAILING, None
                delivery.due_at = next_try(self.clock(), delivery.attempts, error.retry_after)

    def _settle(self, session: Session, delivery: Delivery, state: DeliveryState, receipt: Receipt | None) -> None:
        """Settle a row and tell the incident.

        A mistake in telling must not undo the settling: the row would be claimed and sent again, for ever.
        """
        now = self.clock()
        delivery.state, delivery.settled_at, delivery.claimed_until = state, now, None
        try:
            with session.begin_nested():
                self.settled(Work(session, now, PORTAL), delivery, receipt)
        except deliveries.DatabaseAway:  # nothing can be settled now; the lease runs out and it is tried again
            raise
        except Exception as error:
            _log.error("delivery %s is settled, its incident could not be told: %s", delivery.id, _trace(error))
            said = f"The incident could not be told of it: {type(error).__name__}"
            delivery.problem = f"{delivery.problem} {said}".strip()


def _trace(error: BaseException) -> str:
    """Say what failed and where, without the error's message: adapters' messages may hold addresses with secrets."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"


def next_try(now: datetime, attempts: int, retry_after: timedelta | None) -> datetime:
    """Return when to try again: doubling from 15 seconds up to half an hour, never before the other side asks."""
    backoff: timedelta = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
    return now + max(backoff, retry_after or timedelta())
