"""The command line under test: in this process with a database of its own, or as people run it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ims import bootstrap
from ims.bootstrap import Portal
from ims.cli import main
from ims.config import ROOT
from tests.conftest import HandClock, Team, make_team

RunIms = Callable[..., Result]
IMS = Path(sys.executable).parent / "ims"


@pytest.fixture
def portal(sqlite_url: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """The process's own portal, as the commands find it."""
    monkeypatch.setenv("IMS_DATABASE_URL", sqlite_url)
    bootstrap.portal.cache_clear()
    wired = bootstrap.portal()
    wired.clock = clock
    yield wired
    wired.database.close()
    bootstrap.portal.cache_clear()


@pytest.fixture
def team(portal: Portal) -> Team:
    return make_team(portal)


@pytest.fixture
def run_ims(portal: Portal) -> RunIms:
    """Run a command in this process: ``run_ims("check", "--json")``."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    return run


def start_ims(*words: str, **settings: str) -> "subprocess.Popen[str]":
    """Start ``.venv/bin/ims`` as people do, with settings on top of this process's environment."""
    return subprocess.Popen(
        [str(IMS), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | settings,
    )
