"""Silences in Alertmanager: made once, ended once, and what each failure means; by a strict fake and a real one."""

import base64
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from ims.integrations.alertmanager import payloads
from ims.integrations.alertmanager.settings import AlertmanagerSettings
from ims.integrations.alertmanager.silencer import AlertmanagerSilencer
from ims.model.message import SilenceEnd, SilenceRequest
from ims.ports import DeliveryError
from tests.fakes.alertmanager import Failure, FakeAlertmanager
from tests.mutation import assert_every_mutant_dies
from tests.servers import Server, alertmanager_server, free_port, running

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
USER, PASSWORD, TOKEN = "ims", "pass-of-the-test", "t0ken-of-the-test"
HASH = "$2b$04$MjSdPV8pqERTyIErhbZysO8m43sWSI/.n9K3I7.wQ13EpCpvsBlP6"  # bcrypt of the password
BASIC = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
UNKNOWN = "7d8f1b1e-3c0e-4f0e-9d3a-2b8b6f1f5a11"


@pytest.fixture
def alertmanager() -> Iterator[FakeAlertmanager]:
    with FakeAlertmanager() as fake:
        yield fake


def silencer(url: str, now: datetime = NOW, **settings: Any) -> AlertmanagerSilencer:
    known = {"api_url": url, "api_timeout_seconds": 0.3}
    return AlertmanagerSilencer(AlertmanagerSettings.model_validate(known | settings), lambda: now)


def request(now: datetime = NOW, **changes: Any) -> SilenceRequest:
    known = {
        "silence_id": 4,
        "incident_key": "INC-7",
        "matchers": {"alertname": "PaymentsDown", "service": 'pay "ments"'},
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
        "author": "Ada Lovelace",
        "comment": "INC-7: known, being rolled back",
    }
    return SilenceRequest.model_validate(known | changes)


def end(silence: str = "", **changes: object) -> SilenceEnd:
    return SilenceEnd.model_validate({"silence_id": 4, "incident_key": "INC-7", "silence": silence} | changes)


def test_alertmanager_is_asked_for_exactly_these_labels(alertmanager: FakeAlertmanager) -> None:
    receipt = silencer(alertmanager.url).silence(request(), "k")
    held = alertmanager.silences[receipt.reference]
    assert held["matchers"] == [
        {"name": "alertname", "value": "PaymentsDown", "isRegex": False, "isEqual": True},
        {"name": "service", "value": 'pay "ments"', "isRegex": False, "isEqual": True},
    ]
    assert (held["startsAt"], held["endsAt"]) == ("2026-11-23T03:00:00+00:00", "2026-11-23T05:00:00+00:00")
    assert (held["createdBy"], held["comment"]) == (
        "Ada Lovelace",
        "INC-7: known, being rolled back [ims-silence-4 INC-7]",
    )
    assert receipt.proof == "Alertmanager took the silence until 05:00 UTC"
    assert receipt.url == f"{alertmanager.url}/#/silences/{receipt.reference}"


def test_asking_again_after_a_lost_answer_makes_no_second_silence(alertmanager: FakeAlertmanager) -> None:
    alertmanager.fail_next("dropped", "POST")
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        silencer(alertmanager.url).silence(request(), "k")
    assert not caught.value.permanent
    receipt = silencer(alertmanager.url).silence(request(), "k")
    assert list(alertmanager.silences) == [receipt.reference]
    assert receipt.proof == "Alertmanager has the silence until 05:00 UTC"


def test_a_silence_that_somebody_ended_there_meanwhile_is_not_made_again(alertmanager: FakeAlertmanager) -> None:
    first = silencer(alertmanager.url).silence(request(), "k").reference
    silencer(alertmanager.url).end_silence(end(first), "k")
    assert silencer(alertmanager.url).silence(request(), "k").reference == first
    assert alertmanager.state(first) == "expired"


@pytest.mark.parametrize(
    "other",
    [{"silence_id": 40}, {"silence_id": 14}, {"incident_key": "INC-70"}, {"matchers": {"alertname": "Other"}}],
)
def test_other_silences_are_not_taken_for_ours(alertmanager: FakeAlertmanager, other: dict[str, Any]) -> None:
    silencer(alertmanager.url).silence(request(**other), "k")
    silencer(alertmanager.url).silence(request(), "k")
    assert len(alertmanager.silences) == 2


def test_what_is_over_before_it_could_begin_is_not_asked_for(alertmanager: FakeAlertmanager) -> None:
    with pytest.raises(DeliveryError, match="Its time was over") as caught:
        silencer(alertmanager.url, NOW + timedelta(hours=2)).silence(request(), "k")
    assert caught.value.permanent
    assert alertmanager.silences == {}


