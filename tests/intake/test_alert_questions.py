from datetime import timedelta
from typing import Any

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.intake import triage
from ims.model import Actor, Alert, AlertStatus, Incident, TriageState
from ims.response.declare import attach_alert
from ims.store import alert_questions
from ims.store.alert_questions import Counts, Filter, GroupKey
from tests.conftest import HandClock, somebody
from tests.intake.alert_bodies import ENDED, STARTED_AGAIN, kept, post, post_raw, written

SOMEBODY = Actor("Somebody")
PAYMENTS = GroupKey("PaymentsDown", "payments", "critical")


def labelled(name: str, **labels: str) -> dict[str, Any]:
    return written(name, fingerprint=name + str(labels), labels={"alertname": name, **labels})


def groups(portal: Portal, which: Filter | None = None, **page: int) -> list[alert_questions.Group]:
    with portal.reading() as session:
        return alert_questions.groups(session, which or Filter(), **page)


def names(portal: Portal, **which: Any) -> list[str]:
    with portal.reading() as session:
        return [alert.name for alert in alert_questions.listed(session, Filter(**which))]


def test_alerts_are_grouped_by_rule_service_and_severity(both_portals: Portal) -> None:
    post(both_portals, written(), written(fingerprint="f2", startsAt=STARTED_AGAIN, ended=STARTED_AGAIN))
    (group,) = groups(both_portals)
    assert (group.key, group.count, group.firing) == (PAYMENTS, 2, 1)
    assert [alert.starts_at for alert in kept(both_portals)] == [group.first_starts_at, group.last_starts_at]


def test_a_job_or_an_app_stands_in_for_a_missing_service(both_portals: Portal) -> None:
    post(
        both_portals,
        labelled("A", job="api"),
        labelled("B", app="web"),
        labelled("C", service="", job="cron"),
        labelled("D"),
    )
    assert {group.key.name: group.key.service for group in groups(both_portals)} == {
        "A": "api",
        "B": "web",
        "C": "cron",
        "D": "",
    }


def test_groups_come_by_the_page(both_portals: Portal) -> None:
    post(both_portals, *(labelled(f"Rule{number}") for number in range(7)))
    pages = [groups(both_portals, offset=offset, limit=3) for offset in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({group.key for page in pages for group in page}) == 7
    with both_portals.reading() as session:
        assert alert_questions.count_groups(session, Filter()) == 7


def test_alerts_are_found_by_state_group_and_text(both_portals: Portal) -> None:
    other = written("Other", fingerprint="f2", ended=ENDED, annotations={"summary": 'Größe 100 % \\ "x"', "k_y": "v"})
    post(both_portals, written(), other)
    assert names(both_portals) == ["PaymentsDown", "Other"]
    assert names(both_portals, status=AlertStatus.RESOLVED) == ["Other"]
    assert names(both_portals, triage=TriageState.DISMISSED) == []
    assert names(both_portals, group=PAYMENTS) == ["PaymentsDown"]
    for text in ("Größe", "100 %", '"x"', "\\", "k_y", "OTHER"):
        assert names(both_portals, text=text) == ["Other"], text
    for text in ("kxy", "%%", "Groesse", "'"):
        assert names(both_portals, text=text) == [], text


def test_counts_say_what_is_left_to_decide(both_portals: Portal, clock: HandClock) -> None:
    post(both_portals, written(), written(fingerprint="f2"), written(fingerprint="f3", ended=ENDED))
    post_raw(both_portals, b"?")
    with both_portals.work(SOMEBODY) as work:
        triage.dismiss(work, [1], "known")
    with both_portals.reading() as session:
        assert alert_questions.counts(session, clock()) == Counts(1, 1, 3, 1)
        clock.forward(timedelta(days=8))
        assert alert_questions.counts(session, clock()).unreadable == 0


def test_unreadable_bodies_come_first_for_a_week(both_portals: Portal, clock: HandClock) -> None:
    post_raw(both_portals, b"?")
    clock.forward(timedelta(minutes=1))
    post(both_portals, written())
    with both_portals.reading() as session:
        assert [message.id for message in alert_questions.messages(session, clock())] == [1, 2]
        clock.forward(timedelta(days=8))
        assert [message.id for message in alert_questions.messages(session, clock())] == [2, 1]


def test_a_refire_finds_the_active_incident_of_the_earlier_firing(both_portals: Portal, clock: HandClock) -> None:
    post(both_portals, written())
    with both_portals.work(SOMEBODY) as work:
        times: dict[str, Any] = dict.fromkeys(("began_at", "detected_at", "declared_at"), work.now)
        incident = work.add(Incident(title="x", owner_id=somebody(work), **times))
        attach_alert(work, incident, work.get(Alert, 1))
    waiting = Filter(triage=TriageState.WAITING)
    with both_portals.reading() as session:
        assert alert_questions.seen_before(session, waiting) == {}
    post(both_portals, written(startsAt=STARTED_AGAIN), written("Other", fingerprint="f2"))
    with both_portals.reading() as session:
        assert alert_questions.seen_before(session, waiting) == {PAYMENTS: [incident.id]}


def test_dismissing_needs_a_reason_and_leaves_decided_alerts_alone(both_portals: Portal) -> None:
    post(both_portals, *(written(fingerprint=str(number)) for number in range(1_200)))
    ids = [alert.id for alert in kept(both_portals)]
    with pytest.raises(Refusal, match="Say why"), both_portals.work(SOMEBODY) as work:
        triage.dismiss(work, ids, "  ")
    with pytest.raises(Refusal, match="Choose"), both_portals.work(SOMEBODY) as work:
        triage.dismiss(work, [], "known")
    with both_portals.work(SOMEBODY) as work:
        assert triage.dismiss(work, ids, "known") == 1_200
        assert triage.dismiss(work, ids, "another reason") == 0
    assert {(alert.triage_reason, alert.triaged_by) for alert in kept(both_portals)} == {("known", "Somebody")}


def test_a_dismissed_alert_is_brought_back_but_not_one_of_an_incident(both_portals: Portal) -> None:
    post(both_portals, written(), written(fingerprint="f2"))
    with both_portals.work(SOMEBODY) as work:
        triage.dismiss(work, [1], "known")
        assert triage.bring_back(work, 1).triage is TriageState.WAITING
        times: dict[str, Any] = dict.fromkeys(("began_at", "detected_at", "declared_at"), work.now)
        incident = work.add(Incident(title="x", owner_id=somebody(work), **times))
        attach_alert(work, incident, work.get(Alert, 2))
        with pytest.raises(Refusal, match="part of INC-1"):
            triage.bring_back(work, 2)


@pytest.mark.parametrize(
    ("chosen", "title"),
    [
        ([written()], "payments: 5xx ratio 12%"),
        ([written(annotations={})], "PaymentsDown"),
        ([written(annotations={"summary": "Payments\n are slow"})], "Payments are slow"),
        ([written(), written(fingerprint="f2")], "PaymentsDown"),
        ([labelled("A"), labelled("B"), labelled("C"), labelled("D")], "A, B, C and 1 more"),
    ],
)
def test_a_title_says_what_and_where(portal: Portal, chosen: list[dict[str, Any]], title: str) -> None:
    post(portal, *chosen)
    assert triage.title_of(sorted(kept(portal), key=lambda alert: alert.name)) == title


def test_a_title_fits_the_declaration_whatever_was_sent(portal: Portal) -> None:
    post(portal, written(annotations={"summary": "long " * 500}))
    assert len(triage.title_of(kept(portal))) == 300
