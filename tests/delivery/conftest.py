"""Adapters that do as a test says, and deliveries that belong to no incident."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest

from ims.bootstrap import Portal
from ims.delivery.dispatch import ROUTES
from ims.delivery.queue import enqueue
from ims.delivery.worker import Worker
from ims.integrations.registry import rehearsal
from ims.model import PORTAL, Delivery
from ims.model.message import Message, Nudge
from ims.ports import Ports, Receipt
from ims.response.settlement import settled
from tests.conftest import HandClock

_VERBS = {verb for _, verb in ROUTES.values()}


@dataclass
class Outside:
    """Every outside system at once: notes what it was handed, and answers with the next of ``trouble`` first."""

    trouble: list[Exception] = field(default_factory=list)
    handed: list[tuple[str, str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __getattr__(self, verb: str) -> Callable[[Message, str], Receipt]:
        """Every method of every port, as the routes name it."""
        if verb not in _VERBS:
            raise AttributeError(verb)
        return lambda _message, key: self._answer(verb, key)

    @property
    def ports(self) -> Ports:
        adapter: Any = self
        return Ports(adapter, adapter, adapter, adapter, adapter, adapter, adapter, adapter, adapter)

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.handed]

    @property
    def times(self) -> Counter[str]:
        """How often each key was handed over."""
        return Counter(self.keys)

    def _answer(self, ability: str, key: str) -> Receipt:
        with self._lock:
            self.handed.append((ability, key))
            if self.trouble:
                raise self.trouble.pop(0)
        return Receipt("outside", f"taken as {key}", reference=f"OUT-{key}", url=f"https://outside.example/{key}")


@pytest.fixture
def outside() -> Outside:
    return Outside()


def worker_on(portal: Portal, outside: Outside, clock: HandClock) -> Worker:
    """A worker of its own, as another process would run it."""
    return Worker(portal.database, outside.ports, rehearsal(), settled, clock)


def word(text: str) -> Nudge:
    """A message that any incident may have."""
    return Nudge(incident_key="INC-1", text=text, person_name="Ada", person_email="ada@example.com")


def ask(portal: Portal, key: str, *, stream: str = "", incident_id: int | None = None) -> int:
    """Ask for a word to somebody under a key; return the delivery's id."""
    with portal.work(PORTAL) as work:
        return enqueue(work, word(f"Word {key}"), key=key, stream=stream, incident_id=incident_id).id


def row(portal: Portal, delivery_id: int) -> Delivery:
    """Look at a delivery as it is kept now."""
    with portal.reading() as session:
        found = session.get(Delivery, delivery_id)
    assert found is not None
    return found
