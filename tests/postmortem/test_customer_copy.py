"""The customer version: the same incident without names, hosts and addresses, and without a word nobody accepted."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import docx
import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal
from ims.model import Customer, CustomerUpdate, Incident, UpdatePhase
from ims.postmortem.content import drafting
from ims.postmortem.content.template import Template
from ims.postmortem.document import create
from ims.postmortem.review.taking_over import accept_draft
from ims.postmortem.writing.customer_copy import customer_copy
from ims.store import incidents
from tests.conftest import HandClock, Team
from tests.postmortem.conftest import Facts

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def words_of(file: bytes) -> str:
    document = docx.Document(BytesIO(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    heads = [paragraph.text for paragraph in document.sections[0].header.paragraphs]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells, *heads])


def update(body: str) -> CustomerUpdate:
    return CustomerUpdate(
        id=1,
        incident_id=1,
        number=1,
        phase=UpdatePhase.INVESTIGATING,
        subject="Payments fail",
        body=body,
        written_at=NOON,
        author="Ada Lovelace",
    )


def test_it_holds_times_impact_updates_and_the_words_meant_for_customers(facts: Facts, template: Template) -> None:
    known = facts(
        updates=[update("We restarted db-prod-03. Globex and you are back.")],
        known_customers=[Customer(name="Globex")],
        written={
            "summary": "Payments failed.",
            "customers": "- A limit was too low.\nWe raised it.",
            "root_cause": "The secret internal cause.",
            "went_badly": "Nobody knew.",
        },
    )
    copy = customer_copy(known, template)
    said = words_of(copy.file)
    for expected in ("Payments failed.", "A limit was too low.", "We restarted a server. A customer and you are back."):
        assert expected in said
    for internal in ("secret", "Nobody knew", "db-prod-03", "Globex", "Ada", "Seal", "Written by IMS"):
        assert internal not in said
    assert [(each.found, each.by) for each in copy.replaced] == [("Globex", "a customer"), ("db-prod-03", "a server")]
    assert copy.missing == ["Impact"]
    assert ("Summary", "Payments failed.") in copy.words


def test_a_draft_is_in_it_only_once_somebody_accepted_it(
    portal: Portal, team: Team, resolved: Incident, facts: Facts, template: Template
) -> None:
    draft = drafting.summary(facts())
    assert "was declared" not in words_of(customer_copy(facts(), template).file)
    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
        accept_draft(work, resolved.id, "summary", draft, template)
    assert "was declared" in words_of(customer_copy(facts(), template).file)
    with portal.reading() as session:
        document = incidents.rca_document(session, resolved.id)
        assert document is not None
        assert document.accepted == ["summary"]


def test_accepting_twice_changes_nothing_and_never_overwrites_what_people_wrote(
    portal: Portal, team: Team, resolved: Incident, template: Template, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
        accept_draft(work, resolved.id, "summary", "Ours.", template)
    clock.forward(timedelta(minutes=1))
    with portal.work(team.as_ada) as work:
        before = len(incidents.timeline(work.session, resolved.id))
        assert accept_draft(work, resolved.id, "summary", "Ours.", template).accepted == ["summary"]
        assert len(incidents.timeline(work.session, resolved.id)) == before
    with portal.work(team.as_ada) as work, pytest.raises(Refusal, match="Somebody has written"):
        accept_draft(work, resolved.id, "summary", "The draft.", template)
    with portal.work(team.as_ada) as work, pytest.raises(Refusal, match="is empty"):
        accept_draft(work, resolved.id, "impact", " ", template)
    with portal.work(team.as_ada) as work, pytest.raises(Refusal, match="no such section"):
        accept_draft(work, resolved.id, "timeline", "Words.", template)


def test_titles_and_properties_of_the_file_are_neutral_too(facts: Facts, template: Template) -> None:
    known = facts()
    known.incident.title = "db-prod-03 lost its disk"
    document = docx.Document(BytesIO(customer_copy(known, template).file))
    assert document.paragraphs[0].text == "A server lost its disk"
    assert "db-prod" not in document.core_properties.title
