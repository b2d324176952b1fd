"""Pages under test: the whole app in this process, on a database of its own, its clock turned by hand."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from ims import bootstrap
from ims.bootstrap import Portal
from tests.conftest import HandClock, Team, make_team

ROOT = Path(__file__).resolve().parents[2]
OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def components_are_searched_once() -> Iterator[None]:
    """Streamlit reads about every installed package for each app under test, which takes as long as the app itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def portal(sqlite_url: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """The process's own portal, as the pages find it."""
    monkeypatch.setenv("IMS_DATABASE_URL", sqlite_url)
    bootstrap.portal.cache_clear()
    st.cache_data.clear()
    wired = bootstrap.portal()
    wired.clock = clock
    yield wired
    wired.database.close()
    bootstrap.portal.cache_clear()


@pytest.fixture
def team(portal: Portal) -> Team:
    return make_team(portal)


@pytest.fixture
def open_page(portal: Portal) -> OpenPage:
    """Open a page by its file's name, with a query: ``open_page("incident", key="INC-1")``."""

    def open_it(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "ims" / "ui" / "portal.py"), default_timeout=60)
        if name != "home":
            app.switch_page(str(ROOT / "pages" / f"{name}.py"))
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception, app.exception[0].value
        return app

    return open_it
