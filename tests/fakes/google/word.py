"""What Google makes of a Word file, and of a document when it is exported; as much of both as the portal needs."""

from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from tests.fakes.google.paper import Block, Cell, Paragraph, Run, Table

_STYLES = {"Title": "TITLE", **{f"Heading {level}": f"HEADING_{level}" for level in range(1, 7)}}
PICTURE = {"inlineObjectElement": {"inlineObjectId": "kix.picture"}}


def from_word(file: bytes) -> list[Block]:
    """Return the blocks of a ``.docx``; what Google cannot show is left out."""
    document: Document = docx.Document(BytesIO(file))
    blocks = [_block(each) for each in document.iter_inner_content()]
    if not blocks or isinstance(blocks[-1], Table):
        blocks.append(Paragraph())  # Google ends each document with one
    return blocks


def to_word(blocks: list[Block]) -> bytes:
    """Return blocks as a ``.docx``."""
    document: Document = docx.Document()
    names = {style: name for name, style in _STYLES.items()}
    for block in blocks:
        if isinstance(block, Paragraph):
            document.add_paragraph(block.words.replace("\v", "\n"), style=names.get(block.style))
            continue
        table = document.add_table(rows=0, cols=len(block.rows[0]))
        for row in block.rows:
            for made, cell in zip(table.add_row().cells, row, strict=True):
                made.text = cell.words.replace("\v", "\n")
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def _block(block: WordParagraph | WordTable) -> Block:
    if isinstance(block, WordParagraph):
        return _paragraph(block)
    return Table([[_cell(cell) for cell in row.cells] for row in block.rows])


def _cell(cell: _Cell) -> Cell:
    return Cell([_block(each) for each in cell.iter_inner_content()])


def _paragraph(paragraph: WordParagraph) -> Paragraph:
    style = paragraph.style.name if paragraph.style is not None else ""
    runs = [_run(run) for run in paragraph.runs if run.text or _has_picture(run)]
    return Paragraph(runs, _STYLES.get(style or "", "NORMAL_TEXT"))


def _run(run: Any) -> Run:
    if _has_picture(run):
        return Run(chip=PICTURE)
    return Run(run.text.replace("\n", "\v"), {"bold": True} if run.bold else {})


def _has_picture(run: Any) -> bool:
    return run._r.find(f".//{qn('w:drawing')}") is not None
