"""What every letter of ours has: who writes to whom, its name, its thread. Pure; nothing here goes over the network."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from ims.integrations.smtp.settings import SmtpSettings
from ims.model.message import CustomerMail

# Bodies in 7 bits pass every server on the way.
_POLICY = SMTP.clone(cte_type="7bit")
# RFC 5322, 2.1.1. Python folds a line at 78 characters even inside a longer Message-ID, whose thread then breaks.
_LONGEST_HEADER_LINE = 998
_STYLE = "font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;max-width:40em"
_WEB_ADDRESS = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)\]'])")


def letter_of(mail: CustomerMail, settings: SmtpSettings, now: datetime) -> EmailMessage:
    """Return the e-mail of a customer update, in plain text and HTML.

    All updates of one incident to one customer make one thread: the same subject, and each names those before it.

    Raises:
        ValueError: an address or the subject holds a line break.
    """
    letter = begun(settings, mail.thread_subject or mail.subject, mail.to, now)
    if mail.cc:
        letter["Cc"] = ", ".join(mail.cc)
    place_in_thread(letter, settings, [f"{mail.thread}:{number}" for number in range(1, mail.number + 1)])
    letter.set_content(f"{mail.subject}\n\n{mail.text}\n")
    letter.add_alternative(_html(mail), subtype="html")
    return letter


def begun(settings: SmtpSettings, subject: str, to: Sequence[str], now: datetime) -> EmailMessage:
    """Return a letter that has its sender, its readers and its subject, and no text yet.

    Raises:
        ValueError: an address or the subject holds a line break.
    """
    letter = EmailMessage(_POLICY)
    letter["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    letter["To"] = ", ".join(to)
    letter["Subject"] = subject
    letter["Date"] = format_datetime(now)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to a machine
    return letter


def place_in_thread(letter: EmailMessage, settings: SmtpSettings, names: Sequence[str]) -> None:
    """Name a letter, the last of ``names``, and those before it (RFC 5322, 3.6.4).

    The ``Message-ID`` depends on the name alone, so that a letter sent twice after a lost answer is one letter to
    whoever receives it.
    """
    *earlier, own = [_message_id(name, settings) for name in names]
    letter["Message-ID"] = own
    if earlier:
        letter["In-Reply-To"] = earlier[-1]
        letter["References"] = " ".join(earlier)


def as_sent(letter: EmailMessage) -> EmailMessage:
    """Return a finished letter that is written out with its Message-IDs in one piece."""
    letter.policy = _POLICY.clone(max_line_length=_LONGEST_HEADER_LINE)
    return letter


def _message_id(name: str, settings: SmtpSettings) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    return f"<{digest}@{settings.sender.rpartition('@')[2]}>"


def _html(mail: CustomerMail) -> str:
    """Mail programs know little CSS and no style sheet, and choose their own colours by day and by night."""
    paragraphs = "".join(f"<p>{_paragraph(part)}</p>" for part in mail.text.split("\n\n"))
    head = f'<h2 style="font-size:1.25em;margin:0 0 1em">{escape(mail.subject)}</h2>'
    return f'<!DOCTYPE html><html><body><div style="{_STYLE}">{head}{paragraphs}</div></body></html>\n'


def _paragraph(text: str) -> str:
    """Return a paragraph in which addresses of the web can be pressed and everything else is text."""
    parts = enumerate(_WEB_ADDRESS.split(text))  # every second one is an address
    said = (f'<a href="{escape(each)}">{escape(each)}</a>' if odd % 2 else escape(each) for odd, each in parts)
    return "".join(said).replace("\n", "<br>")
