"""The AWS health dashboard's history: epoch seconds as text, HTML inside, and no end at all."""

import html
import re
from collections.abc import Sequence
from typing import Any

from ims.intake.history.content import Content
from ims.intake.history.format import Format
from ims.intake.history.found import RawIncident
from ims.model import IncidentState, Severity

_SEVERITY = {"1": Severity.SEV3, "2": Severity.SEV2, "3": Severity.SEV1}
_RESOLVED = re.compile(r"^\s*\[resolved\]\s*", re.IGNORECASE)


def _recognises(content: Content) -> bool:
    return len(content.documents) == 1 and isinstance(content.documents[0].fields.get("archive"), list)


def _find(content: Content) -> Sequence[RawIncident]:
    fields = content.documents[0].fields
    current = fields.get("current")
    events = [*fields["archive"], *(current if isinstance(current, list) else [])]
    return [_incident(number, event) for number, event in enumerate(events, 1) if isinstance(event, dict)]


def _incident(number: int, event: dict[str, Any]) -> RawIncident:
    summary = str(event.get("summary", ""))
    return RawIncident(
        row=number,
        key=f"{event.get('service', '')} {event.get('date', '')}",
        title=f"{event.get('service_name', '')}: {_RESOLVED.sub('', summary)}",
        times={"opened_at": str(event.get("date", ""))},
        severity=_SEVERITY.get(str(event.get("status"))),
        state=IncidentState.RESOLVED if _RESOLVED.match(summary) else IncidentState.OPEN,
        services=(str(event["service_name"]),) if event.get("service_name") else (),
        summary=text_of(str(event.get("description", ""))),
    )


def text_of(markup: str) -> str:
    """Return the text of HTML: a line for each block, no tags, entities as letters."""
    lines = re.sub(r"</(?:div|p|li)>|<br\s*/?>", "\n", markup)
    return html.unescape(re.sub(r"<[^>]*>", " ", lines)).replace("\xa0", " ").strip()


FORMAT = Format(
    "aws_health",
    "AWS health dashboard history (JSON)",
    _recognises,
    _find,
    ("These files hold no end of an event, so the time to resolve stays unknown.",),
)
