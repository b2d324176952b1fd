"""``kill -9`` of delivery workers, one after the other, while they send five hundred letters to a mail server."""

import asyncio
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import col, select

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.delivery.queue import enqueue
from ims.model import PORTAL, Delivery, DeliveryState
from ims.model.message import CustomerMail
from ims.store import deliveries
from tests.endurance.fleet import Fleet, fleet
from tests.fakes.smtp import MailServer

LETTERS, STREAMS, ALONE = 500, 50, 250  # those alone belong to no stream
WORKERS, KILLS = 3, 5
LEASE_SECONDS = 5.0  # longer than a letter takes on a machine that is busy with other tests
ANSWERS_AFTER = 0.01  # seconds; a worker that ends meanwhile has sent a letter and does not know it
PATIENCE = 150.0


class SlowMailServer(MailServer):
    """Takes a letter, and says so a moment later."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(ANSWERS_AFTER)
        return answer

    def has_taken(self, letters: int) -> bool:
        return len(self.letters) >= letters

    @property
    def subjects(self) -> list[str]:
        """What was sent, in the order in which it came in."""
        return [str(letter["Subject"]) for letter in list(self.letters)]


def ask_for_all(portal: Portal) -> None:
    """Ask for every letter."""
    with portal.work(PORTAL) as work:
        for number in range(LETTERS):
            name, in_order = f"stream {number % STREAMS}", number >= ALONE
            mail = CustomerMail(
                incident_key="INC-1",
                customer="Acme",
                to=["ops@acme.example"],
                cc=[],
                subject=f"{number % STREAMS}:{number:03}",
                text="We are on it.",
                thread=f"INC-1:{number}",
                thread_subject="",
                number=1,
            )
            enqueue(work, mail, key=mail.subject, stream=name if in_order else "")


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"not within {PATIENCE:g} seconds: {what}"
        time.sleep(0.01)


def kill_one(portal: Portal, ours: Fleet, chance: random.Random) -> set[str]:
    """End the oldest worker without a word, start another, and return the keys of what it had in hand.

    Whatever a worker sends it has claimed before, in a transaction that was kept; so all that it may have sent
    without saying so is still claimed in its name when it is dead.
    """
    dead = ours.running.pop(0)
    time.sleep(chance.uniform(0, 0.05))
    dead.send_signal(signal.SIGKILL)
    dead.wait(timeout=20)
    in_hand = rows_of(portal, dead)
    start_worker(ours)
    return in_hand


def rows_of(portal: Portal, process: "subprocess.Popen[bytes]") -> set[str]:
    claimed = select(Delivery.key).where(
        col(Delivery.claimed_by).contains(f":{process.pid}:"),
        col(Delivery.claimed_until).is_not(None),
        col(Delivery.state).in_(deliveries.PENDING),
    )
    with portal.reading() as session:
        return set(session.exec(claimed))


def start_worker(ours: Fleet) -> None:
    ours.run("-m", "tests.endurance.deliverer", str(LEASE_SECONDS))


def is_settled(portal: Portal) -> bool:
    with portal.reading() as session:
        return not any(state in deliveries.counts(session) for state in deliveries.PENDING)


@pytest.mark.endurance
@pytest.mark.xdist_group("endurance")  # one after the other: each wants the machine
@pytest.mark.timeout(300)
def test_five_hundred_letters_survive_the_death_of_worker_after_worker(database_url: str, tmp_path: Path) -> None:
    portal, chance = build(Settings(database_url=database_url)), random.Random(7)
    portal.start()
    ask_for_all(portal)
    killed_at = sorted(chance.sample(range(20, LETTERS - 50), KILLS))
    in_hand: list[set[str]] = []
    with SlowMailServer() as server, installation(tmp_path, database_url, server) as ours:
        for _ in range(WORKERS):
            start_worker(ours)
        for sent in killed_at:
            wait_for(partial(server.has_taken, sent), f"{sent} letters")
            in_hand.append(kill_one(portal, ours, chance))
        wait_for(partial(is_settled, portal), "everything settled")
        subjects = server.subjects
    assert_all_sent(portal)
    assert_streams_in_order(subjects)
    assert_repeated_only_what_was_in_hand(subjects, in_hand)
    assert "Traceback" not in ours.log.read_text()
    portal.database.close()


def installation(folder: Path, url: str, server: MailServer) -> AbstractContextManager[Fleet]:
    return fleet(
        folder,
        url,
        portals=0,
        IMS_SMTP_HOST=server.host,
        IMS_SMTP_PORT=str(server.port),
        IMS_SMTP_SECURITY="none",
        IMS_SMTP_SENDER="incidents@ims.example",
    )


def assert_all_sent(portal: Portal) -> None:
    with portal.reading() as session:
        assert deliveries.counts(session) == {DeliveryState.SENT: LETTERS}


def assert_streams_in_order(subjects: list[str]) -> None:
    """A letter that came twice came twice before its stream went on."""
    numbers = [tuple(map(int, subject.split(":"))) for subject in subjects]
    for stream in range(STREAMS):
        came = [number for of, number in numbers if of == stream and number >= ALONE]
        assert came == sorted(came)


def assert_repeated_only_what_was_in_hand(subjects: list[str], in_hand: list[set[str]]) -> None:
    """A worker sends one letter after the other, so of all it had in hand at most one came twice."""
    repeated = Counter(subjects) - Counter(set(subjects))
    assert len(set(subjects)) == LETTERS
    assert set(repeated) <= set().union(*in_hand)
    assert repeated.total() <= sum(map(bool, in_hand))
    assert any(in_hand), "no worker died with anything in hand, so nothing was tried"