def test_ending_ends_it_and_again_changes_nothing(alertmanager: FakeAlertmanager) -> None:
    adapter = silencer(alertmanager.url)
    made = adapter.silence(request(), "k").reference
    assert adapter.end_silence(end(made), "k").proof == "Alertmanager ended the silence"
    assert alertmanager.state(made) == "expired"
    assert adapter.end_silence(end(made), "k").proof == "Alertmanager has no such silence any more"
    assert [verb for verb, _ in alertmanager.calls].count("DELETE") == 1


def test_one_that_was_ended_before_its_id_was_known_is_found_by_our_mark(alertmanager: FakeAlertmanager) -> None:
    adapter = silencer(alertmanager.url)
    made, other = (adapter.silence(request(silence_id=number), "k").reference for number in (4, 40))
    assert adapter.end_silence(end(), "k").reference == made
    assert [alertmanager.state(each) for each in (made, other)] == ["expired", "active"]


@pytest.mark.parametrize("silence", [UNKNOWN, ""])
def test_ending_what_alertmanager_has_forgotten_is_no_failure(alertmanager: FakeAlertmanager, silence: str) -> None:
    assert silencer(alertmanager.url).end_silence(end(silence), "k").proof.startswith("Alertmanager has no such")


def test_a_ping_changes_nothing_and_says_who_answers(alertmanager: FakeAlertmanager) -> None:
    assert silencer(alertmanager.url).ping() == "Alertmanager 0.25.0 answers."
    assert alertmanager.calls == [("GET", "/api/v2/status")]


@pytest.mark.parametrize(
    ("failure", "permanent", "words"),
    [
        ("dropped", False, "cannot be reached"),
        ("slow", False, "cannot be reached"),
        ("limited", False, "429"),
        ("broken", False, "503"),
        ("rubbish", False, "something else than Alertmanager"),
        ("moved", True, "sends us elsewhere"),
        ("refused", True, r"refused it \(400\)\. silence invalid"),
    ],
)
def test_each_failure_is_told_and_waits_or_stops(
    alertmanager: FakeAlertmanager, failure: Failure, permanent: bool, words: str
) -> None:
    adapter = silencer(alertmanager.url)
    made = adapter.silence(request(silence_id=3), "k").reference
    for ask in (
        adapter.ping,
        lambda: adapter.silence(request(), "k"),
        lambda: adapter.end_silence(end(made), "k"),
    ):
        alertmanager.fail_next(failure)
        with pytest.raises(DeliveryError, match=words) as caught:
            ask()
        assert caught.value.permanent is permanent
        assert caught.value.retry_after == (timedelta(seconds=7) if failure == "limited" else None)


def test_an_alertmanager_that_is_away_is_tried_again() -> None:
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        silencer(f"http://127.0.0.1:{free_port()}").ping()
    assert not caught.value.permanent


def test_an_address_without_an_alertmanager_stops(alertmanager: FakeAlertmanager) -> None:
    with pytest.raises(DeliveryError, match="check IMS_ALERTMANAGER_API_URL") as caught:
        silencer(f"{alertmanager.url}/elsewhere").silence(request(), "k")
    assert caught.value.permanent


def test_one_that_speaks_no_tls_is_tried_again(alertmanager: FakeAlertmanager) -> None:
    with pytest.raises(DeliveryError, match="no private connection") as caught:
        silencer(alertmanager.url.replace("http://", "https://")).ping()
    assert not caught.value.permanent


def test_an_id_that_alertmanager_never_gave_stops_with_its_words(alertmanager: FakeAlertmanager) -> None:
    with pytest.raises(DeliveryError, match=r"refused it \(422\)\. silenceID in path must be of type uuid$") as caught:
        silencer(alertmanager.url).end_silence(end("4"), "k")
    assert caught.value.permanent


