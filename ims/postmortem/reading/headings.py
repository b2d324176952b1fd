"""Headings as people write them: which one opens the follow-ups, which one inside them is about something else."""

import re

from ims.model import FollowUpKind
from ims.postmortem.reading.understood import normal

_FOLLOW_UPS = frozenset(
    {
        "follow up",
        "follow ups",
        "followup",
        "followups",
        "follow up action",
        "follow up actions",
        "follow up action items",
        "follow up items",
        "follow up tasks",
        "follow up work",
        "followup actions",
        "followup items",
        "action",
        "actions",
        "action item",
        "action items",
        "action plan",
        "action points",
        "agreed actions",
        "open actions",
        "corrective",
        "preventive",
        "preventative",
        "corrective actions",
        "corrective measure",
        "corrective measures",
        "preventive actions",
        "preventive measure",
        "preventive measures",
        "preventative actions",
        "preventative measure",
        "preventative measures",
        "improvements",
        "list of action items",
        "open items",
        "post incident actions",
        "recommendations",
        "recommended actions",
        "remediation plan",
        "remediations",
        "short term actions",
        "long term actions",
        "tasks",
        "improvement actions",
        "remediation",
        "remediation items",
        "remediation actions",
        "next steps",
        "to do",
        "to dos",
        "todo",
        "todos",
    }
)
_LONGEST = 100  # characters
_ALONE_TOO_LITTLE = {"corrective", "preventive", "preventative"}
_COMPANY = {"owner", "owners", "due dates", "deadlines", "status", "prevention"}  # “Action items and owners”
_ELSEWHERE = frozenset(
    {
        "attendees",
        "background",
        "contributing factors",
        "glossary",
        "impact",
        "investigation",
        "lessons learned",
        "lessons learnt",
        "links",
        "notes",
        "references",
        "resolution",
        "root cause",
        "stats",
        "supporting information",
        "timeline",
        "what went badly",
        "what went well",
        "what went wrong",
        "where we got lucky",
        "where we were lucky",
    }
)
_KINDS = {
    FollowUpKind.PREVENT: ("prevent", "prevention", "preventive", "preventative"),
    FollowUpKind.DETECT: ("detect", "detection", "monitoring"),
    FollowUpKind.MITIGATE: ("mitigate", "mitigation"),
    FollowUpKind.PROCESS: ("process", "process improvement", "process improvements"),
}
KIND_OF: dict[str, FollowUpKind] = {word: kind for kind, words in _KINDS.items() for word in words}


def opens_follow_ups(words: str) -> bool:
    """Return whether a heading stands above follow-ups, as “3. Corrective and preventive measures” does."""
    if len(words) > _LONGEST:
        return False
    parts = [part for part in re.split(r" and | ?[&/] ?", _plain(words)) if part]
    known = [normal(part) for part in parts]
    if not known or all(part in _ALONE_TOO_LITTLE for part in known):
        return False
    return any(part in _FOLLOW_UPS for part in known) and all(part in _FOLLOW_UPS | _COMPANY for part in known)


def is_elsewhere(words: str) -> bool:
    """Return whether a heading is about something else, even where it stands below that of the follow-ups."""
    return normal(words) in _ELSEWHERE


def _plain(words: str) -> str:
    return re.sub(r"\([^()]*\)", " ", words.casefold()).strip().rstrip(":")
