"""The mutation harness finds a wrong name that a test does not notice, and leaves nothing behind."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation import assert_every_mutant_dies, mutants_of

TOY = '''
"""A payload module."""
from dataclasses import dataclass
from functools import cache

HEAD = "head"
WORDS = {"open": 1}
ALL = {**WORDS, HEAD: 2}


def payload(name: str) -> dict:
    body = {"channel": name, "blocks": [dict(text=name)], HEAD: 1}
    body["unread"] = True
    return body


def read(answer: dict) -> str:
    match answer:
        case {"ok": True}:
            return answer.get("id", "")
    return ""


@cache
def scale() -> dict:
    return {"cached": 1}


@dataclass(frozen=True)
class Line:
    """A class with a method that makes a part."""

    text: str

    @property
    def part(self) -> dict:
        return {"line": self.text}

    @staticmethod
    def empty() -> dict:
        return {"none": 0}


def names() -> set:
    found = set()
    found.add("summary")
    return found
'''
PAYLOAD = {"channel": "a", "blocks": [{"text": "a"}], "head": 1, "unread": True}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "toy_payloads.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("toy_payloads")
    del sys.modules["toy_payloads"]


def look_at_everything(toy: ModuleType) -> None:
    assert toy.payload("a") == PAYLOAD
    look_at_the_rest(toy)


def look_at_the_rest(toy: ModuleType) -> None:
    assert toy.read({"ok": True, "id": "7"}) == "7"
    assert toy.ALL == {"open": 1, "head": 2}
    assert toy.names() == {"summary"}
    assert toy.scale() == {"cached": 1}
    assert (toy.Line("x").part, toy.Line.empty()) == ({"line": "x"}, {"none": 0})


def test_each_name_that_the_other_side_reads_is_changed_once(toy: ModuleType) -> None:
    found = [mutant.name for mutant in mutants_of(toy)]
    assert found == [
        "head",
        "open",
        "channel",
        "blocks",
        "text",
        "unread",
        "ok",
        "id",
        "cached",
        "line",
        "none",
        "summary",
    ]


def test_a_test_that_looks_at_everything_kills_every_mutant(toy: ModuleType) -> None:
    assert_every_mutant_dies(toy, lambda: look_at_everything(toy))


def test_who_imported_a_function_meets_the_mutant_too(toy: ModuleType) -> None:
    payload = toy.payload
    mutant = next(mutant for mutant in mutants_of(toy) if mutant.name == "channel")
    with mutant.in_place():
        assert "channelx" in payload("a")
    assert "channelx" not in payload("a")


def test_nothing_of_a_mutant_stays(toy: ModuleType) -> None:
    for mutant in mutants_of(toy):
        with pytest.raises(RuntimeError), mutant.in_place():
            raise RuntimeError
    look_at_everything(toy)


def test_a_survivor_is_named_with_its_line(toy: ModuleType) -> None:
    def look_away() -> None:
        assert toy.payload("a")["channel"] == "a"

    with pytest.raises(AssertionError, match=r"toy_payloads.py:13 'unread'"):
        assert_every_mutant_dies(toy, look_away)


def test_what_is_spared_may_survive_and_must(toy: ModuleType) -> None:
    def look_at_all_but_unread() -> None:
        assert toy.payload("a") | {"unread": True, "unreadx": True} == PAYLOAD | {"unreadx": True}
        look_at_the_rest(toy)

    assert_every_mutant_dies(toy, look_at_all_but_unread, spare={"unread"})
    with pytest.raises(AssertionError, match="spared without need: channel"):
        assert_every_mutant_dies(toy, look_at_all_but_unread, spare={"unread", "channel"})


def test_an_exercise_that_cannot_pass_twice_proves_nothing(toy: ModuleType) -> None:
    seen: list[int] = []

    def once_only() -> None:
        seen.append(1)
        assert len(seen) == 1

    with pytest.raises(AssertionError, match="== 1"):
        assert_every_mutant_dies(toy, once_only)
