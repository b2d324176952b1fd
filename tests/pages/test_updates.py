"""The composer of customer updates, on the incident's page."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import (
    Actor,
    Customer,
    CustomerUpdate,
    CustomerUpdateDraft,
    Delivery,
    DeliveryState,
    Incident,
    IncidentCustomer,
    IncidentDraft,
    UpdatePhase,
)
from ims.response.customers import send_update
from ims.response.declare import declare
from ims.response.investigation import finding
from ims.response.states import cancel, mitigate, reopen, resolve
from ims.store import deliveries, incidents
from tests.conftest import START, HandClock, Team
from tests.pages.conftest import OpenPage

HOSTILE = "<b>bold</b> **stars** [link](https://example.com) :red[x] {title} $5 =1+1"
HOUR = timedelta(hours=1)


def composer(open_page: OpenPage, incident: Incident) -> AppTest:
    return open_page("incident", key=incident.key, view="Customers")


def body(app: AppTest) -> str:
    return str(app.text_area(key="update_1_body").value)


def sent(portal: Portal) -> list[CustomerUpdate]:
    with portal.reading() as session:
        return list(incidents.updates(session, 1))


def click(app: AppTest, name: str) -> AppTest:
    app.button(key=f"update_1_{name}").click().run()
    assert not app.exception, app.exception[0].value
    return app


def words_on(app: AppTest) -> str:
    return "\n".join(each.value for kind in (app.markdown, app.caption, app.code, app.info) for each in kind)


def test_the_composer_starts_from_the_template_of_the_phase(open_page: OpenPage, incident: Incident) -> None:
    app = composer(open_page, incident)
    assert app.text_input(key="update_1_subject").value == "INC-1: we are investigating a problem with payments"
    assert "23 November 2026, 03:00 UTC" in body(app)
    assert "by 23 November 2026, 04:00 UTC" in body(app)


def test_the_phase_follows_the_state(open_page: OpenPage, portal: Portal, team: Team, incident: Incident) -> None:
    seen = [composer(open_page, incident).session_state["update_1_phase"]]
    for step in (finding, mitigate, partial(resolve, procedure=portal.procedure)):
        with portal.work(team.as_ada) as work:
            step(work, incident.id, "the disk was full")
        seen.append(composer(open_page, incident).session_state["update_1_phase"])
    assert seen == ["investigating", "identified", "mitigated", "resolved"]


def test_a_draft_that_nobody_wrote_in_follows_the_incident(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    app = composer(open_page, incident)
    with portal.work(team.as_ada) as work:
        mitigate(work, incident.id, "the disk is emptied")
    app.run()
    assert app.session_state["update_1_phase"] == "mitigated"
    assert "we are watching it" in str(app.text_input(key="update_1_subject").value)
    app.text_area(key="update_1_body").set_value("My own words").run()
    with portal.work(team.as_ada) as work:
        reopen(work, incident.id, "it is full again", portal.procedure)
    app.run()
    assert app.session_state["update_1_phase"] == "mitigated"


def test_every_recipient_is_shown_with_each_way_and_each_gap(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        work.add(IncidentCustomer(incident_id=incident.id, customer_id=team.globex.id))
    shown = words_on(composer(open_page, incident)).replace("\\", "").replace(":color[@]", "@")
    assert "ops@acme.example, CC mia@acme.example" in shown
    assert "#globex" in shown
    assert "no manager for the CC" in shown


def test_what_is_previewed_goes_out_once_confirmed(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value(HOSTILE).run()
    previewed = [code.value for code in app.code]
    typed = f"{app.text_input(key='update_1_subject').value}\n\n{HOSTILE}"
    assert f"Channel: #acme-ims\n\n{typed}" in previewed
    thread = f"Subject: {app.text_input(key='update_1_subject').value}"  # of all updates, so that they make one thread
    assert any(thread in each and each.endswith(f"\n\n{typed}") for each in previewed)
    assert any("**2 messages** go out: 1 Slack post, 1 e-mail" in markdown.value for markdown in app.markdown)
    assert sent(portal) == []
    click(app, "send")
    (update,) = sent(portal)
    assert (update.body, update.author, update.next_update_at) == (HOSTILE, "Ada Lovelace", START + HOUR)
    portal.worker.run_due()
    with portal.reading() as session:
        said = [row.payload["text"] for row in deliveries.of_update(session, update.id)]
    assert said == [HOSTILE, HOSTILE]


def test_after_sending_a_new_draft_begins_and_the_proof_is_listed(
    open_page: OpenPage, portal: Portal, incident: Incident
) -> None:
    app = click(composer(open_page, incident), "send")
    portal.worker.run_due()
    app.run()
    assert any(each.value == "Update 2" for each in app.subheader)
    shown = words_on(app)
    assert "**Update 1**" in shown
    assert shown.count("Kept here, copy it") == 2
    assert "no Slack is configured" in shown


def test_changing_the_phase_changes_an_untouched_text(open_page: OpenPage, incident: Incident) -> None:
    app = composer(open_page, incident)
    app.session_state["update_1_phase"] = "identified"
    app.run()
    assert body(app).startswith("We know the cause")


def test_changing_the_phase_keeps_what_was_typed_and_offers_the_template(
    open_page: OpenPage, incident: Incident
) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value("My own words.").run()
    app.session_state["update_1_phase"] = "identified"
    app.run()
    assert body(app) == "My own words."
    assert body(click(app, "use_template")).startswith("We know the cause")
    assert body(click(app, "bring_back")) == "My own words."


def test_the_subject_follows_the_phase_until_somebody_writes_in_it(open_page: OpenPage, incident: Incident) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value("My own words.").run()
    app.session_state["update_1_phase"] = "identified"
    app.run()
    assert "we know the cause" in str(app.text_input(key="update_1_subject").value)
    app.text_input(key="update_1_subject").set_value("My subject").run()
    app.session_state["update_1_phase"] = "mitigated"
    app.run()
    assert (app.text_input(key="update_1_subject").value, body(app)) == ("My subject", "My own words.")


def test_what_customers_were_told_is_not_taken_back_by_the_next_suggestion(
    open_page: OpenPage, incident: Incident
) -> None:
    app = composer(open_page, incident)
    app.session_state["update_1_phase"] = "identified"
    app.run()
    click(app, "send")
    assert app.session_state["update_1_phase"] == "identified"


def test_a_message_behind_a_failing_one_says_what_it_waits_for(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    _sent_by_bob(portal, team, incident)
    with portal.work(team.as_ada) as work:
        for row in deliveries.of_incident(work.session, incident.id):
            row.due_at = START + HOUR if row.update_id else row.due_at
    click(composer(open_page, incident), "send")
    shown = words_on(composer(open_page, incident))
    assert shown.count("Waits for an earlier message to the same reader") == 2
    assert shown.count("Next try in 1 h") == 2


def test_a_new_promise_is_written_into_the_text_that_was_typed(open_page: OpenPage, incident: Incident) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value("Next word by 23 November 2026, 04:00 UTC. Sorry!").run()
    app.session_state["update_1_promise"] = datetime(2026, 11, 23, 3, 30)  # noqa: DTZ001  the viewer's own clock
    app.run()
    assert body(app) == "Next word by 23 November 2026, 03:30 UTC. Sorry!"


def test_a_promise_that_passed_while_writing_is_renewed(
    open_page: OpenPage, clock: HandClock, incident: Incident
) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value("By 23 November 2026, 04:00 UTC.").run()
    clock.forward(2 * HOUR)
    app.run()
    assert body(app) == "By 23 November 2026, 06:00 UTC."


def test_a_late_promise_and_a_text_without_it_are_pointed_out(open_page: OpenPage, incident: Incident) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value("My own words.").run()
    app.session_state["update_1_promise"] = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001  the viewer's own clock
    app.run()
    shown = words_on(app)
    assert "Later than the 1 h" in shown
    assert "does not name that time" in shown


def test_a_contract_makes_the_promise_shorter(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).update_every = HOUR / 2
    assert "by 23 November 2026, 03:30 UTC" in body(composer(open_page, incident))


def test_a_draft_survives_another_page(open_page: OpenPage, incident: Incident) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value("Half a sent").run()
    app.switch_page("../../pages/deliveries.py").run()
    app.switch_page("../../pages/incident.py")
    app.query_params["key"], app.query_params["view"] = incident.key, "Customers"
    app.run()
    assert body(app) == "Half a sent"


def test_an_empty_text_is_refused_in_words_and_nothing_goes_out(
    open_page: OpenPage, portal: Portal, incident: Incident
) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value("").run()
    click(app, "send")
    assert "Body" in app.error[0].value
    assert sent(portal) == []


def _sent_by_bob(portal: Portal, team: Team, incident: Incident) -> None:
    theirs = CustomerUpdateDraft(
        phase=UpdatePhase.INVESTIGATING, subject="Bob's", body="Bob's words", next_update_at=START + HOUR
    )
    with portal.work(team.as_bob) as work:
        send_update(work, incident.id, theirs, number=1)


def test_when_somebody_else_was_faster_the_draft_stays_and_can_become_the_next(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    app = composer(open_page, incident)
    app.text_area(key="update_1_body").set_value("My own words.").run()
    _sent_by_bob(portal, team, incident)
    app.run()
    assert "Bob Kahn sent update 1 while you were writing" in app.warning[0].value
    assert not [button for button in app.button if button.key == "update_1_send"]
    click(click(app, "renumber"), "send")
    assert [update.body for update in sent(portal)] == ["Bob's words", "My own words."]


def test_a_stopped_delivery_is_retried_beside_its_reason(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    _sent_by_bob(portal, team, incident)
    with portal.work(team.as_ada) as work:
        row = next(each for each in deliveries.of_incident(work.session, incident.id) if each.update_id)
        row.state, row.problem = DeliveryState.STOPPED, "channel_not_found"
    app = composer(open_page, incident)
    assert "channel_not_found" in words_on(app).replace("\\", "")
    app.button(key=f"sent_retry_{row.id}").click().run()
    assert not app.exception
    with portal.reading() as session:
        assert session.get_one(Delivery, row.id).state is DeliveryState.WAITING


def test_whom_an_e_mail_did_not_reach_is_said_beside_it(
    open_page: OpenPage, portal: Portal, incident: Incident
) -> None:
    asked = {"phase": UpdatePhase.INVESTIGATING, "subject": "Payments fail", "body": "x"}
    draft = CustomerUpdateDraft.model_validate(asked | {"next_update_at": START + HOUR})
    with portal.work(Actor("Cleo")) as work:
        send_update(work, incident.id, draft, number=1)
        mail = next(each for each in deliveries.of_incident(work.session, incident.id) if each.kind == "customer_mail")
        mail.state, mail.problem = DeliveryState.SENT, "mia@acme.example did not get it (550 no)"
    seen = words_on(composer(open_page, incident))
    assert ":orange-badge[Sent, with a problem] **Acme** · :material/mail: E-mail" in seen
    assert "did not get it (550 no)" in seen


def test_a_customer_named_later_is_offered_the_newest_update(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    _sent_by_bob(portal, team, incident)
    with portal.work(team.as_ada) as work:
        work.add(IncidentCustomer(incident_id=incident.id, customer_id=team.globex.id))
    app = composer(open_page, incident)
    (offer,) = [button for button in app.button if button.label == "Send it to Globex too"]
    offer.click().run()
    assert not app.exception
    with portal.reading() as session:
        assert len([row for row in deliveries.of_incident(session, incident.id) if row.update_id]) == 4


def test_a_corrected_address_is_offered_the_newest_update(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    _sent_by_bob(portal, team, incident)
    portal.worker.run_due()
    with portal.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).contacts = ["right@acme.example"]
    app = composer(open_page, incident)
    (offer,) = [button for button in app.button if str(button.key).startswith("send_missed_")]
    assert offer.label.endswith("acme.example too")
    offer.click().run()
    assert not app.exception
    with portal.reading() as session:
        assert [row.recipient for row in deliveries.of_incident(session, incident.id)][-1] == "right@acme.example"


def test_once_all_is_told_the_composer_steps_back(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        resolve(work, incident.id, "restarted", portal.procedure)
    app = click(composer(open_page, incident), "send")
    assert any("Customers were told that it is resolved" in each.label for each in app.expander)


def test_an_incident_without_customers_says_what_to_do(open_page: OpenPage, portal: Portal, team: Team) -> None:
    with portal.work(team.as_ada) as work:
        draft = IncidentDraft(title="A disk fills", precaution=True)
        quiet = declare(work, draft, portal.procedure)
    assert "No affected customer is named yet" in words_on(composer(open_page, quiet))


def test_a_cancelled_incident_has_nothing_to_tell(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident
) -> None:
    with portal.work(team.as_ada) as work:
        cancel(work, incident.id, "a test")
    assert "there is nothing to tell customers" in words_on(composer(open_page, incident))


@pytest.mark.parametrize("hostile", [HOSTILE, "\u202eright to left", "x" * 10_000])
def test_names_that_people_typed_appear_literally(
    open_page: OpenPage, portal: Portal, team: Team, incident: Incident, hostile: str
) -> None:
    with portal.work(Actor("Setup")) as work:
        work.get(Customer, team.acme.id).name = hostile[:300]
        work.get(Incident, incident.id).title = hostile[:300]
    app = composer(open_page, incident)
    assert hostile[:300] in body(app)
    assert not any("**stars**" in markdown.value for markdown in app.markdown)
