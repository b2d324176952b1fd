"""Reminding owners of follow-ups: some days before, on the day, every week after; asking whether those done worked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ims.delivery.queue import enqueue
from ims.model import FollowUp, Incident, Person
from ims.model.message import Nudge
from ims.postmortem.following_up.answering import whom, whose
from ims.postmortem.following_up.due_dates import FollowUpRules
from ims.store import follow_ups as kept
from ims.store.database import Session
from ims.store.work import Work


@dataclass(frozen=True)
class Reminder:
    """One word to one person. ``key`` is the same for all who could be told of the same thing at the same time."""

    key: str
    incident: Incident
    person: Person
    text: str


def due(session: Session, rules: FollowUpRules, now: datetime, zone: ZoneInfo) -> list[Reminder]:
    """Return the reminders whose time has come and that nobody was given yet; reading only."""
    found = list(_of_due_dates(session, rules, now, zone)) + list(_of_questions(session, now))
    given = kept.keys_in_use(session, [each.key for each in found])
    return [each for each in found if each.key not in given]


def send(work: Work, reminder: Reminder) -> None:
    """Remind somebody; repeating it changes nothing."""
    incident, person = reminder.incident, reminder.person
    message = Nudge(incident_key=incident.key, text=reminder.text, person_name=person.name, person_email=person.email)
    stream = f"nudge:{incident.id}:{person.id}"
    enqueue(work, message, key=reminder.key, stream=stream, incident_id=incident.id)


def _of_due_dates(session: Session, rules: FollowUpRules, now: datetime, zone: ZoneInfo) -> Iterator[Reminder]:
    """Go through what is due. The day's reminders begin at the hour of the rules, and what was added since waits."""
    local = now.astimezone(zone)
    begins_at = datetime.combine(local.date(), rules.remind.at, zone)
    if local < begins_at:
        return
    found = kept.due_until(session, local.date() + timedelta(days=rules.remind.days_before))
    people = whom(session, found)
    for follow_up, incident in found:
        person = people.get(follow_up.id)
        slot = slot_of(follow_up, rules, local.date())
        if person and slot and follow_up.created_at <= begins_at:
            key = f"nudge:{incident.id}:follow_up:{follow_up.id}:{slot}"
            yield Reminder(key, incident, person, _sentence(follow_up, incident, person, local.date()))


def _of_questions(session: Session, now: datetime) -> Iterator[Reminder]:
    found = kept.to_be_asked(session, now)
    people = whom(session, found)
    for follow_up, incident in found:
        if follow_up.id in people and follow_up.ask_at:
            key = f"nudge:{incident.id}:follow_up:{follow_up.id}:worked:{follow_up.ask_at:%Y%m%d}"
            text = f"{_name(follow_up, incident)} is done for a while: did it work? The page Follow-ups asks you."
            yield Reminder(key, incident, people[follow_up.id], text)


def slot_of(follow_up: FollowUp, rules: FollowUpRules, today: date) -> str:
    """Return the name of the reminder that a day belongs to: one before, then one for each span after the due date.

    A reminder that was missed because nothing ran is made up for until the next one's day.
    """
    if follow_up.due_on is None:
        return ""
    late = (today - follow_up.due_on).days
    if late < -rules.remind.days_before:
        return ""
    stage = "soon" if late < 0 else f"late:{late // rules.remind.again_every_days}"
    return f"{follow_up.due_on:%Y%m%d}:{stage}"


def _sentence(follow_up: FollowUp, incident: Incident, person: Person, today: date) -> str:
    late = (today - follow_up.due_on).days if follow_up.due_on else 0
    if late < 0:
        when = f"is due on {follow_up.due_on}"
    elif late == 0:
        when = "is due today"
    else:
        when = f"was due on {follow_up.due_on}, {late} {'day' if late == 1 else 'days'} ago"
    others = "" if follow_up.owner_id == person.id else f" {whose(follow_up)}: see to it."
    return f"{_name(follow_up, incident)} {when}.{others}"


def _name(follow_up: FollowUp, incident: Incident) -> str:
    return f"{incident.key} {follow_up.row_id} ({follow_up.text})"
