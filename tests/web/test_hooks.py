import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from ims.bootstrap import Portal
from ims.model import AlertStatus, TriageState
from ims.store import alert_questions
from tests.intake.alert_bodies import ENDED, RECORDED, body_of, kept, written
from tests.web.conftest import TOKEN, Client, OpenClient

HOOK = "/hooks/alertmanager"


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"alertmanager:{password}".encode()).decode()


def bodies_kept(portal: Portal) -> int:
    with portal.reading() as session:
        return alert_questions.count_messages(session)


@pytest.mark.parametrize("credentials", [f"Bearer {TOKEN}", f"bearer  {TOKEN}", basic(TOKEN)])
def test_the_token_is_taken_as_bearer_or_as_password(client_from: OpenClient, credentials: str) -> None:
    answer = client_from(Authorization=credentials).post(HOOK, content=body_of(written()))
    assert (answer.status_code, answer.json()) == (200, {"stored": 1, "repeated": 0})


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {TOKEN}x",
        f"Token {TOKEN}",
        TOKEN,
        basic("wrong"),
        basic(""),
        "Basic %%%",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Bearer t\xf6ken",
    ],
)
@pytest.mark.parametrize("address", ["10.0.0.7", "127.0.0.1"])
def test_a_wrong_token_is_refused_from_anywhere_and_nothing_is_kept(
    client_from: OpenClient, portal: Portal, credentials: str, address: str
) -> None:
    headers = {"Authorization": credentials.encode("latin-1")}
    answer = client_from(address).post(HOOK, content=body_of(written()), headers=headers)
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["www-authenticate"]
    assert bodies_kept(portal) == 0


def test_both_tokens_are_taken_while_they_are_rotated(client_from: OpenClient, portal: Portal) -> None:
    portal.settings.alertmanager_token_next = SecretStr("next-token")
    for token in (TOKEN, "next-token"):
        assert client_from(Authorization=f"Bearer {token}").post(HOOK, content=body_of()).status_code == 200
    assert client_from(Authorization="Bearer third").post(HOOK, content=body_of()).status_code == 401


@pytest.mark.parametrize("token", [None, SecretStr("")])
def test_without_a_token_only_this_machine_is_heard(
    client_from: OpenClient, portal: Portal, token: SecretStr | None
) -> None:
    portal.settings.alertmanager_token = token
    for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert client_from(address).post(HOOK, content=body_of()).status_code == 200
    for address in ("10.0.0.7", "2001:db8::1", "::ffff:10.0.0.7", "somewhere"):
        answer = client_from(address, Authorization="Bearer ").post(HOOK, content=body_of())
        assert answer.status_code == 401
        assert "IMS_ALERTMANAGER_TOKEN" in answer.json()["refused"]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Origin", "Via"])
def test_without_a_token_a_proxy_or_a_browser_on_this_machine_is_not_heard(
    client_from: OpenClient, portal: Portal, header: str
) -> None:
    portal.settings.alertmanager_token = None
    answer = client_from("127.0.0.1").post(HOOK, content=body_of(), headers={header: "203.0.113.9"})
    assert answer.status_code == 401


def test_every_recorded_body_is_answered_2xx(client: Client, portal: Portal) -> None:
    for record in RECORDED:
        assert client.post(HOOK, json=record["body"]).status_code == 200
    assert bodies_kept(portal) == len(RECORDED)
    assert [alert.labels["instance"] for alert in kept(portal) if alert.status is AlertStatus.FIRING] == ["b"]


def test_repeated_alerts_are_counted_in_the_answer(client: Client) -> None:
    client.post(HOOK, content=body_of(written()))
    answer = client.post(HOOK, content=body_of(written(), written(ended=ENDED), written(fingerprint="f2")))
    assert answer.json() == {"stored": 2, "repeated": 1}


@pytest.mark.parametrize("body", [b"", b"not json", b"\xff", b"[" * 500_000, b'{"alerts": 1}', b"{}"])
def test_an_unreadable_body_is_answered_2xx_with_the_reason_and_kept(
    client: Client, portal: Portal, body: bytes
) -> None:
    answer = client.post(HOOK, content=body)
    assert answer.status_code == 200
    assert list(answer.json()) == ["unreadable"]
    assert bodies_kept(portal) == 1


def test_an_old_night_that_is_replayed_changes_nothing(client: Client, portal: Portal) -> None:
    for record in RECORDED:
        client.post(HOOK, json=record["body"])
    before = [(alert.fingerprint, alert.starts_at, alert.status, alert.ends_at) for alert in kept(portal)]
    for record in RECORDED:
        assert client.post(HOOK, json=record["body"]).json()["stored"] == 0
    assert [(alert.fingerprint, alert.starts_at, alert.status, alert.ends_at) for alert in kept(portal)] == before


def test_a_body_cannot_decide_what_people_decide(client: Client, portal: Portal) -> None:
    forged: dict[str, Any] = {"id": 7, "incident_id": 1, "triage": "dismissed", "triaged_by": "Ada", "repeats": 99}
    assert client.post(HOOK, content=body_of(written(**forged), incident_id=1)).json()["stored"] == 1
    (alert,) = kept(portal)
    assert (alert.triage, alert.incident_id, alert.triaged_by, alert.repeats) == (TriageState.WAITING, None, "", 0)


def test_a_body_with_one_bad_alert_is_answered_with_both(client: Client) -> None:
    answer = client.post(HOOK, content=body_of(written(), "bad"))
    assert answer.json()["stored"] == 1
    assert answer.json()["problem"].startswith("Alert 2")


def test_a_body_that_announces_to_be_too_large_is_refused(client: Client, portal: Portal) -> None:
    portal.settings.largest_webhook_bytes = 1_000
    answer = client.post(HOOK, content=b"x" * 1_001)
    assert answer.status_code == 413
    assert "IMS_LARGEST_WEBHOOK_BYTES" in answer.json()["refused"]
    assert bodies_kept(portal) == 0
    assert client.post(HOOK, content=b"x" * 1_000).status_code == 200


def test_a_body_without_a_length_is_counted_while_it_is_read(client: Client, portal: Portal) -> None:
    portal.settings.largest_webhook_bytes = 1_000

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    assert client.post(HOOK, content=endless()).status_code == 413
    assert bodies_kept(portal) == 0


def test_a_stranger_learns_nothing_of_the_size_limit(client_from: OpenClient, portal: Portal) -> None:
    portal.settings.largest_webhook_bytes = 1_000
    assert client_from().post(HOOK, content=b"x" * 2_000).status_code == 401


def test_a_failing_database_is_answered_500_so_that_it_is_sent_again(
    client: Client, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr("ims.store.alerts.add_message", fail)
    assert client.post(HOOK, content=body_of(written())).status_code == 500
    assert kept(portal) == []


def test_only_posting_is_answered(client: Client) -> None:
    assert client.request("GET", HOOK).status_code == 405
