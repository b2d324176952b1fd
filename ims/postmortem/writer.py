"""The root-cause document, written as ``.docx`` from the facts of an incident and the words of people."""

from io import BytesIO

import docx
from docx.document import Document
from docx.shared import Cm

from ims.postmortem import paper
from ims.postmortem.block_words import CAPTION as CAPTION
from ims.postmortem.block_words import BlockWords, block_words, front
from ims.postmortem.blocks import GRIDS
from ims.postmortem.facts import RcaFacts
from ims.postmortem.template import Block, Owner, Section, Template
from ims.postmortem.wording import label

_MARGIN = Cm(2)


def write(facts: RcaFacts, template: Template) -> bytes:
    """Write the document and return the file.

    Blocks of the portal carry a caption and a bookmark ``ims_<block>``; what people wrote before stands in its section.
    """
    document = docx.Document()
    paper.prepare_styles(document)
    _set_up_page(document, facts)
    _front(document, facts, template)
    for number, section in enumerate(template.sections, start=1):
        _section(document, facts, section, number)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _set_up_page(document: Document, facts: RcaFacts) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
    page.header.paragraphs[0].text = paper.safe(f"{facts.incident.key} · {label(facts.incident.state)}")
    paper.page_numbers(page.footer.paragraphs[0])
    properties = document.core_properties
    properties.author = properties.last_modified_by = "IMS"
    properties.title = paper.safe(f"{facts.incident.key} {facts.incident.title}")[:255]
    properties.created = properties.modified = facts.written_at
    properties.comments = ""


def _front(document: Document, facts: RcaFacts, template: Template) -> None:
    incident = facts.incident
    document.add_paragraph(paper.safe(f"{template.title} of {incident.key}: {incident.title}"), style="Title")
    _caption(document, front(facts), 0)


def _section(document: Document, facts: RcaFacts, section: Section, number: int) -> None:
    document.add_heading(paper.safe(section.title), level=1)
    if section.block:
        _block(document, facts, section, section.block, number)
    if section.owned_by is Owner.PEOPLE:
        _prose(document, facts.written.get(section.key, "") or _first_words(facts, section), section.prompt)


def _first_words(facts: RcaFacts, section: Section) -> str:
    """Start the summary with what was written when the incident was declared."""
    return facts.incident.summary if section.key == "summary" else ""


def _block(document: Document, facts: RcaFacts, section: Section, block: Block, number: int) -> None:
    grid = GRIDS[block](facts)
    _caption(document, block_words(facts, section, block), number)
    if grid.rows:
        paper.grid(document, grid.header, grid.rows, grid.widths)


def _caption(document: Document, block: BlockWords, number: int) -> None:
    paragraph = document.add_paragraph(block.caption, style=paper.CAPTION_STYLE)
    paper.bookmark(paragraph, block.bookmark, number)


def _prose(document: Document, text: str, prompt: str) -> None:
    if not text.strip():
        document.add_paragraph(paper.safe(prompt), style=paper.PROMPT_STYLE)
        document.add_paragraph()
        return
    for line in text.split("\n"):
        document.add_paragraph(paper.safe(line))
