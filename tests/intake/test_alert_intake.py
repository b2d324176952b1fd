import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from ims.bootstrap import Portal
from ims.intake.alertmanager import read
from ims.intake.inbox import receive
from ims.model import (
    Actor,
    Alert,
    AlertStatus,
    EntryKind,
    InboxMessage,
    InboxState,
    Incident,
    TimelineEntry,
    TriageState,
)
from ims.response.declare import attach_alert
from ims.store import alert_questions, incidents
from tests.conftest import HandClock, Team, somebody
from tests.intake.alert_bodies import (
    ENDED,
    RECORDED,
    STARTED_AGAIN,
    body_of,
    kept,
    post,
    post_raw,
    written,
)

SOMEBODY = Actor("Somebody")


def counts(message: InboxMessage) -> tuple[int, int]:
    return message.alerts_new, message.alerts_repeated


def test_an_alert_is_stored_with_all_that_was_said_of_it(both_portals: Portal, clock: HandClock) -> None:
    assert counts(post(both_portals, written(), groupKey="{}:{a}")) == (1, 0)
    (alert,) = kept(both_portals)
    assert (alert.name, alert.fingerprint, alert.status) == ("PaymentsDown", "f1", AlertStatus.FIRING)
    assert alert.starts_at == datetime(2026, 11, 23, 2, 50, 0, 123456, tzinfo=UTC)
    assert alert.ends_at is None
    assert alert.labels["service"] == "payments"
    assert alert.annotations == {"summary": "5xx ratio 12%"}
    assert (alert.group_key, alert.generator_url) == ("{}:{a}", "http://prometheus.example/graph")
    assert (alert.firing_received_at, alert.resolved_received_at) == (clock.now, None)
    assert alert.triage is TriageState.WAITING


def test_the_same_message_again_is_counted_and_not_stored(both_portals: Portal, clock: HandClock) -> None:
    post(both_portals, written())
    first_at = clock.now
    clock.forward(timedelta(minutes=5))
    assert counts(post(both_portals, written())) == (0, 1)
    (alert,) = kept(both_portals)
    assert alert.repeats == 1
    assert (alert.firing_received_at, alert.last_received_at) == (first_at, clock.now)


def test_the_same_alert_twice_in_one_body_is_one(both_portals: Portal) -> None:
    assert counts(post(both_portals, written(), written())) == (1, 1)
    assert [alert.repeats for alert in kept(both_portals)] == [1]


def test_a_resolved_alert_inside_a_firing_group_is_seen(both_portals: Portal, clock: HandClock) -> None:
    post(both_portals, written(), written(fingerprint="f2"))
    clock.forward(timedelta(minutes=5))
    assert counts(post(both_portals, written(ended=ENDED), written(fingerprint="f2"))) == (1, 1)
    first, second = kept(both_portals)
    assert (first.status, first.ends_at) == (AlertStatus.RESOLVED, datetime(2026, 11, 23, 2, 55, tzinfo=UTC))
    assert first.resolved_received_at == clock.now
    assert second.status is AlertStatus.FIRING


def test_firing_and_resolved_in_one_body_end_resolved(both_portals: Portal) -> None:
    assert counts(post(both_portals, written(ended=ENDED), written())) == (2, 0)
    (alert,) = kept(both_portals)
    assert alert.status is AlertStatus.RESOLVED
    assert alert.firing_received_at
    assert alert.resolved_received_at


def test_a_late_firing_message_does_not_open_a_resolved_alert_again(both_portals: Portal) -> None:
    post(both_portals, written(ended=ENDED))
    assert counts(post(both_portals, written())) == (1, 0)
    (alert,) = kept(both_portals)
    assert alert.status is AlertStatus.RESOLVED
    assert alert.ends_at == datetime(2026, 11, 23, 2, 55, tzinfo=UTC)
    assert alert.firing_received_at is not None


def test_a_new_start_is_a_new_firing(both_portals: Portal) -> None:
    post(both_portals, written())
    post(both_portals, written(ended=ENDED))
    assert counts(post(both_portals, written(startsAt=STARTED_AGAIN))) == (1, 0)
    assert [alert.status for alert in kept(both_portals)] == [AlertStatus.RESOLVED, AlertStatus.FIRING]


def test_a_resolved_message_without_an_end_ends_when_it_arrives(both_portals: Portal, clock: HandClock) -> None:
    post(both_portals, written(status="resolved"))
    assert kept(both_portals)[0].ends_at == clock.now


def test_an_annotation_that_changed_is_followed(both_portals: Portal) -> None:
    post(both_portals, written())
    post(both_portals, written(annotations={"summary": "5xx ratio 40%"}))
    assert kept(both_portals)[0].annotations == {"summary": "5xx ratio 40%"}


def test_the_body_is_kept_as_it_came(both_portals: Portal, clock: HandClock) -> None:
    body = body_of(written(), truncatedAlerts=3)
    message = post_raw(both_portals, body)
    with both_portals.reading() as session:
        stored = session.get(InboxMessage, message.id)
    assert stored is not None
    assert (stored.body, stored.received_at, stored.state) == (body, clock.now, InboxState.READ)
    assert stored.problem.startswith("Alertmanager left out 3 more alerts")


def test_an_unreadable_body_is_kept_with_the_reason(both_portals: Portal) -> None:
    message = post_raw(both_portals, b"\x00\xffnot json")
    with both_portals.reading() as session:
        (listed,) = alert_questions.messages(session, both_portals.clock())
        assert alert_questions.body(session, message.id) == b"\x00\xffnot json"
    assert listed.state is InboxState.UNREADABLE
    assert "not UTF-8" in listed.problem


