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
    elements = {
        style.get(f"{W}styleId", ""): style
        for style in styles.iterchildren(f"{W}style")
        if style.get(f"{W}type", "paragraph") == "paragraph"
    }
    own = {style_id: _of(style) for style_id, style in elements.items()}
    bases = {style_id: value_of(style.find(f"{W}basedOn")) for style_id, style in elements.items()}
    return {style_id: _through_bases(style_id, own, bases) for style_id in elements}


def _through_bases(style_id: str, own: dict[str, Style], bases: dict[str, str]) -> Style:
    found, base = own[style_id], bases[style_id]
    for _ in range(_LONGEST_CHAIN):
        if base not in own or found.level or found.is_list:
            break
        found, base = own[base], bases[base]
    return replace(found, name=own[style_id].name)


def _of(style: Any) -> Style:
    name = value_of(style.find(f"{W}name")).casefold()
    last = name.rsplit(" ", 1)[-1]
    number = int(last) if last.isdecimal() and len(last) == 1 else 0
    if name.startswith(_HEADINGS):
        return Style(name, number or 1)
    level = value_of(style.find(f"{W}pPr/{W}outlineLvl"))
    is_list = name.startswith("list") or style.find(f"{W}pPr/{W}numPr") is not None
    return Style(name, int(level) + 1 if level in _OUTLINE_LEVELS else 0, is_list, max(number - 1, 0) if is_list else 0)
