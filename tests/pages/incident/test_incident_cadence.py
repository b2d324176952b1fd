"""When customers hear next, on every page: holds, per-severity and per-customer intervals, the last word, freshness."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.model import Customer, EntryKind, Incident, Severity
from ims.response import cadence, command, states
from ims.sop.procedure import Procedure, read_procedure
from ims.store.work import Work
from tests.conftest import HandClock, Team
from tests.pages.conftest import OpenPage
from tests.pages.incident.conftest import Do, Open, facts, last_entry, now_in, submit, tell, words_on
from tests.pages.test_frame import links

HOUR = timedelta(hours=1)


def customers_view(page: Open) -> AppTest:
    app = page()
    return app.segmented_control(key="view").set_value("Customers").run()


def hold(app: AppTest, hours: float, clock: HandClock, reason: str) -> AppTest:
    app = submit(app, "hold_updates")
    app.datetime_input(key="hold_until").set_value((clock.now + hours * HOUR).replace(tzinfo=None))
    app.text_area(key="hold_reason").set_value(reason)
    return submit(app, "hold_submit")


def keep_quiet(portal: Portal, team: Team, incident: Incident, clock: HandClock) -> None:
    with portal.work(team.as_ada) as work:
        cadence.hold(work, incident.id, clock.now + 2 * HOUR, "Acme <b>sleeps</b>")


def test_updates_are_held_with_an_end_and_a_reason(
    page: Open, portal: Portal, incident: Incident, clock: HandClock
) -> None:
    app = hold(customers_view(page), 2, clock, "Acme sleeps")
    held = now_in(portal, incident)
    assert (held.updates_held_until, held.updates_hold_reason) == (clock.now + 2 * HOUR, "Acme sleeps")
    assert "held until" in facts(app)
    assert "updates held until 05:00: Acme sleeps" in words_on(app)


@pytest.mark.parametrize(("hours", "reason", "said"), [(2, " ", "Say why"), (-1, "quiet", "ends in the next 24 hours")])
def test_a_hold_without_a_reason_or_into_the_past_is_refused_and_what_was_typed_stays(
    page: Open, portal: Portal, incident: Incident, clock: HandClock, hours: float, reason: str, said: str
) -> None:
    app = hold(customers_view(page), hours, clock, reason)
    assert said in app.error[0].value
    assert app.text_area(key="hold_reason").value == reason
    assert now_in(portal, incident).updates_held_until is None


def test_a_hold_is_ended_by_hand(page: Open, portal: Portal, team: Team, incident: Incident, clock: HandClock) -> None:
    keep_quiet(portal, team, incident, clock)
    app = submit(customers_view(page), "resume_updates")
    assert last_entry(portal, incident).kind is EntryKind.UPDATES_RESUMED
    assert now_in(portal, incident).next_update_due_at == clock.now
    assert "resume_updates" not in [button.key for button in app.button]


def test_sending_an_update_ends_the_hold_and_its_promise_counts(
    portal: Portal, team: Team, incident: Incident, clock: HandClock, ada_does: Do
) -> None:
    keep_quiet(portal, team, incident, clock)
    ada_does(lambda work: tell(work, incident, "investigating", 1))
    told = now_in(portal, incident)
    assert (told.updates_held_until, told.next_update_due_at) == (None, clock.now + HOUR)


def test_the_reason_of_a_hold_is_shown_as_it_was_typed(
    page: Open, open_page: OpenPage, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    keep_quiet(portal, team, incident, clock)
    assert "Acme &lt;b&gt;sleeps&lt;/b&gt;" in facts(page())
    assert "updates held until 05:00: Acme \\<b\\>sleeps\\</b\\>" in words_on(open_page("settings"))


def test_nothing_counts_down_while_it_is_held(
    page: Open, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    keep_quiet(portal, team, incident, clock)
    clock.forward(HOUR)
    assert "late by" not in facts(page())
    clock.forward(HOUR + timedelta(minutes=5))
    assert "late by 5 min" in facts(page())


@pytest.fixture
def quicker(portal: Portal) -> Procedure:
    """A procedure that tells customers of a SEV1 every half hour."""
    text = portal.procedure.text.replace("by_severity: {}", "by_severity: {sev1: 30m}")
    portal.__dict__["procedure"] = read_procedure(text)
    return portal.procedure


@pytest.mark.parametrize(("severity", "interval"), [(None, "1 h"), (Severity.SEV1, "30 min"), (Severity.SEV2, "1 h")])
def test_the_promise_follows_the_severity(
    quicker: Procedure,
    page: Open,
    portal: Portal,
    incident: Incident,
    clock: HandClock,
    severity: Severity | None,
    interval: str,
) -> None:
    _set(portal, incident, severity)
    app = customers_view(page)
    expected = clock.now + (HOUR / 2 if severity is Severity.SEV1 else HOUR)
    assert app.datetime_input(key="update_1_promise").value == expected.replace(tzinfo=None)
    assert f"<dt>Interval</dt><dd>{interval}</dd>" in words_on(app)


def test_the_promise_follows_a_customers_contract(
    page: Open, portal: Portal, team: Team, incident: Incident, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        work.get(Customer, team.acme.id).update_every = timedelta(minutes=20)
    app = customers_view(page)
    assert app.datetime_input(key="update_1_promise").value == (clock.now + HOUR / 3).replace(tzinfo=None)


def test_after_the_resolution_the_last_word_is_due_on_every_page_until_it_is_said(
    page: Open, open_page: OpenPage, portal: Portal, incident: Incident, clock: HandClock, ada_does: Do
) -> None:
    def resolve(work: Work) -> None:
        command.acknowledge(work, incident.id, take_communications=True)
        states.resolve(work, incident.id, "", portal.procedure)

    ada_does(resolve)
    assert "resolved, last word to customers in 30 min" in words_on(open_page("settings"))
    assert "Last word to customers" in str([element.value for element in page().html])
    clock.forward(timedelta(minutes=31))
    assert ":red[**resolved, last word to customers 1 min late**]" in words_on(open_page("settings"))
    assert any("Tell the customers it is resolved" in label for label in links(open_page("home")))
    ada_does(lambda work: tell(work, incident, "resolved", 1))
    assert "last word" not in words_on(open_page("settings"))
    assert not any("Tell the customers it is resolved" in label for label in links(open_page("home")))


def test_freshness_is_shown_with_its_definition_behind_it(page: Open, incident: Incident, clock: HandClock) -> None:
    assert "100 %" in words_on(customers_view(page))
    clock.forward(timedelta(minutes=122))
    said = words_on(customers_view(page))
    assert ">50 %</span>" in said
    assert "1 − the silence beyond 1 h and 1 min of grace, over the whole time. Time on hold is left out." in said


def test_settings_say_how_often_customers_hear_and_people_are_paged(quicker: Procedure, open_page: OpenPage) -> None:
    app = open_page("settings", settings="Procedure")
    assert "customers hear every 1 h, SEV1 30 min · the next on the rota is paged after 5 min" in words_on(app)


def _set(portal: Portal, incident: Incident, severity: Severity | None) -> None:
    with portal.database.writing() as session:
        session.get_one(Incident, incident.id).severity = severity
