"""It happened again while a follow-up was open: an alarm on both incidents, until a person says it was not the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ims.delivery.queue import enqueue
from ims.errors import Refusal
from ims.model import UNFINISHED, EntryKind, FollowUp, Incident, Person, TimelineEntry
from ims.model.message import Nudge
from ims.postmortem.following_up.answering import whom
from ims.sop.similar import most_alike
from ims.store import follow_ups as kept
from ims.store import incidents, postmortem
from ims.store.database import Session
from ims.store.work import Work

_MOST = 200  # of alike titles, whose services are then compared


@dataclass(frozen=True)
class Alarm:
    """What one incident's timeline says: it looks like another one. ``past_id`` is the earlier of the two.

    ``follow_up_ids`` are the follow-ups of the earlier one that were open then.
    """

    incident_id: int
    other_id: int
    past_id: int
    raised_at: datetime
    follow_up_ids: tuple[int, ...]

    @property
    def is_repetition(self) -> bool:
        """Whether it stands on the later incident."""
        return self.past_id == self.other_id


def same(session: Session, incident: Incident, titles: Mapping[int, str]) -> list[int]:
    """Return which incidents look like one, of those with the ids and titles given, most alike first.

    They share most words of their titles and a service; where one of the two names no service, the title decides.
    """
    others = {each: title for each, title in titles.items() if each != incident.id}
    found = [each for each, _ in most_alike(incident.title, others, limit=_MOST)]
    services = kept.service_ids(session, [incident.id, *found])
    ours = services[incident.id]
    return [each for each in found if not ours or not services[each] or ours & services[each]]


def since(session: Session, incident: Incident, moment: datetime, now: datetime) -> list[Incident]:
    """Return the incidents since a moment that look like one, the newest first; drills and cancelled ones aside."""
    found = same(session, incident, dict(incidents.titles_between(session, moment, now)))
    return sorted(incidents.by_ids(session, found).values(), key=lambda each: each.declared_at, reverse=True)


def unraised(session: Session, incident: Incident, past: Iterable[Incident]) -> list[int]:
    """Return the ids of past incidents with open follow-ups that an incident repeats, and nobody was told so yet.

    ``past`` are the incidents with unfinished follow-ups. One that still burns is not past.
    """
    over = {each.id: each.title for each in past if not each.is_active and each.declared_at < incident.declared_at}
    found = same(session, incident, over) if over else []
    known = {alarm.other_id for alarm in _raised(_entries(session, incident.id))} if found else set()
    return [each for each in found if each not in known and _open_before(session, each, incident.declared_at)]


def raise_alarm(work: Work, incident_id: int, past_id: int) -> bool:
    """Say on both incidents that it happened again, and tell the owners of what is open; return whether that was new.

    Both are locked, the lower id first, so that two who notice it at once say it once and none waits for the other.
    """
    both = {each: work.incident(each) for each in sorted((incident_id, past_id))}
    incident, past = both[incident_id], both[past_id]
    open_ones = _open_before(work.session, past_id, incident.declared_at)
    if not open_ones or past_id in {alarm.other_id for alarm in _raised(_entries(work.session, incident_id))}:
        return False
    names = ", ".join(each.row_id for each in open_ones)
    were, ids = "was" if len(open_ones) == 1 else "were", [each.id for each in open_ones]
    text = f"It happened again: {past.key} looked like this, and its {names} {were} still open"
    work.record(incident, EntryKind.HAPPENED_AGAIN, text, other_id=past_id, past_id=past_id, follow_ups=ids)
    text = f"It happened again as {incident.key}, while {names} {were} still open"
    work.record(past, EntryKind.HAPPENED_AGAIN, text, other_id=incident_id, past_id=past_id, follow_ups=ids)
    answering = whom(work.session, [(each, past) for each in open_ones])
    for person in {each.id: each for each in answering.values()}.values():
        theirs = [each for each in open_ones if each.id in answering and answering[each.id].id == person.id]
        _tell(work, incident, past, person, theirs)
    return True


def not_the_same(work: Work, incident_id: int, other_id: int, reason: str) -> None:
    """Say that two incidents only looked alike; the alarm ends on both. It is said once.

    Raises:
        Refusal: there is no such alarm, somebody said so already, or there is no reason.
    """
    both = {each: work.incident(each) for each in sorted((incident_id, other_id))}
    if not reason.strip():
        raise Refusal(f"Say why {both[incident_id].key} and {both[other_id].key} are not the same.")
    about = [each for each in _entries(work.session, incident_id) if each.data.get("other_id") == other_id]
    if not about:
        raise Refusal(f"Nobody said that {both[incident_id].key} and {both[other_id].key} are the same.")
    if _is_verdict(about[-1]):
        raise Refusal(f"{about[-1].author} said so already: {about[-1].text}")
    for one, other in ((incident_id, other_id), (other_id, incident_id)):
        text = f"Not the same as {both[other].key}: {reason.strip()}"
        work.record(both[one], EntryKind.HAPPENED_AGAIN, text, other_id=other, same=False)


def standing(entries: Sequence[TimelineEntry]) -> list[Alarm]:
    """Return the alarms of timelines, oldest first, that nobody has called off."""
    called_off = {(each.incident_id, each.data["other_id"]) for each in entries if _is_verdict(each)}
    return [each for each in _raised(entries) if (each.incident_id, each.other_id) not in called_off]


def _raised(entries: Sequence[TimelineEntry]) -> list[Alarm]:
    return [
        Alarm(
            each.incident_id,
            each.data["other_id"],
            each.data["past_id"],
            each.occurred_at,
            tuple(each.data["follow_ups"]),
        )
        for each in entries
        if each.kind is EntryKind.HAPPENED_AGAIN and not _is_verdict(each)
    ]


def _is_verdict(entry: TimelineEntry) -> bool:
    return entry.kind is EntryKind.HAPPENED_AGAIN and entry.data.get("same") is False


def _entries(session: Session, incident_id: int) -> Sequence[TimelineEntry]:
    return postmortem.entries_of_kind(session, incident_id, EntryKind.HAPPENED_AGAIN)


def _open_before(session: Session, incident_id: int, moment: datetime) -> list[FollowUp]:
    found = postmortem.follow_ups(session, incident_id)
    return [each for each in found if each.state in UNFINISHED and each.created_at <= moment]


def _tell(work: Work, incident: Incident, past: Incident, person: Person, theirs: Sequence[FollowUp]) -> None:
    names = ", ".join(f"{each.row_id} ({each.text})" for each in theirs)
    are = "is" if len(theirs) == 1 else "are"
    text = f"{incident.key} ({incident.title}) looks like {past.key}, of which {names} {are} still open."
    enqueue(
        work,
        Nudge(incident_key=past.key, text=text, person_name=person.name, person_email=person.email),
        key=f"nudge:{past.id}:again:{incident.id}:{person.id}",
        stream=f"nudge:{past.id}:{person.id}",
        incident_id=past.id,
    )
