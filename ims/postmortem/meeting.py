"""The root-cause meeting: everyone involved is invited and fills in the document together."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlmodel import Session

from ims.delivery.queue import enqueue
from ims.errors import Refusal
from ims.model import EntryKind, Incident, Meeting, MeetingDraft, MeetingState, Person, TimelineEntry
from ims.model.message import Invitation
from ims.sop.durations import Within
from ims.sop.procedure import Procedure
from ims.store import catalogue, incidents, postmortem
from ims.store.work import Work

_USUAL_START, _USUAL_LENGTH = time(10, tzinfo=UTC), timedelta(hours=1)
_NEXT_WORKING_DAY = Within(working_days=1)
_AGENDA = """1. Read the timeline together: what happened, as it looked at the time?
2. Ask why, five times: what let it happen, and what let it last?
3. What went well, what went badly, where did we get lucky?
4. Which follow-up actions, by whom, until when?

The document: {document}
The incident: {base_url}/incident?key={key}"""


def involved(session: Session, incident: Incident) -> Sequence[Person]:
    """Return everyone involved: who held a role, wrote in the timeline, declared or owns it, or owns a follow-up."""
    found = catalogue.people_by_id(session, postmortem.involved_ids(session, incident))
    return sorted((person for person in found.values() if person.active), key=lambda person: person.name)


def proposal(
    incident: Incident, attendees: Sequence[Person], now: datetime, base_url: str, *, document_url: str = ""
) -> MeetingDraft | None:
    """Propose the next working day, from ten to eleven UTC; ``None`` while there is nobody to invite.

    ``document_url`` is where people write in the document; without it they find their way on the portal's page of it.
    """
    if not attendees:
        return None
    starts_at = datetime.combine(_NEXT_WORKING_DAY.after(now.astimezone(UTC)).date(), _USUAL_START)
    return MeetingDraft(
        title=f"Root cause of {incident.key}: {incident.title}"[:300],
        starts_at=starts_at,
        ends_at=starts_at + _USUAL_LENGTH,
        agenda=_AGENDA.format(
            base_url=base_url, key=incident.key, document=document_url or f"{base_url}/rca?key={incident.key}"
        ),
        attendees=[person.email for person in attendees],
    )


def current(session: Session, incident_id: int) -> Meeting | None:
    """Return the meeting that counts: the newest one that was not called off."""
    kept = [each for each in incidents.meetings(session, incident_id) if each.state is not MeetingState.CANCELLED]
    return kept[-1] if kept else None


def waiver(session: Session, incident_id: int) -> TimelineEntry | None:
    """Return the entry that waived the meeting, unless one was planned after it."""
    entries = postmortem.entries_of_kind(session, incident_id, EntryKind.MEETING_WAIVED)
    planned = postmortem.entries_of_kind(session, incident_id, EntryKind.MEETING_PLANNED)
    if not entries or (planned and planned[-1].id > entries[-1].id):
        return None
    return entries[-1]


def plan(work: Work, incident_id: int, draft: MeetingDraft) -> Meeting:
    """Plan the meeting and send the invitations. The same plan again returns the meeting that is there.

    Raises:
        Refusal: another meeting is planned already, or it would be in the past.
    """
    incident = work.incident(incident_id)
    present = current(work.session, incident_id)
    if present and present.state is MeetingState.PLANNED:
        if _values(present) == draft.model_dump():
            return present
        raise Refusal("A meeting is planned already; reschedule that one, or call it off first.")
    _check_future(work, draft)
    meeting = work.add(Meeting(**draft.model_dump(), incident_id=incident_id))
    _invite(work, incident, meeting, meeting.attendees)
    _record(work, incident, meeting, EntryKind.MEETING_PLANNED, "Root-cause meeting planned for")
    return meeting


def reschedule(work: Work, meeting_id: int, draft: MeetingDraft) -> Meeting:
    """Change a planned meeting; everyone gets the new invitation, and who is left out is told so.

    Raises:
        Refusal: it is not planned any more, or it would be in the past.
    """
    incident, meeting = _planned(work, meeting_id)
    if _values(meeting) == draft.model_dump():
        return meeting
    _check_future(work, draft)
    left_out = [email for email in meeting.attendees if email not in draft.attendees]
    is_moved = (meeting.starts_at, meeting.ends_at) != (draft.starts_at, draft.ends_at)
    for name, value in draft.model_dump().items():
        setattr(meeting, name, value)
    meeting.sequence += 1
    _invite(work, incident, meeting, meeting.attendees)
    if left_out:
        _invite(work, incident, meeting, left_out, cancelled=True, partial=True)
    said = "Root-cause meeting moved to" if is_moved else "Root-cause meeting changed: it is at"
    _record(work, incident, meeting, EntryKind.MEETING_PLANNED, said)
    return meeting


def cancel(work: Work, meeting_id: int, reason: str) -> Meeting:
    """Call a planned meeting off; another one can be planned.

    Raises:
        Refusal: it is not planned any more, or no reason is given.
    """
    incident, meeting = _planned(work, meeting_id)
    meeting.reason = _needed(reason, "why the meeting is called off")
    meeting.state = MeetingState.CANCELLED
    meeting.sequence += 1
    _invite(work, incident, meeting, meeting.attendees, cancelled=True)
    text = f"Root-cause meeting called off: {meeting.reason}"
    work.record(incident, EntryKind.MEETING_CALLED_OFF, text, meeting_id=meeting.id)
    return meeting


def hold(work: Work, meeting_id: int, notes: str = "") -> Meeting:
    """Say that the meeting was held, with notes for the timeline; people also meet earlier than planned.

    Raises:
        Refusal: it was called off.
    """
    meeting = work.get(Meeting, meeting_id)
    if meeting.state is MeetingState.HELD:
        return meeting
    incident, meeting = _planned(work, meeting_id)
    meeting.state = MeetingState.HELD
    held = "Root-cause meeting held" + (" earlier than planned" if meeting.starts_at > work.now else "")
    text = f"{held}: {notes.strip()}" if notes.strip() else held
    work.record(incident, EntryKind.MEETING_HELD, text, meeting_id=meeting.id)
    return meeting


def waive(work: Work, incident_id: int, procedure: Procedure, reason: str) -> TimelineEntry:
    """Decide that no meeting is needed, and say why; the step of the procedure is waived with it.

    Raises:
        Refusal: no reason is given, or the meeting was held.
    """
    incident = work.incident(incident_id)
    why = _needed(reason, "why no meeting is needed")
    present = current(work.session, incident_id)
    if present and present.state is MeetingState.HELD:
        raise Refusal("The meeting was held; there is nothing to waive.")
    waived = waiver(work.session, incident_id)
    if waived:
        return waived
    if present:
        cancel(work, present.id, why)
    for step in procedure.steps:
        done_when = step.done_when
        if done_when and EntryKind.MEETING_HELD in (*done_when.any, *done_when.all):
            text = f"Waived “{step.title}”: {why}"
            work.record(incident, EntryKind.STEP_WAIVED, text, step=step.key, reason=why)
    return work.record(incident, EntryKind.MEETING_WAIVED, f"No root-cause meeting: {why}", reason=why)


def uid_of(incident: Incident, meeting: Meeting) -> str:
    """Return the calendars' name for a meeting, the same through every change."""
    return "-".join(filter(None, ("meeting", str(meeting.id), incident.mark))) + "@ims"


