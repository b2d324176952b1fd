"""Follow-ups written as a list, with their owner, due date and state somewhere in the line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ims.model import FollowUpKind, FollowUpState
from ims.model.outline import Text
from ims.postmortem.reading.headings import KIND_OF
from ims.postmortem.reading.in_line import owner_and_due
from ims.postmortem.reading.marks import LONGEST, is_said_done, says_it_is_done, take_box, take_mark
from ims.postmortem.reading.understood import NOTHING, ReadFollowUp, is_placeholder, normal

_BULLET = re.compile(r"^(?:[-*•‣▪◦●○■–—→➔➢·§✗]|o(?=\t)|\(?\d{1,3}[.)]|\(?[a-z]\))\s+")
_QUOTED = 60  # characters


@dataclass
class ReadList:
    """The follow-ups of a list, and what was not understood in it."""

    follow_ups: list[ReadFollowUp] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)


@dataclass
class _Item:
    """An item and those below it. A paragraph that only ``continues`` the item above is none itself."""

    text: Text
    continues: bool
    below: list["_Item"] = field(default_factory=list)


def is_item(text: Text) -> bool:
    """Return whether a paragraph is an item of a list, made by an editor or typed by hand, or continues one."""
    return text.is_item or text.depth > 0 or bool(_BULLET.match(text.words)) or has_box(text)


def has_box(text: Text) -> bool:
    """Return whether a check box stands in front of the words."""
    return _boxed(text)[0] is not None


def read_list(items: Sequence[Text], kind: FollowUpKind | None = None) -> ReadList:
    """Read the items of a list.

    What stands below an item tells more about it and is no follow-up of its own, unless the item is only a label
    (“Detect:”) or the items below have check boxes and it has none.
    """
    read = ReadList()
    for item in _tree(items):
        _read(read, item, kind)
    return read


def read_line(words: str, kind: FollowUpKind | None = None) -> ReadList:
    """Read a paragraph that stands alone as a follow-up."""
    return read_list([Text(words)], kind)


def _tree(items: Sequence[Text]) -> list[_Item]:
    roots: list[_Item] = []
    path: list[_Item] = []
    for text in items:
        while path and path[-1].text.depth >= text.depth:
            path.pop()
        item = _Item(text, continues=bool(text.depth) and not text.is_item)
        (path[-1].below if path else roots).append(item)
        path.append(item)
    return roots


def _read(read: ReadList, item: _Item, kind: FollowUpKind | None) -> None:
    waiting = [(item, kind)]
    while waiting:  # lists can be deeper than Python calls itself
        item, kind = waiting.pop()
        bare = _bare(item.text)
        label = KIND_OF.get(normal(bare))
        points = [below for below in item.below if not below.continues]
        if points and (label or bare.endswith(":") or _are_the_boxes(item)):
            waiting += [(below, label or kind) for below in reversed(points)]
            continue
        found, problems = _read_item(item.text, kind)
        read.not_understood += problems
        if found:
            _add(read, found, item)


def _add(read: ReadList, found: ReadFollowUp, item: _Item) -> None:
    below = [each for each in _all_below(item) if not each.continues]
    if any(says_it_is_done(_bare(each.text)) for each in item.below):
        found = replace(found, state=FollowUpState.DONE)
    read.follow_ups.append(found)
    if below:
        points = "1 point" if len(below) == 1 else f"{len(below)} points"
        read.not_understood.append(
            f"“{found.text[:_QUOTED]}” has {points} below it, read as a part of it; move to the margin what is a "
            "follow-up of its own."
        )


def _all_below(item: _Item) -> Iterator[_Item]:
    waiting = list(item.below)
    while waiting:
        below = waiting.pop()
        waiting += below.below
        yield below


def _are_the_boxes(item: _Item) -> bool:
    return not has_box(item.text) and any(has_box(each.text) for each in item.below)


def _boxed(text: Text) -> tuple[FollowUpState | None, str]:
    return take_box(_BULLET.sub("", text.words))


def _bare(text: Text) -> str:
    return _boxed(text)[1].strip()


def _read_item(text: Text, kind: FollowUpKind | None) -> tuple[ReadFollowUp | None, Sequence[str]]:
    """Read one item and say what was not understood in it; an item that says “none” is no follow-up."""
    box, words = _boxed(text)
    if words.casefold().strip(" .") in NOTHING or is_placeholder(words):
        return None, ()
    if len(words) > LONGEST:
        said = f"“{words[:_QUOTED]}” is too long to look for an owner and a due date in it."
        return ReadFollowUp(words, kind=kind, state=box), [said]
    mark, words = take_mark(words)
    line = owner_and_due(words)
    mark, action = (mark, line.words) if mark else take_mark(line.words)
    if not action:
        return None, [f"“{text.words[:80]}” has no action."]
    is_done = box is FollowUpState.DONE or text.is_struck or (not box and not mark and is_said_done(action))
    state = FollowUpState.DONE if is_done else mark or box
    read = ReadFollowUp(action, line.owner, due=line.due, kind=kind, state=state, unsaid=line.unsaid)
    return read, [f"“{action[:_QUOTED]}”: {problem}." for problem in line.problems]
