"""What is missing before a review: each thing is said in a sentence, with how to mend it, and weighs what it should."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ims.config import ROOT
from ims.model import FollowUp, FollowUpKind, FollowUpState, Person
from ims.postmortem.content.template import Section, read_template
from ims.postmortem.review.lint import Finding, Gravity, Place, Subject, blocking, lint

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TEMPLATE = read_template(ROOT / "data")
ADA = Person(id=1, name="Ada Lovelace", email="ada@example.com", slack="@countess")


def follow_up(**values: Any) -> FollowUp:
    whole: dict[str, Any] = {
        "text": "Alert on it",
        "owner_id": 1,
        "due_on": date(2026, 12, 1),
        "kind": FollowUpKind.DETECT,
    }
    return FollowUp(incident_id=1, number=1, created_at=NOW, **(whole | values))


READY = Subject(
    TEMPLATE,
    sections={
        section.key: "Certificates were renewed by hand; 40 customers were affected." for section in TEMPLATE.of_people
    },
    follow_ups=[follow_up()],
    people=[ADA],
    cause="expiry",
    meeting_is_settled=True,
    meeting_is_over=True,
)


def found(**changes: Any) -> dict[str, Finding]:
    return {finding.key: finding for finding in lint(replace(READY, **changes))}


def with_text(key: str, text: str) -> dict[str, Finding]:
    return found(sections={**READY.sections, key: text})


def test_a_document_in_order_is_found_in_order() -> None:
    assert lint(READY) == []


def test_every_finding_says_what_and_how_to_mend_it_and_where() -> None:
    everything = lint(
        Subject(
            TEMPLATE,
            follow_ups=[follow_up(owner_id=None, due_on=None, kind=None)],
            was_read=False,
            drafts=["impact"],
            sections={"root_cause": "Ada Lovelace caused it. She should have looked."},
            people=[ADA],
        )
    )
    assert len(everything) > 8
    assert len({finding.key for finding in everything}) == len(everything)
    for finding in everything:
        assert finding.sentence.endswith((".", "”"))
        assert finding.mend.endswith((".", "?"))
        assert finding.place in Place


def test_what_blocks_comes_before_the_hints() -> None:
    weights = [finding.gravity for finding in lint(Subject(TEMPLATE))]
    assert weights == sorted(weights, key=lambda gravity: gravity is Gravity.HINT)
    assert {*weights} == {Gravity.BLOCKS, Gravity.HINT}


@pytest.mark.parametrize(("field", "words"), [("owner_id", "an owner"), ("due_on", "a due date"), ("kind", "a kind")])
def test_an_unfinished_follow_up_needs_owner_due_date_and_kind(field: str, words: str) -> None:
    finding = found(follow_ups=[follow_up(**{field: None})])["follow_up:1"]
    assert finding.sentence == f"FU-1 lacks {words}."
    assert finding.gravity is Gravity.BLOCKS


def test_the_name_of_somebody_outside_the_portal_is_an_owner_too() -> None:
    assert not found(follow_ups=[follow_up(owner_id=None, owner_name="The network provider")])


@pytest.mark.parametrize("state", [FollowUpState.DONE, FollowUpState.DROPPED])
def test_a_finished_follow_up_lacks_nothing(state: FollowUpState) -> None:
    assert not found(follow_ups=[follow_up(due_on=None, state=state)])


def test_no_follow_up_at_all_is_worth_a_hint() -> None:
    assert found(follow_ups=[])["no_follow_up"].gravity is Gravity.HINT


@pytest.mark.parametrize("text", ["Many customers noticed.", ""])
def test_the_impact_needs_a_number(text: str) -> None:
    assert "impact_number" in with_text("impact", text)


@pytest.mark.parametrize(
    "text", ["3 of 40 customers", "Two customers", "How many is unknown.", "Niemand hat es bemerkt."]
)
def test_a_number_may_be_written_in_words_or_be_unknown(text: str) -> None:
    assert not with_text("impact", text)


def test_the_number_may_stand_in_the_incident_itself() -> None:
    sections = {**READY.sections, "impact": ""}
    assert not found(sections=sections, impact_text="12 % of payments failed")


@pytest.mark.parametrize(
    ("key", "gravity"), [("root_cause", Gravity.BLOCKS), ("summary", Gravity.BLOCKS), ("lucky", Gravity.HINT)]
)
def test_an_empty_section_blocks_where_nothing_could_be_reviewed_without_it(key: str, gravity: Gravity) -> None:
    assert with_text(key, "  ")[f"empty:{key}"].gravity is gravity


def test_a_section_in_which_the_portal_says_the_facts_may_stay_without_more_words() -> None:
    assert not with_text("frequency", "")


@pytest.mark.parametrize("section", TEMPLATE.of_people, ids=lambda section: section.key)
def test_a_prompt_left_in_the_text_is_found(section: Section) -> None:
    assert f"prompt:{section.key}" in with_text(section.key, f"12 of them. {section.prompt}")


def test_the_meeting_is_planned_or_waived_and_better_behind_us() -> None:
    assert found(meeting_is_settled=False, meeting_is_over=False)["meeting"].gravity is Gravity.BLOCKS
    assert found(meeting_is_over=False)["meeting_ahead"].gravity is Gravity.HINT


def test_a_cause_must_be_chosen() -> None:
    assert found(cause="")["cause"].place is Place.CAUSE


def test_a_draft_nobody_accepted_blocks_and_is_not_called_empty_as_well() -> None:
    assert list(found(drafts=["summary"], sections={**READY.sections, "summary": ""})) == ["draft:summary"]


def test_a_document_edited_elsewhere_since_it_was_read_blocks() -> None:
    assert "edited_since" in found(read_revision="7", outside_revision="8")
    assert not found(read_revision="8", outside_revision="8")
    assert not found(read_revision="7", outside_revision="")


def test_a_document_that_lives_elsewhere_is_better_read_once_more() -> None:
    finding = found(read_elsewhere_at=NOW)["read_again"]
    assert finding.gravity is Gravity.HINT
    assert "2026-11-23 00:00 UTC" in finding.sentence


def test_a_document_never_read_back_blocks() -> None:
    assert found(was_read=False)["not_read"].place is Place.UPLOAD


def test_a_person_as_the_cause_blocks_and_it_is_said_what_to_write_instead() -> None:
    finding = with_text("root_cause", "It was caused by @countess.")["person:root_cause:1"]
    assert finding.gravity is Gravity.BLOCKS
    assert "Ada Lovelace" in finding.sentence
    assert "what let it happen" in finding.mend


def test_a_person_is_looked_for_where_causes_are_written_only() -> None:
    assert not with_text("went_well", "Ada Lovelace caused a smile.")


def test_words_of_blame_are_hints_wherever_people_wrote_them() -> None:
    assert with_text("went_badly", "This was human error.")["words:went_badly:1"].gravity is Gravity.HINT
    assert blocking(lint(replace(READY, sections={**READY.sections, "went_badly": "This was human error."}))) == []
