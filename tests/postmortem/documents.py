"""Documents that people edit between two refreshes, and what of them is nobody's but theirs."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree  # type: ignore[import-untyped]

from ims.config import ROOT
from ims.model import EntryKind, FollowUp, FollowUpState, Incident, Severity, TimelineEntry
from ims.postmortem.content.block_words import CAPTION
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import read_template
from ims.postmortem.refreshing.planning import Answer, Plan, plan
from ims.postmortem.refreshing.word_file import WordFile
from ims.postmortem.writing.writer import write
from tests.conftest import START

TEMPLATE = read_template(ROOT / "data")
LATER = START + timedelta(hours=2)


def facts(entries: int = 3, follow_ups: int = 2) -> RcaFacts:
    """Facts of an incident with so many entries and follow-ups."""
    return RcaFacts(
        Incident(id=1, title="Checkout is down", began_at=START, detected_at=START, declared_at=START),
        START,
        services=["Payments"],
        customers=["Acme"],
        timeline=[entry(number) for number in range(1, entries + 1)],
        follow_ups=[follow_up(number) for number in range(1, follow_ups + 1)],
    )


def entry(number: int) -> TimelineEntry:
    return TimelineEntry(
        id=number,
        incident_id=1,
        kind=EntryKind.NOTE,
        occurred_at=START + timedelta(minutes=number),
        recorded_at=START + timedelta(minutes=number),
        author="Ada Lovelace",
        text=f"Something happened, number {number}",
    )


def follow_up(number: int, text: str = "", state: FollowUpState = FollowUpState.OPEN) -> FollowUp:
    said = text or f"Do better in way {number}"
    return FollowUp(id=number, incident_id=1, number=number, text=said, state=state, created_at=START)


def later(before: RcaFacts) -> RcaFacts:
    """The same incident two hours later: decided, resolved, with one more entry."""
    incident = before.incident.model_copy()
    incident.severity, incident.resolved_at = Severity.SEV2, START + timedelta(hours=1)
    timeline = [*before.timeline, entry(len(before.timeline) + 1)]
    return replace(before, incident=incident, written_at=LATER, timeline=timeline)


def planned(file: bytes, now: RcaFacts, written: Mapping[str, str] | None = None) -> Plan:
    opened = WordFile(file)
    return plan(opened.items, now, TEMPLATE, anchors=opened.anchors, written=written)


def refreshed(file: bytes, now: RcaFacts, **answers: Answer) -> bytes:
    """Refresh a file as the portal does, with the answers of people."""
    opened = WordFile(file)
    return opened.write(plan(opened.items, now, TEMPLATE, anchors=opened.anchors), answers)


def edited(file: bytes, change: Callable[[Document], object]) -> bytes:
    document = docx.Document(BytesIO(file))
    change(document)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def written(before: RcaFacts) -> bytes:
    return write(before, TEMPLATE)


def table_of(document: Document, header: str, column: int = 1) -> Table:
    return next(
        each
        for each in document.tables
        if len(each.rows[0].cells) > column and each.rows[0].cells[column].text == header
    )


def words(file: bytes, header: str) -> list[list[str]]:
    table = table_of(docx.Document(BytesIO(file)), header)
    return [[cell.text for cell in row.cells] for row in table.rows]


def of_people(file: bytes) -> list[bytes]:
    """The canonical XML of everything in the text that is no block of the portal's."""
    root = etree.fromstring(part(file, "word/document.xml"))
    body = deepcopy(root.find(qn("w:body")))
    for child in list(body):
        if child.tag == qn("w:p") and text_of(child).startswith(CAPTION):
            following = child.getnext()
            while following is not None and following.tag == qn("w:p") and not text_of(following):
                following = following.getnext()
            if following is not None and following.tag == qn("w:tbl"):
                body.remove(following)
            body.remove(child)
    return [etree.tostring(child, method="c14n") for child in body]


def parts(file: bytes) -> dict[str, bytes]:
    """Every other part of the file, byte for byte."""
    with ZipFile(BytesIO(file)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "word/document.xml"}


def part(file: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(file)) as archive:
        return archive.read(name)


def text_of(element: Any) -> str:
    return "".join(text.text or "" for text in element.iter(qn("w:t")))


def is_heading(paragraph: Paragraph) -> bool:
    return paragraph.style is not None and (paragraph.style.name or "").startswith("Heading")


def section(document: Document, title: str) -> list[Paragraph]:
    """The heading of a section, and the paragraphs below it."""
    found = document.paragraphs
    start = next(at for at, each in enumerate(found) if is_heading(each) and each.text == title)
    end = next((at for at, each in enumerate(found) if at > start and is_heading(each)), len(found))
    return found[start:end]


def says(title: str, words: str) -> Callable[[Document], None]:
    """Write into a section, in the place of what stands there."""

    def change(document: Document) -> None:
        _, *found = section(document, title)
        first, *others = [each for each in found if not each.text.startswith(CAPTION)]
        first.text = words
        for each in others:
            each._p.getparent().remove(each._p)

    return change


def takes_out(title: str) -> Callable[[Document], None]:
    """Delete a section, heading and all."""

    def change(document: Document) -> None:
        for each in section(document, title):
            each._p.getparent().remove(each._p)

    return change
