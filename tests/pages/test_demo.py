"""Every page opens on the demo, and the incident page on an incident of every state."""

import shutil
from pathlib import Path

import pytest

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.demo.play import load
from ims.model import IncidentState
from ims.store import incidents
from tests.conftest import HandClock
from tests.pages.conftest import OpenPage
from tests.pages.test_frame import PAGES

pytestmark = pytest.mark.xdist_group("demo")  # it is played once, by one process


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, played once; each test takes a copy."""
    file = tmp_path_factory.mktemp("demo") / "demo.db"
    portal = build(Settings(database_url=f"sqlite:///{file}"), HandClock())
    portal.start()
    load(portal, lambda _part, _words: None)
    portal.database.close()
    return file


@pytest.fixture
def sqlite_url(demo_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(demo_file, tmp_path / 'ims.db')}"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_the_demo(open_page: OpenPage, page: str) -> None:
    assert open_page(page).main


@pytest.mark.parametrize("state", IncidentState)
def test_the_incident_page_opens_in_every_state(open_page: OpenPage, portal: Portal, state: IncidentState) -> None:
    with portal.reading() as session:
        found = next(each for each in incidents.latest(session, limit=100) if each.state is state)
    app = open_page("incident", key=found.key)
    assert app.subheader[0].value.replace("\\", "") == f"{found.key} · {found.title}"


@pytest.mark.parametrize("page", ["rca", "follow_ups"])
def test_the_pages_after_an_incident_open_for_one_with_a_document(open_page: OpenPage, page: str) -> None:
    assert open_page(page, key="INC-2").main
