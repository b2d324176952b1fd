"""The page of deliveries: what was said, what became of it, and what to do about it."""

import pytest
from streamlit.testing.v1 import AppTest

from ims.bootstrap import Portal
from ims.delivery.queue import enqueue
from ims.model import Actor, Delivery, DeliveryState, Incident
from ims.model.message import CustomerMail, TeamMessage
from ims.ui import deliveries
from tests.conftest import START, Team
from tests.pages.conftest import OpenPage

HOSTILE = "<b>bold</b> **stars** [link](https://example.com) :red[x] =1+1 `code`"


def labels(app: AppTest) -> list[str]:
    return [expander.label for expander in app.expander]


def add(portal: Portal, number: int = 1, state: DeliveryState = DeliveryState.WAITING, **change: object) -> Delivery:
    mail = CustomerMail(
        incident_key="INC-1",
        customer="Acme",
        to=["ops@acme.example"],
        cc=["mia@acme.example"],
        subject=f"Subject {number}",
        text=f"{HOSTILE}\nsecond line",
    )
    with portal.work(Actor("Setup")) as work:
        row = enqueue(work, mail, key=f"k{number}")
        row.state = state
        for name, value in change.items():
            setattr(row, name, value)
    return row


def reread(portal: Portal, row: Delivery) -> Delivery:
    with portal.reading() as session:
        return session.get_one(Delivery, row.id)


def test_an_empty_page_says_what_will_be_here(open_page: OpenPage) -> None:
    assert "Nothing was sent yet" in open_page("deliveries").info[0].value


def test_every_delivery_is_listed_newest_first(open_page: OpenPage, incident: Incident) -> None:
    shown = labels(open_page("deliveries"))
    assert len(shown) == 2
    assert "Ticket" in shown[0]
    assert "Page · Ada Lovelace" in shown[1]


def test_what_a_twin_kept_is_not_called_sent(open_page: OpenPage, incident: Incident) -> None:
    page, ticket = labels(open_page("deliveries"))[1], labels(open_page("deliveries"))[0]
    assert "Kept here, copy it" in page
    assert "Sent" in ticket


def test_the_words_of_a_message_appear_literally(open_page: OpenPage, portal: Portal, team: Team) -> None:
    add(portal)
    app = open_page("deliveries")
    assert app.code[0].value == f"{HOSTILE}\nsecond line"
    said = [text.value for text in app.text]
    assert said == ["To: ops@acme.example", "CC: mia@acme.example", "Subject: Subject 1"]


def test_a_recipient_with_markup_appears_literally(open_page: OpenPage, portal: Portal, team: Team) -> None:
    add(portal, recipient="**x** [y](https://example.com)")
    assert r"\*\*x\*\* \[y\]" in labels(open_page("deliveries"))[0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"delivery_state": "Stopped, needs a person"}, 1),
        ({"delivery_kind": "Team message"}, 1),
        ({"delivery_incident": "inc-1"}, 2),
        ({}, 5),
    ],
)
def test_the_address_names_the_filter(
    open_page: OpenPage, portal: Portal, incident: Incident, query: dict[str, str], expected: int
) -> None:
    add(portal, 1, DeliveryState.STOPPED)
    add(portal, 2)
    with portal.work(Actor("Setup")) as work:
        enqueue(work, TeamMessage(incident_key="INC-1", text="psst"), key="k3")
    assert len(labels(open_page("deliveries", **query))) == expected


def test_a_filter_that_fits_nothing_says_so(open_page: OpenPage, portal: Portal, incident: Incident) -> None:
    app = open_page("deliveries")
    app.selectbox(key="delivery_state").set_value("given_up").run()
    assert "No delivery fits" in app.info[0].value


def test_an_unknown_incident_is_said_in_words(open_page: OpenPage, portal: Portal, incident: Incident) -> None:
    assert "There is no incident" in open_page("deliveries", delivery_incident="INC-99").warning[0].value


def test_many_deliveries_come_in_pages(open_page: OpenPage, portal: Portal, team: Team) -> None:
    for number in range(20):
        add(portal, number)
    app = open_page("deliveries")
    assert len(labels(app)) == 15
    app.session_state["delivery_page"] = 2
    app.run()
    assert len(labels(app)) == 5
    assert app.text[-1].value == "Subject: Subject 0"
    app.selectbox(key="delivery_kind").set_value("customer_mail").run()
    assert len(labels(app)) == 5


