"""Drafted paragraphs: made of facts alone, told apart from what people wrote, and theirs as soon as they touch them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import docx
from hypothesis import given
from hypothesis import strategies as st

from ims.model import EntryKind, Impact, Incident, Severity, TimelineEntry
from ims.postmortem.content.drafting import MARK, detection, drafted, impact, marked, summary, without_drafts
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Template
from ims.postmortem.reading.reader import read
from ims.postmortem.reading.sections import sections_of
from tests.postmortem.conftest import WriteDocument, edit

BEGAN = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)


def an_incident(**given_fields: Any) -> Incident:
    fields: dict[str, Any] = {
        "id": 7,
        "title": "Card payments fail",
        "began_at": BEGAN,
        "detected_at": BEGAN + timedelta(minutes=3),
        "declared_at": BEGAN + timedelta(minutes=5),
        "declared_by": "Ada Lovelace",
    }
    return Incident(**fields | given_fields)


def facts(incident: Incident, **given_facts: Any) -> RcaFacts:
    return RcaFacts(incident=incident, written_at=BEGAN + timedelta(days=1), **given_facts)


def test_the_summary_says_what_happened_when_and_how_it_ended() -> None:
    over = an_incident(severity=Severity.SEV2, summary="Answers are 502", resolved_at=BEGAN + timedelta(minutes=80))
    assert summary(facts(over, services=["payments", "refunds"])) == (
        "“Card payments fail” began on 23 November 2026 at 09:40 UTC and was declared as SEV2. Answers are 502. "
        "It affected payments and refunds. It was resolved on 23 November 2026 at 11:00 UTC, 1 h 20 min after it began."
    )


def test_what_is_not_known_is_left_out_and_never_invented() -> None:
    bare = facts(an_incident())
    assert summary(bare) == (
        "“Card payments fail” began on 23 November 2026 at 09:40 UTC and was declared. It is not resolved yet."
    )
    assert impact(bare) == ""
    assert detection(bare) == (
        "It was detected at 2026-11-23 09:43 UTC, 3 min after it began. "
        "No alert tells of it; Ada Lovelace declared it at 2026-11-23 09:45 UTC."
    )


def test_the_impact_says_who_met_what_for_how_long() -> None:
    known = an_incident(
        impact=Impact.OUTAGE,
        impact_text="One payment in three failed",
        affects_sla=True,
        mitigated_at=BEGAN + timedelta(minutes=50),
    )
    assert impact(facts(known, customers=["Acme", "Globex", "Initech"])) == (
        "Customers met an outage. One payment in three failed. It was felt for 50 min. "
        "3 customers are known to have met it. The service level is affected."
    )


def test_the_time_in_which_it_seemed_to_be_over_was_not_felt() -> None:
    again = an_incident(mitigated_at=BEGAN + timedelta(minutes=90))
    timeline = [
        TimelineEntry(
            incident_id=7,
            kind=kind,
            text="",
            occurred_at=BEGAN + timedelta(minutes=at),
            recorded_at=BEGAN,
            author="Ada",
        )
        for at, kind in ((20, EntryKind.MITIGATED), (50, EntryKind.REOPENED), (90, EntryKind.MITIGATED))
    ]
    assert "It was felt for 1 h in all." in impact(facts(again, timeline=timeline))


def test_the_detection_counts_the_alerts_and_says_how_fast_it_went() -> None:
    quick = an_incident(
        detected_at=BEGAN,
        acknowledged_at=BEGAN + timedelta(minutes=7),
        first_update_at=BEGAN + timedelta(minutes=25),
    )
    alert = TimelineEntry(
        incident_id=7,
        kind=EntryKind.ALERT_ATTACHED,
        text="Alert A",
        occurred_at=BEGAN,
        recorded_at=BEGAN,
        author="IMS",
    )
    assert detection(facts(quick, timeline=[alert])) == (
        "It was detected at 2026-11-23 09:40 UTC. "
        "1 alert tells of it; Ada Lovelace declared it at 2026-11-23 09:45 UTC. "
        "It was acknowledged at 2026-11-23 09:47 UTC, 2 min after the declaration. "
        "Customers were first told at 2026-11-23 10:05 UTC, 20 min after the declaration."
    )


def test_a_section_that_people_wrote_has_no_draft(template: Template) -> None:
    assert set(drafted(facts(an_incident()), template.sections)) == {"summary", "detection"}
    assert set(drafted(facts(an_incident(), written={"summary": "Ours."}), template.sections)) == {"detection"}


def test_a_draft_that_nobody_touched_is_not_what_people_wrote(written: WriteDocument, template: Template) -> None:
    file = written()
    said = [paragraph.text for paragraph in edited(file).paragraphs]
    assert sum(1 for words in said if words.startswith(MARK)) == 3
    assert {"summary", "impact", "detection"}.isdisjoint(sections_of(read(file), template).texts)


def test_a_draft_that_somebody_changed_is_theirs_without_the_mark(written: WriteDocument, template: Template) -> None:
    def rewrite(document: "docx.document.Document") -> None:
        line = next(each for each in document.paragraphs if each.text.startswith(MARK))
        line.text = line.text.replace("declared", "declared late")

    texts = sections_of(read(edit(written(), rewrite)), template).texts
    assert "declared late" in texts["summary"]
    assert MARK not in texts["summary"]


def test_a_draft_whose_mark_was_taken_away_is_accepted(written: WriteDocument, template: Template) -> None:
    accepted: list[str] = []

    def accept(document: "docx.document.Document") -> None:
        line = next(each for each in document.paragraphs if each.text.startswith(MARK))
        line.text = line.text.split("]. ", 1)[1]
        accepted.append(line.text)

    assert sections_of(read(edit(written(), accept)), template).texts["summary"] == accepted[0]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1).map(str.strip).filter(bool))
def test_any_draft_is_known_again_and_any_words_beside_it_stay(words: str) -> None:
    line = " ".join(words.split()) or "x"
    assert without_drafts(marked(line)) == ""
    assert without_drafts(f"Before.\n{marked(line)}\nBehind.") == "Before.\nBehind."
    assert without_drafts(f"Before.\n{marked(line)} More.") == f"Before.\n{line} More."


def edited(file: bytes) -> "docx.document.Document":
    opened: list[docx.document.Document] = []
    edit(file, opened.append)
    return opened[0]
