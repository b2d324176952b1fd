"""The formats the portal can read, the most particular first, and the one way in: bytes to preview."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ims.errors import BadFile, Refusal
from ims.intake.history import aws_health, github_status, jira, opsgenie, own_list, pagerduty, servicenow
from ims.intake.history.content import Content, open_content
from ims.intake.history.format import Format
from ims.intake.history.found import Choices, Preview
from ims.intake.history.reading import understand

FORMATS = (
    servicenow.FORMAT,
    github_status.FORMAT,
    aws_health.FORMAT,
    pagerduty.DUMP,
    pagerduty.REPORT,
    opsgenie.FORMAT,
    jira.FORMAT,
    own_list.FORMAT,
)
_NO_CHOICES = Choices()


def titles() -> dict[str, str]:
    """Return the name of each format for people, by its key."""
    return {known.key: known.title for known in FORMATS}


def read_history(data: bytes, choices: Choices = _NO_CHOICES) -> Preview:
    """Read a file of past incidents; nothing is written.

    Raises:
        BadFile: it cannot be read, or nothing in it looks like incidents.
        Refusal: a choice names a format or a zone that does not exist.
    """
    zone = _zone(choices.zone)
    content = open_content(data)
    known = _format(content, choices.format)
    try:
        raw = known.find(content)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise BadFile(f"The file does not have the shape of {known.title}.") from error
    if not raw:
        raise BadFile("There are no incidents in the file.")
    return understand(known, content, raw, zone, choices.order)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refusal(f"There is no time zone “{name[:40]}”; names look like Europe/Berlin or UTC.") from None


def _format(content: Content, key: str | None) -> Format:
    if key is not None:
        chosen = next((known for known in FORMATS if known.key == key), None)
        if chosen is None:
            raise Refusal(f"There is no format “{key[:40]}”. The formats are {', '.join(titles())}.")
        return chosen
    recognised = next((known for known in FORMATS if known.recognises(content)), None)
    if recognised is None:
        raise BadFile(
            "The file is none of the kinds the portal knows. A list of your own needs a column for the start "
            "(like “Started at”) and one for what happened (like “Title”)."
        )
    return recognised
