"""Finishing a Word file for its readers: what only asked people to write goes, and its foot says the edition."""

import re
from collections.abc import Collection
from io import BytesIO

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table

from ims.postmortem.word import paper

NOTHING = "Nothing was written here."
_NOTE = re.compile(r"Edition \d+, ")
_HEAD = {"action", "owner", "due date"}  # of the table that has empty rows to be filled in
_STRANGE = (KeyError, ValueError, AttributeError, PackageNotFoundError)


def finished(file: bytes, prompts: Collection[str], note: str) -> bytes:
    """Return a document without prompts and empty rows, with a note at the foot of its pages.

    One that people's programs wrote so strangely that it cannot be changed safely is returned as it is.
    """
    try:
        document = docx.Document(BytesIO(file))
        for paragraph in document.paragraphs:
            if paragraph.text.strip() in prompts:
                paragraph.text = NOTHING
        for table in document.tables:
            _without_empty_rows(table)
        _at_the_foot(document, paper.safe(note))
        changed = BytesIO()
        document.save(changed)
    except _STRANGE:
        return file
    return changed.getvalue()


def _without_empty_rows(table: Table) -> None:
    rows = list(table.rows)
    if not rows or not {cell.text.strip().casefold() for cell in rows[0].cells} >= _HEAD:
        return
    for row in rows[1:]:
        if not any(cell.text.strip() for cell in row.cells):
            table._tbl.remove(row._tr)


def _at_the_foot(document: Document, note: str) -> None:
    """Write the note, in the place of an earlier edition's."""
    foot = document.sections[-1].footer
    mine = next((each for each in foot.paragraphs if _NOTE.match(each.text)), None)
    (mine or foot.add_paragraph(style=foot.paragraphs[0].style)).text = note
