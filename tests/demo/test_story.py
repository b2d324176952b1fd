"""The story's times and words, before anything is played."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ims.config import ROOT
from ims.demo.play import ACTS
from ims.demo.story import after, beginning, read_story
from ims.errors import SettingProblem

NOW = datetime(2026, 11, 23, 15, 30, 12, tzinfo=UTC)
STORY = read_story(ROOT / "data")


def test_a_day_of_the_story_is_counted_from_today() -> None:
    assert beginning("day -27 09:14", NOW) == datetime(2026, 10, 27, 9, 14, tzinfo=UTC)


def test_what_burns_now_began_some_minutes_before_the_real_now() -> None:
    assert beginning("now -38m", NOW) == datetime(2026, 11, 23, 14, 52, 12, tzinfo=UTC)


def test_meetings_are_on_working_days_at_a_human_hour() -> None:
    friday_night = datetime(2026, 11, 20, 2, 31, tzinfo=UTC)
    assert after(friday_night, "2 working days at 10:00") == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert after(friday_night, "70m") == datetime(2026, 11, 20, 3, 41, tzinfo=UTC)


def test_every_act_of_the_story_has_its_function_and_every_function_its_act() -> None:
    told = {act.do for chapter in STORY.incidents for act in chapter.acts}
    assert told == set(ACTS)


def test_one_customer_lacks_a_manager_and_one_a_channel() -> None:
    assert [buyer.name for buyer in STORY.customers if not buyer.manager_email] == ["Kite Travel"]
    assert [buyer.name for buyer in STORY.customers if not buyer.slack_channel] == ["Brightside Games"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("people: [", "cannot be read"),
        ("people: nobody", "People"),
        ("rota: {name: x}\npeople: []\nservices: []\ncustomers: []\nalerts: []\nincidents: []", "time zone"),
    ],
)
def test_a_story_that_makes_no_sense_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingProblem, match=reason):
        read_story(tmp_path)


def test_a_beginning_written_in_another_way_is_refused(tmp_path: Path) -> None:
    text = (ROOT / "data" / "demo.yaml").read_text(encoding="utf-8")
    (tmp_path / "demo.yaml").write_text(text.replace("begins: now -39m", "begins: yesterday"), encoding="utf-8")
    with pytest.raises(SettingProblem, match="“yesterday” is no beginning"):
        read_story(tmp_path)
