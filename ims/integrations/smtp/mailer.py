"""The adapter: one connection for each letter, and every way it can fail told apart."""

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage

from ims.clock import Clock
from ims.integrations.smtp.letters import letter_of
from ims.integrations.smtp.settings import Security, SmtpSettings
from ims.model.message import CustomerMail
from ims.ports import DeliveryError, Receipt

SYSTEM = "smtp"
_PERMANENT_FROM = 500  # RFC 5321, 4.2.1: 5yz is a lasting no, 4yz one for now
Refused = Mapping[str, tuple[int, bytes]]


class SmtpMailer:
    """Sends customer updates through a mail server."""

    def __init__(self, settings: SmtpSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def mail_customer(self, mail: CustomerMail, key: str) -> Receipt:
        try:
            letter = letter_of(mail, self._settings, self._clock())
        except ValueError as error:
            raise DeliveryError("An address or the subject holds a line break; correct it.", permanent=True) from error
        refused = self._send(letter)
        accepted = [address for address in (*mail.to, *mail.cc) if address not in refused]
        proof = f"Accepted by {self._settings.host} for {', '.join(accepted)}"
        return Receipt(SYSTEM, f"{proof}. Refused: {_words(refused)}" if refused else proof, str(letter["Message-ID"]))

    def ping(self) -> str:
        """Sign in and out again, and say what answered.

        Raises:
            DeliveryError: the server cannot be used as it is configured.
        """
        with _Told(self._settings), self._connect() as server:
            server.noop()
        return f"{self._settings.host}:{self._settings.port} answers."

    def _send(self, letter: EmailMessage) -> Refused:
        with _Told(self._settings), self._connect() as server:
            return server.send_message(letter)

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

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        match error:
            case smtplib.SMTPRecipientsRefused():
                lasting = all(code >= _PERMANENT_FROM for code, _ in error.recipients.values())
                raise DeliveryError(f"Every recipient was refused: {_words(error.recipients)}", permanent=lasting)
            case smtplib.SMTPAuthenticationError():
                raise DeliveryError(f"{self._host} did not accept user and password.", permanent=True)
            case smtplib.SMTPResponseException():
                said = f"{self._host} answered {error.smtp_code}: {_text(error.smtp_error)}"
                raise DeliveryError(said, permanent=error.smtp_code >= _PERMANENT_FROM)
            case smtplib.SMTPNotSupportedError():
                raise DeliveryError(f"{self._host} offers no encryption; set IMS_SMTP_SECURITY.", permanent=True)
            case ssl.SSLCertVerificationError():
                raise DeliveryError(f"The certificate of {self._host} cannot be trusted.", permanent=True)
            case smtplib.SMTPException() | OSError():
                raise DeliveryError(f"{self._host} cannot be reached ({type(error).__name__}).", permanent=False)


def _words(refused: Refused) -> str:
    return "; ".join(f"{address} ({code} {_text(said)})" for address, (code, said) in refused.items())


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
