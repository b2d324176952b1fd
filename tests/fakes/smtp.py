"""A real SMTP server, aiosmtpd, that keeps the letters it takes and says what a test tells it to."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers import free_port


@dataclass
class MailServer:
    """Runs inside ``with MailServer() as server``; anybody may send, and ``password`` signs in.

    ``tls`` encrypts from the first byte, ``starttls`` after the greeting, before which nothing is taken.
    ``refused`` are the answers to some recipients, ``sender_answer`` the one to the sender where it is refused,
    ``answer`` the one to a whole letter. What was taken is in ``letters``, and beside it in ``recipients`` and
    ``senders`` what stood on the envelope, and whether it came ``encrypted``. ``sign_ins`` counts all that were tried.
    """

    password: str = "s3cret-of-the-test"
    refused: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"
    knows_utf8: bool = True
    sender_answer: str = ""
    tls: SSLContext | None = None
    starttls: SSLContext | None = None
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    sign_ins: int = 0
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"

    def __enter__(self) -> Self:
        upgrade: dict[str, Any] = {"tls_context": self.starttls, "require_starttls": True} if self.starttls else {}
        self._controller = Controller(
            self,
            hostname=self.host,
            port=self.port,
            enable_SMTPUTF8=self.knows_utf8,
            authenticator=self._sign_in,
            auth_require_tls=self.starttls is not None,
            ssl_context=self.tls,
            **upgrade,
        )
        self._controller.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._controller.stop()

    def _sign_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        self.sign_ins += 1
        right = isinstance(data, LoginPassword) and data.password == self.password.encode()
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(  # noqa: N802  aiosmtpd's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            letter = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
            self.recipients.append(list(envelope.rcpt_tos))
            self.senders.append(envelope.mail_from or "")
            self.encrypted.append(session.ssl is not None or self.tls is not None)
        return self.answer
