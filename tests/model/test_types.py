"""What people type is kept whole and made safe to store."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ims.errors import sentences
from ims.model import CustomerDraft, IncidentDraft, MeetingDraft, PersonDraft
from ims.model.types import legible


@given(st.text())
def test_legible_text_has_no_control_characters_and_loses_nothing(text: str) -> None:
    kept = legible(text)
    assert isinstance(kept, str)
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in kept)
    assert len(kept) == len(text.replace("\r\n", "\n"))


def test_a_null_byte_becomes_its_picture() -> None:
    assert IncidentDraft.model_validate({"title": "a\x00b", "precaution": True}).title == "a␀b"


def test_a_title_is_one_line() -> None:
    assert IncidentDraft.model_validate({"title": " a\n b ", "precaution": True}).title == "a b"


def test_an_empty_title_is_said_in_words() -> None:
    with pytest.raises(ValidationError) as caught:
        IncidentDraft.model_validate({"title": "  ", "precaution": True})
    assert sentences(caught.value) == ["Title: is empty; please fill it in."]


def test_a_title_that_is_too_long_is_said_in_words() -> None:
    with pytest.raises(ValidationError) as caught:
        IncidentDraft.model_validate({"title": "x" * 301, "precaution": True})
    assert sentences(caught.value) == ["Title: is too long; at most 300 letters."]


def test_an_incident_needs_customers_or_sla_or_a_precaution() -> None:
    with pytest.raises(ValidationError) as caught:
        IncidentDraft.model_validate({"title": "x"})
    assert sentences(caught.value) == [
        "Neither customers nor their SLA are affected: record it as a precaution, or dismiss the alerts."
    ]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        IncidentDraft.model_validate({"title": "x", "precaution": True, "began_at": datetime(2026, 1, 1)})  # noqa: DTZ001
    assert "A time needs a zone" in sentences(caught.value)[0]


def test_a_time_in_any_zone_is_kept_in_utc() -> None:
    local = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    draft = IncidentDraft.model_validate({"title": "x", "precaution": True, "began_at": local})
    assert draft.began_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert draft.began_at.tzinfo is UTC


@pytest.mark.parametrize("email", ["ada", "ada@", "@example.com", "a b@example.com", "a@b, c@d", "a@b\nBcc: c@d"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(ValidationError):
        PersonDraft.model_validate({"name": "Ada", "email": email})


def test_addresses_are_kept_in_lower_case() -> None:
    assert PersonDraft.model_validate({"name": "Ada", "email": " Ada@Example.COM "}).email == "ada@example.com"


def test_contacts_may_be_typed_as_one_text() -> None:
    draft = CustomerDraft.model_validate(
        {"name": "Acme", "contacts": "a@x.example, b@x.example;c@x.example\nd@x.example"}
    )
    assert draft.contacts == ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]


def test_a_meeting_ends_after_it_starts() -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with pytest.raises(ValidationError) as caught:
        MeetingDraft.model_validate({"title": "RCA", "starts_at": at, "ends_at": at, "attendees": ["a@x.example"]})
    assert sentences(caught.value) == ["The meeting ends before it starts; choose a later end."]
