"""The customer version: the same incident, built only from what customers may know.

It takes the times, the impact, the customer updates, and those sections of people that the plan marks
``for_customers``; nothing of the internal document is copied and then cut. Drafts that nobody accepted are not in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from docx.document import Document
from docx.shared import Cm

from ims.postmortem.content.blocks import Grid
from ims.postmortem.content.facts import RcaFacts
from ims.postmortem.content.template import Template
from ims.postmortem.content.wording import duration, label, moment
from ims.postmortem.word import paper
from ims.postmortem.word.look import blank
from ims.postmortem.writing import drawing
from ims.postmortem.writing.neutral import Neutral, Replaced, neutral
from ims.postmortem.writing.writer import describe, saved, set_up_page

TITLE = "Incident report"
_TIMES = ("began", "first update", "mitigated", "resolved")
_BULLETS = ("- ", "* ", "• ")


@dataclass(frozen=True)
class CustomerCopy:
    """The file, and what a person must know before it is sent.

    ``words`` are its texts by heading, ``replaced`` what was made neutral in them, ``missing`` the headings of sections
    for customers that nobody has written or accepted.
    """

    file: bytes
    words: Sequence[tuple[str, str]]
    replaced: Sequence[Replaced]
    missing: Sequence[str]


def customer_copy(facts: RcaFacts, template: Template) -> CustomerCopy:
    """Write the customer version of an incident."""
    clean = neutral(facts)
    title = clean(facts.incident.title)
    sections = [section for section in template.of_people if section.for_customers]
    written = [(section.title, clean(facts.written.get(section.key, "").strip())) for section in sections]
    words = [(heading, text) for heading, text in written if text]
    told = _told(facts, clean)
    document = _document(facts, title, words, told)
    said = [("Title", title), *words, *(("Update", update) for _, update in told.rows)]
    return CustomerCopy(document, said, clean.replaced, [heading for heading, text in written if not text])


def _document(facts: RcaFacts, title: str, words: Sequence[tuple[str, str]], told: Grid) -> bytes:
    document = blank()
    set_up_page(document, facts.incident.key, TITLE)
    describe(document, replace(facts, incident=facts.incident.model_copy(update={"title": title})), TITLE)
    document.add_paragraph(paper.safe(title), style="Title")
    document.add_paragraph(f"{TITLE} {facts.incident.key}, {moment(facts.written_at)}", style="Caption")
    _overview(document, facts)
    for heading, text in words:
        document.add_heading(paper.safe(heading), level=1)
        _prose(document, text)
    if told.rows:
        document.add_heading("What we told you", level=1)
        paper.grid(document, told.header, told.rows, told.widths)
    return saved(document)


def _overview(document: Document, facts: RcaFacts) -> None:
    document.add_heading("At a glance", level=1)
    strip = drawing.strip(facts)
    times = tuple((name, at) for name, at in strip.times if name in _TIMES)
    png = drawing.draw(replace(strip, times=times, events=()), is_tight=True)
    said = ", ".join(f"{name} {moment(at)}" for name, at in times)
    paper.picture(document, document.add_paragraph().add_run(), png, Cm(drawing.WIDTH_CM), said)
    incident = facts.incident
    rows = [
        ("Impact", label(incident.impact)),
        ("Began", moment(incident.began_at)),
        ("Mitigated", moment(incident.mitigated_at)),
        ("Resolved", moment(incident.resolved_at)),
        ("Lasted", duration(incident.lasted_for(facts.written_at)) + ("" if incident.resolved_at else " so far")),
    ]
    paper.grid(document, ("Fact", "What we know"), rows, (4.5, 12.5))


def _told(facts: RcaFacts, clean: Neutral) -> Grid:
    rows = [(moment(each.written_at), clean(f"{each.subject}\n{each.body}")) for each in facts.updates]
    return Grid(("Time", "Update"), rows, (4.0, 13.0))


def _prose(document: Document, text: str) -> None:
    for line in text.split("\n"):
        bullet = next((mark for mark in _BULLETS if line.startswith(mark)), "")
        document.add_paragraph(paper.safe(line.removeprefix(bullet)), style="List Bullet" if bullet else None)
