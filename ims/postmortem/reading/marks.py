"""How far a follow-up is, as people say it in its own words: “(done)”, “Done: …”, “… has been documented”."""

import re

from ims.model import FollowUpState
from ims.postmortem.reading.states import finished_as

LONGEST = 2_000  # characters; what is longer tells a story, and no mark is looked for in it
_BOX = re.compile(r"^(\[[ xX✓]?\]|[☐□◻▢❏❑☑☒✅✔✓🗹]\ufe0f?)\s*")
_CHECKED = "xX✓☑☒✅✔🗹"
_FINISHED = r"done|completed|closed|fixed|resolved|implemented|finished|merged|deployed|shipped|released"
_UNDER_WAY = r"in progress|ongoing|started|wip|under way|underway|partially done|partly done"
_GIVEN_UP = r"won['’]?t (?:do|fix)|dropped|cancell?ed|rejected|obsolete"
_ADDED = (  # “done in #12”
    r"(?:\s*[,:.;–—-][^()\[\]]{0,60}|\s+(?:in|on|via|see|with|partially|partly|#\d|https?:|\d)[^()\[\]]{0,60})?"
)
_STATES = (
    (FollowUpState.IN_PROGRESS, _UNDER_WAY),
    (FollowUpState.DROPPED, _GIVEN_UP),
    (FollowUpState.DONE, rf"(?:already\s+|now\s+|all\s+)?(?:{_FINISHED})"),
)
_BRACKETS = tuple(
    (state, re.compile(rf"(?<!\s)\s*[(\[]\s*(?:{words})\b{_ADDED}\s*[)\]][\s.!]*$", re.IGNORECASE))
    for state, words in _STATES
)
_BEHIND_A_DASH = re.compile(rf"(?<!\s)\s+[–—-]+\s*(?:{_FINISHED})[\s.!]*$", re.IGNORECASE)
_IN_FRONT = tuple(
    (state, re.compile(rf"^\s*(?:[(\[]\s*(?:{words})\s*[)\]]\s*[:–—-]?|(?:{words})\s*[:–—-])\s+", re.IGNORECASE))
    for state, words in (
        *_STATES[:2],
        (FollowUpState.DONE, r"done|completed|fixed|closed"),
        (FollowUpState.OPEN, "todo"),
    )
)
_SHOUTED_IN_FRONT = re.compile(r"^\s*DONE\s+")
_TICK_BEHIND = re.compile(r"(?<!\s)\s*(?:✅|✔️?|☑|✓|:white_check_mark:|:heavy_check_mark:)\s*$")
_LAST_SENTENCE = re.compile(
    rf"(?<=[.!?])\s+(?:already\s+)?(?:{_FINISHED})(?:\s+(?:in|by|with|on|via)\b.{{0,40}})?\.?$", re.IGNORECASE
)

_TO_COME = re.compile(
    r"\b(?:if|whether|when|once|until|after|before|that|which|who|how|why|where|because|so|not|ensure|verify|check|"
    r"confirm|sure|validate|should|must|needs?|will|would|could|to be|issue|task|ticket|story|backlog|roadmap|plans?|"
    r"meeting|item|pull request|pr)\b|n['’]t\b",
    re.IGNORECASE,
)
_PLANNED = (
    r"scheduled|planned|requested|discussed|proposed|assigned|started|agreed|decided|wanted|identified|considered"
)
_PERFECT = re.compile(
    rf"\b(?:has|have)\s+(?:now\s+|already\s+|since\s+)?been\s+(?!(?:{_PLANNED})\b)"
    r"(?:\w+ed|done|written|built|made|set up|taken|put)(?:\s+\w+){0,3}\s*[.:!]?(?:\s+\S+@\S+)?$",
    re.IGNORECASE,
)
_WE_DID = re.compile(
    rf"^we(?:['’]ve|\s+have)?\s+(?:already\s+|now\s+|also\s+)?(?!need\b|(?:{_PLANNED})\b)[a-z/]+ed\b", re.IGNORECASE
)
_IT_IS = re.compile(
    rf"^(?:(?:this|it|that)\s+(?:has\s+been|is|was)\s+(?:now\s+|already\s+)?(?:{_FINISHED})\b(?!\s+(?:when|if|once))"
    r"|(?:done|completed|fixed|resolved)\b[.!:]?(?:\s+(?:in|by|on|with|via)\b.{0,60})?$)",
    re.IGNORECASE,
)

