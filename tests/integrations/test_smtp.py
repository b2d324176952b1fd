"""E-mail through a real SMTP server: threads, refusals, and what each failure means."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from ims.integrations.smtp.letters import letter_of
from ims.integrations.smtp.mailer import SmtpMailer
from ims.integrations.smtp.settings import Security, SmtpSettings
from ims.model.message import CustomerMail
from ims.ports import DeliveryError
from tests.fakes.smtp import MailServer
from tests.servers import free_port

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECRET = "s3cret-of-the-test"


def mailer(server: MailServer, **settings: object) -> SmtpMailer:
    known = {"host": server.host, "port": server.port, "security": "none", "sender": "incidents@ims.example"}
    return SmtpMailer(SmtpSettings.model_validate(known | settings), lambda: NOW)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(password=SECRET) as running:
        yield running


def mail(number: int = 1, **changes: object) -> CustomerMail:
    known = {
        "incident_key": "INC-7",
        "customer": "Acme",
        "to": ["ops@acme.example"],
        "cc": ["mia@acme.example"],
        "subject": f"Update {number}",
        "text": "We <b>are</b> on it.\n\nNext update by 04:00 UTC.",
        "thread": "INC-7:3",
        "thread_subject": "Payments fail [INC-7]",
        "number": number,
    }
    return CustomerMail.model_validate(known | changes)


def test_a_customer_gets_the_update_with_their_manager_on_cc(server: MailServer) -> None:
    receipt = mailer(server).mail_customer(mail(), "k")
    letter = server.letters[0]
    assert (letter["To"], letter["Cc"]) == ("ops@acme.example", "mia@acme.example")
    assert letter["From"] == "Incident response <incidents@ims.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert server.recipients == [["ops@acme.example", "mia@acme.example"]]
    assert receipt.proof.startswith("Accepted by 127.0.0.1 for ops@acme.example, mia@acme.example")
    assert receipt.reference == letter["Message-ID"]


def test_text_is_text_in_both_forms(server: MailServer) -> None:
    mailer(server).mail_customer(mail(), "k")
    plain, html = (server.letters[0].get_body((form,)) for form in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert "We <b>are</b> on it." in plain.get_content()
    assert "We &lt;b&gt;are&lt;/b&gt; on it." in html.get_content()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("See https://status.example/a?x=1&y=2.", 'See <a href="https://status.example/a?x=1&amp;y=2">https://'),
        ("(http://a.example/b)", '(<a href="http://a.example/b">http://a.example/b</a>)'),
        ('https://a.example/"onclick="x', '<a href="https://a.example/">https://a.example/</a>&quot;onclick'),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
    ],
)
def test_only_addresses_of_the_web_can_be_pressed(server: MailServer, said: str, shown: str) -> None:
    mailer(server).mail_customer(mail(text=said), "k")
    html = server.letters[0].get_body(("html",))
    assert html is not None
    assert shown in html.get_content()


def test_the_updates_of_an_incident_make_one_thread(server: MailServer) -> None:
    for number in (1, 2, 3):
        mailer(server).mail_customer(mail(number), "k")
    first, second, third = server.letters
    assert {letter["Subject"] for letter in (first, second, third)} == {"Payments fail [INC-7]"}
    assert first["In-Reply-To"] is None
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]


def test_a_thread_holds_together_however_long_the_domain_is(server: MailServer) -> None:
    """Python would fold, and so break, a Message-ID that does not fit on a line."""
    sender = "incidents@notifications.incident-response.acme-corporation.example"
    for number in (1, 2):
        mailer(server, sender=sender).mail_customer(mail(number), "k")
    first, second = server.letters
    assert second["References"] == second["In-Reply-To"] == first["Message-ID"]
    assert first["Message-ID"].endswith("@notifications.incident-response.acme-corporation.example>")


def test_letters_beyond_ascii_pass_a_server_that_knows_only_seven_bits(server: MailServer) -> None:
    mailer(server).mail_customer(mail(text="Grüße – 日本"), "k")
    plain = server.letters[0].get_body(("plain",))
    assert plain is not None
    assert plain["Content-Transfer-Encoding"] in ("quoted-printable", "base64")
    assert "Grüße – 日本" in plain.get_content()


def test_a_letter_sent_again_is_the_same_letter() -> None:
    settings = SmtpSettings(host="x", sender="incidents@ims.example")
    ids = {letter_of(mail(), settings, NOW.replace(minute=minute))["Message-ID"] for minute in range(3)}
    assert len(ids) == 1


def test_who_was_refused_is_named_and_the_others_have_it(server: MailServer) -> None:
    server.refused["mia@acme.example"] = "550 no such user"
    receipt = mailer(server).mail_customer(mail(), "k")
    assert receipt.proof.startswith("Accepted by 127.0.0.1 for ops@acme.example. Should")
    assert receipt.problem == "mia@acme.example did not get it (550 no such user)"
    assert receipt.later == []


def test_who_was_put_off_gets_the_same_letter_later_and_alone(server: MailServer) -> None:
    server.refused["mia@acme.example"] = "450 4.7.1 greylisted"
    receipt = mailer(server).mail_customer(mail(), "k")
    assert receipt.later == ["mia@acme.example"]
    assert receipt.problem.startswith(
        "mia@acme.example is to get it later (450 4.7.1 greylisted: the server puts it off"
    )
    server.refused.clear()
    mailer(server).mail_customer(mail(only=["mia@acme.example"]), "k2")
    assert server.recipients == [["ops@acme.example"], ["mia@acme.example"]]
    first, second = server.letters
    names = ("To", "Cc", "Subject", "Message-ID")
    assert [first[name] for name in names] == [second[name] for name in names]


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such user", True), ("451 try later", False)])
def test_when_everybody_is_refused_the_answer_decides(server: MailServer, answer: str, permanent: bool) -> None:
    server.refused = {"ops@acme.example": answer, "mia@acme.example": answer}
    with pytest.raises(DeliveryError, match="Every recipient was refused") as caught:
        mailer(server).mail_customer(mail(), "k")
    assert caught.value.permanent is permanent


@pytest.mark.parametrize(("answer", "permanent"), [("554 spam", True), ("421 busy", False)])
def test_what_the_server_says_to_the_letter_decides(server: MailServer, answer: str, permanent: bool) -> None:
    server.answer = answer
    with pytest.raises(DeliveryError, match=answer[:3]) as caught:
        mailer(server).mail_customer(mail(), "k")
    assert caught.value.permanent is permanent


def test_a_wrong_password_stops_and_is_not_said(server: MailServer) -> None:
    with pytest.raises(DeliveryError, match="did not accept user and password") as caught:
        mailer(server, user="ims", password="wrong-" + SECRET).mail_customer(mail(), "k")
    assert caught.value.permanent
    assert SECRET not in str(caught.value)


def test_the_right_password_signs_in(server: MailServer) -> None:
    assert mailer(server, user="ims", password=SECRET).ping().endswith("answers.")


def test_a_sign_in_that_fails_for_now_is_tried_again(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise smtplib.SMTPAuthenticationError(454, b"4.7.0 Temporary authentication failure")

    monkeypatch.setattr("smtplib.SMTP.login", busy)
    with pytest.raises(DeliveryError, match="did not accept user and password") as caught:
        mailer(server, user="ims", password=SECRET).ping()
    assert not caught.value.permanent


def test_missing_encryption_stops(server: MailServer) -> None:
    with pytest.raises(DeliveryError, match="offers no encryption") as caught:
        mailer(server, security="starttls").ping()
    assert caught.value.permanent


def test_a_server_that_is_away_is_tried_again() -> None:
    settings = SmtpSettings(host="127.0.0.1", port=free_port(), security=Security.NONE, sender="a@b.example")
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        SmtpMailer(settings, lambda: NOW).mail_customer(mail(), "k")
    assert not caught.value.permanent


def test_what_is_no_mail_server_is_said_to_be_none_and_is_not_repeated() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            caller, _ = other.accept()
            with caller:
                caller.sendall(b"<html>Sign in to the hotel's network</html>\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        settings = SmtpSettings(
            host="127.0.0.1", port=other.getsockname()[1], security=Security.NONE, sender="a@b.example"
        )
        with pytest.raises(DeliveryError, match="no mail server's; are IMS_SMTP_HOST and _PORT right") as caught:
            SmtpMailer(settings, lambda: NOW).mail_customer(mail(), "k")
        thread.join()
    assert not caught.value.permanent
    assert "hotel" not in str(caught.value)


def test_a_line_break_in_a_header_never_leaves_the_house(server: MailServer) -> None:
    with pytest.raises(DeliveryError, match="line break") as caught:
        mailer(server).mail_customer(mail(thread_subject="Hello\nBcc: everybody@example.com"), "k")
    assert caught.value.permanent
    assert server.letters == []


def test_half_a_configuration_is_refused_in_words() -> None:
    with pytest.raises(ValidationError, match="IMS_SMTP_SENDER is missing"):
        SmtpSettings(host="mail.example")
    with pytest.raises(ValidationError, match="IMS_SMTP_SENDER is no address: write it like"):
        SmtpSettings(host="mail.example", sender="Team <a@b.example>")
    with pytest.raises(ValidationError, match="IMS_SMTP_BOUNCES_TO is no address"):
        SmtpSettings(host="mail.example", sender="a@b.example", bounces_to="bounces")
    with pytest.raises(ValidationError, match="IMS_SMTP_PASSWORD is missing"):
        SmtpSettings(host="mail.example", sender="a@b.example", user="ims")


def test_the_password_is_never_shown() -> None:
    settings = SmtpSettings.model_validate({"host": "x", "sender": "a@b.example", "user": "ims", "password": SECRET})
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())
