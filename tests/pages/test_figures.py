"""The Figures page: empty, with data, its filters in the address, and the rows behind the charts."""

import json
from datetime import timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.intake.history.importing import bring_in
from ims.intake.history.registry import read_history
from ims.model import Actor, EntryKind, FollowUp, IncidentDraft, IncidentState
from ims.response.declare import declare
from ims.store import incidents
from tests.conftest import HandClock, Team
from tests.pages.conftest import OpenPage

LIST = """Number,Title,Started,Ended,Severity,Service
1,Mail <b>down</b>,2025-01-14 10:00,2025-01-14 12:00,1,Mail
2,=cmd|' /C calc'!A0,2025-02-14 10:00,2025-02-14 11:00,3,Web
3,Backwards,2025-02-15 10:00,2025-02-15 09:00,3,Web
4,Still open,2025-02-16 10:00,,,
"""


@pytest.fixture
def history(portal: Portal) -> Portal:
    """Three incidents of January and February, one of them backwards, and one that was open."""
    with portal.work(Actor("Import")) as work:
        bring_in(work, read_history(LIST.encode()).decided())
    return portal


def texts(app: AppTest) -> str:
    return "\n".join(
        [
            *(each.value for each in app.markdown),
            *(each.value for each in app.caption),
            *(each.value for each in app.info),
        ]
    )


def charts(app: AppTest) -> dict[str, dict[str, object]]:
    found = [json.loads(element.proto.spec) for element in app.get("plotly_chart")]
    return {each["layout"]["title"]["text"]: each for each in found}


def test_an_empty_portal_says_what_to_do(open_page: OpenPage) -> None:
    app = open_page("figures")
    assert "There are no incidents yet" in app.info[0].value
    assert not charts(app)


def test_the_charts_say_what_they_show(history: Portal, open_page: OpenPage) -> None:
    app = open_page("figures")
    assert set(charts(app)) == {
        "Incidents by month and severity",
        "Incidents by service and severity",
        "Time to resolve, median by month of declaration",
    }
    assert "4 of 4 incidents. Drills are never counted." in texts(app)


def test_the_median_comes_first_with_n_and_what_was_left_out(history: Portal, open_page: OpenPage) -> None:
    app = open_page("figures")
    resolve = app.metric[-1]
    assert (resolve.label, resolve.value) == ("Time to resolve", "1 h 30 min")
    assert "median, n = 2" in texts(app)
    assert "p90 too few" in texts(app)
    assert "Left out: 1 still open, 1 with an end before the start." in texts(app)


def test_filters_come_from_the_address(history: Portal, open_page: OpenPage) -> None:
    app = open_page("figures", figures_severity="SEV3", figures_since="2025-02-01", figures_step="Week")
    assert "2 of 4 incidents" in texts(app)
    assert "Incidents by week and severity" in charts(app)


def test_a_chosen_service_narrows_the_figures(history: Portal, open_page: OpenPage) -> None:
    app = open_page("figures")
    app.multiselect(key="figures_service").select("Web").run()
    assert "2 of 4 incidents" in texts(app)


def test_filters_that_leave_nothing_say_so(history: Portal, open_page: OpenPage) -> None:
    app = open_page("figures", figures_since="2026-01-01")
    assert "No incident fits these filters" in app.info[0].value


def open_rows(app: AppTest, key: str) -> pd.DataFrame:
    """Open the rows behind a chart, as a click on it does, and return them."""
    app.session_state[key] = True
    app.run()
    table: pd.DataFrame = app.dataframe[0].value
    return table


def test_the_rows_behind_a_chart_are_one_click_away(history: Portal, open_page: OpenPage) -> None:
    app = open_page("figures")
    assert not app.dataframe
    rows = open_rows(app, "figures_incidents")
    assert rows["title"].tolist() == ["Still open", "Backwards", "=cmd|' /C calc'!A0", "Mail <b>down</b>"]
    assert rows["key"].str.startswith("/incident?key=INC-").all()


def test_the_durations_behind_the_figures_say_which_are_backwards(history: Portal, open_page: OpenPage) -> None:
    rows = open_rows(open_page("figures"), "figures_durations").set_index("title")
    assert rows["time_to_resolve_minutes"]["Backwards"] == -60
    assert pd.isna(rows["time_to_resolve_minutes"]["Still open"])


def test_a_changed_incident_changes_the_figures(history: Portal, open_page: OpenPage) -> None:
    app = open_page("figures")
    with history.work(Actor("Ada")) as work:
        found = incidents.by_key(work.session, "INC-1")
        found.state = IncidentState.CANCELLED
        work.record(found, EntryKind.CANCELLED, "It was none")
    assert "1 cancelled one is left out" in texts(app.run())


def test_steps_of_the_procedure_that_were_late_are_shown(
    team: Team, portal: Portal, clock: HandClock, open_page: OpenPage
) -> None:
    declare_one(portal, team)
    clock.forward(timedelta(days=2))
    app = open_page("figures")
    assert "Procedure steps late or skipped" in charts(app)
    assert "From 1 incident that ran by the procedure." in texts(app)
    assert (open_rows(app, "figures_steps")["late_minutes"] > 0).all()


def test_follow_ups_are_counted(team: Team, portal: Portal, open_page: OpenPage) -> None:
    number = declare_one(portal, team)
    with portal.work(team.as_ada) as work:
        work.add(FollowUp(incident_id=number, number=1, text="Add a check", created_at=work.now))
    app = open_page("figures")
    assert "**0 of 1 done** · 1 open, 0 of them overdue" in texts(app)


def declare_one(portal: Portal, team: Team) -> int:
    with portal.work(team.as_ada) as work:
        draft = IncidentDraft(title="Payments fail", affects_customers=True, customer_ids=[team.acme.id])
        return declare(work, draft, portal.procedure).id