_VERBS = """
    add adjust agree alert allow ask assess audit automate avoid build bump change check clarify clean collect
    configure consider create define delete deploy develop disable discuss document drop educate emphasize enable
    enforce enhance ensure establish evaluate extend find fix harden hire implement improve increase inform install
    integrate introduce investigate keep limit lock make measure merge migrate minimize mitigate modify monitor move
    patch pin plan prevent provide publish purge raise rebuild reduce refactor remove rename replace report require
    restrict rethink review revise rewrite roll rotate run schedule separate set setup share simplify split
    standardize stop switch teach test tighten train tune update upgrade use validate verify write
"""
_END_OF_SENTENCE = re.compile(r"(?<=[.!])\s+")
_ORDERS = frozenset(_VERBS.split())


def take_box(words: str) -> tuple[FollowUpState | None, str]:
    """Return what a check box in front of the words says, and the words behind it.

    A list of check boxes in one cell stays as it is: it is done once all of them are.
    """
    box = _BOX.match(words)
    if not box:
        return None, words
    boxes = [each[1] for each in map(_BOX.match, words.split("\n")) if each]
    checked = [any(mark in each for mark in _CHECKED) for each in boxes]
    some = FollowUpState.IN_PROGRESS if any(checked) else FollowUpState.OPEN
    return FollowUpState.DONE if all(checked) else some, words if len(boxes) > 1 else words[box.end() :]


def take_mark(words: str) -> tuple[FollowUpState | None, str]:
    """Return the state that a mark in the words gives, and the words without it."""
    if len(words) > LONGEST:
        return None, words
    for state, pattern in (*_BRACKETS, *_IN_FRONT):
        found = pattern.search(words)
        said = finished_as(found[0]) if found and state is FollowUpState.DONE else state
        if found and said:
            return said, pattern.sub("", words)
    for pattern in (_TICK_BEHIND, _BEHIND_A_DASH, _SHOUTED_IN_FRONT, _LAST_SENTENCE):
        found = pattern.search(words)
        left = pattern.sub("", words) if found else ""
        if found and left.strip() and finished_as(found[0]) is FollowUpState.DONE:
            return FollowUpState.DONE, left
    return None, words


def is_said_done(words: str) -> bool:
    """Return whether a sentence reports what was done, instead of asking for it: “The limit has been raised”.

    An issue that was opened, or a task that was planned, is still to do.
    """
    sentence = " ".join(words.split())
    if _TO_COME.search(sentence):
        return bool(_WE_DID.match(sentence)) and not _TO_COME.search(sentence.split(" to ")[0].split(" not ")[0])
    return bool(_PERFECT.search(sentence) or _WE_DID.match(sentence))


def says_it_is_done(words: str) -> bool:
    """Return whether a remark below a follow-up says that it is done: “This has been done”."""
    sentence = _END_OF_SENTENCE.split(words.strip())[0]
    return bool(_IT_IS.match(words.strip())) and finished_as(sentence) is FollowUpState.DONE


def asked_for(words: str) -> list[str]:
    """Return the orders in a paragraph: each sentence where all are orders, the whole where it begins as one."""
    sentences = _END_OF_SENTENCE.split(words.strip())
    if all(map(_is_order, sentences)):
        return sentences
    return [words] if _is_order(words) else []


def _is_order(words: str) -> bool:
    """Return whether words begin as an order does: “Limit the memory of build pods.”."""
    return words.split(maxsplit=1)[0].casefold().strip("*_“”\"'") in _ORDERS
