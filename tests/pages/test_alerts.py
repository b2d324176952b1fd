from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.intake.triage import draft_from_alerts
from ims.model import EntryKind, Incident, TriageState
from ims.response import states
from ims.response.declare import attach_alerts
from ims.store import incidents
from ims.store.alert_questions import GroupKey
from ims.ui.alerts import groups
from tests.conftest import HandClock, Team
from tests.intake.alert_bodies import ENDED, STARTED_AGAIN, kept, post, post_raw, written
from tests.pages.conftest import OpenPage

NASTY = "# <b>x</b> *y* [z](http://e.example) :tada: `c` $1$ =1+1"


def text_of(app: AppTest) -> str:
    """Return all that the page says."""
    shown = [*app.markdown, *app.title, *app.caption, *app.info, *app.success, *app.error, *app.code, *app.text]
    return "\n".join(str(element.value) for element in shown)


def choose(app: AppTest, label: str) -> AppTest:
    next(box for box in app.checkbox if label in box.label).check()
    return app.run()


def labels(app: AppTest) -> list[str]:
    return [box.label for box in app.checkbox]


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    app.run()
    assert not app.exception
    return app


def test_an_empty_portal_says_how_alerts_get_here(open_page: OpenPage, portal: Portal) -> None:
    portal.settings.base_url = "https://ims.example/"
    app = open_page("alerts")
    assert "No alert has arrived so far" in text_of(app)
    assert "url: https://ims.example/hooks/alertmanager" in text_of(app)
    assert "IMS_ALERTMANAGER_TOKEN" in text_of(app)


def test_alerts_are_grouped_and_those_that_fire_come_first(open_page: OpenPage, portal: Portal) -> None:
    post(portal, written("Fixed", fingerprint="x", startsAt="2026-11-23T02:59:00Z", ended="2026-11-23T02:59:30Z"))
    post(portal, written("Old", fingerprint="o", startsAt="2026-11-23T01:00:00Z"))
    post(portal, written("New", fingerprint="n1"), written("New", fingerprint="n2"))
    app = open_page("alerts")
    assert labels(app) == ["**New** · payments", "**Old** · payments", "**Fixed** · payments"]
    assert "2 firing" in text_of(app)


def test_what_a_sender_wrote_appears_literally(open_page: OpenPage, portal: Portal) -> None:
    post(portal, written(NASTY, annotations={"summary": NASTY, NASTY: NASTY}))
    app = open_page("alerts", alert="1")
    assert "\\*y\\*" in app.title[0].value
    assert NASTY in [element.value for element in app.text]


def test_the_list_is_filtered_by_state_decision_and_text(open_page: OpenPage, portal: Portal) -> None:
    post(portal, written("Burning"), written("Fixed", fingerprint="f2", ended=ENDED))
    app = open_page("alerts")
    app.segmented_control(key="alerts_state").select("Resolved").run()
    assert labels(app) == ["**Fixed** · payments"]
    app.segmented_control(key="alerts_state").select("All").run()
    app.text_input(key="alerts_search").set_value("BURN").run()
    assert labels(app) == ["**Burning** · payments"]
    app.text_input(key="alerts_search").set_value("5xx").run()
    assert len(labels(app)) == 2
    app.text_input(key="alerts_search").set_value("100%").run()
    assert labels(app) == []
    assert "No alert is like that" in text_of(app)
    app.text_input(key="alerts_search").set_value("").run()
    app.segmented_control(key="alerts_decision").select("Dismissed").run()
    assert labels(app) == []


def test_the_filters_are_in_the_address(open_page: OpenPage, portal: Portal) -> None:
    post(portal, written("Burning"), written("Fixed", fingerprint="f2", ended=ENDED))
    assert labels(open_page("alerts", alerts_state="Resolved")) == ["**Fixed** · payments"]
    assert labels(open_page("alerts", alerts_search="burn")) == ["**Burning** · payments"]
    assert labels(open_page("alerts", alerts_decision="Dismissed")) == []


def test_the_page_that_is_turned_to_is_in_the_address(open_page: OpenPage, portal: Portal) -> None:
    post(portal, *(written(f"Rule{number:04}", fingerprint=str(number)) for number in range(25)))
    assert len(labels(open_page("alerts", alerts_page="2"))) == 5


def test_thousands_of_groups_are_shown_by_the_page(open_page: OpenPage, portal: Portal) -> None:
    post(portal, *(written(f"Rule{number:04}", fingerprint=str(number)) for number in range(1_050)))
    app = open_page("alerts")
    assert len(labels(app)) == 20
    app.session_state["alerts_page"] = 53
    app.run()
    assert len(labels(app)) == 10


def test_dismissing_needs_a_reason_and_can_be_undone(open_page: OpenPage, portal: Portal, team: Team) -> None:
    post(portal, written())
    app = choose(open_page("alerts"), "PaymentsDown")
    press(app, "alerts_dismiss")
    assert "Say why this is no incident" in text_of(app)
    assert kept(portal)[0].triage is TriageState.WAITING
    app.text_input(key="alerts_reason_0").set_value("planned maintenance")
    press(app, "alerts_dismiss")
    (alert,) = kept(portal)
    assert (alert.triage, alert.triage_reason) == (TriageState.DISMISSED, "planned maintenance")
    assert alert.triaged_by == "Ada Lovelace"
    assert "Nothing waits for a decision" in text_of(app)
    detail = open_page("alerts", alert="1")
    assert "Dismissed by Ada Lovelace: planned maintenance" in text_of(detail)
    press(detail, "alerts_bring_back")
    assert kept(portal)[0].triage is TriageState.WAITING


