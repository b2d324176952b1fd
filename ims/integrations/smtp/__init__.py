"""E-mail through an SMTP server: customer updates, and invitations to meetings."""

from ims.integrations.frame import System
from ims.integrations.smtp.mailer import SmtpMailer
from ims.integrations.smtp.settings import SmtpSettings

SYSTEM = System("smtp", "E-mail (SMTP)", ("mailer", "meetings"), SmtpSettings, SmtpMailer)
