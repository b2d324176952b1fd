"""The page Integrations: who serves what, what is broken first, and a test that answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.delivery.queue import enqueue
from ims.integrations import registry
from ims.integrations.smtp import SYSTEM
from ims.integrations.smtp.mailer import SmtpMailer
from ims.model import AccessRole, Actor, Delivery, DeliveryState
from ims.model.message import KINDS
from ims.ports import DeliveryError
from ims.response.listening import COMMANDS
from ims.store import readings
from ims.ui import deliveries
from ims.ui.integrations import standing
from ims.ui.integrations.standing import PURPOSES
from tests.conftest import START, HandClock, Team
from tests.integrations.samples import SAMPLES
from tests.pages.conftest import OpenPage

MENDED = "It answers."


@pytest.fixture
def smtp(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-mail is configured."""
    monkeypatch.setenv("IMS_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("IMS_SMTP_PORT", "9")
    monkeypatch.setenv("IMS_SMTP_SENDER", "incidents@ims.example")


def add(portal: Portal, kind: str, state: DeliveryState, **change: object) -> Delivery:
    with portal.work(Actor("Setup")) as work:
        row = enqueue(work, SAMPLES[kind], key=f"{kind}-{state}-{change}")
        row.state = state
        for name, value in change.items():
            setattr(row, name, value)
    return row


def text(app: AppTest) -> str:
    return "\n".join([*(each.value for each in app.markdown), *(each.value for each in app.caption)])


def cards(app: AppTest) -> list[str]:
    """Return the headline of each card, from the top."""
    return [each.value for each in app.markdown if each.value.startswith("**") and "-badge[" in each.value]


def links(app: AppTest) -> list[tuple[str, str]]:
    return [(each.proto.label, each.proto.query_string) for each in app.get("page_link") if ": " in each.proto.label]


def test_a_fresh_portal_does_everything_itself_and_nothing_looks_broken(open_page: OpenPage) -> None:
    app = open_page("integrations")
    assert cards(app) == []
    assert all(f"**{purpose.title}** · {purpose.without}" in text(app) for purpose in PURPOSES)
    assert not [button for button in app.button if str(button.key).startswith("test_")]
    assert not app.error
    assert ":red" not in text(app)


def test_the_addresses_for_the_other_side_can_be_copied(open_page: OpenPage) -> None:
    assert "http://localhost:8501/hooks/alertmanager" in [code.value for code in open_page("integrations").code]


def test_a_system_that_was_never_used_says_so(open_page: OpenPage, smtp: None) -> None:
    app = open_page("integrations")
    assert "Configured, not used yet" in cards(app)[0]
    assert "E-mail (SMTP)" in text(app)


def test_a_system_that_took_something_works_and_says_what(
    open_page: OpenPage, portal: Portal, team: Team, smtp: None
) -> None:
    add(portal, "customer_mail", DeliveryState.SENT, system="smtp", tried_at=START, settled_at=START)
    app = open_page("integrations")
    assert any("E-mails customers" in card and "Works" in card for card in cards(app))
    assert "worked last 23 Nov 2026, 03:00: E-mail to a customer, ops" in text(app)


@pytest.mark.parametrize("change", [{"system": "portal"}, {"system": "smtp", "drill": True}])
def test_what_a_twin_kept_or_a_drill_rehearsed_proves_nothing(
    open_page: OpenPage, portal: Portal, team: Team, smtp: None, change: dict[str, object]
) -> None:
    add(portal, "customer_mail", DeliveryState.SENT, tried_at=START, settled_at=START, **change)
    assert "Configured, not used yet" in cards(open_page("integrations"))[0]


def test_a_failing_system_says_why_and_when_it_is_tried_next(
    open_page: OpenPage, portal: Portal, team: Team, smtp: None
) -> None:
    later = START + timedelta(minutes=4)
    add(
        portal,
        "customer_mail",
        DeliveryState.FAILING,
        problem="It is **away**.",
        attempts=3,
        tried_at=START,
        due_at=later,
    )
    app = open_page("integrations")
    assert "Failing, tried again by itself" in cards(app)[0]
    said = r":orange[It is \*\*away\*\*.] 23 Nov 2026, 03:00, 3 tries; next try in 4 min, at 03:04."
    assert said in text(app)


def test_what_failed_last_is_still_said_once_it_was_sent(
    open_page: OpenPage, portal: Portal, team: Team, smtp: None
) -> None:
    add(portal, "customer_mail", DeliveryState.SENT, system="smtp", settled_at=START, failed_at=START, failure="Full.")
    app = open_page("integrations")
    assert "Failed last 23 Nov 2026, 03:00: Full. (sent since)" in text(app)


def test_what_stopped_stands_first_and_leads_to_its_deliveries(
    open_page: OpenPage, portal: Portal, team: Team, smtp: None
) -> None:
    add(portal, "customer_mail", DeliveryState.FAILING, problem="away", tried_at=START)
    add(portal, "silence", DeliveryState.STOPPED, problem="no such matcher", attempts=1, tried_at=START)
    app = open_page("integrations")
    assert ["Silences" in cards(app)[0], "E-mails" in cards(app)[1]] == [True, True]
    assert "Needs a person" in cards(app)[0]
    assert ":red[no such matcher]" in text(app)
    assert "1 try; mend what the problem says, then retry." in text(app)
    label, query = links(app)[0]
    assert label == "1 stopped: Silence"
    opened = open_page("deliveries", **dict(part.split("=") for part in query.replace("+", " ").split("&")))
    assert len(opened.expander) == 1


def test_what_is_planned_for_later_does_not_wait(open_page: OpenPage, portal: Portal, team: Team, smtp: None) -> None:
    add(portal, "customer_mail", DeliveryState.WAITING, due_at=START + timedelta(hours=1))
    assert links(open_page("integrations")) == []
    add(portal, "customer_mail", DeliveryState.WAITING, due_at=START)
    assert [label for label, _ in links(open_page("integrations"))] == ["1 waiting: E-mail to a customer"]


def test_a_setting_that_is_missing_is_named_with_its_code(
    open_page: OpenPage, smtp: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("home")
    monkeypatch.delenv("IMS_SMTP_SENDER")
    app = open_page("integrations")
    assert "Half configured" in cards(app)[0]
    assert "IMS\\_SMTP\\_SENDER is missing" in text(app)
    assert ":gray[IMS-101]" in text(app)
    assert "would not be used again" in text(app)


def test_what_was_configured_by_half_at_the_start_is_named_on_every_page(
    open_page: OpenPage, portal: Portal, team: Team, smtp: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IMS_SMTP_SENDER")
    portal.ports = registry.ports()
    app = open_page("integrations")
    said = [link.proto.label for link in app.get("page_link") if "by half" in link.proto.label]
    assert said == [":red[**E-mail (SMTP) is configured by half**]"]
    assert "What goes out through it stops, and asks a person." in text(app)


def test_a_schedule_that_is_configured_by_half_says_which_rota_counts(
    open_page: OpenPage, portal: Portal, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMS_ONCALL_TOKEN", "k3y")
    portal.ports = registry.ports()
    said = text(open_page("integrations"))
    assert said.count("IMS\\_ONCALL\\_URL is missing") == 2
    assert "The rota on the page Settings counts. Mend this, then start the portal again." in said


def test_settings_that_are_not_enough_are_named(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMS_SMTP_USER", "ims")
    monkeypatch.setenv("IMS_SMTP_PASSWORD", "s3cret-of-the-test")
    app = open_page("integrations")
    assert r"E-mail (SMTP) is not used: IMS\_SMTP\_HOST is missing." in text(app)
    assert "s3cret" not in text(app)


@pytest.fixture
def schedule(smtp: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that knows who is on call is configured."""
    system = replace(SYSTEM, name="rota", title="Rota of the house", abilities=("schedule",))
    monkeypatch.setattr(registry, "SYSTEMS", (system,))
    monkeypatch.setattr(standing, "SYSTEMS", (system,))


def read(portal: Portal, problem: str) -> None:
    with portal.work(Actor("Setup")) as work:
        readings.take_turn(work.session, "on_call", "rota", START, timedelta(minutes=1))
        readings.succeeded(work.session, "on_call", START, [])
        if problem:
            readings.failed(work.session, "on_call", START + timedelta(minutes=1), problem)


def test_a_schedule_that_is_read_works(open_page: OpenPage, portal: Portal, schedule: None) -> None:
    read(portal, "")
    app = open_page("integrations")
    assert "Works" in cards(app)[0]
    assert "Rota of the house · read last 23 Nov 2026, 03:00" in text(app)


def test_a_schedule_that_cannot_be_read_is_failing(open_page: OpenPage, portal: Portal, schedule: None) -> None:
    read(portal, "It is away.")
    app = open_page("integrations")
    assert "Failing" in cards(app)[0]
    assert ":orange[It is away.] 23 Nov 2026, 03:01" in text(app)
    assert "read last 23 Nov 2026, 03:00" in text(app)


def test_what_nobody_asks_for_any_more_fails_no_more(
    open_page: OpenPage, portal: Portal, schedule: None, clock: HandClock
) -> None:
    read(portal, "It is away.")
    clock.forward(timedelta(minutes=11))
    app = open_page("integrations")
    assert "Works" in cards(app)[0]
    assert "It is away." not in text(app)


def test_a_line_for_commands_that_is_down_is_said(
    open_page: OpenPage, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMS_SLACK_TOKEN", "xoxb-of-the-test")
    with portal.work(Actor("Setup")) as work:
        readings.take_turn(work.session, COMMANDS, "slack", START, timedelta(seconds=15))
        readings.failed(work.session, COMMANDS, START, "Slack's line cannot be reached.")
    app = open_page("integrations")
    assert "Failing" in cards(app)[0]
    assert "Slack's line cannot be reached.] 23 Nov 2026, 03:00, when the portal wanted to listen to commands" in text(
        app
    )


def passing(monkeypatch: pytest.MonkeyPatch, ping: Callable[[SmtpMailer], str]) -> None:
    monkeypatch.setattr(SmtpMailer, "ping", ping)


def test_a_test_that_passes_says_what_answered(
    open_page: OpenPage, team: Team, smtp: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing(monkeypatch, lambda _: MENDED)
    app = open_page("integrations")
    app.button(key="test_mailer").click().run()
    assert [each.value for each in app.success] == [f"03:00: {MENDED}"]
    assert not app.exception


@pytest.mark.parametrize(("permanent", "advice"), [(True, "mend that first"), (False, "tried again by itself")])
def test_a_test_that_fails_says_why_and_whether_to_wait(
    open_page: OpenPage,
    team: Team,
    smtp: None,
    monkeypatch: pytest.MonkeyPatch,
    permanent: bool,
    advice: str,
) -> None:
    def refuse(_: SmtpMailer) -> str:
        raise DeliveryError("It *refused*.", permanent=permanent)

    passing(monkeypatch, refuse)
    app = open_page("integrations")
    app.button(key="test_mailer").click().run()
    assert r"It \*refused\*." in app.error[0].value
    assert advice in app.error[0].value


def test_what_an_adapter_did_not_foresee_is_said_without_its_words(
    open_page: OpenPage, team: Team, smtp: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_: SmtpMailer) -> str:
        raise RuntimeError("https://user:s3cret@example.com")

    passing(monkeypatch, break_down)
    app = open_page("integrations")
    app.button(key="test_mailer").click().run()
    assert app.error[0].value == "03:00: Unexpected: RuntimeError."


def test_a_slow_system_keeps_nobody_waiting(
    open_page: OpenPage, team: Team, smtp: None, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = Event()

    def think(_: SmtpMailer) -> str:
        answered.wait(20)
        return MENDED

    passing(monkeypatch, think)
    app = open_page("integrations")
    app.button(key="test_mailer").click().run()
    assert "Asking E-mail (SMTP)" in app.info[0].value
    app.button(key="test_meetings").click().run()
    assert len(app.info) == 2
    answered.set()
    for trial in app.session_state["integration_trials"].values():
        trial.wait(20)
    app.run()
    assert len(app.success) == 2
    assert not app.info


def test_who_may_only_look_cannot_test(open_page: OpenPage, portal: Portal, team: Team, smtp: None) -> None:
    with portal.work(Actor("Setup", access=AccessRole.ADMINISTRATOR)) as work:
        work.get(type(team.ada), team.ada.id).access = AccessRole.VIEWER
    app = open_page("integrations")
    assert cards(app)
    assert not [button for button in app.button if str(button.key).startswith("test_")]


def test_the_documentation_of_a_system_opens_on_the_page(open_page: OpenPage) -> None:
    app = open_page("integrations")
    assert "IMS_SMTP_HOST" not in text(app)
    app.session_state["how_mailer_smtp"] = True
    app.run()
    assert "IMS_SMTP_HOST" in text(app)


def test_every_kind_of_message_has_a_name_for_people() -> None:
    assert set(deliveries.KIND) == set(KINDS)
