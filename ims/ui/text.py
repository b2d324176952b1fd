"""What people typed, made safe to show: it is data, never markup.

Streamlit reads Markdown in two passes. The first knows CommonMark and its directives, and a backslash stops it. The
second looks through the finished text for web and e-mail addresses, emoji, icons and arrows, where a backslash is long
gone; there a character is put into a directive of its own, ``:color[…]``, which draws a bare ``<span>``.
"""

import re

_TOKEN = re.compile(
    r"""
    (?P<indent> ^[ \t]+ )                               # four spaces make a block of code
  | (?P<number> ^\d{1,9}[.)] )                          # 1. numbered lists
  | (?P<split>
        :(?=//|material/|[-+\w]+:)                      # https://…  :material/home:  :tada:
      | (?<=www)\.                                      # www.…
      | @(?=[-\w]+\.)                                   # name@example.com
      | [<~>](?==) | <(?=-) | -(?=[->])                 # <=  ~=  >=  <-  --  ->  become arrows
    )
  | (?P<escape>
        [\\`*_\[\]<>~$|{]
      | :(?!\s)                                         # :red[…]
      | &(?=[#\w])                                      # &amp;
      | !(?=\[|\Z)                                      # ![image](…)
      | ^[-+=\#]                                        # lists and headings
      | \A\(                                            # would make a link of our own […] before it
    )
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_NO_BREAK_SPACE = "&nbsp;"
_OPENERS, _CLOSER = "\u2066\u2067\u2068", "\u2069"
_DIRECTION_MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e" + _OPENERS + _CLOSER


def plain(text: str) -> str:
    """Return text for a place that reads Markdown, so that it appears literally, its lines kept.

    It fits everywhere but in ``st.badge``, which escapes brackets once more: write ``:gray-badge[…]`` instead.
    """
    return "  \n".join(_plain_line(row) for row in text.split("\n"))


def line(text: str, longest: int = 300) -> str:
    """Return text as ``plain`` does, for a label or a link: on one line, and cut with an ellipsis."""
    joined = " ".join(text.split())
    return plain(joined if len(joined) <= longest else joined[: longest - 1].rstrip() + "…")


def isolated(text: str) -> str:
    """Return one line in an isolate, so that right-to-left marks inside cannot reorder what stands around it."""
    if not has_direction_marks(text):
        return text
    depth = unopened = 0
    for character in text:
        if character in _OPENERS:
            depth += 1
        elif character == _CLOSER:
            unopened, depth = unopened + (depth == 0), max(depth - 1, 0)
    return "\u2068" * (1 + unopened) + text + _CLOSER * (1 + depth)


def has_direction_marks(text: str) -> bool:
    """Return whether a text holds characters that change the direction of writing."""
    return any(mark in text for mark in _DIRECTION_MARKS)


def _plain_line(row: str) -> str:
    # An empty line would end the paragraph, and with it the link or the bold face that the text stands in.
    return isolated(_TOKEN.sub(_harmless, row)) if row.strip() else _NO_BREAK_SPACE


def _harmless(found: re.Match[str]) -> str:
    token = found[0]
    if found["indent"]:
        return _NO_BREAK_SPACE * len(token.expandtabs(4))
    if found["number"]:
        return f"{token[:-1]}\\{token[-1]}"
    return f":color[\\{token}]" if found["split"] else f"\\{token}"
