"""Silences of an incident: asked for once, ended once, and what came of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from ims.bootstrap import Portal
from ims.errors import NotFound, Refusal
from ims.integrations.alertmanager.settings import AlertmanagerSettings
from ims.integrations.alertmanager.silencer import AlertmanagerSilencer
from ims.model import Alert, AlertStatus, Delivery, DeliveryState, EntryKind, Incident, IncidentDraft, Silence
from ims.response import silences
from ims.response.declare import declare
from ims.response.states import cancel, resolve
from ims.store import deliveries
from ims.store.silences import of_incident
from tests.conftest import START, HandClock, Team, make_team
from tests.fakes.alertmanager import FakeAlertmanager
from tests.response.conftest import Act, timeline

HOUR = timedelta(hours=1)
LABELS = {"alertname": "PaymentsDown", "service": "payments"}


@pytest.fixture
def alertmanager(portal: Portal) -> Iterator[FakeAlertmanager]:
    """An Alertmanager that the portal tells of its silences."""
    with FakeAlertmanager() as fake:
        adapter = AlertmanagerSilencer(AlertmanagerSettings(api_url=fake.url), portal.clock)
        portal.worker.ports = replace(portal.ports, silences=adapter)
        yield fake


def alert(**labels: str) -> Alert:
    return Alert(
        fingerprint=str(labels), name="x", status=AlertStatus.FIRING, starts_at=START, last_received_at=START,
        labels=labels,
    )  # fmt: skip


def silenced(act: Act, incident: Incident, for_: timedelta = HOUR, **labels: str) -> Silence:
    made: Silence = act(
        lambda work: silences.silence(work, incident.id, labels or LABELS, for_=for_, reason="Rolled back, it recovers")
    )
    return made


def kept(portal: Portal, incident: Incident) -> list[Silence]:
    with portal.reading() as session:
        return list(of_incident(session, incident.id))


def delivery(portal: Portal, key: str) -> Delivery:
    with portal.reading() as session:
        found = deliveries.by_key(session, key)
    assert found is not None
    return found


def test_what_all_alerts_share_is_proposed_the_name_first() -> None:
    chosen = [
        alert(service="payments", alertname="Down", instance="pay-1", severity="critical"),
        alert(service="payments", alertname="Down", instance="pay-2", severity="warning", team="sre"),
    ]
    assert list(silences.common_labels(chosen).items()) == [("alertname", "Down"), ("service", "payments")]
    assert silences.common_labels([alert(a="1"), alert(a="2")]) == {}
    assert silences.common_labels([]) == {}


def test_only_alerts_with_every_label_are_quiet() -> None:
    chosen = [alert(a="1", b="1"), alert(a="1", b="2"), alert(b="1")]
    assert silences.quieted({"a": "1", "b": "1"}, chosen) == chosen[:1]
    assert silences.quieted({"a": "1"}, chosen) == chosen[:2]
    assert silences.quieted({"a": "3"}, chosen) == []


def test_alertmanager_is_told_and_the_timeline_says_who_why_and_until_when(
    portal: Portal, incident: Incident, act: Act, alertmanager: FakeAlertmanager
) -> None:
    made = silenced(act, incident)
    [held] = alertmanager.silences.values()
    assert (held["createdBy"], held["endsAt"]) == ("Ada Lovelace", "2026-11-23T04:00:00+00:00")
    assert held["comment"] == f"INC-1: Rolled back, it recovers [ims-silence-{made.id} INC-1]"
    assert {matcher["name"]: matcher["value"] for matcher in held["matchers"]} == LABELS
    assert [each.reference for each in kept(portal, incident)] == [held["id"]]
    [entry] = timeline(portal, incident, EntryKind.SILENCED)
    assert entry.text == (
        "Alerts silenced until 04:00 UTC: alertname=PaymentsDown, service=payments. Rolled back, it recovers"
    )


def test_a_double_click_makes_one_silence(
    portal: Portal, incident: Incident, act: Act, alertmanager: FakeAlertmanager, clock: HandClock
) -> None:
    first = silenced(act, incident)
    clock.forward(timedelta(seconds=5))
    assert silenced(act, incident).id == first.id
    assert len(alertmanager.silences) == len(timeline(portal, incident, EntryKind.SILENCED)) == 1


def test_a_longer_one_or_one_of_other_labels_is_another_silence(
    portal: Portal, incident: Incident, act: Act, clock: HandClock
) -> None:
    first = silenced(act, incident)
    longer, other = silenced(act, incident, 2 * HOUR), silenced(act, incident, alertname="Other")
    clock.forward(2 * HOUR)
    again = silenced(act, incident)
    assert len({first.id, longer.id, other.id, again.id}) == 4


def test_ending_one_lets_the_alerts_speak_again_once(
    portal: Portal, incident: Incident, act: Act, alertmanager: FakeAlertmanager, clock: HandClock
) -> None:
    made = silenced(act, incident)
    clock.forward(timedelta(minutes=10))
    for _ in range(2):
        act(lambda work: silences.end(work, made.id))
    assert alertmanager.state(kept(portal, incident)[0].reference) == "expired"
    assert kept(portal, incident)[0].ended_at == START + timedelta(minutes=10)
    assert [entry.text for entry in timeline(portal, incident, EntryKind.SILENCE_ENDED)] == [
        "Silence ended early: alertname=PaymentsDown, service=payments"
    ]


def test_one_that_was_ended_before_alertmanager_could_be_told_never_begins_there(
    portal: Portal, team: Team, incident: Incident, alertmanager: FakeAlertmanager
) -> None:
    with portal.work(team.as_ada) as work:
        made = silences.silence(work, incident.id, LABELS, for_=HOUR, reason="Known")
    with portal.work(team.as_ada) as work:
        silences.end(work, made.id)
    portal.worker.run_due()
    assert alertmanager.silences == {}
    assert delivery(portal, f"silence:{made.id}").state is DeliveryState.GIVEN_UP
    assert delivery(portal, f"silence_end:{made.id}").state is DeliveryState.SENT


def test_one_that_stopped_and_was_ended_is_no_longer_there_to_be_retried(
    portal: Portal, incident: Incident, act: Act, alertmanager: FakeAlertmanager
) -> None:
    alertmanager.fail_next("refused", "POST")
    made = silenced(act, incident)
    act(lambda work: silences.end(work, made.id))
    assert delivery(portal, f"silence:{made.id}").state is DeliveryState.GIVEN_UP


def test_one_that_ran_out_needs_no_end(portal: Portal, incident: Incident, act: Act, clock: HandClock) -> None:
    made = silenced(act, incident)
    clock.forward(HOUR)
    act(lambda work: silences.end(work, made.id))
    assert kept(portal, incident)[0].ended_at is None
    assert timeline(portal, incident, EntryKind.SILENCE_ENDED) == []


def test_what_alertmanager_refuses_stops_and_is_told(
    portal: Portal, incident: Incident, act: Act, alertmanager: FakeAlertmanager
) -> None:
    alertmanager.fail_next("refused", "POST")
    made = silenced(act, incident)
    assert delivery(portal, f"silence:{made.id}").state is DeliveryState.STOPPED
    assert kept(portal, incident)[0].reference == ""
    [entry] = timeline(portal, incident, EntryKind.DELIVERY_STOPPED)
    assert "silence invalid" in entry.text


def test_without_an_alertmanager_it_is_kept_with_what_to_do(portal: Portal, incident: Incident, act: Act) -> None:
    made = silenced(act, incident)
    proof = delivery(portal, f"silence:{made.id}").proof
    assert "silence alertname=PaymentsDown, service=payments in your Alertmanager yourself" in proof
    act(lambda work: silences.end(work, made.id))
    assert "end the silence in your Alertmanager yourself" in delivery(portal, f"silence_end:{made.id}").proof


@pytest.mark.parametrize(
    ("labels", "for_", "reason", "sentence"),
    [
        ({}, HOUR, "Known", "at least one label"),
        ({"alertname": ""}, HOUR, "Known", "without a value"),
        (LABELS, timedelta(), "Known", "between a minute and 24 hours"),
        (LABELS, timedelta(hours=24, seconds=1), "Known", "between a minute and 24 hours"),
        (LABELS, HOUR, "  ", "Say why"),
    ],
)
def test_what_makes_no_sense_is_refused(
    portal: Portal, incident: Incident, act: Act, labels: dict[str, str], for_: timedelta, reason: str, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        act(lambda work: silences.silence(work, incident.id, labels, for_=for_, reason=reason))
    assert kept(portal, incident) == []


def test_a_whole_day_is_the_longest_and_its_end_names_the_day(portal: Portal, incident: Incident, act: Act) -> None:
    silenced(act, incident, timedelta(hours=24))
    assert timeline(portal, incident, EntryKind.SILENCED)[0].text.startswith(
        "Alerts silenced until 24 November 03:00 UTC"
    )


def test_an_incident_that_is_over_silences_nothing_more(incident: Incident, act: Act) -> None:
    act(lambda work: cancel(work, incident.id, "A test"))
    with pytest.raises(Refusal, match="reopen it first"):
        silenced(act, incident)


def test_resolving_leaves_a_silence_to_run_out(
    portal: Portal, incident: Incident, act: Act, alertmanager: FakeAlertmanager
) -> None:
    made = silenced(act, incident)
    act(lambda work: resolve(work, incident.id, "Rolled back", portal.procedure))
    assert alertmanager.state(kept(portal, incident)[0].reference) == "active"
    act(lambda work: silences.end(work, made.id))
    assert kept(portal, incident)[0].ended_at is not None


def test_there_is_nothing_to_end_where_nothing_was_silenced(incident: Incident, act: Act) -> None:
    with pytest.raises(NotFound, match="no silence 99"):
        act(lambda work: silences.end(work, 99))


def test_silences_are_kept_on_both_databases(both_portals: Portal) -> None:
    team = make_team(both_portals)
    with both_portals.work(team.as_ada) as work:
        incident = declare(work, IncidentDraft(title="Payments fail", affects_customers=True), both_portals.procedure)
        made = silences.silence(work, incident.id, LABELS, for_=HOUR, reason="Known")
    [again] = kept(both_portals, incident)
    assert (again.matchers, again.ends_at, again.author_id) == (LABELS, START + HOUR, team.ada.id)
    assert again.is_active(START)
    assert not again.is_active(made.ends_at)
