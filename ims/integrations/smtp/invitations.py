"""From an invitation to an e-mail that calendar programs understand (RFC 6047). Pure."""

from datetime import UTC, datetime
from email.message import EmailMessage

from ims.calendar import calendar_file, method_of
from ims.integrations.smtp.letters import begun, place_in_thread
from ims.integrations.smtp.settings import SmtpSettings
from ims.model.message import Invitation


def invitation_letter(invitation: Invitation, settings: SmtpSettings, now: datetime) -> EmailMessage:
    """Return the e-mail of an invitation, a change of it or its end; all of one meeting make one thread.

    The calendar part beside the text is what mail programs show as an invitation; the attachment is for those that
    do not. The sender is the organiser, so the answers of the attendees come back to that address.

    Raises:
        ValueError: an address or the title holds a line break.
    """
    letter = begun(settings, invitation.title, invitation.attendees, now)
    place_in_thread(letter, settings, _names(invitation))
    letter.set_content(_text(invitation))
    file = calendar_file(invitation, now=now, organiser=settings.sender)
    letter.add_alternative(file.decode(), subtype="calendar", params={"method": method_of(invitation)})
    letter.add_attachment(file, "application", "ics", filename="invitation.ics")
    return letter


def _names(invitation: Invitation) -> list[str]:
    """Name the letters of the meeting up to this one; who is left out of a change gets one of the same number."""
    earlier = [f"{invitation.uid}:{sequence}" for sequence in range(invitation.sequence)]
    own = f"{invitation.uid}:{invitation.sequence}" + (":cancelled" if invitation.cancelled else "")
    return [*earlier, own]


def _text(invitation: Invitation) -> str:
    starts_at, ends_at = _utc(invitation.starts_at), _utc(invitation.ends_at)
    when = f"{starts_at:%A, %d %B %Y, %H:%M} to {ends_at:%H:%M} UTC"
    parts = [_what(invitation), f"{invitation.title}\n{when}", invitation.link, invitation.agenda]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what(invitation: Invitation) -> str:
    if invitation.partial:
        return "You are not invited to this meeting any more; it takes place without you."
    if invitation.cancelled:
        return "This meeting is called off."
    return "This meeting has changed." if invitation.sequence else "You are invited to a meeting."


def _utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)
