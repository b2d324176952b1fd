"""The frame stands on every page."""

import pytest

from ims.model import Incident
from tests.pages.conftest import OpenPage

PAGES = [
    "home",
    "alerts",
    "declare",
    "incidents",
    "incident",
    "rca",
    "follow_ups",
    "figures",
    "deliveries",
    "import_history",
    "settings",
]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_an_empty_portal(open_page: OpenPage, page: str) -> None:
    assert open_page(page).main


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_active_incident(open_page: OpenPage, page: str, incident: Incident) -> None:
    app = open_page(page)
    assert any(incident.key in link.label for link in app.get("page_link"))
