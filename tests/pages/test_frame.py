"""The frame stands on every page: what burns, who acts, who may come in."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import AccessRole, Actor, Delivery, DeliveryState, Incident, IncidentDraft, Severity
from ims.response.declare import declare
from ims.response.states import cancel
from ims.ui.strip import MOST_SHOWN, urgent_first
from tests.conftest import START, HandClock, Team
from tests.pages.conftest import ROOT, OpenPage

PAGES = [
    "home",
    "alerts",
    "declare",
    "incidents",
    "incident",
    "briefing",
    "rca",
    "follow_ups",
    "figures",
    "deliveries",
    "import_history",
    "integrations",
    "settings",
]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_an_empty_portal(open_page: OpenPage, page: str) -> None:
    assert open_page(page).main


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_active_incident(open_page: OpenPage, page: str, incident: Incident) -> None:
    app = open_page(page)
    assert any(incident.key in label for label in links(app))


def test_the_strip_counts_down_to_the_customer_update(
    open_page: OpenPage, incident: Incident, clock: HandClock
) -> None:
    assert "customer update in 30 min" in shown(open_page("settings"))
    clock.forward(timedelta(minutes=21))
    assert ":orange[**customer update in 9 min**]" in shown(open_page("settings"))
    clock.forward(timedelta(minutes=10))
    assert ":red[**customer update 1 min late**]" in shown(open_page("settings"))


def test_the_strip_names_the_incident_commander(open_page: OpenPage, incident: Incident) -> None:
    assert "IC Ada Lovelace" in shown(open_page("settings"))


def test_nothing_is_drawn_when_nothing_burns(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        cancel(work, incident.id, "A test alert")
    assert not any(incident.key in label for label in links(open_page("settings")))


def test_a_stopped_message_is_shown_on_every_page(open_page: OpenPage, portal: Portal, team: Team) -> None:
    with portal.work(team.as_ada) as work:
        work.add(
            Delivery(
                key="one",
                kind="customer_post",
                recipient="#acme",
                created_at=work.now,
                due_at=work.now,
                state=DeliveryState.STOPPED,
            )
        )
    assert any("1 message needs a person" in label for label in links(open_page("settings")))


def test_many_incidents_do_not_fill_the_screen(open_page: OpenPage, portal: Portal, team: Team) -> None:
    for number in range(MOST_SHOWN + 2):
        with portal.work(team.as_ada) as work:
            declare(work, IncidentDraft(title=f"Number {number}", precaution=True), portal.procedure)
    labels = links(open_page("settings"))
    assert sum("Number" in label for label in labels) == MOST_SHOWN
    assert "and 2 more active incidents" in labels


def test_the_worst_incident_comes_first_and_an_unjudged_one_second() -> None:
    judged = {severity: _incident(severity.value, severity) for severity in Severity}
    unjudged = _incident("unjudged", None)
    order = urgent_first([(judged[Severity.SEV2], None), (unjudged, None), (judged[Severity.SEV1], None)])
    assert [incident.title for incident, _ in order] == ["sev1", "unjudged", "sev2"]


def test_a_title_full_of_markup_appears_as_it_was_typed(open_page: OpenPage, portal: Portal, team: Team) -> None:
    with portal.work(team.as_ada) as work:
        declare(work, IncidentDraft(title="[a](b) :red[x]", precaution=True), portal.procedure)
    assert any("\\[a\\](b) \\:red\\[x\\]" in label for label in links(open_page("settings")))


def test_the_viewer_says_who_they_are(open_page: OpenPage, team: Team) -> None:
    app = open_page("home")
    assert app.selectbox(key="acting_as").value == team.ada.id
    app.selectbox(key="acting_as").select(team.bob.id).run()
    assert app.selectbox(key="acting_as").value == team.bob.id


def test_a_viewer_is_told_so(open_page: OpenPage, portal: Portal, team: Team) -> None:
    with portal.work(Actor("Setup", access=AccessRole.ADMINISTRATOR)) as work:
        work.get(type(team.ada), team.ada.id).access = AccessRole.VIEWER
    assert any("You may look" in caption.value for caption in open_page("home").caption)


def _incident(title: str, severity: Severity | None) -> Incident:
    return Incident(title=title, severity=severity, began_at=START, detected_at=START, declared_at=START)


def signed_in(monkeypatch: pytest.MonkeyPatch, **user: object) -> AppTest:
    """Open the landing page on a portal with sign-in."""
    monkeypatch.setattr("streamlit.user", {"is_logged_in": False} | user)
    app = AppTest.from_file(str(ROOT / "ims" / "ui" / "portal.py"), default_timeout=60)
    app.secrets["auth"] = {"client_id": "ims"}
    return app.run()


def test_nobody_comes_in_without_signing_in(
    portal: Portal, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = signed_in(monkeypatch)
    assert app.button(key="sign_in")
    assert not any(incident.key in label for label in links(app))


def test_in_a_new_browser_the_one_who_set_the_portal_up_acts(open_page: OpenPage, portal: Portal, team: Team) -> None:
    with portal.work(team.as_bob) as work:
        work.get(type(team.bob), team.bob.id).access = AccessRole.ADMINISTRATOR
    assert open_page("settings").selectbox(key="acting_as").value == team.bob.id


def test_whoever_signed_in_is_who_acts(portal: Portal, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    app = signed_in(monkeypatch, is_logged_in=True, email="Bob@example.com")
    assert any("Signed in as Bob Kahn" in caption.value for caption in app.caption)
    assert "acting_as" not in [box.key for box in app.selectbox]


def test_a_stranger_who_signed_in_may_only_look(portal: Portal, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    app = signed_in(monkeypatch, is_logged_in=True, email="eve@example.com")
    captions = " ".join(caption.value for caption in app.caption)
    assert "is not among the portal's people yet" in captions
    assert "You may look" in captions


def test_an_unconfirmed_address_is_nobody(portal: Portal, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    app = signed_in(monkeypatch, is_logged_in=True, email="ada@example.com", email_verified=False)
    assert "no confirmed e-mail address" in app.error[0].value


def test_whoever_signs_in_first_sets_the_portal_up(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    app = signed_in(monkeypatch, is_logged_in=True, email="ada@example.com")
    assert not any("You may look" in caption.value for caption in app.caption)
    assert app.text_input(key="start_email").value == "ada@example.com"


def links(app: AppTest) -> list[str]:
    """Return the labels of the links to pages."""
    return [link.proto.label for link in app.get("page_link")]


def shown(app: AppTest) -> str:
    """Return every text in Markdown."""
    return "\n".join(markdown.value for markdown in app.markdown)
