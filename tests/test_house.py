"""What a newcomer types first, and what must never be in the repository."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ims.cli import main
from ims.config import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.\-]+)==([^\s;]+)", text, re.M)}


def make(*words: str) -> list[str]:
    """Ask make as from a fresh shell, also where make runs the tests."""
    shell = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PORT"))}
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=ROOT, env=shell, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("target", ["setup", "run", "test", "lint", "bench", "demo", "help"])
def test_make_lists_each_target_with_what_it_does(target: str) -> None:
    assert [line for line in make() if re.fullmatch(rf"make {target} +[A-Z].{{10,}}", line)]


def test_make_run_installs_before_it_serves() -> None:
    planned = make("-n", "run", "VENV=.venv.none", "PORT=1234")
    assert "requirements/setup.sh .venv.none run" in planned[0]
    assert planned[-1].endswith(".venv.none/bin/ims serve --port 1234 --address 127.0.0.1")


def setup_with(python: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the setup where ``python3`` is the given script and no other Python is found."""
    for tool in ("sh", "rm", "mkdir", "touch", "find"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    (folder / "python3").write_text(f"#!/bin/sh\n{python}\n")
    (folder / "python3").chmod(0o755)
    return subprocess.run(
        ["sh", "requirements/setup.sh", str(folder / "venv"), "run"],
        cwd=ROOT,
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_answered_in_one_sentence(tmp_path: Path) -> None:
    answer = setup_with('if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi', tmp_path)
    assert answer.returncode == 1
    assert answer.stderr.startswith("IMS needs Python 3.11, 3.12 or 3.13, and python3 is Python 3.9.2: ")
    assert answer.stderr.count("\n") == 1


def test_a_python_without_venv_is_answered_in_one_sentence(tmp_path: Path) -> None:
    answer = setup_with(f'case "$*" in *venv*) exit 1;; esac\nexec {sys.executable} "$@"', tmp_path)
    assert answer.returncode == 1
    assert "apt-get install python3-venv" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("script", [".ci/run", "requirements/setup.sh"])
def test_scripts_can_be_run(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(ROOT / script)], check=True)


def test_both_locks_hold_the_same_versions_and_all_that_is_asked_for() -> None:
    run, dev = pins("run.lock"), pins("dev.lock")
    assert run.items() <= dev.items()
    groups = PROJECT["dependency-groups"]
    for lock, asked in ((run, PROJECT["project"]["dependencies"]), (dev, groups["test"] + groups["lint"])):
        for requirement in map(Requirement, asked):
            assert requirement.specifier.contains(lock[canonicalize_name(requirement.name)]), requirement


def test_every_direct_dependency_is_explained() -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    groups = PROJECT["dependency-groups"]
    asked = [*PROJECT["project"]["dependencies"], *groups["test"], *groups["lint"], *groups["build"]]
    missing = [name for name in (Requirement(each).name for each in asked) if f"**{name}**" not in explained]
    assert not missing


def test_nothing_names_a_registry_or_a_folder_of_somebody_s_machine() -> None:
    # Written in pieces, so that this file does not name them either.
    registry = re.compile(
        "|".join(("py" + r"pi\.(org|python)", "python" + "hosted", "npm" + "js", r"registry\.npm")), re.I
    )
    home = re.compile(r"(?<![\w.])/(work|home|Users)/[a-z]")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path.suffix not in {".png", ".ico", ".docx", ".woff2"}
        for pattern in (registry, home)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_of_the_documents_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_the_documents_name_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:ims|pages|data|docs|tests|benchmarks|requirements|\.ci|\.streamlit)/[\w./\-]*)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_readme_lists_every_command_and_none_that_is_gone() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`ims ([a-z\-]+)[^`]*`(?=[^|]*\|)", text))
    assert listed == set(main.commands)


def test_usage_statistics_are_off() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["browser"]["gatherUsageStats"] is False
