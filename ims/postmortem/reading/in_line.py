"""Who does a follow-up and until when, as people say it somewhere in its line.

What is set off (at an end of the line, in brackets, behind a dash or a label) is taken out of the words. What is a part
of the sentence stays in it: “Ask @ada about the limit” would make no sense without its middle, and “the outage of
2026-10-01” none without its end.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from ims.postmortem.reading.dates import LIKE_A_DAY, NotADate, read_due

_NAMES = r"(?!\d)[^\n()\[\]–—,;:.!?|]{1,60}?"
_ENDS_HERE = r"(?=\s*(?:[;,()\[\]|]|$|\s[–—-]\s))"
_MENTION = r"@[\w.+-]*\w(?:@[\w.-]+\w)?"
_MENTIONS = re.compile(rf"(?<!\w){_MENTION}(?:(?:\s*[,&+/]\s*|\s+(?:and\s+)?){_MENTION})*")
_ADDRESS = r"[\w.+-]{1,100}@(?!v?\d+\.\d)[\w-]+\.(?:[\w-]+\.)*[^\W\d_]{2,}\b"  # not “lodash@4.17.21”
_EMAIL = re.compile(rf"(?<![\w.+-]){_ADDRESS}")
_OWNER_LABEL = re.compile(
    r"\b(?:owners?|owned by|assignee|assigned to|responsible|dri)\s*[:=]\s*"
    r"((?:(?!\s[–—-]+(?:\s|$))[^,;()\[\]|])+)"  # up to the next “ - ”
    rf"|(?<=[,;(\[–—-])\s*owner\s+({_NAMES}){_ENDS_HERE}"
    rf"|\b(?:owned by|assigned to)\s+({_MENTION}|{_ADDRESS})",
    re.IGNORECASE,
)
_TO_BE_DONE = r"(?:to\s+be\s+)?(?:done|completed|finished|fixed|closed)\s+(?=by\b)"
_DUE_LABEL = (
    rf"(?:(?<=[.,;:(\[–—-])\s*{_TO_BE_DONE})?\b(?:(?:due(?!\s+to\b)(?:\s+(?:date|on|by))?|deadline|by|eta)\s*[:=]?\s*"
    r"|(?:(?<=[(\[–—-])|(?<=[–—-]\s))(?:on|before|until|till)\s+)"
)
_DUE = re.compile(
    rf"{_DUE_LABEL}((?:[A-Za-z]{{3,9}}\.?,?\s+)?[A-Za-z]{{3,9}}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,\s+\d{{4}})\b"
    rf"|{_DUE_LABEL}((?=[^;()\[\]|]{{0,40}}\d)(?:[A-Za-z]{{3,9}}\.?\s+)?[\dA-Za-z][\w./-]*(?:,?\s+[\w.]+){{0,2}}?){_ENDS_HERE}",
    re.IGNORECASE,
)
_BARE_WORD = re.compile(
    rf"\s*(?:{_TO_BE_DONE})?(?:by|on|before|until|till)\s+(?![:=])", re.IGNORECASE
)  # “by 1 Dec 2026”, but also “by 30 seconds”
_DAY = r"\d{4}-\d{2}-\d{2}"
_BARE_DAY = re.compile(
    rf"(?<![\w./@-]){_DAY}(?:\s*(?:[,/&–—-]|\b(?:and|or|to|until|till)\b)+\s*{_DAY})*(?![\w/-]|\.\w)"
)
_NAMES_FIRST = rf"(?=@?[^\W\d_a-z]){_NAMES}"
_BOTH = re.compile(  # “Raise it (Ada & Bob, 2026-12-01)”, “Raise it – Ada – 1 Dec 2026”
    rf"[(\[]\s*({_NAMES_FIRST})\s*[,;]\s*([^()\[\]]{{4,40}})[)\]][\s.]*$|\s[–—-]\s+({_NAMES_FIRST})\s+[–—-]\s+([^–—]{{4,40}})$"
)
_SIGNS = " \t\n,;–—-"  # set parts of a line apart
_OPENING, _CLOSING = ("(", "[", "<"), (")", "]", ">")
_OBJECT_OF = re.compile(
    r"(?<!\w)(?:about|after|against|and|as|at|before|between|by|during|for|from|in|into|like|of|on|or|since|than|through|till|to|"
    r"until|via|with|within|without|expir\w+|dated)$",
    re.IGNORECASE,
)
_MAY_BE_DUE = re.compile(r"(?:^|(?<!\w)(?:before|by|on|till|until))$", re.IGNORECASE)
_BESIDE_AN_OWNER = re.compile(r"^\s*(?:(?:to|will|should)\s+|[:,–—-]\s*)")


@dataclass
class InLine:
    """What a line says: the words that are left, and in words what is guessed or unclear."""

    words: str
    owner: str = ""
    due: date | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def unsaid(self) -> frozenset[str]:
        """The fields of which the line says nothing clear."""
        return frozenset([*([] if self.owner else ["owner"]), *([] if self.due else ["due_on"])])

    def take_out(self, found: re.Match[str]) -> None:
        """Leave a part out of the words, with the signs and brackets that set it off."""
        before, after = self.words[: found.start()].rstrip(), self.words[found.end() :].lstrip()
        left, right = before.rstrip(_SIGNS), after.lstrip(_SIGNS)
        if left.endswith(_OPENING) and right.startswith(_CLOSING):
            self.words = _joined(left[:-1].rstrip(), right[1:].lstrip())
        elif left.endswith(_OPENING) or right.startswith(_CLOSING):
            self.words = left + right
        else:
            self.words = _joined(before, after if left == before else right)


def owner_and_due(words: str) -> InLine:
    """Find the owner and the due date in a line."""
    line = InLine(words)
    if not _take_both(line):
        _take_due(line)
        _take_owner(line)
    line.words = _without_signs_around(line.words)
    return line


def _take_both(line: InLine) -> bool:
    found = _BOTH.search(line.words)
    if not found:
        return False
    owner, day = (said.strip() for said in found.groups() if said)
    try:
        line.due = read_due(day) if owner.lstrip("@")[:1].isupper() else None
    except NotADate:
        return False
    if line.due:
        line.owner = owner.lstrip("@")
        line.problems.append(f"“{line.owner}” was taken for its owner")
        line.take_out(found)
    return line.due is not None


def _take_owner(line: InLine) -> None:
    labelled = _OWNER_LABEL.search(line.words)
    if labelled:
        line.owner = next(said for said in labelled.groups() if said).strip(" .–—-").lstrip("@")
        line.take_out(labelled)
        line.words = line.words if labelled.start() else line.words.lstrip(f":{_SIGNS}")
        return
    said = [*_MENTIONS.finditer(line.words), *_EMAIL.finditer(line.words)]
    found = next((each for each in said if _is_set_off(line.words, each)), None)
    if found:
        line.owner = found[0].lstrip("@") if len(found[0].split()) == 1 else found[0]
        line.take_out(found)
        line.words = line.words if line.words[: found.start()].strip() else _BESIDE_AN_OWNER.sub("", line.words)
    elif said:
        line.owner = said[0][0].lstrip("@")
        line.problems.append(f"“{line.owner}” was taken for its owner")


def _take_due(line: InLine) -> None:
    days = [each for each in _BARE_DAY.finditer(line.words) if _is_one_day_set_off(line.words, each)]
    for found in [*_DUE.finditer(line.words), *days]:
        said = next((said for said in found.groups() if said), found[0]).rstrip(" .")
        may_be_none = bool(_BARE_WORD.match(found[0]))
        try:
            line.due = read_due(said)
        except NotADate as problem:
            if may_be_none and not LIKE_A_DAY.match(said):  # “Increase it by 30 seconds”
                continue
            line.problems.append(f"the due date {problem}")
        if line.due or not may_be_none:
            line.take_out(found)
            line.words = line.words if found.start() else line.words.lstrip(f":{_SIGNS}")
        return
    _say_of_a_day_in_the_sentence(line)


def _say_of_a_day_in_the_sentence(line: InLine) -> None:
    """Say of a day that was left in the words that it may have been meant as the due date: “Move it before …”."""
    for found in _BARE_DAY.finditer(line.words):
        are_several = len(found[0]) > len("2026-12-01") and _is_set_off(line.words, found)
        if are_several or _MAY_BE_DUE.search(line.words[: found.start()].rstrip()):
            line.problems.append(f"“{found[0]}” was taken for a part of the sentence, not for its due date")


def _joined(left: str, right: str) -> str:
    return f"{left}{'' if right.startswith(tuple(',;.:!?')) else ' '}{right}"


def _without_signs_around(words: str) -> str:
    words = words.strip(" ,;–—")
    bare = words.rstrip(_SIGNS)
    return bare if words[len(bare) :][:1].isspace() else words  # “C--” keeps its end


def _is_one_day_set_off(words: str, found: re.Match[str]) -> bool:
    """Return whether a day is set off that is none of several, and does not only begin the sentence."""
    begins = not words[: found.start()].strip()
    is_apart = not begins or words[found.end() :].lstrip(" )]").startswith((":", *_SIGNS.strip()))
    return len(found[0]) == len("2026-12-01") and is_apart and _is_set_off(words, found)


def _is_set_off(words: str, found: re.Match[str]) -> bool:
    """Return whether the words around it make sense without it: “Ask @ada” and “Write to @ada” would not."""
    before, after = words[: found.start()].rstrip(), words[found.end() :].lstrip(" .!")
    if _OBJECT_OF.search(before):
        return False
    is_last = not after or after[0] in ")]>([;–—-"
    return not before or before[-1] in "([<,;–—-" or (is_last and len(before.split()) > 1)
