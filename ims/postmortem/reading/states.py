"""What people write into the column of a state, and what they add to “done” that takes it back."""

import re

from ims.model import FollowUpState
from ims.postmortem.reading.dates import LIKE_A_DAY
from ims.postmortem.reading.understood import normal

_SIGNS = "✓✔☑✅🗹"
_TICKS = frozenset({"x", "[x]", "✓", "✔", "✔️", "☑", "☒", "✅", "🗹"})
DONE = _TICKS | {
    "done",
    "yes",
    "y",
    "closed",
    "complete",
    "completed",
    "finished",
    "resolved",
    "fixed",
    "true",
    "merged",
    "implemented",
}
OPEN = frozenset(
    {
        "",
        "-",
        "–",
        "open",
        "☐",
        "[ ]",
        "[]",
        "no",
        "n",
        "to do",
        "todo",
        "new",
        "not started",
        "false",
        "pending",
        "planned",
        "not done",
        "not yet done",
    }
)
STARTED = frozenset(
    {"in progress", "started", "doing", "ongoing", "wip", "in review", "🚧", "partially done", "partly done"}
)
DROPPED = frozenset(
    {"dropped", "cancelled", "canceled", "rejected", "won't do", "wont do", "will not do", "obsolete", "won't fix"}
)
_FINISHED_FIRST = frozenset({"done", "closed", "completed", "fixed", "resolved"})  # “Done in #12”, “Closed 2026-12-01”

_KNOWN = (
    (FollowUpState.DONE, DONE),
    (FollowUpState.OPEN, OPEN),
    (FollowUpState.IN_PROGRESS, STARTED),
    (FollowUpState.DROPPED, DROPPED),
)
_FIRST = re.compile(rf"\s*(?:[{_SIGNS}]\ufe0f?|\W*\w+)")
_GIVEN_UP = re.compile(  # “Closed - won't fix”, “Closed as duplicate of #5”; not “Fixed: rejected calls are counted”
    r"\W*(?:(?:as|because|it|an?)\s+)*(?:(?:won['’]?t|will not|no longer|not (?:needed|required)|"
    r"no action (?:needed|required|taken))\b"
    r"|(?:wontfix|duplicate|dropped|cancell?ed|rejected|obsolete|declined|abandoned|superseded)"
    r"(?=\W*$|\s*[,.;:()–—-]|\s+(?:of|by|as)\b))",
    re.IGNORECASE,
)
_PARTLY = re.compile(
    r"\b(?:partially|partly|partial|mostly|almost|nearly)\b|\bin part\W*$|\bhalf\W*$|^\W*[1-9]?\d\s?%", re.IGNORECASE
)
_IN_DOUBT = re.compile(
    r"\?|\b(?:except|apart from|but|pending|still|remains?|reopened|awaiting|waiting|todo|unless|once|"
    r"won['’]?t|will|soon|tomorrow|(?<!as )(?:planned|scheduled|expected))\b"
    r"|^\W*no\W*$|\bnot\W*$|\b(?:remaining|missing)\W*$|\bto be (?:done|\w+ed)\b"
    r"|(?:\bnot|n['’]t)\s+(?:been|be|yet|fully|really|quite|all|completely|everywhere|done|live|in|on|for|work|\w+ed)\b"
    r"|\bonly\s+(?:in|on|for|part|half|partly|some|one|locally|staging)\b"
    rf"|\b(?:by|until|till|before)\s+{LIKE_A_DAY.pattern}|\bnext\s+(?:week|month|quarter|year|sprint|release)\b",
    re.IGNORECASE,
)


def state_of(words: str) -> FollowUpState | None:
    """Return the state that a mark or a word stands for.

    Raises:
        ValueError: it is none that the portal knows.
    """
    said = " ".join(words.casefold().split())
    known = [state for state, names in _KNOWN if said in names]
    if known:
        return known[0] if said else None
    found = next((state for state, names in _KNOWN if normal(said) in names - {""}), None)
    is_finished = said.split()[0].strip(",:;.?!") in _FINISHED_FIRST or said[0] in _SIGNS
    if found is FollowUpState.DONE or (is_finished and not found):
        found = finished_as(said)
    if found is None:
        raise ValueError(f"the state “{words.strip()[:40]}” is none of open, in progress, done, dropped")
    return found


def finished_as(words: str) -> FollowUpState | None:
    """Return what words that begin with “done” or “closed” mean to the end: “Closed as duplicate”, “Done partially”.

    ``None`` stands for a doubt: “Done?”, “Fixed, not deployed”, “Completed by end of 2027”.
    """
    first = _FIRST.match(words)
    added = words[first.end() :] if first else ""
    if _GIVEN_UP.match(added):
        return FollowUpState.DROPPED
    if _PARTLY.search(added):
        return FollowUpState.IN_PROGRESS
    return None if _IN_DOUBT.search(added) else FollowUpState.DONE
