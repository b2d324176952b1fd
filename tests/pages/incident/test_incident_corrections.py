"""Corrections from the page: an entry, a time; the old one stays readable, the order of times is checked in words."""

from datetime import datetime, timedelta

from ims.bootstrap import Portal
from ims.model import EntryKind, Incident, TimelineEntry
from ims.response import investigation, states
from ims.store import incidents
from tests.conftest import START, HandClock
from tests.pages.incident.conftest import Do, Open, choose, last_entry, log, now_in, submit, words_on


def entry(portal: Portal, incident: Incident, kind: EntryKind) -> TimelineEntry:
    with portal.reading() as session:
        return next(each for each in incidents.timeline(session, incident.id) if each.kind is kind)


def local(at: datetime) -> datetime:
    """Return a time as a field takes it; the viewer of the tests lives in UTC."""
    return at.replace(tzinfo=None)


def test_a_corrected_entry_is_struck_through_and_says_by_whom_and_why(
    page: Open, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    ada_does(lambda work: investigation.finding(work, incident.id, "The disk is full"))
    number = entry(portal, incident, EntryKind.FINDING).id
    app = submit(page(), "correct")
    app.selectbox(key="correct_which").set_value(number).run()
    app.text_area(key=f"correct_text_{number}").set_value("The disk is <slow>")
    app = submit(app, "correct_submit")
    assert "Say why it is corrected" in words_on(app)
    app.text_input(key=f"correct_reason_{number}").set_value("Misread the graph")
    shown = log(submit(app, "correct_submit"))
    assert '<span class="ims-gone"><b class="ims-text">The disk is full</b></span>' in shown
    assert "The disk is &lt;slow&gt;" in shown
    assert "because: <bdi>Misread the graph</bdi>" in shown


def test_an_entry_whose_time_is_left_alone_keeps_its_seconds(
    page: Open, portal: Portal, incident: Incident, ada_does: Do, clock: HandClock
) -> None:
    clock.forward(timedelta(minutes=3, seconds=17))
    ada_does(lambda work: investigation.note(work, incident.id, "Cofee"))
    number = last_entry(portal, incident).id
    app = submit(page(), "correct")
    app.selectbox(key="correct_which").set_value(number).run()
    app.text_area(key=f"correct_text_{number}").set_value("Coffee")
    app.text_input(key=f"correct_reason_{number}").set_value("spelling")
    submit(app, "correct_submit")
    corrected = last_entry(portal, incident)
    assert (corrected.text, corrected.occurred_at) == ("Coffee", clock.now)


def test_an_entry_that_was_corrected_is_offered_no_more(
    page: Open, portal: Portal, incident: Incident, ada_does: Do
) -> None:
    ada_does(lambda work: investigation.note(work, incident.id, "Cofee"))
    number = last_entry(portal, incident).id
    app = submit(page(), "correct")
    app.selectbox(key="correct_which").set_value(number).run()
    app.text_area(key=f"correct_text_{number}").set_value("Coffee")
    app.text_input(key=f"correct_reason_{number}").set_value("spelling")
    app = submit(submit(app, "correct_submit"), "correct")
    offered = app.selectbox(key="correct_which").options
    assert any("Coffee" in option for option in offered)
    assert not any("Cofee" in option for option in offered)


def test_the_times_of_an_incident_are_corrected_from_the_menu(
    page: Open, portal: Portal, incident: Incident, ada_does: Do, clock: HandClock
) -> None:
    clock.forward(timedelta(minutes=40))
    ada_does(lambda work: states.resolve(work, incident.id, "", portal.procedure))
    app = choose(page(), "more", "correct_time")
    app.selectbox(key="time_which").set_value("resolved_at").run()
    app.datetime_input(key="time_at_resolved_at").set_value(local(START - timedelta(hours=1)))
    app.text_input(key="time_reason").set_value("The graphs say so")
    app = submit(app, "time_submit")
    assert "Then it was resolved (2026-11-23 02\\:00 UTC) before it began" in words_on(app)
    app.datetime_input(key="time_at_resolved_at").set_value(local(START + timedelta(minutes=25)))
    app = submit(app, "time_submit")
    assert now_in(portal, incident).resolved_at == START + timedelta(minutes=25)
    assert "25 min" in words_on(app)


def test_a_time_the_incident_does_not_have_yet_is_not_offered(page: Open) -> None:
    app = choose(page(), "more", "correct_time")
    offered = app.selectbox(key="time_which").options
    assert any(option.startswith("It began") for option in offered)
    assert not any(option.startswith("It was resolved") for option in offered)
