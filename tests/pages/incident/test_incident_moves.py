"""Moving an incident on by the dialogs of its page: mitigate, resolve, close, reopen, cancel."""

from datetime import timedelta

from ims.bootstrap import Portal
from ims.model import (
    Incident,
    IncidentState,
)
from ims.model.coordination import TemporaryChangeDraft
from ims.response import coordination, investigation, states
from ims.store.work import Work
from tests.conftest import HandClock
from tests.pages.incident.conftest import (
    Do,
    Open,
    choose,
    define,
    last_entry,
    now_in,
    primary,
    submit,
    tell,
)


def test_it_is_mitigated_and_then_resolved_at_a_time_in_the_past(
    page: Open, portal: Portal, clock: HandClock, incident: Incident, ada_does: Do
) -> None:
    ada_does(lambda work: define(work, incident))
    ada_does(lambda work: tell(work, incident, "investigating", 1))
    clock.forward(timedelta(minutes=40))
    app = page()
    assert "It is mitigated" in primary(app)
    app = submit(app, "primary")
    app.text_area(key="move_text").set_value("Traffic moved")
    app = submit(app, "move_submit")
    assert now_in(portal, incident).state is IncidentState.MITIGATED
    clock.forward(timedelta(minutes=5))
    app = choose(page(), "more", "resolve")
    over_at = clock.now - timedelta(minutes=3)
    app.datetime_input(key="move_at").set_value(over_at.replace(tzinfo=None))
    app = submit(app, "move_submit")
    resolved = now_in(portal, incident)
    assert (resolved.state, resolved.resolved_at) == (IncidentState.RESOLVED, over_at)
    assert "Tell the customers it is resolved" in primary(app)


def test_a_move_out_of_order_is_refused_and_the_text_stays(
    page: Open, portal: Portal, clock: HandClock, incident: Incident
) -> None:
    app = choose(page(), "more", "resolve")
    app.text_area(key="move_text").set_value("Restarted")
    app.datetime_input(key="move_at").set_value((clock.now - timedelta(days=1)).replace(tzinfo=None))
    submit(app, "move_submit")
    assert any("before it began" in error.value for error in app.error)
    assert app.text_area(key="move_text").value == "Restarted"
    assert now_in(portal, incident).state is IncidentState.OPEN


def test_closing_shows_what_still_blocks_and_asks_for_a_reason(
    page: Open, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    ada_does(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    app = choose(page(), "more", "close")
    assert sum("is not done" in warning.value for warning in app.warning) == 3
    submit(app, "close_submit")
    assert any("Not yet" in error.value for error in app.error)
    app.text_area(key="close_reason").set_value("A drill gone wrong")
    app = submit(app, "close_submit")
    assert now_in(portal, incident).state is IncidentState.CLOSED
    assert any("A drill gone wrong" in text.value for text in app.text)


def test_an_incident_whose_steps_are_all_done_or_waived_closes_with_one_click(
    page: Open, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    ada_does(lambda work: states.resolve(work, incident.id, "", portal.procedure))

    def waive_all(work: Work) -> None:
        for step in ("tell_resolved", "rca_meeting", "file_follow_ups", "create_rca_document"):
            investigation.waive_step(work, incident.id, portal.procedure, step, "No need")

    ada_does(waive_all)
    app = page()
    assert primary(app).endswith("Close")
    submit(app, "primary")
    assert now_in(portal, incident).state is IncidentState.CLOSED


def test_it_is_reopened_with_a_reason(page: Open, portal: Portal, incident: Incident, ada_does: Do) -> None:
    ada_does(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    app = choose(page(), "more", "reopen")
    submit(app, "move_submit")
    assert any("why it is opened again" in error.value for error in app.error)
    app.text_area(key="move_text").set_value("It is back")
    submit(app, "move_submit")
    assert now_in(portal, incident).state is IncidentState.OPEN


def test_it_is_cancelled_with_a_reason_and_offers_nothing_more(page: Open, portal: Portal, incident: Incident) -> None:
    app = choose(page(), "more", "cancel")
    app.text_area(key="move_text").set_value("A test alert")
    app = submit(app, "move_submit")
    assert now_in(portal, incident).state is IncidentState.CANCELLED
    assert "primary" not in [button.key for button in app.button]
    assert app.menu_button(key="more").options[0] == "Reopen…"


def test_what_was_typed_for_a_move_is_there_after_a_reload_until_it_is_done(
    page: Open, portal: Portal, clock: HandClock, incident: Incident
) -> None:
    app = choose(page(), "more", "resolve")
    app.text_area(key="move_text").set_value("The pool is larger").run()
    over_at = clock.now.replace(tzinfo=None)
    app.datetime_input(key="move_at").set_value(over_at).run()
    app = choose(page(), "more", "resolve")
    assert (app.text_area(key="move_text").value, app.datetime_input(key="move_at").value) == (
        "The pool is larger",
        over_at,
    )
    assert choose(page(), "more", "mitigate").text_area(key="move_text").value == "", "each move has its own"
    submit(choose(page(), "more", "resolve"), "move_submit")
    assert last_entry(portal, incident).text == "Resolved: The pool is larger"
    assert choose(page(), "more", "reopen").text_area(key="move_text").value == ""


def test_before_closing_it_leads_to_what_was_changed_for_now(
    page: Open, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    draft = TemporaryChangeDraft(what="Rate limit off", how_to_undo="Set it to 100")
    ada_does(lambda work: coordination.make_change(work, incident.id, draft))
    ada_does(lambda work: states.resolve(work, incident.id, "", portal.procedure))

    def waive_all(work: Work) -> None:
        for step in ("tell_resolved", "rca_meeting", "file_follow_ups", "create_rca_document"):
            investigation.waive_step(work, incident.id, portal.procedure, step, "No need")

    ada_does(waive_all)
    app = page()
    assert "Settle what was changed for now" in primary(app)
    assert submit(app, "primary").session_state["view"] == "Team"
