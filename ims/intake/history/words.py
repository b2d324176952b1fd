"""Words of other systems for severities, states and yes or no."""

import re

from ims.intake.history.moments import is_missing
from ims.model import IncidentState, Severity

_LEVELS = (Severity.SEV1, Severity.SEV1, Severity.SEV2, Severity.SEV3, Severity.SEV4, Severity.SEV4)
_SEVERITY_WORDS = {
    Severity.SEV1: ("critical", "blocker", "highest", "urgent", "emergency"),
    Severity.SEV2: ("high", "major", "error"),
    Severity.SEV3: ("medium", "moderate", "minor", "normal", "average", "warning"),
    Severity.SEV4: ("low", "lowest", "trivial", "planning", "information", "informational", "info"),
}
_STATE_WORDS = {
    IncidentState.CLOSED: ("closed", "close", "done", "complete", "completed", "7"),
    IncidentState.RESOLVED: ("resolved", "fixed", "solved", "6"),
    IncidentState.CANCELLED: ("cancelled", "canceled", "duplicate", "invalid", "wontfix", "wontdo", "8"),
    IncidentState.MITIGATED: ("mitigated", "monitoring"),
}
_SEVERITIES = {word: severity for severity, words in _SEVERITY_WORDS.items() for word in words}
_STATES = {word: state for state, words in _STATE_WORDS.items() for word in words}


def severity_of(text: str) -> Severity | None:
    """Read a priority: its level 0 to 5 where one is written (``1 - Critical``, ``P2``, ``SEV-3``), else its word.

    0 counts as 1 and 5 as 4, because the portal has four severities.
    """
    level = re.search(r"(?<!\d)[0-5](?!\d)", text)
    if level:
        return _LEVELS[int(level[0])]
    words = re.findall(r"[a-z]+", text.lower())
    return next((_SEVERITIES[word] for word in words if word in _SEVERITIES), None)


def state_of(text: str) -> IncidentState | None:
    """Read a state; any other word means that somebody still works on it, no word that the file does not say."""
    if is_missing(text):
        return None
    return _STATES.get(re.sub(r"[^a-z0-9]", "", text.lower()), IncidentState.OPEN)


def truth_of(text: str) -> bool | None:
    """Read yes or no; ``None`` where the cell says neither."""
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.strip().lower())


def present(text: str) -> str:
    """Return a cell's text, empty where it says that there is none."""
    return "" if is_missing(text) else text.strip()
