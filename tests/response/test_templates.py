"""Templates of customer updates: plain words in plain text, and a bad file is refused in words."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ims.config import ROOT
from ims.errors import SettingProblem
from ims.model import Impact, Incident, Service, UpdatePhase
from ims.response.templates import UpdateTemplates, customer_time, fill, joined, read_templates
from tests.conftest import START

FILE = ROOT / "data" / "templates" / "customer_updates.yaml"


@pytest.fixture(scope="module")
def text() -> str:
    return Path(FILE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def templates(text: str) -> UpdateTemplates:
    return read_templates(text)


def incident(title: str = "Payments fail", impact: Impact | None = None) -> Incident:
    return Incident(
        id=7,
        title=title,
        summary="db-master-3 is out of disk",
        impact=impact,
        impact_text="the ledger of Initech is lost",
        began_at=START,
        detected_at=START,
        declared_at=START,
        war_room="https://meet.example/secret",
    )


@pytest.mark.parametrize("phase", UpdatePhase)
def test_every_phase_is_filled_and_leaves_no_placeholder(templates: UpdateTemplates, phase: UpdatePhase) -> None:
    filled = fill(templates, phase, incident(), [Service(name="payments")], START + timedelta(hours=1))
    assert filled.subject.startswith("INC-7: ")
    assert "payments" in filled.subject
    assert "Payments fail" in filled.body
    assert "23 November 2026, 03:00 UTC" in filled.body
    assert "{" not in filled.subject + filled.body


def test_an_update_promises_the_time_of_the_next_and_the_last_one_none(templates: UpdateTemplates) -> None:
    promise = START + timedelta(hours=1)
    bodies = {phase: fill(templates, phase, incident(), [], promise).body for phase in UpdatePhase}
    assert {phase for phase, body in bodies.items() if "04:00 UTC" in body} == set(UpdatePhase) - {UpdatePhase.RESOLVED}


@pytest.mark.parametrize("phase", UpdatePhase)
def test_what_the_team_wrote_for_itself_stays_inside(templates: UpdateTemplates, phase: UpdatePhase) -> None:
    filled = fill(templates, phase, incident(impact=Impact.OUTAGE), [Service(name="payments")], START)
    said = filled.subject + filled.body
    for internal in ("db-master-3", "Initech", "meet.example", "outage"):
        assert internal not in said


def test_a_value_with_braces_is_not_filled_again(templates: UpdateTemplates) -> None:
    hostile = "{key} {title.__class__} {0} $key %s <b>"
    filled = fill(templates, UpdatePhase.INVESTIGATING, incident(hostile), [], START)
    assert hostile in filled.body


def test_each_impact_is_said_in_words_for_customers(templates: UpdateTemplates) -> None:
    said = {fill(templates, UpdatePhase.INVESTIGATING, incident(impact=impact), [], START).body for impact in Impact}
    assert len(said) == len(Impact)


@pytest.mark.parametrize("word", ["summary", "title.__class__", "title!r", "0", "", "Title"])
def test_an_unknown_placeholder_is_refused_by_name(text: str, word: str) -> None:
    broken = text.replace("      {impact}", f"      {{{word}}}", 1)
    with pytest.raises(SettingProblem, match="nothing fills") as refusal:
        read_templates(broken)
    assert refusal.value.code == "IMS-203"
    assert f"nothing fills {{{word}}}" in str(refusal.value)
    assert "investigating" in str(refusal.value)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("phases: [", "it is not YAML"),
        ("", "valid dictionary"),
        ("words: {no_services: x, no_next_update: y, impact: {}}\nphases: {}", "no words for unknown, outage"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(broken: str, reason: str) -> None:
    with pytest.raises(SettingProblem, match=reason) as refusal:
        read_templates(broken)
    assert refusal.value.code == "IMS-203"


def test_a_missing_phase_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingProblem, match="no template for resolved"):
        read_templates(text[: text.index("  resolved:")])


def test_customers_read_times_in_utc_with_the_zone_written_out() -> None:
    noon_in_tokyo = datetime(2026, 3, 1, 12, 5, tzinfo=timezone(timedelta(hours=9)))
    assert customer_time(noon_in_tokyo) == "1 March 2026, 03:05 UTC"
    assert customer_time(datetime(2026, 3, 1, tzinfo=UTC)) == "1 March 2026, 00:00 UTC"


def test_names_are_listed_as_people_do() -> None:
    assert [joined(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
