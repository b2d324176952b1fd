"""The weekly digest: each owner's open follow-ups, and the totals for the administrators. By e-mail and in the chat."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ims.delivery.queue import enqueue
from ims.model import UNFINISHED, FollowUp, Incident, Person
from ims.model.message import Nudge, TeamMail
from ims.postmortem.following_up import recurrence
from ims.postmortem.following_up.answering import whom, whose
from ims.store import catalogue
from ims.store import follow_ups as kept
from ims.store.follow_ups import FollowUpFilter, Listed
from ims.store.work import Work

NAME = "follow_up_digest"
MOST_LINES = 30
_ALL = 100_000
_WEEK = timedelta(days=7)


def send(work: Work, at: datetime, today: date, base_url: str) -> int:
    """Send the digest that was due at a moment, of what there was then; return how many people it goes to.

    Nobody gets an empty one.
    """
    found = kept.across(work.session, FollowUpFilter(states=UNFINISHED), limit=_ALL)
    open_ones = [(each, incident) for each, incident in found if each.created_at <= at]
    if not open_ones:
        return 0
    name, link = f"{at:%Y%m%d}", f"{base_url}/follow_ups"
    by_owner: dict[int, tuple[Person, Listed]] = {}
    people = whom(work.session, open_ones)
    for each, incident in open_ones:
        if each.id in people:
            by_owner.setdefault(people[each.id].id, (people[each.id], []))[1].append((each, incident))
    for person, theirs in by_owner.values():
        _tell(work, person, f"{name}:own", own_subject(theirs, today), own_text(theirs, person, today), link)
    leads = catalogue.administrators(work.session)
    for lead in leads:
        _tell(work, lead, f"{name}:all", all_subject(open_ones, today), all_text(work, open_ones, at, today), link)
    return len({*by_owner, *(lead.id for lead in leads)})


def _tell(work: Work, person: Person, name: str, subject: str, text: str, link: str) -> None:
    mail = TeamMail(to=person.email, subject=subject, text=f"{text}\n\n{link}")
    enqueue(work, mail, key=f"team_mail:digest:{name}:{person.id}")
    nudge = Nudge(
        incident_key="",
        text=f"{subject}\n{text}",
        person_name=person.name,
        person_email=person.email,
        portal=link,
    )
    enqueue(work, nudge, key=f"nudge:digest:{name}:{person.id}")


def own_subject(theirs: Listed, today: date) -> str:
    """Say how much somebody has to do."""
    return f"Your follow-ups: {_how_many([each for each, _ in theirs], today)}"


def own_text(theirs: Listed, person: Person, today: date) -> str:
    """List somebody's open follow-ups, overdue first, as they come from the store."""
    return "\n".join(_cut([_line(each, incident, person, today) for each, incident in theirs]))


def _line(follow_up: FollowUp, incident: Incident, person: Person, today: date) -> str:
    another_s = "" if follow_up.owner_id == person.id else f". {whose(follow_up)}"
    return f"{incident.key} {follow_up.row_id}: {follow_up.text} ({_when(follow_up, today)}{another_s})"


def all_subject(open_ones: Listed, today: date) -> str:
    """Say how much everybody has to do."""
    return f"Follow-ups of the team: {_how_many([each for each, _ in open_ones], today)}"


def all_text(work: Work, open_ones: Listed, at: datetime, today: date) -> str:
    """Give the totals: who has how much, what moved in the last week, what happened again, what nobody owns."""
    done, added = kept.finished_since(work.session, at - _WEEK)
    lines = [f"In the last week: {done} done, {added} added."]
    alarms = {alarm.past_id for alarm in recurrence.standing(kept.again(work.session))}
    if alarms:
        lines.append(f"Happened again while their follow-ups are open: {len(alarms)}.")
    unowned = [each for each, _ in open_ones if each.owner_id is None and not each.owner_name]
    undated = [each for each, _ in open_ones if each.due_on is None]
    lines += [f"Without an owner: {len(unowned)}."] if unowned else []
    lines += [f"Their owner has left: {len(left)}."] if (left := _of_those_who_left(work, open_ones)) else []
    lines += [f"Without a due date: {len(undated)}."] if undated else []
    return "\n".join([*lines, *_cut(_by_owner(work, open_ones, today))])


def _of_those_who_left(work: Work, open_ones: Listed) -> list[FollowUp]:
    people = catalogue.people_by_id(work.session, {each.owner_id for each, _ in open_ones if each.owner_id})
    return [each for each, _ in open_ones if each.owner_id in people and not people[each.owner_id].active]


def _by_owner(work: Work, open_ones: Listed, today: date) -> list[str]:
    people = catalogue.people_by_id(work.session, {each.owner_id for each, _ in open_ones if each.owner_id})
    has, late = Counter[str](), Counter[str]()
    for each, _ in open_ones:
        name = people[each.owner_id].name if each.owner_id in people else each.owner_name or "Nobody"
        has[name] += 1
        late[name] += _days_late(each, today) > 0
    order = sorted(has, key=lambda name: (-late[name], -has[name], name))
    return [f"{name}: {has[name]} open" + (f", {late[name]} overdue" if late[name] else "") for name in order]


def _how_many(open_ones: Sequence[FollowUp], today: date) -> str:
    late = sum(_days_late(each, today) > 0 for each in open_ones)
    return f"{len(open_ones)} open" + (f", {late} overdue" if late else "")


def _when(follow_up: FollowUp, today: date) -> str:
    if follow_up.due_on is None:
        return "no due date"
    late = _days_late(follow_up, today)
    if late > 0:
        return f"due {follow_up.due_on}, {late} {'day' if late == 1 else 'days'} overdue"
    return "due today" if late == 0 else f"due {follow_up.due_on}"


def _days_late(follow_up: FollowUp, today: date) -> int:
    return (today - follow_up.due_on).days if follow_up.due_on else -1


def _cut(lines: list[str]) -> list[str]:
    rest = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"and {rest} more"] if rest > 0 else lines
