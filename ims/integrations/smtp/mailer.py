"""The adapter: one connection for each letter, and every way it can fail told apart."""

import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage

from ims.clock import Clock
from ims.integrations.smtp.answers import in_words
from ims.integrations.smtp.invitations import invitation_letter
from ims.integrations.smtp.letters import as_sent, letter_of
from ims.integrations.smtp.settings import Security, SmtpSettings
from ims.integrations.smtp.team import team_letter
from ims.model.message import CustomerMail, Invitation, TeamMail
from ims.ports import DeliveryError, Receipt

SYSTEM = "smtp"
_PERMANENT_FROM = 500  # RFC 5321, 4.2.1: 5yz is a lasting no, 4yz one for now
Refused = Mapping[str, tuple[int, bytes]]


class SmtpMailer:
    """Sends customer updates, words to the team and invitations through a mail server."""

    def __init__(self, settings: SmtpSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        return self._sent(lambda: letter_of(mail, self._settings, self._clock()), mail.only or [*mail.to, *mail.cc])

    def mail_team(self, mail: TeamMail, key: str) -> Receipt:
        return self._sent(lambda: team_letter(mail, key, self._settings, self._clock()), [mail.to])

    def invite(self, invitation: Invitation, key: str) -> Receipt:
        readers = invitation.only or invitation.attendees
        return self._sent(lambda: invitation_letter(invitation, self._settings, self._clock()), readers)

    def ping(self) -> str:
        """Sign in and out again, and say what answered.

        Raises:
            DeliveryError: the server cannot be used as it is configured.
        """
        with _Told(self._settings), self._connect() as server:
            server.noop()
        return f"{self._settings.host}:{self._settings.port} answers."

    def _sent(self, write: Callable[[], EmailMessage], readers: Sequence[str]) -> Receipt:
        try:
            letter = as_sent(write())
        except ValueError as error:
            raise DeliveryError("An address or the subject holds a line break; correct it.", permanent=True) from error
        with _Told(self._settings), self._connect() as server:
            refused = server.send_message(letter, self._settings.envelope_sender, readers)
        return Receipt(
            SYSTEM,
            self._proof([address for address in readers if address not in refused]),
            str(letter["Message-ID"]),
            refused={address: in_words(*answer) for address, answer in refused.items()},
            later=[address for address, (code, _) in refused.items() if code < _PERMANENT_FROM],
        )

    def _proof(self, accepted: Sequence[str]) -> str:
        bounces = f"Should a mail server refuse it later, it says so to {self._settings.envelope_sender}"
        return f"Accepted by {self._settings.host} for {', '.join(accepted)}. {bounces}"

    def _connect(self) -> smtplib.SMTP:
        place, timeout = (self._settings.host, self._settings.port), self._settings.timeout_seconds
        context = ssl.create_default_context()
        if self._settings.security is Security.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=timeout, context=context)
        else:
            server = smtplib.SMTP(*place, timeout=timeout)
        try:
            if self._settings.security is Security.STARTTLS:
                server.starttls(context=context)
            if self._settings.user and self._settings.password:
                server.login(self._settings.user, self._settings.password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


class _Told:
    """Turns what ``smtplib`` raises inside the block into a ``DeliveryError`` with a sentence and no secret."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._host = settings.host
        self._from = settings.envelope_sender

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        match error:
            case smtplib.SMTPRecipientsRefused():
                lasting = all(code >= _PERMANENT_FROM for code, _ in error.recipients.values())
                raise DeliveryError(f"Every recipient was refused: {_words(error.recipients)}", permanent=lasting)
            case smtplib.SMTPAuthenticationError():
                lasting = error.smtp_code >= _PERMANENT_FROM
                raise DeliveryError(f"{self._host} did not accept user and password.", permanent=lasting)
            case smtplib.SMTPResponseException() if error.smtp_code < 0:  # no number where an answer has one
                said = f"{self._host} answered something that is no mail server's; are IMS_SMTP_HOST and _PORT right?"
                raise DeliveryError(said, permanent=False)
            case smtplib.SMTPResponseException():
                about = f" to the sender {self._from}" if isinstance(error, smtplib.SMTPSenderRefused) else ""
                said = f"{self._host} answered{about}: {in_words(error.smtp_code, error.smtp_error)}"
                raise DeliveryError(said, permanent=error.smtp_code >= _PERMANENT_FROM)
            case smtplib.SMTPNotSupportedError():
                raise DeliveryError(f"{self._host} {_not_offered(str(error))}", permanent=True)
            case ssl.SSLCertVerificationError():
                raise DeliveryError(f"The certificate of {self._host} cannot be trusted.", permanent=True)
            case smtplib.SMTPException() | OSError():
                raise DeliveryError(f"{self._host} cannot be reached ({type(error).__name__}).", permanent=False)


def _not_offered(said: str) -> str:
    """Say what a server lacks, by ``smtplib``'s words for it."""
    if "STARTTLS" in said:
        return "offers no encryption; set IMS_SMTP_SECURITY."
    if "AUTH" in said:
        return "offers no sign-in; leave IMS_SMTP_USER out."
    return "takes no addresses with letters beyond A to Z; correct the address."


def _words(refused: Refused) -> str:
    return "; ".join(f"{address} ({in_words(code, said)})" for address, (code, said) in refused.items())
