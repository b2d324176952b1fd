"""Old bodies leave the inbox in small batches; what was read from them stays."""

from datetime import timedelta

from sqlmodel import Session, col, select

from ims.bootstrap import Portal
from ims.intake import retention
from ims.intake.retention import Retention
from ims.model import InboxMessage, InboxState
from ims.store.alerts import add_message
from tests.conftest import HandClock
from tests.intake.alert_bodies import kept, post, post_raw, written

DAY = timedelta(days=1)


def bodies(portal: Portal) -> list[bytes]:
    with portal.reading() as session:
        return list(session.exec(select(InboxMessage.body).order_by(col(InboxMessage.id))))


def fill(session: Session, clock: HandClock, count: int) -> None:
    for _ in range(count):
        add_message(
            session, InboxMessage(source="alertmanager", received_at=clock.now, body=b"{}", state=InboxState.READ)
        )


def test_a_body_is_kept_for_ninety_days_and_its_alerts_for_ever(both_portals: Portal, clock: HandClock) -> None:
    post(both_portals, written())
    clock.forward(90 * DAY)
    post_raw(both_portals, b"young")
    both_portals.retention.round()
    assert len(bodies(both_portals)) == 2
    clock.forward(DAY)
    both_portals.retention.round()
    assert bodies(both_portals) == [b"young"]
    assert [alert.name for alert in kept(both_portals)] == ["PaymentsDown"]


def test_many_old_bodies_leave_in_batches(both_portals: Portal, clock: HandClock) -> None:
    with both_portals.database.writing() as session:
        fill(session, clock, retention.BATCH + 5)
    clock.forward(3 * DAY)
    keeping_two_days = Retention(both_portals.database, 2 * DAY, clock)
    assert [keeping_two_days.round() for _ in range(3)] == [retention.BATCH, 5, 0]


def test_with_nothing_old_left_the_inbox_is_looked_at_once_an_hour(portal: Portal, clock: HandClock) -> None:
    keeping_a_day = Retention(portal.database, DAY, clock)
    post(portal, written())
    clock.forward(DAY)
    assert keeping_a_day.round() == 0
    clock.forward(timedelta(minutes=59))
    assert keeping_a_day.round() == 0
    clock.forward(timedelta(minutes=1))
    assert keeping_a_day.round() == 1


def test_the_worker_removes_old_bodies_without_being_asked(portal: Portal, clock: HandClock) -> None:
    post(portal, written())
    clock.forward(91 * DAY)
    portal.look_around()
    assert bodies(portal) == []