def test_a_whole_group_is_attached_to_a_running_incident(
    open_page: OpenPage, portal: Portal, incident: Incident
) -> None:
    post(portal, written(), written(fingerprint="f2", ended=ENDED))
    app = choose(open_page("alerts"), "PaymentsDown")
    press(app, "alerts_attach")
    assert {(alert.triage, alert.incident_id) for alert in kept(portal)} == {(TriageState.ATTACHED, incident.id)}
    with portal.reading() as session:
        entries = [entry.kind for entry in incidents.timeline(session, incident.id)]
    assert entries.count(EntryKind.ALERT_ATTACHED) == 2
    assert entries.count(EntryKind.ALERT_RESOLVED) == 1


def test_single_alerts_of_a_group_can_be_chosen(open_page: OpenPage, portal: Portal, incident: Incident) -> None:
    pods = [
        written(fingerprint=f"f{number}", labels=written()["labels"] | {"instance": f"pay-{number}"})
        for number in (1, 2)
    ]
    post(portal, *pods)
    app = open_page("alerts")
    app.session_state[f"open_{groups.widget_name(GroupKey('PaymentsDown', 'payments', 'critical'))}"] = True
    choose(app.run(), "pay-2")
    press(app, "alerts_attach")
    assert [alert.incident_id for alert in sorted(kept(portal), key=lambda each: each.fingerprint)] == [
        None,
        incident.id,
    ]


def test_attaching_twice_changes_nothing_more(portal: Portal, team: Team, incident: Incident) -> None:
    post(portal, written(ended=ENDED))
    for _ in range(2):
        with portal.work(team.as_ada) as work:
            attach_alerts(work, incident.id, [1])
    with portal.reading() as session:
        entries = [entry.kind for entry in incidents.timeline(session, incident.id)]
    assert entries.count(EntryKind.ALERT_RESOLVED) == 1


def test_nothing_is_attached_to_an_incident_that_is_over(portal: Portal, team: Team, incident: Incident) -> None:
    post(portal, written())
    with portal.work(team.as_ada) as work:
        states.cancel(work, incident.id, "a false alarm")
    with pytest.raises(Refusal, match="INC-1 is cancelled"), portal.work(team.as_ada) as work:
        attach_alerts(work, incident.id, [1])


def test_an_alert_that_fires_again_names_the_incident_of_its_earlier_firing(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    post(portal, written())
    with portal.work(team.as_ada) as work:
        attach_alerts(work, incident.id, [1])
    post(portal, written(ended=ENDED))
    clock.forward(timedelta(minutes=5))
    post(portal, written(startsAt=STARTED_AGAIN))
    app = open_page("alerts")
    assert "Same alert as in" in text_of(app)


def test_declaring_leads_to_the_declare_page_with_the_alerts(open_page: OpenPage, portal: Portal, team: Team) -> None:
    post(portal, written(), written(fingerprint="f2"))
    app = choose(open_page("alerts"), "PaymentsDown")
    press(app, "alerts_declare")
    assert app.title[0].value == "Declare an incident"
    assert sorted(str(app.query_params["alerts"]).split(",")) == ["1", "2"]


def test_one_alert_is_shown_in_full(open_page: OpenPage, portal: Portal) -> None:
    post(portal, written())
    post(portal, written())
    app = open_page("alerts", alert="1")
    assert app.title[0].value == "PaymentsDown"
    assert "5xx ratio 12%" in text_of(app)
    assert "Repeated 1 time" in text_of(app)
    assert list(app.dataframe[0].value["Label"]) == ["alertname", "service", "severity", "instance"]
    press(app, "alerts_back")
    assert app.title[0].value == "Alerts"


@pytest.mark.parametrize("alert", ["2", "x", "-1", "9" * 30, ""])
def test_an_address_of_no_alert_says_so(open_page: OpenPage, alert: str) -> None:
    assert "There is no such alert" in text_of(open_page("alerts", alert=alert))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://", "ftp://e.example", "//e.example", "http://[", "x"])
def test_only_web_addresses_become_links(open_page: OpenPage, portal: Portal, url: str) -> None:
    post(portal, written(generatorURL=url))
    app = open_page("alerts", alert="1")
    assert not [each for each in app.get("link_button") if "measured" in str(each.proto)]


def test_the_inbox_shows_what_nobody_could_read_first_with_its_body(open_page: OpenPage, portal: Portal) -> None:
    post_raw(portal, b"<b>not json</b> \xff")
    post(portal, written(), truncatedAlerts=2)
    app = open_page("alerts")
    assert "1 unreadable in the inbox" in text_of(app)
    app.session_state["alerts_view"] = "Inbox"
    app.run()
    assert app.text[0].value.startswith("The body is not UTF-8 text")
    assert app.text[1].value.startswith("Alertmanager left out 2 more alerts")
    app.session_state["body_1"] = True
    app.run()
    assert "<b>not json</b> \\xff" in [code.value for code in app.code]


def test_a_prefill_says_what_is_seen_and_whom_it_touches(portal: Portal, team: Team) -> None:
    post(portal, written(), written("Other", fingerprint="f2", labels={"job": "Search"}, annotations={}))
    with portal.reading() as session:
        both = draft_from_alerts(session, [1, 2])
        one = draft_from_alerts(session, [1])
    assert one.title == "payments: 5xx ratio 12%"
    assert one.customer_ids == [team.acme.id, team.globex.id]
    assert both.service_ids == [team.payments.id, team.search.id]
    assert "PaymentsDown on pay-1: 5xx ratio 12%" in both.summary
    assert both.began_at == min(alert.starts_at for alert in kept(portal))
