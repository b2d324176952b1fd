"""Did it work? Some time after a follow-up is done its owner is asked, with what happened since before their eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ims.errors import Conflict, Refusal
from ims.model import EntryKind, FollowUp, FollowUpState, Incident
from ims.postmortem.following_up import recurrence
from ims.postmortem.following_up.due_dates import FollowUpRules
from ims.store import follow_ups as kept
from ims.store.database import Session
from ims.store.work import Work

# Those done longer ago are left in peace: a portal that learns to ask does not ask about years.
MADE_UP_FOR = timedelta(days=14)
_WORD = {True: "worked", False: "did not work", None: "is not clear yet"}


@dataclass(frozen=True)
class Question:
    """A done follow-up, of which it is time to hear whether it worked, and the similar incidents since."""

    follow_up: FollowUp
    incident: Incident
    since_then: Sequence[Incident]


def unplanned(session: Session, rules: FollowUpRules, now: datetime) -> list[FollowUp]:
    """Return the follow-ups done lately for which nobody has said when to ask."""
    since = now - timedelta(days=rules.ask_after_days) - MADE_UP_FOR
    return [follow_up for follow_up, _ in kept.unasked(session, since)]


def plan(work: Work, rules: FollowUpRules) -> int:
    """Say for each follow-up that was done when its owner will be asked; return for how many."""
    found = unplanned(work.session, rules, work.now)
    for follow_up in found:
        follow_up.ask_at = (follow_up.finished_at or work.now) + timedelta(days=rules.ask_after_days)
    return len(found)


def question_of(session: Session, follow_up: FollowUp, incident: Incident, now: datetime) -> Question:
    """Return what there is to ask about a done follow-up."""
    finished_at = follow_up.finished_at
    again = recurrence.since(session, incident, finished_at, now) if finished_at else []
    return Question(follow_up, incident, again)


def check(
    work: Work,
    follow_up_id: int,
    worked: bool | None,
    text: str,
    rules: FollowUpRules,
    *,
    expected_version: int | None = None,
) -> FollowUp:
    """Keep whether a done follow-up worked; ``None`` is "not clear yet" and asks again later.

    Raises:
        Conflict: somebody changed or answered it meanwhile.
        Refusal: it is not done, or it is not said what was seen, which only a plain yes does not need.
    """
    follow_up = work.get(FollowUp, follow_up_id)
    incident = work.incident(follow_up.incident_id)
    work.session.refresh(follow_up)
    if expected_version is not None and follow_up.version != expected_version:
        raise Conflict(f"Somebody changed {incident.key} {follow_up.row_id} meanwhile; look at it again.")
    if follow_up.state is not FollowUpState.DONE:
        raise Refusal(f"{follow_up.row_id} is not done, so nobody can say whether it worked.")
    said = text.strip()
    if not said and worked is not True:
        raise Refusal(f"Say what shows that {follow_up.row_id} {_WORD[worked]}.")
    follow_up.worked, follow_up.worked_text, follow_up.worked_at = worked, said, work.now
    follow_up.version += 1
    if worked is None:
        follow_up.ask_at = work.now + timedelta(days=rules.ask_after_days)
    sentence = f"{follow_up.row_id} {_WORD[worked]}" + (f": {said}" if said else "")
    work.record(incident, EntryKind.FOLLOW_UP_CHECKED, sentence, follow_up_id=follow_up.id, worked=worked)
    return follow_up
