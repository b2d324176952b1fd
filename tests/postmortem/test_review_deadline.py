"""Each document has a deadline by the severity of its incident, and who answers for it is reminded, not pestered."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from ims.bootstrap import Portal
from ims.config import ROOT
from ims.errors import Refusal, SettingProblem
from ims.model import (
    Delivery,
    EntryKind,
    Incident,
    IncidentDraft,
    IncidentRole,
    Person,
    RcaDocument,
    RcaState,
    Severity,
)
from ims.postmortem.document import create
from ims.postmortem.review.deadline import move, read_deadlines, working_days_before
from ims.postmortem.review.deadline_watch import mine
from ims.response import states
from ims.response.command import acknowledge, assign_role
from ims.response.declare import declare
from ims.store import deliveries, postmortem
from tests.conftest import HandClock, Team, make_team

RULES = read_deadlines(ROOT / "data")
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
Over = Callable[..., Incident]


def incident_resolved(at: datetime | None, severity: Severity | None) -> Incident:
    return Incident(
        id=1, title="Down", severity=severity, declared_at=MONDAY, began_at=MONDAY, detected_at=MONDAY, resolved_at=at
    )


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        (Severity.SEV1, datetime(2026, 11, 30, 12, tzinfo=UTC)),
        (Severity.SEV2, datetime(2026, 12, 2, 12, tzinfo=UTC)),
        (Severity.SEV3, datetime(2026, 12, 7, 12, tzinfo=UTC)),
        (None, datetime(2026, 12, 7, 12, tzinfo=UTC)),
    ],
)
def test_the_deadline_counts_working_days_from_the_resolution(severity: Severity | None, due: datetime) -> None:
    assert RULES.due_at(incident_resolved(MONDAY, severity), None) == due


def test_what_is_not_resolved_has_no_deadline() -> None:
    assert RULES.due_at(incident_resolved(None, Severity.SEV1), None) is None


def test_where_somebody_moved_it_that_counts() -> None:
    document = RcaDocument(incident_id=1, created_at=MONDAY, due_at=MONDAY + 30 * DAY)
    assert RULES.due_at(incident_resolved(MONDAY, Severity.SEV1), document) == MONDAY + 30 * DAY


def test_reminders_come_two_working_days_before_on_the_day_and_every_second_day_after() -> None:
    due = datetime(2026, 11, 30, 12, tzinfo=UTC)  # a Monday
    slots = {f"{day:%a %d}": RULES.slot(due, day) for day in (MONDAY + n * DAY for n in range(17))}
    assert slots == {
        "Mon 23": None,
        "Tue 24": None,
        "Wed 25": None,
        "Thu 26": "before",
        "Fri 27": "before",
        "Sat 28": None,
        "Sun 29": None,
        "Mon 30": "late0",
        "Tue 01": "late0",
        "Wed 02": "late1",
        "Thu 03": "late1",
        "Fri 04": "late2",
        "Sat 05": None,
        "Sun 06": None,
        "Mon 07": "late3",
        "Tue 08": "late4",
        "Wed 09": "late4",
    }


def test_nobody_is_reminded_at_night_nor_for_ever() -> None:
    due = datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert RULES.slot(due, datetime(2026, 11, 30, 8, 59, tzinfo=UTC)) is None
    assert RULES.slot(due, datetime(2026, 11, 30, 9, 0, tzinfo=UTC)) == "late0"
    assert RULES.slot(due, due + 59 * DAY)
    assert RULES.slot(due, due + 60 * DAY) is None


@pytest.mark.parametrize("weekday", range(7))
def test_whatever_people_can_still_hear_of_is_looked_for(weekday: int) -> None:
    resolved = MONDAY + weekday * DAY
    due = RULES.due_at(incident_resolved(resolved, None), None)
    assert due is not None
    last = due + 60 * DAY - timedelta(seconds=1)
    assert RULES.is_near(due, last)
    assert RULES.heard_of_since(last) <= resolved
    assert RULES.heard_of_since(last) > resolved - 14 * DAY


def test_working_days_are_counted_back_over_a_weekend() -> None:
    assert working_days_before(datetime(2026, 11, 30, tzinfo=UTC), 2) == datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  other: 10 working days\n", "", "“other” is missing"),
        ("sev1: 5 working days", "sev1: soon", "not a duration"),
        ("sev2:", "sev9:", "“sev9” is no severity"),
        ("from_hour: 9", "from_hour: 24", "remind from_hour"),
        ("remind:", "reminders:", "remind"),
        ("published_within:", "published_within: [", "cannot be read"),
    ],
)
def test_a_file_of_deadlines_that_makes_no_sense_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    text = (ROOT / "data" / "deadlines.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "deadlines.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingProblem, match=reason) as refused:
        read_deadlines(tmp_path)
    assert refused.value.code == "IMS-210"


@pytest.fixture
def people(both_portals: Portal) -> Team:
    return make_team(both_portals)


@pytest.fixture
def over(both_portals: Portal, people: Team, clock: HandClock) -> Over:
    """Make an incident of SEV1 that is over at noon of a Monday; Bob is on call, and commands it."""

    def make(*, drill: bool = False) -> Incident:
        clock.now = MONDAY
        draft = IncidentDraft(title="Payments fail", affects_customers=True)
        with both_portals.work(people.as_bob) as work:
            incident = declare(work, draft, both_portals.procedure)
            incident.drill = drill
            acknowledge(work, incident.id)
            incident.severity = Severity.SEV1
            return states.resolve(work, incident.id, "Restarted", both_portals.procedure)

    return make


def reminders(portal: Portal, incident: Incident) -> list[Delivery]:
    with portal.reading() as session:
        found = deliveries.of_incident(session, incident.id)
    return sorted((each for each in found if ":rca:" in each.key), key=lambda each: each.created_at)


def live(portal: Portal, clock: HandClock, days: int) -> None:
    """Look every six hours."""
    for _ in range(days * 4):
        portal.look_around()
        clock.forward(timedelta(hours=6))


def test_the_one_who_answers_is_reminded_once_for_each_slot_also_without_a_document(
    both_portals: Portal, over: Over, clock: HandClock
) -> None:
    incident = over()
    live(both_portals, clock, 10)
    asked = reminders(both_portals, incident)
    assert [f"{each.created_at:%a %d}" for each in asked] == ["Thu 26", "Mon 30", "Wed 02"]
    assert {each.recipient for each in asked} == {"Bob Kahn <bob@example.com>"}
    said = [each.payload["text"] for each in asked]
    assert said == [
        "INC-1: the root-cause document is not started, and is to be published by 2026-11-30.",
        "INC-1: the root-cause document is not started, and is to be published today.",
        "INC-1: the root-cause document is not started, and was to be published by 2026-11-30, 2 days ago.",
    ]
    with both_portals.reading() as session:
        written = postmortem.entries_of_kind(session, incident.id, EntryKind.NUDGED)
    assert [entry.data["stage"] for entry in written if "document" in entry.text] == ["before", "late0", "late1"]


def test_the_communications_lead_comes_before_the_commander(
    both_portals: Portal, people: Team, over: Over, clock: HandClock
) -> None:
    incident = over()
    with both_portals.work(people.as_ada) as work:
        assign_role(work, incident.id, IncidentRole.COMMUNICATIONS, people.ada.id)
    clock.now = MONDAY + 3 * DAY
    both_portals.look_around()
    assert [each.recipient for each in reminders(both_portals, incident)] == ["Ada Lovelace <ada@example.com>"]


def test_whoever_has_left_answers_for_no_document(
    both_portals: Portal, people: Team, over: Over, clock: HandClock
) -> None:
    incident = over()
    with both_portals.work(people.as_ada) as work:
        work.get(Incident, incident.id).owner_id = people.ada.id
        work.get(Person, people.bob.id).active = False
    clock.now = MONDAY + 3 * DAY
    both_portals.look_around()
    assert [each.recipient for each in reminders(both_portals, incident)] == ["Ada Lovelace <ada@example.com>"]


def test_a_drill_reminds_nobody(both_portals: Portal, over: Over, clock: HandClock) -> None:
    incident = over(drill=True)
    live(both_portals, clock, 10)
    assert not reminders(both_portals, incident)


def test_after_publishing_nobody_is_reminded(both_portals: Portal, people: Team, over: Over, clock: HandClock) -> None:
    incident = over()
    with both_portals.work(people.as_ada) as work:
        create(work, incident.id).state = RcaState.PUBLISHED
    live(both_portals, clock, 10)
    assert not reminders(both_portals, incident)


def test_a_waived_document_is_not_asked_for(both_portals: Portal, people: Team, over: Over, clock: HandClock) -> None:
    incident = over()
    with both_portals.work(people.as_ada) as work:
        here = work.incident(incident.id)
        work.record(here, EntryKind.STEP_WAIVED, "Waived", step="create_rca_document", reason="Trivial")
    live(both_portals, clock, 10)
    assert not reminders(both_portals, incident)


def test_a_moved_deadline_has_reminders_of_its_own(
    both_portals: Portal, people: Team, over: Over, clock: HandClock
) -> None:
    incident = over()
    with both_portals.work(people.as_ada) as work:
        create(work, incident.id)
        with pytest.raises(Refusal, match="Say why"):
            move(work, incident.id, MONDAY + 14 * DAY, " ")
        with pytest.raises(Refusal, match="has passed"):
            move(work, incident.id, MONDAY - DAY, "Earlier")
        move(work, incident.id, MONDAY + 14 * DAY, "The vendor answers next week")
    live(both_portals, clock, 15)
    assert [f"{each.created_at:%a %d}" for each in reminders(both_portals, incident)] == ["Thu 03", "Mon 07"]


def test_what_is_due_soon_is_listed_for_whoever_answers(
    both_portals: Portal, people: Team, over: Over, clock: HandClock
) -> None:
    over()
    with both_portals.reading() as session:
        assert not mine(session, people.bob.id, both_portals.deadlines, MONDAY + DAY)
        [due] = mine(session, people.bob.id, both_portals.deadlines, MONDAY + 3 * DAY)
        assert due.due_at == MONDAY + 7 * DAY
        assert due.document is None
        assert not mine(session, people.ada.id, both_portals.deadlines, MONDAY + 3 * DAY)


def test_many_documents_are_asked_about_together(both_portals: Portal, people: Team, over: Over) -> None:
    """The landing page lists them for everybody who opens it."""
    asked: list[str] = []
    event.listen(both_portals.database.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
    counts = []
    for number in (1, 2, 3):
        over()
        asked.clear()
        with both_portals.reading() as session:
            found = mine(session, people.bob.id, both_portals.deadlines, MONDAY + 3 * DAY)
        counts.append(len(asked))
        assert len(found) == number
    assert counts == [counts[0]] * 3
