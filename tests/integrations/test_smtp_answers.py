"""A mail server's refusals, told in plain words beside its own, and where later ones go."""

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from ims.integrations.smtp.answers import in_words, meaning_of
from ims.integrations.smtp.settings import SmtpSettings
from ims.ports import DeliveryError
from tests.fakes.smtp import MailServer
from tests.integrations.test_smtp import mail, mailer


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("5.1.1 <mia@acme.example>: Recipient address rejected", "there is no such mailbox"),
        ("5.2.2 over quota", "the mailbox is full"),
        ("4.2.2 over quota", "the mailbox is full"),
        ("5.7.1 Relaying denied", "not allowed to relay"),
        ("4.7.1 Try again in five minutes", "greylisting"),
        ("4.7.0 come back", "greylisting"),
        ("5.7.0 come not back", "a rule of the server forbids it"),
        ("5.7.26 Unauthenticated mail", "neither SPF nor DKIM"),
        ("first line\n5.4.4 second line", "where to send it on to"),
    ],
)
def test_a_code_is_told_in_plain_words(said: str, meaning: str) -> None:
    assert meaning in meaning_of(said)


@pytest.mark.parametrize("said", ["no such user", "", "5.9.99 private", "2.1.5 fine", "at 10.5.1.1 we say no"])
def test_where_no_code_is_known_nothing_is_guessed(said: str) -> None:
    assert meaning_of(said) == ""


def test_the_servers_own_words_stay_beside_ours() -> None:
    assert in_words(550, b"5.1.1 No\nsuch user") == "550 5.1.1 No such user: there is no such mailbox"
    assert in_words(550, b"no") == "550 no"


def test_it_is_said_why_somebody_was_refused(server: MailServer) -> None:
    server.refused["mia@acme.example"] = "550 5.1.1 unknown"
    problem = mailer(server).mail_customer(mail(), "k").problem
    assert problem == "mia@acme.example did not get it (550 5.1.1 unknown: there is no such mailbox)"


def test_a_refusal_for_now_is_told_and_tried_again(server: MailServer) -> None:
    server.refused = dict.fromkeys(("ops@acme.example", "mia@acme.example"), "450 4.7.1 greylisted")
    with pytest.raises(DeliveryError, match=r"450 4\.7\.1 greylisted: the server puts it off") as caught:
        mailer(server).mail_customer(mail(), "k")
    assert not caught.value.permanent


def test_a_sender_who_may_not_send_is_named(server: MailServer) -> None:
    server.sender_answer = "550 5.7.1 not yours"
    with pytest.raises(DeliveryError, match=r"to the sender incidents@ims\.example: 550 5\.7\.1 not yours: ") as caught:
        mailer(server).mail_customer(mail(), "k")
    assert caught.value.permanent


def test_what_is_refused_later_comes_back_to_the_sender_unless_another_address_is_set(server: MailServer) -> None:
    told = mailer(server).mail_customer(mail(), "k").proof
    told_elsewhere = mailer(server, bounces_to="bounces@ims.example").mail_customer(mail(2), "k").proof
    assert server.senders == ["incidents@ims.example", "bounces@ims.example"]
    assert {letter["From"].addresses[0].addr_spec for letter in server.letters} == {"incidents@ims.example"}
    assert told.endswith("Should a mail server refuse it later, it says so to incidents@ims.example")
    assert told_elsewhere.endswith("it says so to bounces@ims.example")


def test_an_address_that_the_server_cannot_write_stops_with_its_reason() -> None:
    with MailServer(knows_utf8=False) as server, pytest.raises(DeliveryError, match="letters beyond A to Z") as caught:
        mailer(server).mail_customer(mail(to=["büro@acme.example"]), "k")
    assert caught.value.permanent


def test_an_address_for_bounces_is_an_address() -> None:
    with pytest.raises(ValidationError, match="IMS_SMTP_BOUNCES_TO is no address"):
        SmtpSettings(host="mail.example", sender="a@b.example", bounces_to="bounces")
