"""From a message of ours to an e-mail. Pure: the same message always makes the same letter."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from ims.integrations.smtp.settings import SmtpSettings
from ims.model.message import CustomerMail


def letter_of(mail: CustomerMail, settings: SmtpSettings, now: datetime) -> EmailMessage:
    """Return the e-mail of a customer update, in plain text and HTML.

    All updates of one incident to one customer make one thread: the same subject, and each names those before it
    (RFC 5322, 3.6.4). The ``Message-ID`` depends on thread and number alone, so that a letter sent twice after a lost
    answer is one letter to whoever receives it.

    Raises:
        ValueError: an address or the subject holds a line break.
    """
    letter = EmailMessage()
    letter["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    letter["To"] = ", ".join(mail.to)
    if mail.cc:
        letter["Cc"] = ", ".join(mail.cc)
    letter["Subject"] = mail.thread_subject or mail.subject
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = _message_id(mail, mail.number, settings)
    earlier = [_message_id(mail, number, settings) for number in range(1, mail.number)]
    if earlier:
        letter["In-Reply-To"] = earlier[-1]
        letter["References"] = " ".join(earlier)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to a machine
    letter.set_content(f"{mail.subject}\n\n{mail.text}\n")
    letter.add_alternative(_html(mail), subtype="html")
    return letter


def _message_id(mail: CustomerMail, number: int, settings: SmtpSettings) -> str:
    name = hashlib.sha256(f"{mail.thread}:{number}".encode()).hexdigest()[:32]
    return f"<{name}@{settings.sender.rpartition('@')[2]}>"


def _html(mail: CustomerMail) -> str:
    paragraphs = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in mail.text.split("\n\n"))
    return f"<html><body><h3>{escape(mail.subject)}</h3>{paragraphs}</body></html>\n"
