"""From a word to one of the team to an e-mail. Pure."""

from datetime import datetime
from email.message import EmailMessage

from ims.integrations.smtp.letters import begun, place_in_thread
from ims.integrations.smtp.settings import SmtpSettings
from ims.model.message import TeamMail


def team_letter(mail: TeamMail, key: str, settings: SmtpSettings, now: datetime) -> EmailMessage:
    """Return the e-mail, as plain text; ``key`` names it, so that one sent twice is one letter to whoever gets it.

    Raises:
        ValueError: the address or the subject holds a line break.
    """
    letter = begun(settings, mail.subject, [mail.to], now)
    place_in_thread(letter, settings, [key])
    letter.set_content(f"{mail.text}\n")
    return letter
