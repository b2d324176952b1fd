"""On the root-cause page: drafts to accept, and the customer version that a person reads before it is downloaded."""

import pytest

from ims.bootstrap import Portal
from ims.model import Incident
from ims.postmortem.document import create
from ims.response import states
from ims.store import incidents
from tests.conftest import Team
from tests.pages.conftest import OpenPage


@pytest.fixture
def started(portal: Portal, team: Team, incident: Incident) -> Incident:
    with portal.work(team.as_ada) as work:
        states.resolve(work, incident.id, "Restarted", portal.procedure)
        create(work, incident.id)
    return incident


def test_a_draft_is_rewritten_and_accepted_on_the_page(open_page: OpenPage, started: Incident, portal: Portal) -> None:
    app = open_page("rca", key=started.key)
    area = app.text_area(key=f"rca_draft_summary_{started.id}")
    assert str(area.value).startswith(f"“{started.title}” began on ")
    area.set_value("It was the limit.")
    app.button(key="rca_draft_summary_accept").click().run()
    assert not app.exception
    with portal.reading() as session:
        document = incidents.rca_document(session, started.id)
    assert document is not None
    assert document.sections["summary"] == "It was the limit."
    assert document.accepted == ["summary"]
    assert f"rca_draft_summary_{started.id}" not in [area.key for area in app.text_area]


def test_nothing_is_proposed_where_people_wrote_already(
    open_page: OpenPage, started: Incident, portal: Portal, team: Team
) -> None:
    with portal.work(team.as_ada) as work:
        document = incidents.rca_document(work.session, started.id)
        assert document is not None
        document.sections = {"summary": "Ours.", "impact": "Ours.", "detection": "Ours."}
    app = open_page("rca", key=started.key)
    assert not [area for area in app.text_area if str(area.key).startswith("rca_draft")]


def test_the_customer_version_shows_its_words_and_what_is_missing(open_page: OpenPage, started: Incident) -> None:
    app = open_page("rca", key=started.key)
    app.button(key="rca_customer").click().run()
    assert not app.exception
    assert "Nobody has written or accepted “Summary”" in " ".join(warning.value for warning in app.warning)
    assert started.title in " ".join(element.value for element in app.markdown)
    assert app.checkbox(key="rca_customer_checked").value is False