def test_a_label_that_alertmanager_does_not_take_stops_with_its_words(alertmanager: FakeAlertmanager) -> None:
    with pytest.raises(DeliveryError, match='invalid label name "a-b"') as caught:
        silencer(alertmanager.url).silence(request(matchers={"a-b": "c"}), "k")
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("expected", "settings"),
    [(BASIC, {"api_user": USER, "api_password": PASSWORD}), (f"Bearer {TOKEN}", {"api_token": f"{TOKEN}\n"})],
)
def test_it_signs_in_as_it_is_told(expected: str, settings: dict[str, Any]) -> None:
    with FakeAlertmanager(sign_in=expected) as fake:
        assert silencer(fake.url, **settings).ping()
        with pytest.raises(DeliveryError, match="did not accept the sign-in") as caught:
            silencer(fake.url).ping()
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"api_url": "alertmanager:9093"}, "write it like https://"),
        ({"api_url": "http://ims:secret@alertmanager"}, "in their own settings"),
        ({"api_url": "http://a", "api_user": "ims"}, "IMS_ALERTMANAGER_API_PASSWORD is missing"),
        ({"api_url": "http://a", "api_password": "p"}, "IMS_ALERTMANAGER_API_USER is missing"),
        ({"api_url": "http://a", "api_user": "i", "api_password": "p", "api_token": "t"}, "exclude each other"),
        ({"api_url": "http://a", "api_token": "two words"}, "copy it again"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused_in_words(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence) as caught:
        AlertmanagerSettings.model_validate(settings)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("end", ["", "/", "/api/v2", "/api/v2/"])
def test_the_address_may_end_in_any_usual_way(alertmanager: FakeAlertmanager, end: str) -> None:
    assert silencer(alertmanager.url + end).ping()


def test_no_field_name_can_be_wrong_unseen() -> None:
    def exercise() -> None:
        with FakeAlertmanager() as fake:
            made = silencer(fake.url).silence(request(), "k").reference
            assert silencer(fake.url).silence(request(), "k").reference == made
            assert all(matcher["isEqual"] for matcher in fake.silences[made]["matchers"])
            assert fake.silences[made]["createdBy"] == "Ada Lovelace"

    assert_every_mutant_dies(payloads, exercise)


CONFIGURATION = """\
route: {receiver: nobody, group_wait: 1s}
receivers: [{name: nobody}]
"""


class Guarded(Server):
    """An Alertmanager that wants a sign-in, also from whoever waits until it is there."""

    @property
    def url(self) -> str:
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.port}"


def seen(happened: Callable[[], object], seconds: float = 15) -> None:
    """Wait until something has happened.

    Raises:
        TimeoutError: it has not in time.
    """
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("it never happened")
        time.sleep(0.1)


def states(url: str) -> dict[str, str]:
    """Return whether each alert is active or suppressed, by its service."""
    alerts: list[Any] = httpx.get(f"{url}/api/v2/alerts").json()
    return {alert["labels"]["service"]: alert["status"]["state"] for alert in alerts}


def test_a_real_alertmanager_keeps_quiet_about_these_alerts_until_the_silence_ends(tmp_path: Path) -> None:
    with running(alertmanager_server(tmp_path, CONFIGURATION)) as server:
        url = server.url
        now = datetime.now(UTC)
        alerts = [
            {"labels": {"alertname": "PaymentsDown", "service": service}, "startsAt": now.isoformat()}
            for service in ('pay "ments"', "search")
        ]
        httpx.post(f"{url}/api/v2/alerts", json=alerts).raise_for_status()
        adapter = silencer(url, now, api_timeout_seconds=10)
        assert adapter.ping().startswith("Alertmanager 0.")
        made = adapter.silence(request(now), "k")
        seen(lambda: states(url) == {'pay "ments"': "suppressed", "search": "active"})
        assert adapter.silence(request(now), "k").reference == made.reference
        assert len(httpx.get(f"{url}/api/v2/silences").json()) == 1
        assert adapter.end_silence(end(made.reference), "k").proof == "Alertmanager ended the silence"
        seen(lambda: set(states(url).values()) == {"active"})
        for silence in (made.reference, UNKNOWN, ""):
            assert adapter.end_silence(end(silence), "k").proof == "Alertmanager has no such silence any more"


def test_a_real_alertmanager_is_signed_in_to(tmp_path: Path) -> None:
    web = tmp_path / "web.yml"
    web.write_text(f"basic_auth_users:\n  {USER}: {HASH}\n")
    server = Guarded(**vars(alertmanager_server(tmp_path, CONFIGURATION)))
    server.command.append(f"--web.config.file={web}")
    with running(server):
        now, url = datetime.now(UTC), f"http://127.0.0.1:{server.port}"
        right = silencer(url, now, api_timeout_seconds=10, api_user=USER, api_password=PASSWORD)
        wrong = silencer(url, now, api_timeout_seconds=10, api_user=USER, api_password="wrong")
        assert right.silence(request(now), "k").reference
        with pytest.raises(DeliveryError, match="did not accept the sign-in") as caught:
            wrong.silence(request(now), "k")
        assert caught.value.permanent
