"""A whole portal with a mail server beside it: what becomes of those whom a letter did not reach."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.errors import Refusal
from ims.model import Customer, DeliveryState, EntryKind, Incident, MeetingDraft
from ims.postmortem import meeting
from ims.response import unsent
from ims.response.settlement import PUT_OFF_FOR
from ims.store import deliveries, incidents
from tests.conftest import HandClock, Team
from tests.fakes.smtp import MailServer
from tests.response.test_updates import send

OPS, MIA = "ops@acme.example", "mia@acme.example"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with MailServer() as running:
        known = {"HOST": running.host, "PORT": running.port, "SECURITY": "none", "SENDER": "incidents@ims.example"}
        for name, value in known.items():
            monkeypatch.setenv(f"IMS_SMTP_{name}", str(value))
        yield running


@pytest.fixture
def portal(server: MailServer, sqlite_url: str, clock: HandClock) -> Iterator[Portal]:
    """A portal that is configured for the mail server."""
    portal = build(Settings(database_url=sqlite_url), clock)
    portal.start()
    yield portal
    portal.database.close()


def mails(portal: Portal, incident: Incident) -> list[tuple[str, DeliveryState, str]]:
    with portal.reading() as session:
        rows = deliveries.of_incident(session, incident.id)
    return [(row.recipient, row.state, row.problem) for row in rows if row.kind in ("customer_mail", "invitation")]


def said(portal: Portal, incident: Incident, kind: EntryKind) -> list[str]:
    with portal.reading() as session:
        return [entry.text for entry in incidents.timeline(session, incident.id) if entry.kind is kind]


def test_whom_a_letter_did_not_reach_stands_beside_it_and_in_the_timeline(
    portal: Portal, server: MailServer, incident: Incident
) -> None:
    server.refused[MIA] = "550 5.1.1 unknown"
    send(portal, incident)
    portal.worker.run_due()
    why = "550 5.1.1 unknown: there is no such mailbox"
    assert mails(portal, incident) == [
        (f"{OPS} (CC {MIA})", DeliveryState.SENT, f"{MIA} did not get it ({why})"),
    ]
    assert said(portal, incident, EntryKind.DELIVERY_STOPPED) == [f"Not delivered to {MIA}: {why}"]


def test_who_was_put_off_gets_the_letter_alone_and_nobody_twice(
    portal: Portal, server: MailServer, incident: Incident, clock: HandClock
) -> None:
    server.refused[MIA] = "450 4.7.1 greylisted"
    send(portal, incident)
    portal.worker.run_due()
    assert server.recipients == [[OPS]]
    server.refused.clear()
    clock.forward(PUT_OFF_FOR)
    portal.worker.run_due()
    assert server.recipients == [[OPS], [MIA]]
    assert [letter["Message-ID"] for letter in server.letters] == [server.letters[0]["Message-ID"]] * 2
    assert said(portal, incident, EntryKind.DELIVERY_STOPPED) == []
    told = [text for text in said(portal, incident, EntryKind.UPDATE_DELIVERED) if "by e-mail" in text]
    assert told == ["Acme told by e-mail: Payments fail", f"{MIA} of Acme told by e-mail: Payments fail"]


def test_who_is_put_off_holds_up_no_later_update(
    portal: Portal, server: MailServer, incident: Incident, clock: HandClock
) -> None:
    server.refused[MIA] = "450 4.7.1 greylisted"
    send(portal, incident)
    portal.worker.run_due()
    clock.forward(PUT_OFF_FOR)
    send(portal, incident, 2)
    portal.worker.run_due()
    assert server.recipients == [[OPS], [OPS]]
    assert [state for _, state, _ in mails(portal, incident)].count(DeliveryState.SENT) == len(server.letters)


def test_a_retry_to_one_reader_stays_with_them_and_needs_them_to_be_named_still(
    portal: Portal, server: MailServer, incident: Incident, team: Team, clock: HandClock
) -> None:
    server.refused[MIA] = "450 4.7.1 greylisted"
    send(portal, incident)
    portal.worker.run_due()
    server.refused[MIA] = "550 5.1.1 unknown"
    clock.forward(PUT_OFF_FOR)
    portal.worker.run_due()
    assert mails(portal, incident)[-1][:2] == (MIA, DeliveryState.STOPPED)
    with portal.reading() as session:
        stopped = deliveries.of_incident(session, incident.id)[-1]
    with portal.work(team.as_ada) as work:
        assert unsent.retry(work, stopped.id).payload["only"] == [MIA]
    with portal.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).manager_email = "new@acme.example"
    with pytest.raises(Refusal, match=f"Acme does not name {MIA} any more"), portal.work(team.as_ada) as work:
        unsent.retry(work, stopped.id)


def test_a_guest_who_was_put_off_is_invited_later_to_the_same_meeting(
    portal: Portal, server: MailServer, incident: Incident, team: Team, clock: HandClock
) -> None:
    server.refused["bob@example.com"] = "450 4.7.1 greylisted"
    starts_at = clock.now + timedelta(days=1)
    known = {"title": "Root cause", "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    draft = MeetingDraft.model_validate(known | {"attendees": ["ada@example.com", "bob@example.com"]})
    with portal.work(team.as_ada) as work:
        meeting.plan(work, incident.id, draft)
    portal.worker.run_due()
    server.refused.clear()
    clock.forward(PUT_OFF_FOR)
    portal.worker.run_due()
    assert server.recipients == [["ada@example.com"], ["bob@example.com"]]
    assert {letter["To"] for letter in server.letters} == {"ada@example.com, bob@example.com"}
