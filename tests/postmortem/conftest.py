"""An incident that is over, and documents of it as people hand them back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.document import Document

from ims.bootstrap import Portal
from ims.model import Incident
from ims.postmortem.content.facts import RcaFacts, collect
from ims.postmortem.content.template import Template, read_template
from ims.postmortem.writing.writer import write
from ims.response import states
from tests.conftest import HandClock, Team
from tests.postmortem.meeting import Meeting

WriteDocument = Callable[[], bytes]
Facts = Callable[..., RcaFacts]


@pytest.fixture
def template(portal: Portal) -> Template:
    return read_template(portal.settings.data_dir)


@pytest.fixture
def resolved(portal: Portal, team: Team, incident: Incident, clock: HandClock) -> Incident:
    clock.forward(timedelta(hours=1))
    with portal.work(team.as_ada) as work:
        return states.resolve(work, incident.id, "Restarted the gateway", portal.procedure)


@pytest.fixture
def written(portal: Portal, resolved: Incident, template: Template) -> WriteDocument:
    """Write the document of the incident as it is now."""

    def write_now() -> bytes:
        with portal.reading() as session:
            incident = session.get_one(Incident, resolved.id)
            return write(collect(session, incident, portal.procedure, [], portal.clock()), template)

    return write_now


@pytest.fixture
def facts(portal: Portal, resolved: Incident, clock: HandClock) -> Facts:
    """Collect the facts of the incident as they are now, some of them changed."""

    def now(**changes: Any) -> RcaFacts:
        with portal.reading() as session:
            incident = session.get_one(Incident, resolved.id)
            return replace(collect(session, incident, portal.procedure, [], clock()), **changes)

    return now


@pytest.fixture
def meeting(portal: Portal, team: Team, resolved: Incident, template: Template, clock: HandClock) -> Meeting:
    return Meeting(portal, team, resolved, template, clock)


@pytest.fixture
def download(written: WriteDocument, meeting: Meeting) -> WriteDocument:
    """Download the document a while after what was done last."""

    def later() -> bytes:
        meeting.waits()
        return written()

    return later


def edit(file: bytes, change: Callable[[Document], None]) -> bytes:
    """Open a document, let somebody change it, and save it."""
    document = docx.Document(BytesIO(file))
    change(document)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


def follow_up_cells(document: Document, row: int) -> list[str]:
    return [cell.text for cell in follow_up_table(document).rows[row].cells]


def follow_up_table(document: Document) -> "docx.table.Table":
    return next(table for table in document.tables if table.rows[0].cells[1].text == "Action")


def fill_row(document: Document, row: int, *, action: str, owner: str = "", due: str = "", state: str = "") -> None:
    """Type into a row of the follow-up table, as people do in the meeting."""
    cells = follow_up_table(document).rows[row].cells
    for place, text in ((1, action), (2, owner), (3, due), (5, state)):
        cells[place].text = text
