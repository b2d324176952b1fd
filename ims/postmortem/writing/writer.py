"""The root-cause document, written as ``.docx`` from the facts of an incident and the words of people."""

from io import BytesIO

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm
from docx.text.paragraph import Paragraph

from ims.postmortem.content.block_words import BlockWords, block_words, front
from ims.postmortem.content.blocks import GRIDS
from ims.postmortem.content.drafting import draft, marked
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Block, Owner, Section, Template
from ims.postmortem.content.wording import label
from ims.postmortem.word import paper
from ims.postmortem.word.look import CAPTION_STYLE, DRAFT_STYLE, LINE, PROMPT_STYLE, blank
from ims.postmortem.writing import drawing
from ims.postmortem.writing.contents import anchor, table_of_contents
from ims.postmortem.writing.own_template import fill

_MARGIN = Cm(2)
_BLOCK_NUMBERS = {block: number for number, block in enumerate(Block, start=1)}


def write(facts: RcaFacts, template: Template) -> bytes:
    """Write the document and return the file.

    Blocks of the portal carry a caption and a bookmark ``ims_<block>``; what people wrote before stands in its section.
    """
    if template.own:
        return saved(_in_own_template(facts, template))
    document = blank()
    set_up_page(document, f"{facts.incident.key} · {label(facts.incident.state)}", template.title)
    describe(document, facts, template.title)
    _front(document, facts, template)
    table_of_contents(document, [section.title for section in template.sections])
    for number, section in enumerate(template.sections, start=1):
        anchor(paper.paragraph(document, section.title, "Heading 1"), number)
        write_section(document, facts, section)
    return saved(document)


def _in_own_template(facts: RcaFacts, template: Template) -> Document:
    def write_one(document: Document, placeholder: str) -> None:
        section = template.named(placeholder)
        if placeholder.startswith("section:"):
            write_prose(document, facts, section)
        elif section.block:
            write_block(document, facts, section, section.block)

    document = fill(facts, template.own, write_one)
    describe(document, facts, template.title)
    return document


def write_section(document: Document, facts: RcaFacts, section: Section) -> None:
    """Write what stands below the heading of a section, at the end of a document."""
    if section.block:
        write_block(document, facts, section, section.block)
    if section.owned_by is Owner.PEOPLE:
        write_prose(document, facts, section)


def write_block(document: Document, facts: RcaFacts, section: Section, block: Block) -> None:
    """Write a block at the end of a document that has the portal's styles: its caption, then its table or picture."""
    grid = GRIDS[block](facts)
    caption = _caption(document, block_words(facts, section, block), _BLOCK_NUMBERS[block])
    if block is Block.PICTURE:
        _picture(document, caption, facts, grid.empty)
    elif grid.rows:
        paper.grid(document, grid.header, grid.rows, grid.widths)


def write_prose(document: Document, facts: RcaFacts, section: Section) -> None:
    """Write the words of people; where there are none, the drafted paragraph, or the prompt."""
    written = facts.written.get(section.key, "")
    if written.strip():
        for line in written.split("\n"):
            paper.paragraph(document, line)
        return
    draft_now = draft(facts, section)
    if draft_now:
        paper.paragraph(document, marked(draft_now), DRAFT_STYLE)
    else:
        paper.paragraph(document, section.prompt, PROMPT_STYLE)
    document.add_paragraph()


def set_up_page(document: Document, left: str, right: str) -> None:
    """Make the page A4, with a running head and page numbers."""
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
    head, foot = page.header.paragraphs[0], page.footer.paragraphs[0]
    head.text = paper.safe(f"{left}\t{right}")
    foot.add_run("\t")
    paper.page_numbers(foot)
    for paragraph, side in ((head, "bottom"), (foot, "top")):
        _rule(paragraph, side)


def describe(document: Document, facts: RcaFacts, title: str) -> None:
    """Set the properties of the file, which search and the title bar show."""
    properties = document.core_properties
    properties.author = properties.last_modified_by = "IMS"
    properties.title = paper.safe(f"{facts.incident.key} {facts.incident.title}")[:255]
    properties.subject = paper.safe(title)[:255]
    properties.created = properties.modified = facts.written_at
    properties.comments = ""


def saved(document: Document) -> bytes:
    """Return the document as a file."""
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _front(document: Document, facts: RcaFacts, template: Template) -> None:
    incident = facts.incident
    paper.paragraph(document, f"{template.title} of {incident.key}: {incident.title}", "Title")
    _caption(document, front(facts), 0)


def _caption(document: Document, block: BlockWords, number: int) -> Paragraph:
    paragraph = paper.paragraph(document, block.caption, CAPTION_STYLE)
    paper.bookmark(paragraph, block.bookmark, number)
    return paragraph


def _picture(document: Document, caption: Paragraph, facts: RcaFacts, said: str) -> None:
    """Show the picture in the caption's own paragraph, so that the two stay together in every editor."""
    run = caption.add_run()
    run.add_break()
    paper.picture(document, run, drawing.picture(facts), Cm(drawing.WIDTH_CM), said)
    caption.paragraph_format.keep_with_next, caption.paragraph_format.keep_together = False, True


def _rule(paragraph: Paragraph, side: str) -> None:
    """Draw a thin rule from margin to margin above or below a line."""
    rule = f'<w:{side} w:val="single" w:sz="4" w:space="4" w:color="{LINE}"/>'
    paragraph._p.get_or_add_pPr().append(parse_xml(f"<w:pBdr {nsdecls('w')}>{rule}</w:pBdr>"))
