"""A file from outside, opened safely: a table with named columns, or JSON documents."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ims.errors import BadFile

LARGEST_BYTES = 50_000_000
LARGEST_CELL = 1_000_000
MOST_COLUMNS = 1_000
_BINARY = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; save the sheet as CSV first",
    b"\x1f\x8b": "compressed; unpack it first",
    b"%PDF": "a PDF; export the list as CSV instead",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV first",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class Row:
    """One record. ``number`` counts as a spreadsheet does, the header being row 1."""

    number: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """Return the first cell with something in it among some columns, by their plain names."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


@dataclass(frozen=True)
class Document:
    """One JSON object and the line it begins in (1 where the file is one document)."""

    number: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Content:
    """What a file holds: either ``rows`` under ``columns``, or ``documents``."""

    columns: frozenset[str] = frozenset()
    rows: Sequence[Row] = ()
    documents: Sequence[Document] = ()
    remarks: list[str] = field(default_factory=list)

    def has(self, *columns: str) -> bool:
        """Return whether the table has all of some columns, by their plain names."""
        return self.columns.issuperset(columns)


def plain_name(column: str) -> str:
    """Return a column's name without case, spaces and signs: ``Alert ID`` is ``alertid``."""
    return re.sub(r"[^a-z0-9]+", "", column.lower())


def open_content(data: bytes) -> Content:
    """Open the bytes of a file.

    Raises:
        BadFile: it is empty, too large, not text, or broken; the sentence says which.
    """
    text, remarks = _text(data)
    if not text.strip():
        raise BadFile("The file is empty.")
    if text.lstrip()[0] in "{[":
        return Content(documents=_documents(text), remarks=remarks)
    columns, rows = _table(text)
    return Content(columns, rows, remarks=remarks)


def _text(data: bytes) -> tuple[str, list[str]]:
    if len(data) > LARGEST_BYTES:
        raise BadFile(f"The file is larger than {LARGEST_BYTES // 1_000_000} MB; split it and import the parts.")
    for magic, what in _BINARY.items():
        if data.startswith(magic):
            raise BadFile(f"The file is not text: it is {what}.")
    remarks: list[str] = []
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        remarks.append("The file is not UTF-8; it was read as Windows-1252, so look at accented letters.")
    if _CONTROL.search(text):
        raise BadFile("The file is not text: it holds control characters such as NUL. Export it as CSV or JSON.")
    return text, remarks


def _documents(text: str) -> list[Document]:
    try:
        whole = json.loads(text)
    except RecursionError:
        raise BadFile("The JSON is nested too deep to be a list of incidents.") from None
    except ValueError:
        return _lines(text)
    if isinstance(whole, list):
        return [Document(number, each) for number, each in enumerate(whole, 1) if isinstance(each, dict)]
    return [Document(1, whole)]


def _lines(text: str) -> list[Document]:
    documents = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except RecursionError:
            raise BadFile(f"Line {number} is JSON nested too deep to be an incident.") from None
        except ValueError as error:
            raise BadFile(f"Line {number} is not JSON: {error}.") from None
        if isinstance(fields, dict):
            documents.append(Document(number, fields))
    return documents


def _table(text: str) -> tuple[frozenset[str], list[Row]]:
    csv.field_size_limit(LARGEST_CELL)
    first_line = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t|", key=first_line.count)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next((record for record in records if any(record)), [])
        names = [plain_name(column) for column in header]
        if len(names) < 2 or len(names) > MOST_COLUMNS or not any(names):  # noqa: PLR2004  one column is no table
            raise BadFile("This is neither a table with named columns (CSV) nor JSON.")
        rows = list(_rows(records, names))
    except csv.Error as error:
        raise BadFile(f"The table is broken near line {records.line_num}: {error}.") from error
    if not rows:
        raise BadFile("The file has a header but no rows under it.")
    return frozenset(names), rows


def _rows(records: Iterator[list[str]], names: list[str]) -> Iterator[Row]:
    for number, record in enumerate(records, 2):
        if any(cell.strip() for cell in record):
            yield Row(number, _cells(names, record))


def _cells(names: list[str], record: list[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, cell in zip(names, record, strict=False):  # short and long records happen; the columns decide
        value = cell.strip()
        # Jira repeats columns (Labels, Labels): what they hold belongs together.
        cells[name] = f"{cells[name]}, {value}" if cells.get(name) and value else cells.get(name) or value
    return cells
