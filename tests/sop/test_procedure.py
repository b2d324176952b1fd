"""The procedure file: read as written, refused in words."""

from datetime import UTC, datetime, timedelta

import pytest

from ims.config import ROOT
from ims.errors import SettingProblem
from ims.model import Frequency, Impact, Severity
from ims.sop.durations import parse
from ims.sop.procedure import Procedure, read_procedure
from ims.sop.severity import read_severity

TEXT = (ROOT / "data" / "sop.yaml").read_text(encoding="utf-8")
MATRIX = (ROOT / "data" / "severity.yaml").read_text(encoding="utf-8")
FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)


@pytest.fixture
def procedure() -> Procedure:
    return read_procedure(TEXT)


def test_the_shipped_procedure_has_the_twelve_steps_of_the_sop(procedure: Procedure) -> None:
    assert [step.key for step in procedure.steps] == [
        "page_on_call",
        "assign_roles",
        "define",
        "open_ticket",
        "inform_customers",
        "understand",
        "involve_teams",
        "hand_over",
        "create_rca_document",
        "tell_resolved",
        "rca_meeting",
        "file_follow_ups",
    ]


def test_customers_hear_every_hour(procedure: Procedure) -> None:
    assert procedure.customer_update_every == timedelta(hours=1)


def test_the_version_is_named_by_its_text(procedure: Procedure) -> None:
    assert procedure.digest == read_procedure(TEXT).digest
    assert procedure.digest != read_procedure(TEXT + "\n# a word more").digest


@pytest.mark.parametrize(
    ("find", "replace", "line_holds", "reason"),
    [
        ("within: 10m", "within: soon", "within: soon", "is not a duration"),
        ("rule: roles_held", "rule: roles_hold", "rule: roles_hold", "Input should be"),
        ("key: define", "key: page_on_call", "phases", "two steps have the key page_on_call"),
        ("customer_update_every: 1h", "customer_update_every: 0h", "customer_update_every", "greater than"),
        ("all: [acknowledged]", "all: [acknowledged], any: [declared]", "any: [declared]", "exactly one of"),
        ("as_needed: true", "as_neded: true", "as_neded", "Extra inputs"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_reason(find: str, replace: str, line_holds: str, reason: str) -> None:
    text = TEXT.replace(find, replace, 1)
    with pytest.raises(SettingProblem) as caught:
        read_procedure(text)
    sentence = str(caught.value)
    line = int(sentence.split("line ")[1].split(":", maxsplit=1)[0])
    assert reason in sentence
    assert line_holds in text.splitlines()[line - 1]


@pytest.mark.parametrize("text", ["", "[]", "title: [", "\x00", "title: x\nphases: []\ncustomer_update_every: 1h"])
def test_what_is_no_procedure_is_refused(text: str) -> None:
    with pytest.raises(SettingProblem, match=r"data/sop\.yaml, line \d+"):
        read_procedure(text)


def test_working_days_leave_out_the_weekend() -> None:
    assert parse("5 working days").after(FRIDAY) == FRIDAY + timedelta(days=7)
    assert parse("1 working day").after(FRIDAY) == FRIDAY + timedelta(days=3)


@pytest.mark.parametrize(
    ("text", "span"), [("10m", timedelta(minutes=10)), ("1h", timedelta(hours=1)), ("2 d", timedelta(days=2))]
)
def test_durations_are_written_short(text: str, span: timedelta) -> None:
    assert parse(text).after(FRIDAY) == FRIDAY + span


def test_severity_follows_impact_and_frequency_and_rises_with_the_sla() -> None:
    matrix = read_severity(MATRIX)
    assert matrix.suggest(Impact.DEGRADED, Frequency.RARE, affects_sla=False) is Severity.SEV3
    assert matrix.suggest(Impact.DEGRADED, Frequency.RARE, affects_sla=True) is Severity.SEV2
    assert matrix.suggest(Impact.OUTAGE, Frequency.CONSTANT, affects_sla=True) is Severity.SEV1


@pytest.mark.parametrize("text", ["", "matrix: {}", "sla_raises_by: 1\nmatrix:\n  outage: {constant: sev1}", "x: ["])
def test_an_incomplete_matrix_is_refused(text: str) -> None:
    with pytest.raises(SettingProblem, match=r"data/severity\.yaml"):
        read_severity(text)
