"""The worker: claims due rows, carries each out, settles it or plans the next try."""

import logging
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from ims.clock import Clock
from ims.delivery.dispatch import carry_out, message_of
from ims.model import PORTAL, Delivery, DeliveryState
from ims.ports import DeliveryError, Ports, Receipt
from ims.store import deliveries
from ims.store.database import Database
from ims.store.work import Work

LEASE = timedelta(minutes=2)
BATCH = 20
FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(minutes=30)
MOST_ATTEMPTS = 12
POLL_SECONDS = 2.0

Settled = Callable[[Work, Delivery, Receipt | None], None]
_log = logging.getLogger(__name__)


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


@dataclass
class Worker:
    """One worker; any number may run on one database.

    ``settled`` is told of each delivery that was sent (with its receipt) or stopped (with ``None``), inside the
    transaction that settles it, so that the incident learns of it or nothing happened.
    """

    database: Database
    ports: Ports
    settled: Settled
    clock: Clock
    name: str = field(default_factory=_name)
    wake: Event = field(default_factory=Event)
    stop: Event = field(default_factory=Event)

    def run_due(self) -> int:
        """Carry out what is due now, in rounds, until nothing is; return how many were tried."""
        tried = 0
        while batch := self._claim():
            for delivery in batch:
                self._deliver(delivery)
            tried += len(batch)
        return tried

    def run_forever(self) -> None:
        """Work until ``stop`` is set: at once when ``wake`` is set, else every two seconds.

        A failing database must not end the worker, so any error is logged and the next round tries again.
        """
        while not self.stop.is_set():
            try:
                self.run_due()
            except Exception:
                _log.exception("a round of deliveries failed; the next one follows")
            self.wake.wait(POLL_SECONDS)
            self.wake.clear()

    def shut_down(self) -> None:
        """Ask ``run_forever`` to end after the delivery in hand."""
        self.stop.set()
        self.wake.set()

    def _claim(self) -> list[Delivery]:
        if self.stop.is_set() or not self._anything_due():
            return []
        with self.database.writing() as session:
            return deliveries.claim(session, self.name, self.clock(), LEASE, BATCH)

    def _anything_due(self) -> bool:
        """Look before claiming, so that an idle worker never takes SQLite's writer's place."""
        with self.database.reading() as session:
            return deliveries.any_due(session, self.clock())

    def _deliver(self, delivery: Delivery) -> None:
        try:
            receipt = carry_out(self.ports, message_of(delivery), delivery.key)
        except DeliveryError as error:
            self._failed(delivery, error)
        except Exception as error:
            _log.exception("delivery %s failed in a way its adapter did not foresee", delivery.id)
            self._failed(
                delivery,
                DeliveryError(f"Unexpected: {type(error).__name__}", permanent=False),
            )
        else:
            self._sent(delivery, receipt)

    def _sent(self, claimed: Delivery, receipt: Receipt) -> None:
        with self.database.writing() as session:
            delivery = deliveries.held_by(session, claimed.id, self.name)
            if delivery is None:  # the lease ran out and another worker took it over
                return
            now = self.clock()
            delivery.state, delivery.settled_at, delivery.claimed_until = (
                DeliveryState.SENT,
                now,
                None,
            )
            delivery.system, delivery.proof, delivery.url = (
                receipt.system,
                receipt.proof,
                receipt.url,
            )
            delivery.problem = ""
            self.settled(Work(session, now, PORTAL), delivery, receipt)

    def _failed(self, claimed: Delivery, error: DeliveryError) -> None:
        with self.database.writing() as session:
            delivery = deliveries.held_by(session, claimed.id, self.name)
            if delivery is None:
                return
            now = self.clock()
            delivery.problem, delivery.claimed_until = str(error), None
            if error.permanent or delivery.attempts >= MOST_ATTEMPTS:
                delivery.state, delivery.settled_at = DeliveryState.STOPPED, now
                self.settled(Work(session, now, PORTAL), delivery, None)
            else:
                delivery.state = DeliveryState.FAILING
                delivery.due_at = next_try(now, delivery.attempts, error.retry_after)


def next_try(now: datetime, attempts: int, retry_after: timedelta | None) -> datetime:
    """Return when to try again: doubling from 15 seconds up to half an hour, never before the other side asks."""
    backoff: timedelta = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
    return now + max(backoff, retry_after or timedelta())
