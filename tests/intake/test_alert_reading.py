import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ims.intake.alertmanager import LONGEST_TEXT, NO_NAME, read
from ims.model import AlertStatus
from tests.intake.alert_bodies import ENDED, RECORDED, body_of, written


@pytest.mark.parametrize("record", RECORDED, ids=range(len(RECORDED)))
def test_every_recorded_body_is_read_whole(record: dict[str, Any]) -> None:
    reading = read(json.dumps(record["body"]).encode())
    assert reading.readable
    assert reading.problem == ""
    assert [sighting.fingerprint for sighting in reading.sightings] == [
        alert["fingerprint"] for alert in record["body"]["alerts"]
    ]
    assert [sighting.status.value for sighting in reading.sightings] == [
        alert["status"] for alert in record["body"]["alerts"]
    ]


def test_nanoseconds_are_cut_to_microseconds() -> None:
    (sighting,) = read(body_of(written())).sightings
    assert sighting.starts_at == datetime(2026, 11, 23, 2, 50, 0, 123456, tzinfo=UTC)


def test_the_zero_time_means_still_firing() -> None:
    (sighting,) = read(body_of(written())).sightings
    assert sighting.ends_at is None
    assert sighting.status is AlertStatus.FIRING


def test_each_alert_has_its_own_status_whatever_the_group_says() -> None:
    sightings = read(body_of(written(ended=ENDED), written(fingerprint="f2"), status="firing")).sightings
    assert [sighting.status for sighting in sightings] == [AlertStatus.RESOLVED, AlertStatus.FIRING]


def test_a_time_of_another_zone_is_kept_in_utc() -> None:
    (sighting,) = read(body_of(written(startsAt="2026-11-23T08:20:00+05:30"))).sightings
    assert sighting.starts_at == datetime(2026, 11, 23, 2, 50, tzinfo=UTC)


def test_an_alert_without_a_name_gets_one_that_says_so() -> None:
    (sighting,) = read(body_of(written(labels={}))).sightings
    assert sighting.name == NO_NAME


def test_control_characters_and_half_characters_become_visible() -> None:
    body = body_of(written(annotations={"summary": "a\x00b\x1bc\ud800"}))
    (sighting,) = read(body).sightings
    assert sighting.annotations == {"summary": "a␀b␛c\ufffd"}


def test_ten_kilobytes_are_kept_and_a_megabyte_is_cut_with_a_word_about_it() -> None:
    body = body_of(written(annotations={"long": "x" * 10_000, "endless": "y" * 1_000_000}))
    (sighting,) = read(body).sightings
    assert sighting.annotations["long"] == "x" * 10_000
    assert sighting.annotations["endless"].startswith("y" * LONGEST_TEXT + "… (980000 characters more")


def test_what_alertmanager_left_out_is_remembered() -> None:
    reading = read(body_of(written(), truncatedAlerts=7))
    assert reading.readable
    assert reading.problem == "Alertmanager left out 7 more alerts (its max_alerts); look there."


UNREADABLE = {
    "empty": (b"", "not JSON"),
    "text": (b"hello", "not JSON: Expecting value, line 1, column 1"),
    "cut off": (b'{"alerts": [', "not JSON"),
    "not utf-8": (b'{"alerts": "\xff"}', "not UTF-8 text: byte 13 of 15"),
    "a list": (b"[]", "a JSON list, not an object"),
    "a number": (b"1", "a JSON number, not an object"),
    "null": (b"null", "a JSON null"),
    "no alerts": (b"{}", "has no “alerts”"),
    "alerts is text": (b'{"alerts": "x"}', "a JSON text, not a list"),
    "alerts is null": (b'{"alerts": null}', "a JSON null, not a list"),
    "nested deeply": (b"[" * 100_000, "nested too deeply"),
    "nested deeply inside": (b'{"alerts": ' + b"[" * 100_000, "nested too deeply"),
    "NaN": (b'{"alerts": [], "x": NaN}', "NaN is no JSON number"),
    "a number of 100,000 digits": (b'{"alerts": ' + b"9" * 100_000 + b"}", "not JSON"),
    "alerts of numbers": (b'{"alerts": [1, 2]}', "Alert 1: it is a JSON number, not an object. Alert 2: "),
    "no fingerprint": (body_of({**written(), "fingerprint": ""}), "Alert 1: fingerprint: "),
    "no start": (body_of(written(startsAt=None)), "Alert 1: startsAt: is not a time like"),
    "a start of zero": (body_of(written(startsAt="0001-01-01T00:00:00Z")), "Alert 1: startsAt is no time"),
    "a start without a zone": (body_of(written(startsAt="2026-11-23T02:50:00")), "Alert 1: startsAt: "),
    "a start beyond all calendars": (body_of(written(startsAt="9999-12-31T23:59:59-12:00")), "Alert 1: startsAt: "),
    "a start in seconds": (body_of(written(startsAt=1_700_000_000)), "Alert 1: startsAt: "),
    "labels is a list": (body_of(written(labels=["a"])), "Alert 1: labels: "),
    "a label is a number": (body_of(written(labels={"a": 1})), "Alert 1: labels a: "),
    "thousands of labels": (body_of(written(labels={str(n): "" for n in range(5000)})), "labels: holds 5000 texts"),
    "an unknown status": (body_of(written(status="burning")), "Alert 1: status: "),
}


@pytest.mark.parametrize(("body", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_body_is_explained(body: bytes, reason: str) -> None:
    reading = read(body)
    assert not reading.readable
    assert reading.sightings == []
    assert reason in reading.problem


def test_the_good_alerts_of_a_body_are_read_and_the_bad_one_is_named() -> None:
    reading = read(body_of(written(), {"status": "firing"}, written(fingerprint="f3")))
    assert reading.readable
    assert [sighting.fingerprint for sighting in reading.sightings] == ["f1", "f3"]
    assert reading.problem.startswith("Alert 2: ")


def test_thousands_of_bad_alerts_make_a_short_reason() -> None:
    reading = read(body_of(*range(10_000)))
    assert len(reading.problem) < 1_000
    assert "10000 alerts in all are bad" in reading.problem


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    assert read(body).problem


@settings(deadline=None)
@given(st.sampled_from(FIELDS), ANYTHING, ANYTHING)
def test_no_value_of_any_field_breaks_the_reading(field: str, value: object, envelope: object) -> None:
    reading = read(body_of(written() | {field: value}, written(fingerprint="good"), truncatedAlerts=envelope))
    assert reading.sightings[-1].fingerprint == "good"