def test_text_that_postgresql_refuses_is_stored_visibly(both_portals: Portal) -> None:
    post(both_portals, written(annotations={"summary": "a\x00b\ud800"}))
    assert kept(both_portals)[0].annotations == {"summary": "a␀b\ufffd"}


def test_the_recorded_story_ends_with_what_still_fires(both_portals: Portal) -> None:
    for record in RECORDED:
        post(both_portals, *record["body"]["alerts"], groupKey=record["body"]["groupKey"])
    told = [(alert["fingerprint"], alert["startsAt"]) for record in RECORDED for alert in record["body"]["alerts"]]
    stored = kept(both_portals)
    assert len(stored) == len(set(told))
    assert [alert.labels["instance"] for alert in stored if alert.status is AlertStatus.FIRING] == ["b"]


def test_ten_thousand_alerts_in_one_body_take_seconds(both_portals: Portal) -> None:
    body = body_of(*(written(fingerprint=f"f{number:05}") for number in range(10_000)))
    started = time.perf_counter()
    assert counts(post_raw(both_portals, body)) == (10_000, 0)
    assert counts(post_raw(both_portals, body)) == (0, 10_000)
    assert time.perf_counter() - started < 60  # a machine under load; alone it takes three
    with both_portals.reading() as session:
        assert alert_questions.count(session, alert_questions.Filter()) == 10_000


def test_the_same_alerts_at_the_same_time_make_no_duplicate(both_portals: Portal) -> None:
    bodies = [body_of(*(written(fingerprint=f"f{number}") for number in range(60))) for _ in range(8)]
    bodies[1::2] = [
        body_of(*(written(fingerprint=f"f{number}") for number in reversed(range(60)))) for _ in bodies[1::2]
    ]
    together = Barrier(len(bodies))

    def send(body: bytes) -> InboxMessage:
        together.wait()
        return post_raw(both_portals, body)

    with ThreadPoolExecutor(len(bodies)) as pool:
        messages = list(pool.map(send, bodies))
    assert sum(message.alerts_new for message in messages) == 60
    assert sum(message.alerts_repeated for message in messages) == 60 * 7
    assert [alert.repeats for alert in kept(both_portals)] == [7] * 60


@pytest.fixture
def declared(both_portals: Portal) -> Incident:
    """An active incident with the alert f1."""
    post(both_portals, written())
    with both_portals.work(SOMEBODY) as work:
        now = both_portals.clock()
        times: dict[str, Any] = dict.fromkeys(("began_at", "detected_at", "declared_at"), now)
        incident = work.add(Incident(title="Payments fail", owner_id=somebody(work), **times))
        attach_alert(work, incident, work.get(Alert, 1))
    return incident


def resolved_entries(portal: Portal, incident: Incident) -> list[TimelineEntry]:
    with portal.reading() as session:
        entries = incidents.timeline(session, incident.id)
    return [entry for entry in entries if entry.kind is EntryKind.ALERT_RESOLVED]


def test_the_incident_hears_once_that_its_alert_resolved(both_portals: Portal, declared: Incident) -> None:
    for _ in range(3):
        post(both_portals, written(ended=ENDED), written(fingerprint="f2", ended=ENDED))
    (entry,) = resolved_entries(both_portals, declared)
    assert entry.text == "Alert PaymentsDown resolved"
    assert entry.occurred_at == datetime(2026, 11, 23, 2, 55, tzinfo=UTC)


def test_resolved_messages_at_the_same_time_are_told_once(both_portals: Portal, declared: Incident) -> None:
    together = Barrier(6)

    def send(_: int) -> InboxMessage:
        together.wait()
        return post(both_portals, written(ended=ENDED))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(6)))
    assert len(resolved_entries(both_portals, declared)) == 1


def test_a_crowd_of_resolved_alerts_makes_one_entry(both_portals: Portal, declared: Incident) -> None:
    crowd: list[dict[str, Any]] = [written(fingerprint=f"c{number}") for number in range(30)]
    post(both_portals, *crowd)
    with both_portals.work(SOMEBODY) as work:
        for alert in alert_questions.listed(work.session, alert_questions.Filter(triage=TriageState.WAITING)):
            attach_alert(work, work.incident(declared.id), alert)
    post(both_portals, *(alert | {"status": "resolved", "endsAt": ENDED} for alert in crowd))
    (entry,) = resolved_entries(both_portals, declared)
    assert entry.text == "30 alerts resolved: PaymentsDown (30)"


def test_an_alert_that_resolved_before_it_was_attached_is_noted_once(both_portals: Portal, declared: Incident) -> None:
    post(both_portals, written(fingerprint="f2", ended=ENDED))
    for _ in range(2):
        with both_portals.work(SOMEBODY) as work:
            attach_alert(work, work.incident(declared.id), work.get(Alert, 2))
    (entry,) = resolved_entries(both_portals, declared)
    assert entry.text == "Alert PaymentsDown resolved"
    assert entry.occurred_at == datetime(2026, 11, 23, 2, 55, tzinfo=UTC)


def test_nothing_is_kept_of_a_body_when_the_database_fails_half_way(portal: Portal, team: Team) -> None:
    def cut_off() -> None:
        with portal.work(SOMEBODY) as work:
            receive(work, body_of(written()), read(body_of(written())))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        cut_off()
    assert kept(portal) == []
    with portal.reading() as session:
        assert alert_questions.count_messages(session) == 0
