"""From draft to review to published and back: each move says who and when, and is refused in words."""

from datetime import timedelta
from pathlib import Path

import pytest

from ims.bootstrap import Portal
from ims.errors import Refusal, SettingProblem
from ims.model import Actor, EntryKind, FollowUpDraft, Incident, RcaDocument, RcaState
from ims.postmortem import meeting
from ims.postmortem.content.causes import choose_cause, read_causes
from ims.postmortem.content.template import Template
from ims.postmortem.document import create
from ims.postmortem.following_up import follow_ups
from ims.postmortem.review.reviewing import back_to_draft, send_to_review
from ims.store import incidents, postmortem
from tests.conftest import HandClock, Team


def document_of(portal: Portal, incident: Incident) -> RcaDocument:
    with portal.reading() as session:
        found = incidents.rca_document(session, incident.id)
    assert found is not None
    return found


def entries(portal: Portal, incident: Incident, kind: EntryKind) -> list[str]:
    with portal.reading() as session:
        return [f"{each.author}: {each.text}" for each in postmortem.entries_of_kind(session, incident.id, kind)]


def complete(portal: Portal, actor: Actor, incident: Incident, template: Template) -> None:
    """Let a document lack nothing."""
    with portal.work(actor) as work:
        document = create(work, incident.id)
        document.sections = {section.key: "It touched 40 customers." for section in template.of_people}
        document.read_at = work.now
        choose_cause(work, incident.id, "expiry", portal.causes)
        meeting.waive(work, incident.id, portal.procedure, "Seen before")


@pytest.fixture
def ready(portal: Portal, team: Team, resolved: Incident, template: Template) -> Incident:
    complete(portal, team.as_ada, resolved, template)
    return resolved


def test_a_review_begins_with_who_and_when_and_only_once(
    portal: Portal, team: Team, ready: Incident, template: Template, clock: HandClock
) -> None:
    for _ in range(2):
        with portal.work(team.as_ada) as work:
            send_to_review(work, ready.id, template)
        clock.forward(timedelta(hours=1))
    document = document_of(portal, ready)
    assert (document.state, document.review_by) == (RcaState.IN_REVIEW, "Ada Lovelace")
    assert document.review_at == clock.now - timedelta(hours=2)
    assert entries(portal, ready, EntryKind.RCA_IN_REVIEW) == ["Ada Lovelace: Root-cause document in review"]


def test_what_is_missing_is_said_when_a_review_is_refused(
    portal: Portal, team: Team, resolved: Incident, template: Template
) -> None:
    with portal.work(team.as_ada) as work:
        create(work, resolved.id)
        follow_ups.add(work, resolved.id, FollowUpDraft(text="Add a test"))
    with pytest.raises(Refusal, match=r"^Not yet: .* And \d more\.$"), portal.work(team.as_ada) as work:
        send_to_review(work, resolved.id, template)
    assert document_of(portal, resolved).state is RcaState.DRAFT


def test_it_may_go_on_with_a_reason_that_stays_in_the_timeline(
    portal: Portal, team: Team, ready: Incident, template: Template
) -> None:
    with portal.work(team.as_ada) as work:
        follow_ups.add(work, ready.id, FollowUpDraft(text="Add a test"))
        send_to_review(work, ready.id, template, despite="The owner is away until Monday")
    [entry] = entries(portal, ready, EntryKind.RCA_IN_REVIEW)
    assert entry.endswith("in review, although 1 thing to mend is left: The owner is away until Monday")


def test_without_a_document_nothing_can_be_reviewed(
    portal: Portal, team: Team, resolved: Incident, template: Template
) -> None:
    with pytest.raises(Refusal, match="start it first"), portal.work(team.as_ada) as work:
        send_to_review(work, resolved.id, template)


def test_it_goes_back_to_draft_with_a_reason(portal: Portal, team: Team, ready: Incident, template: Template) -> None:
    with portal.work(team.as_ada) as work:
        send_to_review(work, ready.id, template)
    with pytest.raises(Refusal, match="Say why"), portal.work(team.as_bob) as work:
        back_to_draft(work, ready.id, "  ")
    with portal.work(team.as_bob) as work:
        back_to_draft(work, ready.id, "The timeline lacks the first hour")
    document = document_of(portal, ready)
    assert (document.state, document.review_at, document.review_by) == (RcaState.DRAFT, None, "")
    notes = entries(portal, ready, EntryKind.NOTE)
    assert notes[-1] == "Bob Kahn: Root-cause document back to draft: The timeline lacks the first hour"


def test_a_draft_that_goes_back_to_draft_changes_nothing(portal: Portal, team: Team, ready: Incident) -> None:
    before = entries(portal, ready, EntryKind.NOTE)
    with portal.work(team.as_ada) as work:
        back_to_draft(work, ready.id, "Again")
    assert entries(portal, ready, EntryKind.NOTE) == before


def test_a_cause_is_chosen_once_and_its_change_says_what_it_was(portal: Portal, team: Team, ready: Incident) -> None:
    for word in ("expiry", "capacity"):
        with portal.work(team.as_bob) as work:
            choose_cause(work, ready.id, word, portal.causes)
    assert document_of(portal, ready).cause == "capacity"
    notes = [note for note in entries(portal, ready, EntryKind.NOTE) if "Cause chosen" in note]
    assert notes == [
        "Ada Lovelace: Cause chosen: Certificate, key or quota ran out",
        "Bob Kahn: Cause chosen: Capacity or load, before Certificate, key or quota ran out",
    ]


def test_a_cause_that_is_none_is_refused(portal: Portal, team: Team, ready: Incident) -> None:
    with pytest.raises(Refusal, match="not one of the causes"), portal.work(team.as_ada) as work:
        choose_cause(work, ready.id, "ada", portal.causes)


def test_a_word_that_is_gone_from_the_file_is_said_as_it_is(portal: Portal) -> None:
    assert portal.causes.label("solar_flare") == "solar_flare"
    assert portal.causes.label("") == "not chosen"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("causes: []", "at least 1"),
        ("causes: [{word: A b, label: A, means: M}]", "pattern"),
        ("causes: [{word: a, label: A, means: M}, {word: a, label: B, means: M}]", "word “a”"),
        ("causes: [{word: a, label: A, means: M}, {word: b, label: a, means: M}]", "label “a”"),
        ("causes: [{word: a, label: A}]", "means"),
        ("causes: [{word: a, label: A, means: M, colour: red}]", "colour"),
        ("- nothing", "valid dictionary"),
        ("causes: [", "cannot be read"),
    ],
)
def test_a_file_of_causes_that_makes_no_sense_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "causes.yaml").write_text(text)
    with pytest.raises(SettingProblem, match=reason) as refused:
        read_causes(tmp_path)
    assert refused.value.code == "IMS-209"
