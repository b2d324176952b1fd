"""Placeholders in a team's own ``.docx``: ``{{ key }}``, ``{{ block:timeline }}``, ``{{ section:root_cause }}``.

Word may cut one into several pieces, each with its own formatting; a placeholder is looked for in the paragraph's text.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from ims.errors import BadFile
from ims.model.outline import Text
from ims.postmortem.word.outline import outline
from ims.postmortem.word.package import open_document

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_OPENED = "{{"
_LARGE = ("block:", "section:")  # these take a line of their own
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def opened(file: bytes) -> Document:
    """Open a ``.docx``.

    Raises:
        BadFile: it is none.
    """
    open_document(file)  # refuses what is no ordinary document, in a sentence
    try:
        return docx.Document(BytesIO(file))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise BadFile("This is no Word document; save it as .docx.") from error


def check(file: bytes, known: Collection[str], needed: Collection[str]) -> Mapping[str, str]:
    """Check the placeholders of a file and return the heading above each ``block:`` and ``section:`` one.

    Raises:
        BadFile: the file cannot be read; a placeholder is unknown, not closed, doubled, in the wrong place, or missing.
    """
    document = opened(file)
    found = [name for paragraph in paragraphs(document) for name in _names(paragraph, known)]
    for name in needed:
        if name not in found:
            raise BadFile(f"the placeholder {{{{ {name} }}}} is missing")
    alone = [name for paragraph in document.paragraphs if (name := alone_in(paragraph._p))]
    for name in found:
        if name.startswith(_LARGE) and found.count(name) > 1:
            raise BadFile(f"the placeholder {{{{ {name} }}}} is there twice")
        if name.startswith(_LARGE) and name not in alone:
            raise BadFile(f"the placeholder {{{{ {name} }}}} needs a line of its own, outside of tables and headers")
    return _headings(file)


def _names(paragraph: Any, known: Collection[str]) -> Iterator[str]:
    text = "".join(piece.text or "" for piece in _pieces(paragraph))
    for found in _PLACEHOLDER.finditer(text):
        name = _name(found[1])
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"; did you mean {{{{ {near[0]} }}}}?" if near else ""
            raise BadFile(f"the placeholder {{{{ {name[:60]} }}}} is unknown{hint}")
        yield name
    if _OPENED in _PLACEHOLDER.sub("", text):
        raise BadFile(f"a placeholder is not closed in “{text.strip()[:60]}”")


def _headings(file: bytes) -> Mapping[str, str]:
    """Return the heading above each large placeholder, as the reader will see it when the document comes back."""
    found: dict[str, str] = {}
    heading = ""
    for block in outline(open_document(file)):
        if isinstance(block, Text) and block.level:
            heading = block.words
        elif isinstance(block, Text) and (match := _PLACEHOLDER.fullmatch(block.words.strip())):
            found[_name(match[1])] = heading
    for name, above in found.items():
        if name.startswith("section:") and not above:
            raise BadFile(f"the placeholder {{{{ {name} }}}} needs a heading above it, by which IMS reads it back")
        if name.startswith("section:") and _OPENED in above:
            raise BadFile(f"the heading above {{{{ {name} }}}} must be the same in every document")
    sections = [above.casefold() for name, above in found.items() if name.startswith("section:")]
    if len(set(sections)) < len(sections):
        raise BadFile("two placeholders of sections stand under the same heading")
    return found


def alone_in(paragraph: Any) -> str:
    """Return the large placeholder that a paragraph consists of; empty for any other paragraph."""
    found = _PLACEHOLDER.fullmatch("".join(piece.text or "" for piece in _pieces(paragraph)).strip())
    name = _name(found[1]) if found else ""
    return name if name.startswith(_LARGE) else ""


def replace(paragraph: Any, value_of: Callable[[str], str]) -> None:
    """Put values in the place of a paragraph's placeholders; the formatting of their first letter stays."""
    pieces = list(_pieces(paragraph))
    text = "".join(piece.text or "" for piece in pieces)
    for found in reversed(list(_PLACEHOLDER.finditer(text))):
        _put(pieces, found.start(), found.end(), value_of(_name(found[1])))


def _put(pieces: list[Any], start: int, end: int, value: str) -> None:
    at = 0
    for piece in pieces:
        text = piece.text or ""
        first, last = max(start - at, 0), min(end - at, len(text))
        if first < last:
            begins_here = start >= at
            piece.text = text[:first] + (value if begins_here else "") + text[last:]
            piece.set(_XML_SPACE, "preserve")
        at += len(text)


def paragraphs(document: Document) -> Iterator[Any]:
    """Go through every paragraph: of the text, its tables and boxes, and of headers and footers."""
    yield from document.element.body.iter(qn("w:p"))
    for part in document.part.package.iter_parts():
        if part.partname.startswith(("/word/header", "/word/footer")):
            yield from part.element.iter(qn("w:p"))


def _pieces(paragraph: Any) -> Iterator[Any]:
    """Go through the pieces of text of a paragraph, without those of a text box inside it."""
    for piece in paragraph.iter(qn("w:t")):
        if next(piece.iterancestors(qn("w:p"))) is paragraph:
            yield piece


def _name(inside: str) -> str:
    return "".join(inside.split()).lower()
