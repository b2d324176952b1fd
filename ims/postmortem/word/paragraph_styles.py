"""What paragraph styles say, through the styles they are based on."""

from dataclasses import dataclass, replace
from typing import Any

from ims.postmortem.word.vocabulary import W, value_of

_HEADINGS = ("heading", "title", "subtitle")
_OUTLINE_LEVELS = tuple("012345678")  # 9 is body text
_LONGEST_CHAIN = 20


@dataclass(frozen=True)
class Style:
    """What a paragraph's style says: its name, the level of a heading (0 for others), and whether it makes a list."""

    name: str = ""
    level: int = 0
    is_list: bool = False
    depth: int = 0


PLAIN = Style()


def styles_of(styles: Any) -> dict[str, Style]:
    """Read the styles by id. Ids are translated; the names of built-in ones are always English."""
    elements = {style.get(f"{W}styleId", ""): style for style in styles.iter(f"{W}style")}
    return {style_id: _through_bases(style, elements) for style_id, style in elements.items()}


def _through_bases(style: Any, elements: dict[str, Any]) -> Style:
    own = found = _of(style)
    for _ in range(_LONGEST_CHAIN):
        style = elements.get(value_of(style.find(f"{W}basedOn")))
        if style is None or found.level or found.is_list:
            break
        found = _of(style)
    return replace(found, name=own.name)


def _of(style: Any) -> Style:
    name = value_of(style.find(f"{W}name")).casefold()
    last = name.rsplit(" ", 1)[-1]
    number = int(last) if last.isdecimal() and len(last) == 1 else 0
    if name.startswith(_HEADINGS):
        return Style(name, number or 1)
    level = value_of(style.find(f"{W}pPr/{W}outlineLvl"))
    is_list = name.startswith("list") or style.find(f"{W}pPr/{W}numPr") is not None
    return Style(name, int(level) + 1 if level in _OUTLINE_LEVELS else 0, is_list, max(number - 1, 0) if is_list else 0)
