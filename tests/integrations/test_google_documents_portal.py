"""A whole portal with Google beside it: the life of a root-cause document that people write together."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta

import pytest

from ims.bootstrap import Portal, build
from ims.config import Settings
from ims.errors import Refusal
from ims.model import (
    Delivery,
    DeliveryState,
    EntryKind,
    FollowUpDraft,
    FollowUpState,
    Incident,
    RcaDocument,
)
from ims.ports import DocumentCopy
from ims.postmortem.content.facts import RcaFacts, collect
from ims.postmortem.following_up import follow_ups
from ims.postmortem.refreshing import elsewhere
from ims.postmortem.refreshing.planning import Answer, Plan, Standing
from ims.postmortem.review.publishing import manuscript
from ims.postmortem.writing.writer import write
from ims.store import deliveries, incidents, postmortem, references
from tests.conftest import HandClock, Team
from tests.fakes.google import Cell, FakeDocument, FakeGoogle, Paragraph, Run, Table, Trouble

TIMELINE, FOLLOW_UPS = "Timeline", "Follow-up actions"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGoogle]:
    with FakeGoogle() as fake:
        for name, value in fake.oauth_settings().items():
            monkeypatch.setenv(f"IMS_GOOGLE_{name.upper()}", str(value))
        yield fake
        assert fake.violations == []


@pytest.fixture
def portal(google: FakeGoogle, sqlite_url: str, clock: HandClock) -> Iterator[Portal]:
    """A portal that is configured for Google."""
    portal = build(Settings(database_url=sqlite_url), clock)
    portal.start()
    yield portal
    portal.database.close()


def facts_of(portal: Portal, incident: Incident) -> RcaFacts:
    with portal.reading() as session:
        present = session.get_one(Incident, incident.id)
        return collect(session, present, portal.procedure, [], portal.clock())


def ask(portal: Portal, team: Team, incident: Incident) -> Delivery:
    file = write(facts_of(portal, incident), portal.rca_template)
    with portal.work(team.as_ada) as work:
        return elsewhere.ask_for(work, incident.id, file)


def document_of(portal: Portal, incident: Incident) -> RcaDocument:
    with portal.reading() as session:
        found = incidents.rca_document(session, incident.id)
    assert found is not None
    return found


@pytest.fixture
def shared(portal: Portal, google: FakeGoogle, team: Team, incident: Incident) -> FakeDocument:
    """The document of the incident, in Google Docs, with one follow-up that the portal knows."""
    with portal.work(team.as_ada) as work:
        draft = FollowUpDraft(text="Alert on it", owner_id=team.ada.id, due_on=date(2026, 12, 1))
        follow_ups.add(work, incident.id, draft)
    ask(portal, team, incident)
    portal.worker.run_due()
    return google.docs.documents[document_of(portal, incident).outside_id]


def copy_of(portal: Portal, incident: Incident) -> DocumentCopy:
    return portal.ports.documents.read(document_of(portal, incident).outside_id)


def plan_of(portal: Portal, incident: Incident) -> Plan:
    return elsewhere.plan_refresh(copy_of(portal, incident), facts_of(portal, incident), portal.rca_template)


def refresh(portal: Portal, team: Team, incident: Incident, answers: dict[str, Answer] | None = None) -> Delivery:
    with portal.work(team.as_ada) as work:
        asked = elsewhere.ask_to_refresh(work, incident.id, plan_of(portal, incident), answers or {})
    portal.worker.run_due()
    with portal.reading() as session:
        return session.get_one(Delivery, asked.id)


def take_in(portal: Portal, team: Team, incident: Incident) -> list[str]:
    with portal.work(team.as_ada) as work:
        return elsewhere.take_in(work, incident.id, copy_of(portal, incident), portal.rca_template).not_understood


def row_of(document: FakeDocument, action: str) -> list[Cell]:
    return next(row for row in document.table(FOLLOW_UPS).rows if row[1].words == action)


def type_in(document: FakeDocument, *cells: object) -> None:
    """Fill the first empty row of the follow-ups, as people do; a dict is a chip."""
    row = next(row for row in document.table(FOLLOW_UPS).rows if not any(cell.words for cell in row))
    for cell, typed in zip(row[1:], cells, strict=False):
        cell.blocks = [Paragraph([Run(chip=typed) if isinstance(typed, dict) else Run(str(typed))])]
    document.touch()


def note(portal: Portal, team: Team, incident: Incident, text: str) -> None:
    with portal.work(team.as_ada) as work:
        work.record(work.incident(incident.id), EntryKind.NOTE, text)


def kinds(portal: Portal, incident: Incident) -> list[EntryKind]:
    with portal.reading() as session:
        return [entry.kind for entry in incidents.timeline(session, incident.id)]


def test_the_document_lives_in_google_docs_once_it_is_made(
    portal: Portal, google: FakeGoogle, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    document = document_of(portal, incident)
    assert (document.home, document.outside_id) == ("google", shared.name)
    assert document.url == google.drive.files[shared.name]["webViewLink"]
    with portal.reading() as session:
        assert references.of_incident(session, incident.id)["document"].value == shared.name
    assert google.drive.writers(shared.name) == [team.ada.email]
    assert shared.title == f"{incident.key} {incident.title}"


def test_pressing_twice_asks_once(portal: Portal, google: FakeGoogle, team: Team, incident: Incident) -> None:
    assert ask(portal, team, incident).id == ask(portal, team, incident).id
    portal.worker.run_due()
    assert len(google.drive.files) == 1


def test_a_google_that_is_down_makes_one_document_when_it_is_back(
    portal: Portal, google: FakeGoogle, team: Team, incident: Incident, clock: HandClock
) -> None:
    portal.worker.run_due()
    ask(portal, team, incident)
    google.fail_next(None, Trouble.DROPPED)
    portal.worker.run_due()
    assert document_of(portal, incident).home == "portal"
    clock.forward(timedelta(minutes=1))
    portal.worker.run_due()
    assert len(google.drive.files) == 1
    assert document_of(portal, incident).outside_id in google.drive.files


def test_what_people_write_there_becomes_text_and_follow_ups(
    portal: Portal, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    person = {"person": {"personProperties": {"name": team.bob.name, "email": team.bob.email}}}
    day = {"dateElement": {"dateElementProperties": {"timestamp": "2026-12-05T12:00:00Z", "displayText": "Dec 5"}}}
    type_in(shared, "Raise the limit", person, day, {"dropdown": {"dropdownProperties": {"displayValue": "Prevent"}}})
    learnt = shared.below("What we learnt")[0]
    assert isinstance(learnt, Paragraph)
    learnt.runs = [Run("To ask earlier.")]
    assert take_in(portal, team, incident) == []
    with portal.reading() as session:
        [_, new] = postmortem.follow_ups(session, incident.id)
    assert (new.text, new.owner_id, new.due_on) == ("Raise the limit", team.bob.id, date(2026, 12, 5))
    assert document_of(portal, incident).sections["learnt"] == "To ask earlier."
    before = kinds(portal, incident)
    take_in(portal, team, incident)
    assert kinds(portal, incident) == before


def test_a_refresh_writes_ids_and_news_and_leaves_the_words_of_people(
    portal: Portal, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    type_in(shared, "Raise the limit", team.bob.name, "2026-12-05")
    learnt = shared.below("What we learnt")[0]
    assert isinstance(learnt, Paragraph)
    learnt.runs = [Run("To ask "), Run("earlier", {"bold": True}), Run(chip={"richLink": {}})]
    take_in(portal, team, incident)
    note(portal, team, incident, "Rolled back 🙂")
    with portal.work(team.as_ada) as work:
        first = postmortem.follow_ups(work.session, incident.id)[0]
        follow_ups.finish(work, first.id, "Done last night")
    portal.worker.run_due()  # the new follow-up has its sub-task now
    sent = refresh(portal, team, incident)
    assert sent.state is DeliveryState.SENT
    assert "left alone" not in sent.proof
    assert row_of(shared, "Raise the limit")[0].words == "FU-2"
    assert row_of(shared, "Alert on it")[5].words == "Done"
    assert any("Rolled back 🙂" in row[1] for row in shared.table(TIMELINE).words)
    assert [run.text for run in shared.below("What we learnt")[0].runs] == ["To ask ", "earlier", ""]  # type: ignore[union-attr]
    assert document_of(portal, incident).revision == shared.revision
    assert EntryKind.RCA_REFRESHED in kinds(portal, incident)
    with pytest.raises(Refusal, match="Nothing has to be written"):
        refresh(portal, team, incident)


def test_a_block_that_people_edited_is_written_only_if_somebody_says_so(
    portal: Portal, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    shared.table(TIMELINE).rows[1][1].blocks = [Paragraph([Run("It began much earlier")])]
    shared.touch()
    note(portal, team, incident, "Rolled back")
    assert [block.now.key for block in plan_of(portal, incident).asked] == ["timeline"]
    refresh(portal, team, incident)
    assert shared.table(TIMELINE).words[1][1] == "It began much earlier"
    refresh(portal, team, incident, {"timeline": Answer.OURS})
    assert shared.table(TIMELINE).words[1][1] != "It began much earlier"
    assert shared.table(TIMELINE).words[-1][1] == "Rolled back"


def test_of_a_block_that_people_edited_both_can_stand_there(
    portal: Portal, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    shared.table(TIMELINE).rows[1][1].blocks = [Paragraph([Run("It began much earlier", {"bold": True})])]
    theirs = deepcopy(shared.table(TIMELINE))
    shared.touch()
    note(portal, team, incident, "Rolled back")
    sent = refresh(portal, team, incident, {"timeline": Answer.BOTH})
    assert sent.state is DeliveryState.SENT
    ours, kept = [each for each in shared.below(TIMELINE) if isinstance(each, Table)]
    assert ours.words[-1][1] == "Rolled back"
    assert kept == theirs
    assert "Kept from this document, as people had changed it:" in shared.lines
    assert plan_of(portal, incident).asked == []


def test_a_block_that_people_deleted_is_put_back_under_its_heading_if_somebody_says_so(
    portal: Portal, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    before = deepcopy(shared.below(TIMELINE))
    gone = shared.below(TIMELINE)[:2]
    shared.tabs[0].blocks = [each for each in shared.blocks if not any(each is one for one in gone)]
    shared.touch()
    [missing] = plan_of(portal, incident).asked
    assert missing.standing is Standing.MISSING
    sent = refresh(portal, team, incident, {"timeline": Answer.OURS})
    assert sent.proof.startswith("Written anew: Timeline")
    assert shared.table(TIMELINE).words == before[1].words
    assert shared.caption(TIMELINE).style == "NORMAL_TEXT"
    assert plan_of(portal, incident).asked == []


def test_somebody_who_writes_at_the_same_moment_is_waited_for(
    portal: Portal, google: FakeGoogle, team: Team, incident: Incident, shared: FakeDocument, clock: HandClock
) -> None:
    note(portal, team, incident, "Rolled back")

    def types(document: FakeDocument) -> None:
        type_in(document, "Typed meanwhile")

    google.docs.before_write = types
    sent = refresh(portal, team, incident)
    assert sent.state is DeliveryState.FAILING
    assert "Somebody is writing" in sent.problem
    clock.forward(timedelta(minutes=1))
    portal.worker.run_due()
    assert shared.table(TIMELINE).words[-1][1] == "Rolled back"
    assert row_of(shared, "Typed meanwhile")


def test_more_people_may_write_when_they_come(
    portal: Portal, google: FakeGoogle, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    with portal.work(team.as_ada) as work:
        elsewhere.share(work, incident.id, [team.bob.email])
        with pytest.raises(Refusal, match="Nobody is named"):
            elsewhere.share(work, incident.id, [])
    portal.worker.run_due()
    assert google.drive.writers(shared.name) == [team.ada.email, team.bob.email]


def test_a_document_that_was_deleted_there_is_made_anew(
    portal: Portal, google: FakeGoogle, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    google.drive.purge(shared.name)
    ask(portal, team, incident)
    portal.worker.run_due()
    assert document_of(portal, incident).outside_id != shared.name
    assert plan_of(portal, incident).asked == []


def test_nothing_can_be_asked_of_a_document_that_lives_here(portal: Portal, team: Team, incident: Incident) -> None:
    with pytest.raises(Refusal, match="create it there first"), portal.work(team.as_ada) as work:
        elsewhere.share(work, incident.id, [team.bob.email])


def test_a_document_is_not_taken_for_that_of_another_portal_with_an_incident_of_the_same_number(
    portal: Portal, team: Team, incident: Incident
) -> None:
    """A test portal, or this one before it was set up anew, may write into the same Drive."""
    assert incident.mark
    assert ask(portal, team, incident).payload["mark"] == f"ims-rca-{incident.key}-{incident.mark}"


def test_a_document_too_large_to_send_is_refused(portal: Portal, team: Team, incident: Incident) -> None:
    with pytest.raises(Refusal, match="more than 5 MB"), portal.work(team.as_ada) as work:
        elsewhere.ask_for(work, incident.id, b"x" * 5_000_001)


def test_what_is_published_is_the_document_as_it_stands_there(
    portal: Portal, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    learnt = shared.below("What we learnt")[0]
    assert isinstance(learnt, Paragraph)
    learnt.runs = [Run("To ask earlier.")]
    take_in(portal, team, incident)
    document = document_of(portal, incident)
    export = portal.ports.documents.download(document.outside_id)
    assert manuscript(document, facts_of(portal, incident), portal.rca_template, export).docx == export
    learnt.runs = [Run("To ask later.")]
    newer = portal.ports.documents.download(document.outside_id)
    written = manuscript(document, facts_of(portal, incident), portal.rca_template, newer).docx
    assert written not in (export, newer), "words that nobody took in yet are not published unseen"


def test_the_state_of_a_follow_up_comes_back_from_there(
    portal: Portal, team: Team, incident: Incident, shared: FakeDocument
) -> None:
    row_of(shared, "Alert on it")[5].blocks = [
        Paragraph([Run(chip={"dropdown": {"dropdownProperties": {"displayValue": "Done"}}})])
    ]
    take_in(portal, team, incident)
    with portal.reading() as session:
        [follow_up] = postmortem.follow_ups(session, incident.id)
        assert deliveries.of_incident(session, incident.id)
    assert follow_up.state is FollowUpState.DONE