def test_a_filter_that_leaves_fewer_pages_goes_back_to_the_first(
    open_page: OpenPage, portal: Portal, team: Team
) -> None:
    for number in range(20):
        add(portal, number, DeliveryState.STOPPED if number < 3 else DeliveryState.WAITING)
    app = open_page("deliveries")
    app.session_state["delivery_page"] = 2
    app.selectbox(key="delivery_state").set_value("stopped").run()
    assert len(labels(app)) == 3


def test_the_page_that_is_turned_to_is_in_the_address(open_page: OpenPage, portal: Portal, team: Team) -> None:
    for number in range(20):
        add(portal, number)
    assert len(labels(open_page("deliveries", delivery_page="2"))) == 5


def test_a_stopped_delivery_is_retried(open_page: OpenPage, portal: Portal, team: Team) -> None:
    row = add(portal, state=DeliveryState.STOPPED, problem="channel_not_found", attempts=3)
    app = open_page("deliveries")
    assert any("Last problem:] channel_not_found" in each.value.replace("\\", "") for each in app.markdown)
    app.button(key=f"retry_{row.id}").click().run()
    assert reread(portal, row).state is DeliveryState.WAITING
    assert not app.exception


def test_everything_that_stopped_is_retried_at_once(open_page: OpenPage, portal: Portal, team: Team) -> None:
    stopped = [add(portal, number, DeliveryState.STOPPED, attempts=1) for number in range(1, 4)]
    given_up = add(portal, 4, DeliveryState.GIVEN_UP)
    assert not [button for button in open_page("deliveries").button if button.key == "retry_all"]
    app = open_page("deliveries", delivery_state="Stopped, needs a person")
    assert app.button(key="retry_all").label == "Retry these 3"
    app.button(key="retry_all").click().run()
    assert {reread(portal, row).state for row in stopped} == {DeliveryState.WAITING}
    assert reread(portal, given_up).state is DeliveryState.GIVEN_UP
    assert "No delivery fits" in app.info[0].value


def test_what_cannot_be_retried_with_the_others_says_why(
    open_page: OpenPage, portal: Portal, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        add(portal, number, DeliveryState.STOPPED)
    app = open_page("deliveries", delivery_state="Stopped, needs a person")
    monkeypatch.setattr(deliveries, "retry_all", lambda _work, _ids: ["Acme has no *channel* any more."] * 2)
    app.button(key="retry_all").click().run()
    assert [each.value for each in app.warning] == [r"Acme has no \*channel\* any more."]


def test_giving_up_needs_a_reason_which_stays(open_page: OpenPage, portal: Portal, team: Team) -> None:
    row = add(portal)
    app = open_page("deliveries")
    app.button(key=f"give_up_now_{row.id}").click().run()
    assert "Say why" in app.error[0].value
    app.text_input(key=f"give_up_reason_{row.id}").set_value("told by phone")
    app.button(key=f"give_up_now_{row.id}").click().run()
    kept = reread(portal, row)
    assert (kept.state, kept.problem) == (DeliveryState.GIVEN_UP, "Given up by Ada Lovelace: told by phone")
    assert not [button for button in app.button if button.key == f"give_up_now_{row.id}"]


def test_a_failing_delivery_says_when_it_is_tried_next(open_page: OpenPage, portal: Portal, team: Team) -> None:
    add(portal, state=DeliveryState.FAILING, due_at=START.replace(minute=5), attempts=1)
    app = open_page("deliveries")
    assert any("1 try so far · next try in 5 min, at 03:05" in caption.value for caption in app.caption)


def test_a_link_that_is_no_web_address_is_not_offered(open_page: OpenPage, portal: Portal, team: Team) -> None:
    add(portal, 1, DeliveryState.SENT, url="javascript:alert(1)", system="slack", proof="ok")
    add(portal, 2, DeliveryState.SENT, url="https://example.com/p1", system="slack", proof="ok")
    links = open_page("deliveries").get("link_button")
    assert [getattr(link, "url", "") for link in links] == ["https://example.com/p1"]
