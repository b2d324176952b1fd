"""E-mail through a real SMTP server: threads, refusals, and what each failure means."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import ValidationError

from ims.integrations.smtp.letters import letter_of
from ims.integrations.smtp.mailer import SmtpMailer
from ims.integrations.smtp.settings import Security, SmtpSettings
from ims.model.message import CustomerMail
from ims.ports import DeliveryError
from tests.servers import free_port

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECRET = "s3cret-of-the-test"


@dataclass
class Inbox:
    """A mail server's side: keeps letters, refuses the addresses and answers with the line a test names."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            letter = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer


@dataclass
class Server:
    inbox: Inbox
    port: int

    def mailer(self, **settings: object) -> SmtpMailer:
        known = {"host": "127.0.0.1", "port": self.port, "security": "none", "sender": "incidents@ims.example"}
        return SmtpMailer(SmtpSettings.model_validate(known | settings), lambda: NOW)


@pytest.fixture
def server() -> Iterator[Server]:
    def sign_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == SECRET.encode()
        return AuthResult(success=right, handled=False)

    inbox = Inbox()
    controller = Controller(
        inbox, hostname="127.0.0.1", port=free_port(), authenticator=sign_in, auth_require_tls=False
    )
    controller.start()
    yield Server(inbox, controller.port)
    controller.stop()


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


def test_a_customer_gets_the_update_with_their_manager_on_cc(server: Server) -> None:
    receipt = server.mailer().mail_customer(mail(), "k")
    letter = server.inbox.letters[0]
    assert (letter["To"], letter["Cc"]) == ("ops@acme.example", "mia@acme.example")
    assert letter["From"] == "Incident response <incidents@ims.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert server.inbox.recipients == [["ops@acme.example", "mia@acme.example"]]
    assert receipt.proof == "Accepted by 127.0.0.1 for ops@acme.example, mia@acme.example"
    assert receipt.reference == letter["Message-ID"]


def test_text_is_text_in_both_forms(server: Server) -> None:
    server.mailer().mail_customer(mail(), "k")
    plain, html = (server.inbox.letters[0].get_body((form,)) for form in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert "We <b>are</b> on it." in plain.get_content()
    assert "We &lt;b&gt;are&lt;/b&gt; on it." in html.get_content()


def test_the_updates_of_an_incident_make_one_thread(server: Server) -> None:
    for number in (1, 2, 3):
        server.mailer().mail_customer(mail(number), "k")
    first, second, third = server.inbox.letters
    assert {letter["Subject"] for letter in (first, second, third)} == {"Payments fail [INC-7]"}
    assert first["In-Reply-To"] is None
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]


def test_a_letter_sent_again_is_the_same_letter() -> None:
    settings = SmtpSettings(host="x", sender="incidents@ims.example")
    ids = {letter_of(mail(), settings, NOW.replace(minute=minute))["Message-ID"] for minute in range(3)}
    assert len(ids) == 1


def test_who_was_refused_is_named_and_the_others_have_it(server: Server) -> None:
    server.inbox.refused["mia@acme.example"] = "550 no such user"
    proof = server.mailer().mail_customer(mail(), "k").proof
    assert proof == "Accepted by 127.0.0.1 for ops@acme.example. Refused: mia@acme.example (550 no such user)"


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such user", True), ("451 try later", False)])
def test_when_everybody_is_refused_the_answer_decides(server: Server, answer: str, permanent: bool) -> None:
    server.inbox.refused = {"ops@acme.example": answer, "mia@acme.example": answer}
    with pytest.raises(DeliveryError, match="Every recipient was refused") as caught:
        server.mailer().mail_customer(mail(), "k")
    assert caught.value.permanent is permanent


@pytest.mark.parametrize(("answer", "permanent"), [("554 spam", True), ("421 busy", False)])
def test_what_the_server_says_to_the_letter_decides(server: Server, answer: str, permanent: bool) -> None:
    server.inbox.answer = answer
    with pytest.raises(DeliveryError, match=answer[:3]) as caught:
        server.mailer().mail_customer(mail(), "k")
    assert caught.value.permanent is permanent


def test_a_wrong_password_stops_and_is_not_said(server: Server) -> None:
    with pytest.raises(DeliveryError, match="did not accept user and password") as caught:
        server.mailer(user="ims", password="wrong-" + SECRET).mail_customer(mail(), "k")
    assert caught.value.permanent
    assert SECRET not in str(caught.value)


def test_the_right_password_signs_in(server: Server) -> None:
    assert server.mailer(user="ims", password=SECRET).ping().endswith("answers.")


def test_missing_encryption_stops(server: Server) -> None:
    with pytest.raises(DeliveryError, match="offers no encryption") as caught:
        server.mailer(security="starttls").ping()
    assert caught.value.permanent


def test_a_server_that_is_away_is_tried_again() -> None:
    settings = SmtpSettings(host="127.0.0.1", port=free_port(), security=Security.NONE, sender="a@b.example")
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        SmtpMailer(settings, lambda: NOW).mail_customer(mail(), "k")
    assert not caught.value.permanent


def test_a_line_break_in_a_header_never_leaves_the_house(server: Server) -> None:
    with pytest.raises(DeliveryError, match="line break") as caught:
        server.mailer().mail_customer(mail(thread_subject="Hello\nBcc: everybody@example.com"), "k")
    assert caught.value.permanent
    assert server.inbox.letters == []


def test_an_untrusted_certificate_stops(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ssl.SSLCertVerificationError("self-signed")

    monkeypatch.setattr("smtplib.SMTP_SSL", refuse)
    with pytest.raises(DeliveryError, match="cannot be trusted") as caught:
        server.mailer(security="tls").ping()
    assert caught.value.permanent


def test_half_a_configuration_is_refused_in_words() -> None:
    with pytest.raises(ValidationError, match="IMS_SMTP_SENDER is missing"):
        SmtpSettings(host="mail.example")
    with pytest.raises(ValidationError, match="IMS_SMTP_PASSWORD is missing"):
        SmtpSettings(host="mail.example", sender="a@b.example", user="ims")


def test_the_password_is_never_shown() -> None:
    settings = SmtpSettings.model_validate({"host": "x", "sender": "a@b.example", "user": "ims", "password": SECRET})
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())