def invitation_of(
    incident: Incident, meeting: Meeting, attendees: Sequence[str], *, cancelled: bool = False, partial: bool = False
) -> Invitation:
    """Return the message that invites to a meeting, or calls it off; ``partial`` does so for its attendees only."""
    return Invitation(
        incident_key=incident.key,
        meeting_id=meeting.id,
        uid=uid_of(incident, meeting),
        sequence=meeting.sequence,
        title=meeting.title,
        agenda=meeting.agenda,
        starts_at=meeting.starts_at.isoformat(),
        ends_at=meeting.ends_at.isoformat(),
        link=meeting.link,
        attendees=list(attendees),
        cancelled=cancelled,
        partial=partial,
    )


def _invite(
    work: Work,
    incident: Incident,
    meeting: Meeting,
    attendees: Sequence[str],
    *,
    cancelled: bool = False,
    partial: bool = False,
) -> None:
    key = f"invitation:{meeting.id}:{meeting.sequence}" + (":cancelled" if cancelled else "")
    message = invitation_of(incident, meeting, attendees, cancelled=cancelled, partial=partial)
    enqueue(work, message, key=key, stream=f"meeting:{meeting.id}", incident_id=incident.id)


def _planned(work: Work, meeting_id: int) -> tuple[Incident, Meeting]:
    meeting = work.get(Meeting, meeting_id)
    incident = work.incident(meeting.incident_id)
    work.session.refresh(meeting)
    if meeting.state is not MeetingState.PLANNED:
        raise Refusal(f"The meeting is {meeting.state.value} already; plan another one.")
    return incident, meeting


def _record(work: Work, incident: Incident, meeting: Meeting, kind: EntryKind, words: str) -> None:
    text = f"{words} {meeting.starts_at:%Y-%m-%d %H:%M} UTC, {len(meeting.attendees)} invited"
    work.record(incident, kind, text, meeting_id=meeting.id)


def _check_future(work: Work, draft: MeetingDraft) -> None:
    if draft.ends_at <= work.now:
        raise Refusal("That time has passed; choose a later one.")


def _values(meeting: Meeting) -> dict[str, object]:
    return meeting.model_dump(include=set(MeetingDraft.model_fields))


def _needed(text: str, what: str) -> str:
    if not text.strip():
        raise Refusal(f"Say {what}.")
    return text.strip()
