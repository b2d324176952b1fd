"""Follow-ups written as a list, with their owner and due date somewhere in the line."""

import re
from collections.abc import Sequence
from datetime import date

from ims.model import FollowUpState
from ims.model.outline import Text
from ims.postmortem.dates import NotADate, read_due
from ims.postmortem.reading import NOTHING, ReadFollowUp

_BULLET = re.compile(r"^(?:[-*•‣▪–]|\d{1,3}[.)])\s+")
_BOX = re.compile(r"^(\[[ xX✓]?\]|[☐☑☒✅✔✓🗹])\s*")
_CHECKED = "xX✓☑☒✅✔🗹"
_OWNER = re.compile(r"[\s,;–—(\[-]*\b(?:owner|assignee|assigned to|dri)\s*[:=]\s*([^,;()\[\]|]+)[)\]]?", re.IGNORECASE)
_MENTION = re.compile(r"[\s,;–—(\[-]*(?<!\w)@([\w.+-]+(?:@[\w.-]+\w)?)[)\]]?")
_EMAIL = re.compile(r"[\s,;–—(\[<-]*([\w.+-]+@[\w-]+\.[\w.-]*\w)[)\]>]?")
_DUE = re.compile(
    r"[\s,;–—(\[-]*\b(?:due(?:\s+(?:date|on|by))?|deadline|by)\s*[:=]?\s*"
    r"((?=[^;()\[\]|]*\d)(?:[A-Za-z]{3,9}\.?\s+)?[\dA-Za-z][\w./-]*(?:,?\s+[\w.]+){0,2}?)"
    r"(?=\s*(?:[;,()\[\]|]|$|\s[–—-]\s))[)\]]?",
    re.IGNORECASE,
)
_BARE_DAY = re.compile(r"[\s,;–—(\[-]*\b(\d{4}-\d{2}-\d{2})\b[)\]]?")


def is_item(text: Text) -> bool:
    """Return whether a paragraph is an item of a list, made by Word or typed by hand."""
    return text.is_item or bool(_BULLET.match(text.words) or _BOX.match(text.words))


def read_item(text: Text) -> tuple[ReadFollowUp | None, Sequence[str]]:
    """Read one item and say what was not understood in it; an item that says “none” is no follow-up."""
    words = _BULLET.sub("", text.words)
    box = _BOX.match(words)
    is_checked = bool(box and any(mark in box[1] for mark in _CHECKED))
    words = _BOX.sub("", words)
    if words.casefold().strip(" .") in NOTHING:
        return None, ()
    owner, words = _take_out((_OWNER, _MENTION, _EMAIL), words)
    due, is_unclear, words, problems = _due(words)
    action = words.strip(" ,;–—")
    if not action:
        return None, [f"“{text.words[:80]}” has no action."]
    state = FollowUpState.DONE if is_checked or text.is_struck else FollowUpState.OPEN if box else None
    read = ReadFollowUp(action, owner.lstrip("@"), due=due, due_is_unclear=is_unclear, state=state)
    return read, [f"“{action[:60]}”: {problem}." for problem in problems]


def _take_out(patterns: Sequence[re.Pattern[str]], words: str) -> tuple[str, str]:
    for pattern in patterns:
        found = pattern.search(words)
        if found:
            return found[1].strip(" ."), (words[: found.start()] + words[found.end() :]).strip()
    return "", words


def _due(words: str) -> tuple[date | None, bool, str, list[str]]:
    said, rest = _take_out((_DUE, _BARE_DAY), words)
    if not said:
        return None, False, words, []
    try:
        return read_due(said), False, rest, []
    except NotADate as problem:
        return None, True, words, [f"the due date {problem}"]
