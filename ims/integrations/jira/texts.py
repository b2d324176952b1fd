"""What people typed, as Jira's own kinds of text: a document (ADF) in the Cloud, wiki text in Data Center.

Both are pure, and in both text stays text: a document has no markup in its words, and in wiki text each character that
Jira would read as markup is written as an entity.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

# Jira takes 32,767 characters and does not say of what; the whole body counted is on the safe side.
_LONGEST_BODY = 32_000
_LONGEST_SUMMARY = 250  # "less than 255"
_CUT = "…\n\n(Cut here: it is longer than Jira takes. The portal has the whole text.)"
_WIKI_MARKUP = {ord(sign): f"&#{ord(sign)};" for sign in "\\&{}[]!|*_^~+?#"}

Body = dict[str, Any] | str
Words = Callable[[str, str, str], Body]


def summary_of(title: str) -> str:
    """Return a title as Jira takes it: one line, not too long."""
    line = " ".join(title.split())
    return line if len(line) <= _LONGEST_SUMMARY else f"{line[: _LONGEST_SUMMARY - 1]}…"


def document(text: str, link: str = "", mark: str = "") -> Body:
    """Return a text as a document (ADF), with a link to the portal and a mark of ours below it where there are any."""
    return _fitting(_document, text, link, mark)


def wiki_text(text: str, link: str = "", mark: str = "") -> Body:
    """Return the same as text for Data Center."""
    return _fitting(_wiki_text, text, link, mark)


def _fitting(words: Words, text: str, link: str, mark: str) -> Body:
    body, kept = words(text, link, mark), len(text)
    while kept and len(json.dumps(body, ensure_ascii=False)) > _LONGEST_BODY:
        kept = kept * 9 // 10
        body = words(text[:kept] + _CUT, link, mark)
    return body


def _document(text: str, link: str, mark: str) -> Body:
    paragraphs = [_paragraph(list(_lines(part))) for part in _parts(text)]
    if link:
        to_portal = {"type": "link", "attrs": {"href": link}}
        paragraphs.append(_paragraph([_text("The incident in the portal", to_portal)]))
    if mark:
        paragraphs.append(_paragraph([_text(mark, {"type": "em"})]))
    return {"type": "doc", "version": 1, "content": paragraphs}


def _paragraph(content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "paragraph", "content": content}


def _text(text: str, *marks: dict[str, Any]) -> dict[str, Any]:
    plain = {"type": "text", "text": text}
    return plain | {"marks": list(marks)} if marks else plain


def _lines(part: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(part.split("\n")):
        if number:
            yield {"type": "hardBreak"}
        yield _text(line)


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if part]


def _wiki_text(text: str, link: str, mark: str) -> Body:
    parts = [text.replace("\r\n", "\n").strip().translate(_WIKI_MARKUP)]
    return "\n\n".join(filter(None, [*parts, f"The incident in the portal: {link}" if link else "", mark]))
