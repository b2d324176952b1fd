"""What people typed, made safe to show: it is data, never markup."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=])")
_BIDI = "\u2068{}\u2069"  # an isolate, so that right-to-left marks inside cannot reorder what stands around


def plain(text: str) -> str:
    """Return text for a place that reads Markdown, so that it appears literally."""
    escaped = _MARKDOWN.sub(r"\\\1", text).replace("\n", "  \n")
    return _BIDI.format(escaped) if has_direction_marks(text) else escaped


def has_direction_marks(text: str) -> bool:
    """Return whether a text holds characters that change the direction of writing."""
    return any(mark in text for mark in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
