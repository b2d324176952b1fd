"""Whoever works beside the pages: each in a thread, so that one slow system holds up nobody else."""

import time
from dataclasses import replace
from threading import Event

import pytest

from ims.bootstrap import Portal
from ims.clock import utc_now
from ims.delivery.crew import Crew, Rounds
from ims.delivery.queue import enqueue
from ims.integrations.builtin.twins import KeptMailer, KeptPager
from ims.model import PORTAL
from ims.model.message import CustomerMail, Page
from ims.ports import Receipt
from tests.integrations.samples import SAMPLES

SOON = 10.0


class Stuck(KeptMailer):
    """A mail server that answers when it is let."""

    def __init__(self) -> None:
        self.called, self.let = Event(), Event()

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        self.called.set()
        self.let.wait(SOON)
        return Receipt("slow", "at last")


class Quick(KeptPager):
    """A pager that answers at once."""

    def __init__(self) -> None:
        self.paged = Event()

    def page(self, page: Page, key: str) -> Receipt:
        self.paged.set()
        return Receipt("quick", "paged")


def test_a_system_that_hangs_does_not_keep_a_page_from_going_out(both_portals: Portal) -> None:
    mailer, pager = Stuck(), Quick()
    both_portals.clock = utc_now
    both_portals.ports = replace(
        both_portals.ports, mailer=mailer, pager=pager, configured=frozenset({"mailer", "pager"})
    )
    with both_portals.working():
        with both_portals.work(PORTAL) as work:
            enqueue(work, SAMPLES["customer_mail"], key="mail")
        assert mailer.called.wait(SOON)
        with both_portals.work(PORTAL) as work:
            enqueue(work, SAMPLES["page"], key="page")
        assert pager.paged.wait(SOON)
        assert not mailer.let.is_set(), "the mail still waits for its server"
        mailer.let.set()


def test_a_fresh_install_needs_one_worker_and_each_configured_ability_one_more(portal: Portal) -> None:
    def workers() -> list[str]:
        return [hand.name for hand in portal.crew.hands if not isinstance(hand, Rounds)]

    assert len(workers()) == 1
    portal.__dict__.pop("crew")
    portal.__dict__.pop("_workers")
    portal.ports = replace(portal.ports, configured=frozenset({"mailer", "pager", "schedule"}))
    assert len(workers()) == 3


def test_whoever_starts_it_hears_what_is_configured_by_half(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    portal.ports = replace(portal.ports, unusable={"Jira": "IMS_JIRA_TOKEN is missing."})
    with portal.working():
        pass
    assert "Jira is configured by half, and what goes out through it stops: IMS_JIRA_TOKEN is missing." in caplog.text


def test_a_round_that_fails_is_logged_without_its_words_and_the_next_one_follows(
    caplog: pytest.LogCaptureFixture,
) -> None:
    went, address = [], "https://user:very-secret@example.com"

    def stumble() -> None:
        went.append(1)
        if len(went) > 2:
            rounds.shut_down()
        raise RuntimeError(address)

    rounds = Rounds("going round", stumble, 0.001)
    rounds.run_forever()
    assert len(went) == 3
    assert "going round failed" in caplog.text
    assert "very-secret" not in caplog.text


def test_stopping_waits_for_what_is_in_hand() -> None:
    ended = []

    def slowly() -> None:
        time.sleep(0.05)
        ended.append(1)

    crew = Crew([Rounds("slow", slowly, 60)])
    crew.start()
    crew.stop()
    assert ended == [1]
