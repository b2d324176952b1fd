"""The team's own ``.docx``: its placeholders filled in, everything else left as the team made it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from docx.document import Document

from ims.postmortem.content.fact_words import FACT_WORDS
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.word import paper
from ims.postmortem.word.look import add_own_styles
from ims.postmortem.word.placeholders import alone_in, opened, paragraphs, replace


def fill(facts: RcaFacts, file: bytes, write: Callable[[Document, str], None]) -> Document:
    """Return the team's document with the facts in it; ``write`` puts what a large placeholder names at its end.

    Single facts come first, so that nothing that people wrote is ever taken for a placeholder.
    """
    document = opened(file)
    add_own_styles(document)
    large = [(paragraph._p, name) for paragraph in document.paragraphs if (name := alone_in(paragraph._p))]
    for each in paragraphs(document):
        if not alone_in(each):
            replace(each, lambda name: paper.safe(FACT_WORDS[name](facts)))
    for placeholder, name in large:
        _instead(document, placeholder, partial(write, document, name))
    return document


def _instead(document: Document, placeholder: Any, write: Callable[[], None]) -> None:
    """Write at the end of the document, and move what was written to where the placeholder stood."""
    body = document.element.body
    before = set(body)
    write()
    for element in [element for element in body if element not in before]:
        placeholder.addprevious(element)
    body.remove(placeholder)
