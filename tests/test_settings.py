"""Settings come from the environment or from files, and are listed for people."""

import re
import traceback
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from ims.config import ROOT, Settings, read_settings, variables
from ims.errors import SettingProblem
from ims.integrations.registry import SYSTEMS

KINDS: list[type[BaseSettings]] = [Settings, *(system.settings for system in SYSTEMS)]
DOCUMENT = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_setting_is_documented_and_none_that_is_gone() -> None:
    documented = set(re.findall(r"^\| `(IMS_[A-Z_]+)`", DOCUMENT, re.MULTILINE))
    assert documented == {variable for kind in KINDS for variable in variables(kind).values()}


def test_every_code_of_a_problem_is_documented_and_none_that_is_gone() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "ims").rglob("*.py"))
    used = set(re.findall(r"\"(IMS-[1-9]\d\d)\"", source))
    assert set(re.findall(r"^\| `(IMS-\d+)`", DOCUMENT, re.MULTILINE)) == used


def test_no_two_problems_share_a_code() -> None:
    homes: dict[str, set[Path]] = {}
    for path in (ROOT / "ims").rglob("*.py"):
        for code in re.findall(r"\"(IMS-2\d\d)\"", path.read_text(encoding="utf-8")):
            homes.setdefault(code, set()).add(path)
    assert {code: len(files) for code, files in homes.items() if len(files) > 1} == {}


def test_every_setting_says_what_it_is() -> None:
    assert all(field.title and field.description for kind in KINDS for field in kind.model_fields.values())


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("from-the-file\n")
    monkeypatch.setenv("IMS_ALERTMANAGER_TOKEN", "from-the-environment")
    monkeypatch.setenv("IMS_ALERTMANAGER_TOKEN_FILE", str(tmp_path / "token"))
    token = read_settings().alertmanager_token
    assert token is not None
    assert token.get_secret_value() == "from-the-file"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    monkeypatch.setenv("IMS_ALERTMANAGER_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(SettingProblem, match="IMS_ALERTMANAGER_TOKEN_FILE names a file that cannot be read") as caught:
        read_settings()
    assert caught.value.code == "IMS-104"


def test_no_secret_shows_in_the_settings_or_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_ALERTMANAGER_TOKEN", "hunter2")
    monkeypatch.setenv("IMS_DATABASE_URL", "postgresql://ims:hunter3@db/ims")
    settings = read_settings()
    assert "hunter" not in f"{settings!r} {settings}"
    monkeypatch.setenv("IMS_LARGEST_WEBHOOK_BYTES", "hunter4")
    with pytest.raises(SettingProblem) as caught:
        read_settings()
    assert "hunter" not in "".join(traceback.format_exception(caught.value))


def test_a_bad_value_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_WORKER", "perhaps")
    with pytest.raises(SettingProblem, match="IMS_WORKER: ") as caught:
        read_settings()
    assert caught.value.code == "IMS-101"


def test_the_database_is_the_same_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings().database_url == f"sqlite:///{ROOT}/var/ims.db"
    monkeypatch.setenv("IMS_DATABASE_URL", "sqlite:///var/other.db")
    assert read_settings().database_url == f"sqlite:///{ROOT}/var/other.db"


@pytest.mark.parametrize("url", ["sqlite:////tmp/ims.db", "postgresql://db/ims"])
def test_a_full_address_stays_as_it_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_DATABASE_URL", url)
    assert read_settings().database_url == url


@pytest.mark.parametrize(("given", "kept"), [("https://ims.example.com/", "https://ims.example.com")])
def test_links_are_made_from_an_address_without_its_last_slash(
    given: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMS_BASE_URL", given)
    assert read_settings().base_url == kept


@pytest.mark.parametrize("url", ["ims.example.com", "javascript:alert(1)", "https://", "https://a b"])
def test_an_address_that_no_browser_opens_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_BASE_URL", url)
    with pytest.raises(SettingProblem, match="IMS_BASE_URL: write it like https://"):
        read_settings()
