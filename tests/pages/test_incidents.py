"""The list of incidents, its filters in the address, its download."""

import io
from datetime import timedelta

import pandas as pd
import pytest

from ims.bootstrap import Portal
from ims.model import Incident, IncidentDraft, IncidentState, Severity
from ims.response.declare import declare
from ims.store.register import Filter
from ims.ui import tables
from ims.ui.incidents import PAGE_LENGTH, everything
from tests.conftest import HandClock, Team
from tests.pages.conftest import OpenPage
from tests.pages.test_frame import links


@pytest.fixture
def past(portal: Portal, team: Team, clock: HandClock) -> None:
    """More closed incidents than fit on a page."""
    with portal.work(team.as_ada) as work:
        for hours in range(1, PAGE_LENGTH + 11):
            at = clock.now - timedelta(hours=hours)
            work.add(
                Incident(
                    title=f"Past {hours}",
                    owner_id=team.ada.id,
                    state=IncidentState.CLOSED,
                    severity=Severity.SEV3 if hours % 2 else Severity.SEV1,
                    began_at=at,
                    detected_at=at,
                    declared_at=at,
                    resolved_at=at + timedelta(minutes=90),
                )
            )


def test_it_starts_with_what_is_active(open_page: OpenPage, past: None, incident: Incident) -> None:
    frame = open_page("incidents").dataframe[0].value
    assert list(frame["Title"]) == ["Payments fail with 502"]
    assert frame.iloc[0]["Key"] == f"/incident?key={incident.key}"
    assert frame.iloc[0]["Commander"] == "Ada Lovelace"


def test_filters_are_read_from_the_address(open_page: OpenPage, past: None) -> None:
    frame = open_page("incidents", state="Closed", severity="SEV1", period="7 days").dataframe[0].value
    assert set(frame["Severity"]) == {"SEV1"}
    assert frame.iloc[0]["Title"] == "Past 2"
    assert frame.iloc[0]["Lasted"] == "1 h 30 min"


def test_a_long_list_comes_in_pages(open_page: OpenPage, past: None) -> None:
    app = open_page("incidents", state="All")
    assert len(app.dataframe[0].value) == PAGE_LENGTH
    assert len(open_page("incidents", state="All", page="2").dataframe[0].value) == 10


def test_a_page_beyond_the_end_is_the_last(open_page: OpenPage, past: None) -> None:
    assert not open_page("incidents", state="All", page="99").exception


def test_nothing_active_says_so_and_leads_on(open_page: OpenPage, past: None) -> None:
    app = open_page("incidents")
    assert app.success[0].value == "No incident is active."
    assert "Show all incidents" in links(app)


def test_nothing_found_says_so(open_page: OpenPage, past: None) -> None:
    assert "No incident matches" in open_page("incidents", state="All", text="nowhere").info[0].value


def test_an_empty_portal_says_how_to_begin(open_page: OpenPage, team: Team) -> None:
    assert "Declare an incident" in links(open_page("incidents"))


def test_the_download_holds_every_row_and_no_formula(portal: Portal, team: Team, past: None, clock: HandClock) -> None:
    with portal.work(team.as_ada) as work:
        declare(work, IncidentDraft(title="=cmd|' /C calc'!A0", precaution=True), portal.procedure)
    read = pd.read_csv(io.BytesIO(tables.csv(everything(Filter(), clock.now))))
    assert len(read) == PAGE_LENGTH + 11
    assert read.iloc[0]["title"] == "'=cmd|' /C calc'!A0"
    assert read.iloc[0]["declared_at"] == "2026-11-23T03:00:00+0000"
    assert read.iloc[1]["lasted_minutes"] == 90


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert tables.inert(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["a=b", "", -1, 0.5, None, "5 - 3"])
def test_other_cells_are_left_alone(cell: object) -> None:
    assert tables.inert(cell) == cell


def test_column_names_are_made_inert_too() -> None:
    assert tables.csv(pd.DataFrame({"=x": ["ä"]})).decode("utf-8-sig").splitlines() == ["'=x", "ä"]
