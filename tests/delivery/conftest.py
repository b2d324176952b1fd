"""Adapters that do as a test says, and deliveries that belong to no incident."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

import pytest

from ims.bootstrap import Portal
from ims.delivery.queue import enqueue
from ims.delivery.worker import Worker
from ims.integrations.registry import rehearsal
from ims.model import PORTAL, Delivery
from ims.model.message import (
    CustomerMail,
    CustomerPost,
    Invitation,
    Nudge,
    Page,
    SubTaskRequest,
    TeamMessage,
    TicketRequest,
)
from ims.ports import Ports, Receipt
from ims.response.settlement import settled
from tests.conftest import HandClock


@dataclass
class Outside:
    """Every outside system at once: notes what it was handed, and answers with the next of ``trouble`` first."""

    trouble: list[Exception] = field(default_factory=list)
    handed: list[tuple[str, str]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def page(self, page: Page, key: str) -> Receipt:
        return self._answer("page", key)

    def nudge(self, nudge: Nudge, key: str) -> Receipt:
        return self._answer("nudge", key)

    def tell_team(self, message: TeamMessage, key: str) -> Receipt:
        return self._answer("tell_team", key)

    def tell_customer(self, post: CustomerPost, key: str) -> Receipt:
        return self._answer("tell_customer", key)

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        return self._answer("mail_customer", key)

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        return self._answer("invite", key)

    def open_ticket(self, request: TicketRequest, key: str) -> Receipt:
        return self._answer("open_ticket", key)

    def open_sub_task(self, request: SubTaskRequest, key: str) -> Receipt:
        return self._answer("open_sub_task", key)

    @property
    def ports(self) -> Ports:
        return Ports(pager=self, messenger=self, mailer=self, meetings=self, tickets=self)

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


def ask(portal: Portal, key: str, *, stream: str = "", incident_id: int | None = None) -> int:
    """Ask for a word to the team under a key; return the delivery's id."""
    message = TeamMessage(incident_key="INC-1", text=f"Word {key}")
    with portal.work(PORTAL) as work:
        return enqueue(work, message, key=key, stream=stream, incident_id=incident_id).id


def row(portal: Portal, delivery_id: int) -> Delivery:
    """Look at a delivery as it is kept now."""
    with portal.reading() as session:
        found = session.get(Delivery, delivery_id)
    assert found is not None
    return found
