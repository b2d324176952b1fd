"""What people did about a page in the pager itself; a webhook tells it at once, and polling heals what was missed."""

from dataclasses import replace
from datetime import datetime

from ims.errors import NotFound
from ims.model import Actor, EntryKind, EntrySource, Incident, Person
from ims.model.message import StandDown
from ims.ports import Answer, PageAnswer
from ims.response.command import acknowledge
from ims.response.declare import FUTURE_GRACE
from ims.store import catalogue, deliveries, incidents, timeline
from ims.store.work import Work


def take_answer(work: Work, answer: PageAnswer) -> bool:
    """Write what somebody did into the incident; return whether it was news.

    The same answer again changes nothing. One from before the incident was declared, or from the future, belongs to
    something else and is passed over. Resolving in the pager only ends the paging: an incident is over when its
    commander says so.
    """
    incident = _meant(work, answer)
    if incident is None:
        return False
    person = catalogue.person_by_email(work.session, answer.person_email) if answer.person_email else None
    if person is None or not person.active:
        return _by_stranger(work, incident, answer)
    news = incident.acknowledged_at is None
    if news:
        acting = replace(work, actor=Actor(person.name, person.id, person.access))
        acknowledge(acting, incident.id, at=_moment(work, answer, incident), source=EntrySource.PAGER)
    return _resolved(work, incident, answer, person) or news


def _meant(work: Work, answer: PageAnswer) -> Incident | None:
    """Return the incident, unless the page was for one of the same number in another portal."""
    key = "-".join(answer.incident.split("-")[:2])
    try:
        incident = work.incident(incidents.by_key(work.session, key).id)
    except NotFound:
        return None
    if incident.name_everywhere != answer.incident:
        return None
    is_stale = answer.at < incident.declared_at - FUTURE_GRACE or answer.at > work.now + FUTURE_GRACE
    return None if is_stale or incident.drill or not incident.is_active else incident


def _moment(work: Work, answer: PageAnswer, incident: Incident) -> datetime:
    """When it was done: clocks differ a little, but nothing is acknowledged before it is declared."""
    return min(work.now, max(answer.at, incident.declared_at))


def _resolved(work: Work, incident: Incident, answer: PageAnswer, person: Person) -> bool:
    if answer.answer is not Answer.RESOLVED or timeline.has_entry(work.session, incident.id, EntryKind.PAGE_RESOLVED):
        return False
    text = f"{person.name} resolved the alert in the pager; the incident stays {incident.state.value}"
    work.record(incident, EntryKind.PAGE_RESOLVED, text, source=EntrySource.PAGER, occurred_at=answer.at)
    return True


def _by_stranger(work: Work, incident: Incident, answer: PageAnswer) -> bool:
    """Somebody whom the portal does not know cannot hold a role here, so the paging goes on; it is said once.

    Once the portal has ended the paging itself, it is its own deed that the pager tells of.
    """
    if deliveries.newest_of(work.session, incident.id, StandDown.kind):
        return False
    who = answer.person_email or "somebody without an e-mail address"
    _, told_at = timeline.last_change(work.session, incident.id, "stranger", who)
    if incident.acknowledged_at is not None or told_at is not None:
        return False
    text = (
        f"The page was {answer.answer.value} in the pager by {who}, who is not in the portal: add them in the settings"
    )
    work.record(incident, EntryKind.NOTE, text, source=EntrySource.PAGER, occurred_at=answer.at, stranger=who)
    return True
