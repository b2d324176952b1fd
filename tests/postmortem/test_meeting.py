"""The root-cause meeting, from the proposal to its calendar file."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from ims.bootstrap import Portal
from ims.calendar import calendar_file
from ims.errors import Refusal
from ims.model import PORTAL, EntryKind, Incident, MeetingDraft, MeetingState
from ims.postmortem import meeting
from ims.response.investigation import note
from ims.sop.case import Case
from ims.sop.evaluation import StepState, evaluate
from ims.store import deliveries, incidents, postmortem
from tests.conftest import HandClock, Team

URL = "https://ims.example.com"


@pytest.fixture
def draft(portal: Portal, team: Team, resolved: Incident) -> MeetingDraft:
    with portal.work(team.as_bob) as work:
        note(work, resolved.id, "I saw it too")
    with portal.reading() as session:
        proposed = meeting.proposal(resolved, meeting.involved(session, resolved), portal.clock(), URL)
    assert proposed is not None
    return proposed


def test_everyone_involved_is_proposed_for_the_next_working_day(draft: MeetingDraft) -> None:
    assert draft.attendees == ["ada@example.com", "bob@example.com"]
    assert draft.starts_at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert f"{URL}/rca?key=INC-1" in draft.agenda


def test_the_agenda_leads_to_where_people_write_in_the_document(resolved: Incident, team: Team) -> None:
    url = "https://docs.example/d/1"
    proposed = meeting.proposal(resolved, [team.ada], resolved.declared_at, URL, document_url=url)
    assert proposed
    assert f"The document: {url}\n" in proposed.agenda


def test_a_friday_proposes_monday(resolved: Incident, team: Team) -> None:
    friday = datetime(2026, 11, 27, 16, tzinfo=UTC)
    proposed = meeting.proposal(resolved, [team.ada], friday, URL)
    assert proposed is not None
    assert proposed.starts_at == datetime(2026, 11, 30, 10, tzinfo=UTC)


def test_planning_invites_once(portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft) -> None:
    for _ in range(2):
        with portal.work(team.as_ada) as work:
            meeting.plan(work, resolved.id, draft)
    with portal.reading() as session:
        sent = [each for each in deliveries.of_incident(session, resolved.id) if each.kind == "invitation"]
        planned = postmortem.entries_of_kind(session, resolved.id, EntryKind.MEETING_PLANNED)
    assert (len(sent), len(planned)) == (1, 1)
    assert sent[0].payload["attendees"] == draft.attendees


def test_a_move_keeps_the_uid_and_counts_up(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    later = draft.model_copy(
        update={
            "starts_at": draft.starts_at + timedelta(days=1),
            "ends_at": draft.ends_at + timedelta(days=1),
            "attendees": ["ada@example.com"],
        }
    )
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, resolved.id, draft)
        meeting.reschedule(work, planned.id, later)
        meeting.cancel(work, planned.id, "Nobody has time")
    with portal.reading() as session:
        sent = [each.payload for each in deliveries.of_incident(session, resolved.id) if each.kind == "invitation"]
    assert [(each["sequence"], each["cancelled"], each["partial"], each["attendees"]) for each in sent] == [
        (0, False, False, ["ada@example.com", "bob@example.com"]),
        (1, False, False, ["ada@example.com"]),
        (1, True, True, ["bob@example.com"]),
        (2, True, False, ["ada@example.com"]),
    ]
    assert {each["uid"] for each in sent} == {f"meeting-{planned.id}-{resolved.mark}@ims"}


def test_a_change_of_guests_is_not_called_a_move(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, resolved.id, draft)
        meeting.reschedule(work, planned.id, draft.model_copy(update={"attendees": ["ada@example.com"]}))
    with portal.reading() as session:
        said = [entry.text for entry in postmortem.entries_of_kind(session, resolved.id, EntryKind.MEETING_PLANNED)]
    assert [text.partition(" 20")[0] for text in said] == [
        "Root-cause meeting planned for",
        "Root-cause meeting changed: it is at",
    ]


def test_a_meeting_that_another_system_invited_to_asks_a_person_to_change_it_there(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, resolved.id, draft)
    portal.worker.run_due()
    with portal.work(PORTAL) as work:
        (sent,) = [each for each in deliveries.of_incident(work.session, resolved.id) if each.kind == "invitation"]
        sent.system = "google"
    with portal.work(team.as_ada) as work:
        meeting.cancel(work, planned.id, "Nobody has time")
    portal.worker.run_due()
    with portal.reading() as session:
        (entry,) = postmortem.entries_of_kind(session, resolved.id, EntryKind.DELIVERY_STOPPED)
    assert entry.text == (
        "The meeting stays as it was in “google”, which is not asked any more: change it there by hand"
    )


def test_one_that_is_called_off_is_in_the_timeline_with_its_reason(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    with portal.work(team.as_ada) as work:
        meeting.cancel(work, meeting.plan(work, resolved.id, draft).id, "Nobody has time")
    with portal.reading() as session:
        [entry] = postmortem.entries_of_kind(session, resolved.id, EntryKind.MEETING_CALLED_OFF)
        assert entry.text == "Root-cause meeting called off: Nobody has time"
        assert meeting.current(session, resolved.id) is None


def test_calendars_never_take_a_meeting_for_one_of_another_portal(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    """They know a meeting by its UID alone, and one that they know already they pass over."""
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, resolved.id, draft)
    elsewhere = Incident.model_validate(resolved.model_dump(exclude={"mark"}))
    uids = [meeting.invitation_of(each, planned, planned.attendees).uid for each in (resolved, elsewhere)]
    assert len({*uids}) == len(uids)


def test_a_meeting_is_held_once(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft, clock: HandClock
) -> None:
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, resolved.id, draft)
    clock.now = draft.ends_at
    for _ in range(2):
        with portal.work(team.as_ada) as work:
            meeting.hold(work, planned.id, "All agreed")
    with portal.reading() as session:
        held = postmortem.entries_of_kind(session, resolved.id, EntryKind.MEETING_HELD)
    assert [entry.text for entry in held] == ["Root-cause meeting held: All agreed"]


def test_people_may_meet_earlier_than_planned(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    with portal.work(team.as_ada) as work:
        meeting.hold(work, meeting.plan(work, resolved.id, draft).id)
    with portal.reading() as session:
        held = postmortem.entries_of_kind(session, resolved.id, EntryKind.MEETING_HELD)
    assert [entry.text for entry in held] == ["Root-cause meeting held earlier than planned"]


def test_waiving_the_meeting_waives_the_step_and_calls_it_off(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    with portal.work(team.as_ada) as work:
        meeting.plan(work, resolved.id, draft)
        meeting.waive(work, resolved.id, portal.procedure, "Known and fixed already")
    with portal.reading() as session:
        case = Case(resolved, incidents.timeline(session, resolved.id))
        [planned] = incidents.meetings(session, resolved.id)
    steps = {status.step.key: status for status in evaluate(portal.procedure, case, portal.clock())}
    assert planned.state is MeetingState.CANCELLED
    assert steps["rca_meeting"].state is StepState.WAIVED
    assert steps["rca_meeting"].evidence == "Known and fixed already"


def test_waiving_needs_a_reason(portal: Portal, team: Team, resolved: Incident) -> None:
    with pytest.raises(Refusal, match="why"), portal.work(team.as_ada) as work:
        meeting.waive(work, resolved.id, portal.procedure, "")


def test_the_calendar_file_reads_back_as_it_was_meant(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    awkward = draft.model_copy(update={"title": "Root cause; commas, \\ and\u202e", "link": "https://meet.example/x"})
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, resolved.id, awkward)
    invitation = meeting.invitation_of(resolved, planned, planned.attendees)
    file = calendar_file(invitation, portal_url=f"{URL}/incident?key=INC-1", now=portal.clock())
    calendar = Calendar.from_ical(file)
    assert isinstance(calendar, Calendar)
    [event] = calendar.events
    assert (calendar["METHOD"], str(event["UID"]), event["SEQUENCE"]) == ("REQUEST", invitation.uid, 0)
    assert event.decoded("DTSTART") == draft.starts_at
    assert b"DTSTART:20261124T100000Z" in file
    assert str(event["SUMMARY"]) == awkward.title
    assert [str(each) for each in event.attendees] == ["mailto:ada@example.com", "mailto:bob@example.com"]
    assert f"{URL}/incident?key=INC-1" in (event.description or "")
    assert "UID" not in calendar


def test_calling_off_is_a_calendar_file_too(
    portal: Portal, team: Team, resolved: Incident, draft: MeetingDraft
) -> None:
    with portal.work(team.as_ada) as work:
        planned = meeting.plan(work, resolved.id, draft)
    invitation = meeting.invitation_of(resolved, planned, planned.attendees, cancelled=True)
    calendar = Calendar.from_ical(calendar_file(invitation, portal_url=URL, now=portal.clock()))
    [event] = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
