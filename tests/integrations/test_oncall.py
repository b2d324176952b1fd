"""Paging, standing down, shifts and answers through Grafana OnCall, against a fake that was shaped by a real one."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import ValidationError

from ims.integrations.oncall import SYSTEM, payloads, readings
from ims.integrations.oncall.pager import OnCall
from ims.integrations.oncall.settings import OnCallSettings
from ims.model.message import Page, StandDown
from ims.ports import Answer, DeliveryError, OnCallShift, PageAnswer
from tests.conftest import START, HandClock
from tests.fakes.oncall import Failure, FakeOnCall
from tests.mutation import assert_every_mutant_dies
from tests.servers import free_port

PORTAL = "https://ims.example.com/incident?key=INC-42"
ROOM = "https://meet.example.com/abc-defg-hij"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def oncall(clock: HandClock) -> Iterator[FakeOnCall]:
    with FakeOnCall(now=clock) as oncall:
        oncall.add_user("alice", "Alice@example.com")
        oncall.add_user("bob", "bob@example.com")
        yield oncall


def settings(oncall: FakeOnCall, **changes: object) -> OnCallSettings:
    known = {
        "url": f"{oncall.url}/api/v1/",
        "token": oncall.token,
        "integration_url": oncall.integration_url,
        "schedule": "SRE",
        "webhook_token": oncall.webhook_token,
        "timeout_seconds": 5,
    }
    return OnCallSettings.model_validate(known | changes)


def adapter(oncall: FakeOnCall, **changes: object) -> OnCall:
    return OnCall(settings(oncall, **changes), oncall.now)


def page(**changes: object) -> Page:
    known = {
        "incident_key": "INC-42",
        "title": "Payments 5xx",
        "text": "Customers cannot pay.",
        "person_name": "Bob Kahn",
        "person_email": "bob@example.com",
        "portal": PORTAL,
        "room": ROOM,
    }
    return Page.model_validate(known | changes)


def test_an_incident_of_the_same_number_in_another_portal_is_another_one_in_oncall() -> None:
    ours, theirs = (page().model_copy(update={"name": f"INC-42-{mark}"}) for mark in ("0a1b2c3d", "ffffffff"))
    assert payloads.alert_of_page(ours)["alert_uid"] == "inc-42-0a1b2c3d"
    assert payloads.alert_of_page(theirs)["alert_uid"] == "inc-42-ffffffff"
    assert payloads.mark_of(ours.called, "page:42:2") != payloads.mark_of(theirs.called, "page:42:2")
    assert payloads.incident_of_uid("inc-42-0a1b2c3d") == ours.name
    assert payloads.incident_of_message(f"x\n{payloads.mark_of(ours.called, 'page:42:2')}") == ours.name


def stand_down(incident: str = "INC-42", *, over: bool = True) -> StandDown:
    text = "Ada has taken command."
    return StandDown(incident_key=incident, title="Payments 5xx", text=text, over=over, portal=PORTAL)


def test_a_page_of_an_incident_is_an_alert_with_the_room_and_the_portal(oncall: FakeOnCall) -> None:
    receipt = adapter(oncall).page(page(), "page:42:1")
    assert oncall.alerts == [
        {
            "alert_uid": "inc-42",
            "title": "INC-42 Payments 5xx",
            "message": f"Customers cannot pay.\nWar room: {ROOM}\nPortal: {PORTAL}",
            "state": "alerting",
            "link_to_upstream_details": PORTAL,
        }
    ]
    assert receipt.system == "oncall"
    assert "INC-42" in receipt.proof


def test_a_page_that_comes_again_wakes_once(oncall: FakeOnCall) -> None:
    oncall.fail_next(Failure.LOST)
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        adapter(oncall).page(page(), "page:42:1")
    assert not caught.value.permanent
    adapter(oncall).page(page(), "page:42:1")
    assert [group["alerts_count"] for group in oncall.groups] == [2]


def test_a_page_after_a_reopening_wakes_again(oncall: FakeOnCall) -> None:
    adapter(oncall).page(page(), "page:42:1")
    oncall.resolve("inc-42", "bob")
    adapter(oncall).page(page(), "page:42:2")
    assert [group["state"] for group in oncall.groups] == ["resolved", "firing"]


def test_a_named_person_is_paged_by_their_rules_for_what_is_important(oncall: FakeOnCall) -> None:
    receipt = adapter(oncall).page(page(named=True), "page:42:2")
    (escalation,) = oncall.escalations
    bob = oncall.users[2]["id"]
    assert escalation["users"] == [{"id": bob, "important": True}]
    assert (escalation["title"], escalation["source_url"]) == ("INC-42 Payments 5xx", PORTAL)
    assert ROOM in escalation["message"]
    assert (receipt.reference, receipt.url) == (oncall.groups[0]["id"], oncall.groups[0]["permalinks"]["web"])
    assert oncall.alerts == []


@pytest.mark.parametrize("failure", [Failure.LOST, Failure.DOWN, Failure.ILL, Failure.RUBBISH])
def test_a_named_person_is_woken_once_however_often_it_is_tried(oncall: FakeOnCall, failure: Failure) -> None:
    oncall.fail_next(failure, path="/escalation/")
    with pytest.raises(DeliveryError) as caught:
        adapter(oncall).page(page(named=True), "page:42:2")
    assert not caught.value.permanent
    proofs = [adapter(oncall).page(page(named=True), "page:42:2").proof for _ in range(2)]
    assert len(oncall.escalations) == 1
    assert proofs[1] == "OnCall had paged Bob Kahn already, so nothing was sent again."


def test_what_woke_them_is_found_behind_many_others(oncall: FakeOnCall) -> None:
    oncall.page_size = 2
    for number in range(7):
        adapter(oncall).page(page(named=True), f"page:42:{number}")
    adapter(oncall).page(page(named=True), "page:42:0")
    assert len(oncall.escalations) == 7


def test_each_page_of_a_person_is_one_of_its_own(oncall: FakeOnCall) -> None:
    pager = adapter(oncall)
    for incident, key in (("INC-42", "page:42:2"), ("INC-42", "page:42:3"), ("INC-4", "page:4:2")):
        pager.page(page(named=True, incident_key=incident), key)
    assert len(oncall.escalations) == 3


def test_a_text_that_looks_like_our_mark_keeps_nobody_from_being_woken(oncall: FakeOnCall) -> None:
    mark = payloads.mark_of("INC-42", "page:42:3")
    adapter(oncall).page(page(named=True, text=mark), "page:42:2")
    adapter(oncall).page(page(named=True), "page:42:3")
    assert len(oncall.escalations) == 2


def test_capitals_in_an_address_do_not_matter(oncall: FakeOnCall) -> None:
    adapter(oncall).page(page(named=True, person_email="aLICE@example.com"), "page:42:2")
    assert oncall.escalations[0]["users"][0]["id"] == oncall.users[1]["id"]


def test_a_person_that_oncall_does_not_know_stops_and_is_named(oncall: FakeOnCall) -> None:
    with pytest.raises(DeliveryError, match=r"knows nobody with the e-mail eve@example\.com") as caught:
        adapter(oncall).page(page(named=True, person_email="eve@example.com"), "page:42:2")
    assert caught.value.permanent
    assert oncall.escalations == []


@pytest.mark.parametrize(
    ("portal", "is_sent"),
    [
        (PORTAL, True),
        ("https://ims.example.com:8443/x", True),
        ("http://10.0.0.5:8501/incident", True),
        ("http://localhost:8501/incident", False),
        ("http://portal/incident", False),
        ("http://under_score.example.com/", False),
        ("https://ims.example.com/a b", False),
        ("", False),
    ],
)
def test_a_link_without_a_real_domain_costs_nobody_the_page(oncall: FakeOnCall, portal: str, is_sent: bool) -> None:
    adapter(oncall).page(page(named=True, portal=portal), "page:42:2")
    (escalation,) = oncall.escalations
    assert ("source_url" in escalation) is is_sent
    assert portal in escalation["message"]


def test_a_page_without_links_says_nothing_of_them(oncall: FakeOnCall) -> None:
    adapter(oncall).page(page(portal="", room=""), "page:42:1")
    assert oncall.alerts[0]["message"] == "Customers cannot pay."


def test_what_people_typed_addresses_nobody(oncall: FakeOnCall) -> None:
    adapter(oncall).page(page(title="<!channel> down", text="a < b, <@U1> <https://evil.example|Portal>"), "page:42:1")
    said = oncall.alerts[0]["title"] + oncall.alerts[0]["message"]
    assert "<!" not in said
    assert "<@" not in said
    assert "<http" not in said
    assert "a < b" in said


def test_standing_down_ends_every_page_of_the_incident_and_of_no_other(oncall: FakeOnCall) -> None:
    pager = adapter(oncall)
    for incident in ("INC-42", "INC-4", "INC-421"):
        pager.page(page(incident_key=incident), f"{incident}:1")
        pager.page(page(incident_key=incident, named=True), f"{incident}:2")
    proof = pager.stand_down(stand_down(), "d").proof
    ended = [group for group in oncall.groups if group["state"] == "resolved"]
    assert len(ended) == 2
    assert all("INC-42 " in group["title"] for group in ended)
    assert proof.startswith("OnCall wakes nobody for INC-42 any more; resolved there: ")
    assert all(group["id"] in proof for group in ended)


def test_standing_down_twice_is_as_good_as_once(oncall: FakeOnCall) -> None:
    pager = adapter(oncall)
    pager.page(page(), "1")
    pager.page(page(named=True), "2")
    first, second = (pager.stand_down(stand_down(), "d").proof for _ in range(2))
    assert first == second
    assert [group["state"] for group in oncall.groups] == ["resolved", "resolved"]


def test_standing_down_where_nothing_was_paged_says_so(oncall: FakeOnCall) -> None:
    proof = adapter(oncall).stand_down(stand_down(), "d").proof
    assert proof == "OnCall was told; it knew of no page for INC-42."
    assert [alert["state"] for alert in oncall.alerts] == ["ok"]


def test_who_took_it_in_the_portal_is_waited_for_in_oncall_and_nothing_is_over(oncall: FakeOnCall) -> None:
    pager = adapter(oncall)
    for incident in ("INC-42", "INC-4"):
        pager.page(page(incident_key=incident), f"{incident}:1")
    pager.page(page(named=True), "2")
    first, second = (pager.stand_down(stand_down(over=False), "d").proof for _ in range(2))
    assert [group["state"] for group in oncall.groups] == ["acknowledged", "firing", "acknowledged"]
    assert {alert["state"] for alert in oncall.alerts} == {"alerting"}
    assert first == second
    assert first.startswith("OnCall wakes nobody for INC-42 any more; acknowledged there: ")


@pytest.mark.parametrize("deed", ["acknowledge", "resolve"])
def test_what_a_person_did_in_oncall_before_stays_as_they_did_it(oncall: FakeOnCall, deed: str) -> None:
    pager = adapter(oncall)
    pager.page(page(), "1")
    getattr(oncall, deed)("inc-42", "bob")
    before = [dict(group) for group in oncall.groups]
    pager.stand_down(stand_down(over=False), "d")
    assert (oncall.groups, oncall.notes) == (before, [])


@pytest.mark.parametrize("over", [True, False])
def test_the_reason_is_left_as_a_note_once_and_addresses_nobody(oncall: FakeOnCall, over: bool) -> None:
    pager = adapter(oncall)
    pager.page(page(), "1")
    message = stand_down(over=over).model_copy(update={"text": " <!channel> Ada took it\n"})
    oncall.fail_next(Failure.LOST, path="/resolution_notes/?")
    oncall.fail_next(Failure.LOST, path="/resolution_notes/")
    for _ in range(2):
        with pytest.raises(DeliveryError):
            pager.stand_down(message, "d")
    pager.stand_down(message, "d")
    assert [(note["alert_group_id"], note["text"]) for note in oncall.notes] == [
        (oncall.groups[0]["id"], "<\u200b!channel> Ada took it")
    ]


def test_a_page_that_oncall_is_still_making_a_group_of_is_waited_for_a_while(
    oncall: FakeOnCall, clock: HandClock
) -> None:
    pager = adapter(oncall)
    pager.page(page(), "1")
    made = oncall.groups.pop()
    with pytest.raises(DeliveryError, match="no alert group for INC-42 yet") as caught:
        pager.stand_down(stand_down(over=False), "d")
    assert not caught.value.permanent
    oncall.groups.append(made)
    pager.stand_down(stand_down(over=False), "d")
    assert made["state"] == "acknowledged"
    oncall.groups.clear()
    clock.forward(timedelta(minutes=2))
    assert "knew of no page" in pager.stand_down(stand_down(over=False), "d").proof


def test_somebody_who_resolves_at_the_same_moment_is_welcome(
    oncall: FakeOnCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    pager = adapter(oncall)
    pager.page(page(named=True), "2")
    act = pager._api.act

    def late(path: str) -> None:
        oncall.resolve(oncall.groups[0]["id"], "bob")
        act(path)

    monkeypatch.setattr(pager._api, "act", late)
    assert "wakes nobody for INC-42" in pager.stand_down(stand_down(), "d").proof


def test_what_cannot_be_resolved_stops_and_says_why(oncall: FakeOnCall, monkeypatch: pytest.MonkeyPatch) -> None:
    pager = adapter(oncall)
    pager.page(page(named=True), "2")
    answer = oncall.answer

    def attached(verb: str, target: str, key: str, body: bytes) -> tuple[int, object]:
        refused = target.endswith("/resolve")
        return (
            (400, {"detail": "Can't resolve an attached alert group"}) if refused else answer(verb, target, key, body)
        )

    monkeypatch.setattr(oncall._server, "answer", attached)
    with pytest.raises(DeliveryError, match="Can't resolve an attached alert group") as caught:
        pager.stand_down(stand_down(), "d")
    assert caught.value.permanent


def test_shifts_come_whole_and_in_order(oncall: FakeOnCall, clock: HandClock) -> None:
    monday = START.replace(hour=9, minute=0) - DAY
    for number, name in enumerate(("alice", "alice", "bob", "alice")):
        oncall.put_on_call("SRE", name, monday + number * DAY, monday + (number + 1) * DAY)
    assert adapter(oncall).shifts(START, START + 2 * DAY) == [
        OnCallShift("Alice@example.com", monday, monday + 2 * DAY),
        OnCallShift("bob@example.com", monday + 2 * DAY, monday + 3 * DAY),
    ]


def test_a_shift_that_only_touches_the_span_at_its_end_is_not_in_it(oncall: FakeOnCall) -> None:
    for start, end in ((-2, 0), (0, 1), (1, 2)):
        oncall.put_on_call("SRE", "bob" if start else "alice", START + start * HOUR, START + end * HOUR)
    assert [shift.person_email for shift in adapter(oncall).shifts(START, START + HOUR)] == ["Alice@example.com"]


def test_two_who_are_on_call_together_are_both_told(oncall: FakeOnCall) -> None:
    oncall.put_on_call("SRE", "alice", START, START + 8 * HOUR)
    oncall.put_on_call("SRE", "bob", START + HOUR, START + 2 * HOUR)
    oncall.put_on_call("SRE", "alice", START + 8 * HOUR, START + 9 * HOUR)
    assert adapter(oncall).shifts(START, START + DAY) == [
        OnCallShift("Alice@example.com", START, START + 9 * HOUR),
        OnCallShift("bob@example.com", START + HOUR, START + 2 * HOUR),
    ]


def test_many_shifts_come_from_many_pages(oncall: FakeOnCall) -> None:
    for number in range(120):
        name = ("alice", "bob")[number % 2]
        oncall.put_on_call("SRE", name, START + number * HOUR, START + (number + 1) * HOUR)
    assert len(adapter(oncall).shifts(START, START + 120 * HOUR)) == 120


def test_a_span_in_another_zone_is_the_same_span(oncall: FakeOnCall) -> None:
    oncall.put_on_call("SRE", "alice", START, START + HOUR)
    tokyo = datetime.fromisoformat("2026-11-23T12:00:00+09:00")
    assert [shift.starts_at for shift in adapter(oncall).shifts(tokyo, tokyo + HOUR)] == [START]


def test_without_a_schedule_the_portal_s_own_rota_counts(oncall: FakeOnCall) -> None:
    assert adapter(oncall, schedule="").shifts(START, START + DAY) == []
    assert oncall.requests == []


def test_a_schedule_that_is_not_there_stops_and_is_named(oncall: FakeOnCall) -> None:
    oncall.add_schedule("SRE weekend")
    with pytest.raises(DeliveryError, match="no schedule “SRE”; correct IMS_ONCALL_SCHEDULE") as caught:
        adapter(oncall).shifts(START, START + DAY)
    assert caught.value.permanent


def test_who_acknowledged_and_resolved_is_told_oldest_first(oncall: FakeOnCall, clock: HandClock) -> None:
    pager = adapter(oncall)
    pager.page(page(), "1")
    pager.page(page(named=True), "2")
    steps: list[tuple[Callable[[str, str], object], str, str]] = [
        (oncall.acknowledge, oncall.groups[1]["id"], "bob"),
        (oncall.acknowledge, "inc-42", "alice"),
        (oncall.resolve, "inc-42", "bob"),
    ]
    for do, which, who in steps:
        clock.forward(HOUR)
        do(which, who)
    first, second = (group["permalinks"]["web"] for group in oncall.groups)
    assert pager.answers(["INC-42"]) == [
        PageAnswer("INC-42", Answer.ACKNOWLEDGED, START + HOUR, "bob@example.com", second),
        PageAnswer("INC-42", Answer.ACKNOWLEDGED, START + 2 * HOUR, "Alice@example.com", first),
        PageAnswer("INC-42", Answer.RESOLVED, START + 3 * HOUR, "bob@example.com", first),
    ]


def test_only_the_incidents_that_were_asked_for_are_told(oncall: FakeOnCall) -> None:
    pager = adapter(oncall)
    for incident in ("INC-4", "INC-42"):
        pager.page(page(incident_key=incident), incident)
        oncall.acknowledge(incident.lower(), "bob")
    assert [answer.incident for answer in pager.answers(["INC-4", "INC-7"])] == ["INC-4"]
    before = len(oncall.requests)
    assert pager.answers([]) == []
    assert len(oncall.requests) == before


def test_what_the_portal_did_there_itself_is_no_answer(oncall: FakeOnCall) -> None:
    pager = adapter(oncall)
    pager.page(page(), "1")
    pager.stand_down(stand_down(over=False), "2")
    assert oncall.groups[0]["acknowledged_by"]
    assert pager.answers(["INC-42"]) == []


def test_what_was_taken_back_or_done_by_no_person_is_no_answer(oncall: FakeOnCall) -> None:
    pager = adapter(oncall)
    pager.page(page(), "1")
    oncall.acknowledge("inc-42", "bob")
    oncall.unacknowledge("inc-42", "bob")
    pager.stand_down(stand_down(), "d")
    assert oncall.groups[0]["state"] == "resolved"
    assert pager.answers(["INC-42"]) == []


def test_alerts_of_others_at_the_same_integration_are_passed_over(oncall: FakeOnCall) -> None:
    for uid in ("disk-7", "inc-", "inc-42x", "INC-42", "inc-42\n"):
        alert = {"alert_uid": uid, "title": "t", "message": "Reference: INC-42/0123456789abcdef", "state": "alerting"}
        oncall._take_alert(alert)
        oncall.acknowledge(uid, "bob")
    assert adapter(oncall).answers(["INC-42", "INC-", "INC-42X", "INC-42\n"]) == []


def test_somebody_who_left_oncall_answered_all_the_same(oncall: FakeOnCall) -> None:
    adapter(oncall).page(page(), "1")
    oncall.acknowledge("inc-42", "bob")
    del oncall.users[2]
    assert [answer.person_email for answer in adapter(oncall).answers(["INC-42"])] == [""]


def test_a_poll_asks_for_each_person_once_and_stops_at_a_month(oncall: FakeOnCall, clock: HandClock) -> None:
    oncall.page_size = 1
    pager = adapter(oncall)
    for number in range(4):
        pager.page(page(incident_key=f"INC-{number}"), str(number))
        oncall.acknowledge(f"inc-{number}", "bob")
        clock.forward(timedelta(days=20))
    clock.forward(timedelta(days=-19))
    pager.answers(["INC-3"])
    oncall.requests.clear()
    assert [answer.incident for answer in pager.answers(["INC-0", "INC-2", "INC-3"])] == ["INC-2", "INC-3"]
    asked = [target for _, target, _ in oncall.requests]
    assert sum("/alert_groups/" in target for target in asked) == 3
    assert not any("/users/" in target for target in asked)


def test_the_next_page_is_asked_of_the_same_address_with_the_key(oncall: FakeOnCall) -> None:
    oncall.page_size = 1
    adapter(oncall).page(page(named=True), "1")
    assert [target for _, target, _ in oncall.requests if "/users/" in target] == [
        "/api/v1/users/?email=bob%40example.com&page=1"
    ]
    adapter(oncall).page(page(named=True, person_email="BOB@example.com"), "2")
    assert oncall.requests[-2][1] == "/api/v1/users/?page=3"


def test_ping_says_who_the_portal_is_there_and_who_is_on_call(oncall: FakeOnCall) -> None:
    oncall.put_on_call("SRE", "bob", START - HOUR, START + HOUR)
    assert adapter(oncall).ping() == (
        "OnCall knows the portal as ims; pages go to “incident-portal - Formatted webhook”; "
        "on call now: bob@example.com."
    )
    assert {verb for verb, _, _ in oncall.requests} == {"GET"}


def test_ping_says_that_nobody_is_on_call_or_that_no_schedule_is_named(oncall: FakeOnCall) -> None:
    oncall.add_schedule("SRE")
    assert adapter(oncall).ping().endswith("on call now: nobody.")
    assert adapter(oncall, schedule="").ping().endswith("no schedule is named, so the portal's own rota counts.")


def test_ping_uses_the_integration_s_id_where_it_is_given(oncall: FakeOnCall) -> None:
    oncall.add_schedule("SRE")
    adapter(oncall, integration_id=oncall.integration_id).ping()
    assert not any(target.startswith("/api/v1/integrations/?") for _, target, _ in oncall.requests)
    with pytest.raises(DeliveryError, match="IMS_ONCALL_INTEGRATION_ID") as caught:
        adapter(oncall, integration_id="CNONE").ping()
    assert caught.value.permanent


def test_ping_misses_an_integration_that_is_gone(oncall: FakeOnCall) -> None:
    elsewhere = oncall.integration_url.replace("formatted_webhook/", "formatted_webhook/x")
    with pytest.raises(DeliveryError, match="no integration with the link of IMS_ONCALL_INTEGRATION_URL") as caught:
        adapter(oncall, integration_url=elsewhere).ping()
    assert caught.value.permanent
    assert "formatted_webhook" not in str(caught.value)


def test_the_link_is_known_again_under_another_host_name(oncall: FakeOnCall) -> None:
    oncall.add_schedule("SRE")
    oncall.integrations[0]["link"] = oncall.integration_url.replace(oncall.url, "http://engine.internal").rstrip("/")
    assert "incident-portal" in adapter(oncall).ping()


EVERY_CALL: dict[str, Callable[[OnCall], object]] = {
    "page": lambda pager: pager.page(page(), "1"),
    "named": lambda pager: pager.page(page(named=True), "2"),
    "stand_down": lambda pager: pager.stand_down(stand_down(), "d"),
    "shifts": lambda pager: pager.shifts(START, START + DAY),
    "answers": lambda pager: pager.answers(["INC-42"]),
    "ping": lambda pager: pager.ping(),
}
each_call = pytest.mark.parametrize("call", EVERY_CALL.values(), ids=EVERY_CALL)


@each_call
@pytest.mark.parametrize("failure", [each for each in Failure if each is not Failure.SLOW])
def test_whatever_passes_is_tried_again(oncall: FakeOnCall, call: Callable[[OnCall], object], failure: Failure) -> None:
    oncall.fail_next(failure)
    with pytest.raises(DeliveryError, match="OnCall") as caught:
        call(adapter(oncall))
    assert not caught.value.permanent
    assert caught.value.retry_after == (timedelta(seconds=7) if failure is Failure.BUSY else None)


@each_call
def test_nobody_waits_longer_than_the_timeout(oncall: FakeOnCall, call: Callable[[OnCall], object]) -> None:
    oncall.fail_next(Failure.SLOW)
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        call(adapter(oncall, timeout_seconds=0.05))
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("said", "waited"),
    [
        ("120", timedelta(minutes=2)),
        ("0.5", timedelta(seconds=0.5)),
        ("Mon, 23 Nov 2026 03:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 23 Nov 2026 02:00:00 GMT", timedelta(0)),
        ("-5", timedelta(0)),
        ("1e30", None),
        ("999999999", timedelta(hours=1)),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_oncall_says_how_long_to_leave_it_alone(oncall: FakeOnCall, said: str, waited: timedelta | None) -> None:
    oncall.fail_next(Failure.BUSY, retry_after=said)
    with pytest.raises(DeliveryError) as caught:
        adapter(oncall).ping()
    assert caught.value.retry_after == waited


@each_call
def test_a_wrong_key_stops_and_is_not_said(oncall: FakeOnCall, call: Callable[[OnCall], object]) -> None:
    pager = adapter(oncall, token="wr0ng-key-of-the-test")
    if call is EVERY_CALL["page"]:
        call(pager)  # an alert needs no key: its link is one
        return
    with pytest.raises(DeliveryError, match="API key") as caught:
        call(pager)
    assert caught.value.permanent
    assert "wr0ng" not in str(caught.value)


def test_a_wrong_link_stops_and_is_not_said(oncall: FakeOnCall) -> None:
    elsewhere = f"{oncall.url}/integrations/v1/formatted_webhook/s3cret-link/"
    with pytest.raises(DeliveryError, match="correct IMS_ONCALL_INTEGRATION_URL") as caught:
        adapter(oncall, integration_url=elsewhere).page(page(), "1")
    assert caught.value.permanent
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "answer", "permanent", "sentence"),
    [
        (302, "", True, "OnCall answered 302 with a redirect: correct IMS_ONCALL_URL."),
        (
            400,
            {"users": [{"important": ["This field is required."]}]},
            True,
            "refused it: important: This field is req",
        ),
        (400, {"detail": "No team or user(s) specified"}, True, "OnCall refused it: No team or user(s) specified."),
        (400, "<html>0ncall-key</html>", True, "OnCall refused it: 400, without a reason."),
        (400, {"detail": "the key 0ncall-key is odd"}, True, "OnCall refused it: the key … is odd."),
        (401, {"detail": "Invalid token."}, True, "OnCall did not accept the API key (401)"),
        (404, {"detail": "Not found."}, True, "OnCall has nothing at this address (404)"),
        (408, "", False, "OnCall answered 408."),
        (409, "", True, "OnCall answered 409."),
        (500, "", False, "OnCall answered 500."),
        (204, "", False, "something that is no answer"),
        (200, [], False, "something that is no answer"),
        (200, {"results": {}}, False, "something that is no answer"),
        (200, {"results": [{"id": 7}], "next": None}, False, "something that is no answer"),
    ],
)
def test_every_answer_says_whether_waiting_helps(
    oncall: FakeOnCall,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    answer: object,
    permanent: bool,
    sentence: str,
) -> None:
    monkeypatch.setattr(oncall._server, "answer", lambda *_: (status, answer))
    with pytest.raises(DeliveryError) as caught:
        adapter(oncall).answers(["INC-42"])
    assert caught.value.permanent is permanent
    assert sentence in str(caught.value)
    assert oncall.token not in str(caught.value)


def test_an_answer_that_never_ends_in_brackets_is_rubbish(oncall: FakeOnCall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fakes.oncall.server.json.dumps", lambda _: "[" * 200_000)
    with pytest.raises(DeliveryError, match="no answer of OnCall") as caught:
        adapter(oncall).answers(["INC-42"])
    assert not caught.value.permanent


def test_a_list_without_an_end_is_left(oncall: FakeOnCall, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = {"results": [], "next": "http://engine.invalid/api/v1/users/?page=2"}
    monkeypatch.setattr(oncall._server, "answer", lambda *_: (200, endless))
    with pytest.raises(DeliveryError, match=r"knows nobody"):
        adapter(oncall).page(page(named=True), "1")


def test_an_oncall_that_is_away_is_tried_again_and_its_link_is_not_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    away = f"http://127.0.0.1:{free_port()}"
    known = {"url": away, "token": "t", "integration_url": f"{away}/integrations/v1/formatted_webhook/s3cret/"}
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        OnCall(OnCallSettings.model_validate(known), lambda: START).page(page(), "1")
    assert not caught.value.permanent
    assert caught.value.__cause__ is None
    assert "s3cret" not in f"{caught.value} {caplog.text}"


def test_no_log_says_the_link_or_the_key(oncall: FakeOnCall, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    adapter(oncall).page(page(), "1")
    adapter(oncall).page(page(named=True), "2")
    assert oncall.integration_url.rstrip("/").rpartition("/")[2] not in caplog.text
    assert oncall.token not in caplog.text


def test_a_server_without_a_certificate_stops_and_asks(oncall: FakeOnCall) -> None:
    with pytest.raises(DeliveryError, match="certificate cannot be trusted") as caught:
        adapter(oncall, url=oncall.url.replace("http://", "https://")).answers(["INC-42"])
    assert caught.value.permanent


def test_no_netrc_puts_another_key_in_place_of_ours(
    oncall: FakeOnCall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password wrong\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert adapter(oncall).answers(["INC-42"]) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": ""}, "IMS_ONCALL_URL is missing"),
        ({"token": ""}, "IMS_ONCALL_TOKEN is missing"),
        ({"token": None}, "IMS_ONCALL_TOKEN is missing"),
        ({"integration_url": None}, "IMS_ONCALL_INTEGRATION_URL is missing"),
        ({"url": "oncall.example.com"}, "write it like https://"),
        ({"url": "https://user:hunter2@oncall.example.com"}, "without a user or password"),
        ({"integration_url": "formatted_webhook/hunter2"}, "copy the whole link"),
        ({"token": "hunter2\n"}, "copy it whole"),
        ({"webhook_token": "hünter2"}, "copy it whole"),
    ],
)
def test_half_a_configuration_is_refused_in_words(
    oncall: FakeOnCall, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence) as caught:
        settings(oncall, **changes)
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize("end", ["", "/", "/api/v1", "/api/v1/"])
def test_the_address_is_taken_with_and_without_its_end(oncall: FakeOnCall, end: str) -> None:
    assert settings(oncall, url=f"{oncall.url}/oncall{end}").api == f"{oncall.url}/oncall/api/v1"


def test_no_secret_is_shown(oncall: FakeOnCall) -> None:
    known = settings(oncall)
    shown = f"{known!r} {known} {known.model_dump()} {adapter(oncall)!r}"
    assert not [each for each in (oncall.token, oncall.integration_url, oncall.webhook_token) if each in shown]


def test_nothing_is_configured_by_itself() -> None:
    assert not OnCallSettings().is_configured
    assert SYSTEM.abilities == ("pager", "schedule", "switchboard")


def exercise() -> None:
    """Call everything, and check what OnCall holds and says."""
    with FakeOnCall(now=lambda: START) as oncall:
        oncall.add_user("bob", "bob@example.com")
        oncall.put_on_call("SRE", "bob", START, START + HOUR)
        oncall.put_on_call("SRE", "bob", START + HOUR, START + 2 * HOUR)
        pager = adapter(oncall)
        assert "bob@example.com" in pager.ping()
        assert pager.shifts(START, START + DAY) == [OnCallShift("bob@example.com", START, START + 2 * HOUR)]
        pager.page(page(), "1")
        for _ in range(2):
            pager.page(page(named=True), "2")
        assert [group["title"] for group in oncall.groups] == ["INC-42 Payments 5xx"] * 2
        assert oncall.alerts[0]["link_to_upstream_details"] == PORTAL
        assert oncall.escalations[0]["source_url"] == PORTAL
        assert len(oncall.escalations) == 1
        assert all(ROOM in each["message"] for each in (oncall.alerts[0], oncall.escalations[0]))
        for group in oncall.groups:
            oncall.acknowledge(group["id"], "bob")
        assert [answer.person_email for answer in pager.answers(["INC-42"])] == ["bob@example.com"] * 2
        for _ in range(2):
            pager.stand_down(stand_down(), "d")
        assert {group["state"] for group in oncall.groups} == {"resolved"}
        assert [note["text"] for note in oncall.notes] == ["Ada has taken command."] * 2
        assert oncall.alerts[1]["message"] == "Ada has taken command."
        assert oncall.alerts[1]["link_to_upstream_details"] == PORTAL
        assert "knew of no page" in pager.stand_down(stand_down("INC-9"), "d").proof


@pytest.mark.parametrize("module", [payloads, readings])
def test_no_field_name_can_be_wrong_unseen(module: ModuleType) -> None:
    assert_every_mutant_dies(module, exercise)
