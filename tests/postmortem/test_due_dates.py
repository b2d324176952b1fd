"""The rules of follow-ups: what is suggested, when the digest is due, and how a bad file is refused."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import yaml

from ims.config import ROOT
from ims.errors import SettingProblem
from ims.model import FollowUpKind, Severity
from ims.postmortem.following_up.due_dates import FollowUpRules, read_rules, working_day

TEXT = (ROOT / "data" / "follow_ups.yaml").read_text(encoding="utf-8")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)


@pytest.fixture
def rules() -> FollowUpRules:
    return read_rules(TEXT)


def changed(*path: str, to: object) -> str:
    content = yaml.safe_load(TEXT)
    place = content
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return yaml.safe_dump(content)


def test_the_worse_the_incident_the_earlier_its_follow_ups_are_due(rules: FollowUpRules) -> None:
    for kind in FollowUpKind:
        suggested = [rules.due_on(severity, kind, MONDAY) for severity in Severity]
        assert suggested == sorted(suggested)
    assert rules.due_on(Severity.SEV1, FollowUpKind.DETECT, MONDAY) == date(2026, 11, 30)
    assert rules.due_on(Severity.SEV2, FollowUpKind.PREVENT, MONDAY) == date(2026, 12, 23)


def test_without_a_kind_or_a_severity_something_is_suggested_all_the_same(rules: FollowUpRules) -> None:
    assert rules.due_on(Severity.SEV1, None, MONDAY) == date(2026, 11, 30)
    assert rules.due_on(None, FollowUpKind.DETECT, MONDAY) == date(2026, 12, 7)


@pytest.mark.parametrize(("day", "kept"), [(27, 27), (28, 30), (29, 30), (30, 30)])
def test_nothing_is_due_on_a_weekend(day: int, kept: int) -> None:
    assert working_day(date(2026, 11, day)) == date(2026, 11, kept)


@pytest.mark.parametrize(
    ("now", "digest"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), datetime(2026, 11, 16, 8, tzinfo=UTC)),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (datetime(2026, 11, 29, 23, 59, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (
            datetime(2026, 10, 26, 8, 0, tzinfo=UTC),
            datetime(2026, 10, 26, 8, tzinfo=UTC),
        ),  # winter began the day before
        (datetime(2026, 10, 25, 12, 0, tzinfo=UTC), datetime(2026, 10, 19, 7, tzinfo=UTC)),
    ],
)
def test_the_digest_is_due_on_monday_at_nine_where_the_rota_is(
    rules: FollowUpRules, now: datetime, digest: datetime
) -> None:
    assert rules.last_digest_at(now, BERLIN) == digest


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("due_in_days: [", "line 1 is not YAML"),
        ("[]", "Input should be a valid dictionary"),
        (changed("due_in_days", "sev2", to={"prevent": 3}), "no days for sev2 detect, sev2 mitigate, sev2 process"),
        (changed("due_in_days", "sev9", to={}), "“sev9” is no severity"),
        (changed("due_in_days", "sev1", "prevent", to=0), "sev1 prevent must be 1 to 1000 days"),
        (changed("due_in_days", "sev1", "repair", to=5), "due_in_days sev1 repair"),
        (changed("remind", "days_before", to=-1), "remind days_before"),
        (changed("remind", "again_every_days", to=0), "remind again_every_days"),
        (changed("remind", "at", to="25:00"), "remind at"),
        (changed("digest", "weekday", to="Moonday"), "digest weekday"),
        (changed("digest", "hour", to=9), "digest hour"),
        (changed("ask_after_days", to=0), "ask_after_days"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_reason(text: str, reason: str) -> None:
    with pytest.raises(SettingProblem, match=reason) as refused:
        read_rules(text)
    assert refused.value.code == "IMS-208"
