"""Questions about follow-ups of every incident: what is open, what is due, what happened again. Drills never count."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from ims.model import (
    UNFINISHED,
    Delivery,
    EntryKind,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Incident,
    IncidentService,
    IncidentState,
    RcaDocument,
    Service,
    Ticket,
    TimelineEntry,
)

MOST_LISTED = 1000
_MOST_ASKED = 500  # of anything in one statement
Listed = list[tuple[FollowUp, Incident]]
Each = TypeVar("Each")


@dataclass(frozen=True)
class FollowUpFilter:
    """Which follow-ups a page asks for; an empty field asks nothing. ``overdue_on`` is today.

    ``cause`` is a word of the root-cause document; ``nobody_s`` asks for those that none of the portal's people owns.
    """

    owner_id: int | None = None
    states: Sequence[FollowUpState] = ()
    overdue_on: date | None = None
    service_id: int | None = None
    text: str = ""
    kind: FollowUpKind | None = None
    cause: str = ""
    nobody_s: bool = False


def across(session: Session, wanted: FollowUpFilter, *, limit: int = MOST_LISTED) -> Listed:
    """Return follow-ups with their incidents: unfinished ones first, the earliest due before the others."""
    unfinished_first = col(FollowUp.state).in_(UNFINISHED).desc()
    no_date = col(FollowUp.due_on).is_(None)
    statement = select(FollowUp, Incident).join(Incident, col(Incident.id) == FollowUp.incident_id)
    statement = statement.where(col(Incident.drill).is_(False), *_conditions(wanted))
    statement = statement.order_by(unfinished_first, no_date, col(FollowUp.due_on), col(FollowUp.id))
    return [(follow_up, incident) for follow_up, incident in session.exec(statement.limit(limit))]


def _conditions(wanted: FollowUpFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.owner_id is not None:
        found.append(col(FollowUp.owner_id) == wanted.owner_id)
    if wanted.nobody_s:
        found.append(col(FollowUp.owner_id).is_(None))
    if wanted.states:
        found.append(col(FollowUp.state).in_(wanted.states))
    if wanted.kind:
        found.append(col(FollowUp.kind) == wanted.kind)
    if wanted.overdue_on:
        found += [col(FollowUp.due_on) < wanted.overdue_on, col(FollowUp.state).in_(UNFINISHED)]
    if wanted.service_id is not None:
        affected = select(IncidentService.incident_id).where(IncidentService.service_id == wanted.service_id)
        found.append(col(FollowUp.incident_id).in_(affected))
    if wanted.cause:
        of_cause = select(RcaDocument.incident_id).where(RcaDocument.cause == wanted.cause)
        found.append(col(FollowUp.incident_id).in_(of_cause))
    text = wanted.text.strip()
    if text:
        found.append(_mentions(text))
    return found


def _mentions(text: str) -> ColumnElement[bool]:
    """Ask for a key, ``INC-42``, or for words of the action or of the incident's title."""
    key = re.fullmatch(r"inc-(\d{1,9})", text, re.IGNORECASE)
    if key:
        return col(Incident.id) == int(key[1])
    return or_(*(each.icontains(text, autoescape=True) for each in (col(FollowUp.text), col(Incident.title))))


def counts(session: Session, today: date) -> tuple[int, int, int]:
    """Return how many follow-ups are unfinished, overdue, and done."""
    past = func.count().filter(col(FollowUp.due_on) < today)
    statement = select(FollowUp.state, func.count(), past).group_by(col(FollowUp.state))
    statement = statement.join(Incident, col(Incident.id) == FollowUp.incident_id)
    rows = session.exec(statement.where(col(Incident.drill).is_(False))).all()
    unfinished = [row for row in rows if row[0] in UNFINISHED]
    done = sum(count for state, count, _ in rows if state is FollowUpState.DONE)
    return sum(count for _, count, _ in unfinished), sum(late for *_, late in unfinished), done


def by_ids(session: Session, ids: Sequence[int]) -> Listed:
    """Return the follow-ups with the ids given, in their order."""
    found: Listed = []
    for part in _parts(list(ids)):
        found += _with_incidents(session, col(FollowUp.id).in_(part))
    place = {each: number for number, each in enumerate(ids)}
    return sorted(found, key=lambda row: place[row[0].id])


def due_until(session: Session, day: date) -> Listed:
    """Return the unfinished follow-ups that are due on a day or before it, the earliest first."""
    return _with_incidents(
        session, col(FollowUp.state).in_(UNFINISHED), col(FollowUp.due_on) <= day, order=col(FollowUp.due_on)
    )


def unasked(session: Session, since: datetime) -> Listed:
    """Return those done since a moment for which nobody planned to ask whether they worked."""
    return _with_incidents(
        session,
        col(FollowUp.state) == FollowUpState.DONE,
        col(FollowUp.ask_at).is_(None),
        col(FollowUp.finished_at) >= since,
    )


def to_be_asked(session: Session, now: datetime) -> Listed:
    """Return the done follow-ups of which it is time to hear whether they worked, the longest waiting first."""
    return _with_incidents(
        session,
        col(FollowUp.state) == FollowUpState.DONE,
        col(FollowUp.ask_at) <= now,
        col(FollowUp.worked).is_(None),
        order=col(FollowUp.ask_at),
    )


def finished_since(session: Session, moment: datetime) -> tuple[int, int]:
    """Return how many follow-ups were done and how many were added since a moment."""
    joined = select(func.count()).select_from(FollowUp).join(Incident, col(Incident.id) == FollowUp.incident_id)
    own = joined.where(col(Incident.drill).is_(False))
    done = own.where(col(FollowUp.state) == FollowUpState.DONE, col(FollowUp.finished_at) >= moment)
    return session.exec(done).one(), session.exec(own.where(col(FollowUp.created_at) >= moment)).one()


def _with_incidents(session: Session, *conditions: ColumnElement[bool], order: object = None) -> Listed:
    statement = select(FollowUp, Incident).join(Incident, col(Incident.id) == FollowUp.incident_id)
    statement = statement.where(col(Incident.drill).is_(False), *conditions)
    orders = [each for each in (order, col(FollowUp.id)) if each is not None]
    return [(follow_up, incident) for follow_up, incident in session.exec(statement.order_by(*orders))]  # type: ignore[arg-type]


def declared_since(session: Session, moment: datetime) -> Sequence[Incident]:
    """Return the portal's own incidents declared since a moment, no drills and none cancelled, oldest first."""
    statement = select(Incident).where(
        col(Incident.declared_at) >= moment,
        func.coalesce(Incident.origin, "") == "portal",
        col(Incident.drill).is_(False),
        col(Incident.state) != IncidentState.CANCELLED,
    )
    return session.exec(statement.order_by(col(Incident.id))).all()


def incidents_with_open_ones(session: Session) -> Sequence[Incident]:
    """Return the incidents that have unfinished follow-ups, no drills and none cancelled."""
    statement = select(Incident).where(
        col(Incident.id).in_(_incidents_with_open_ones()),
        col(Incident.drill).is_(False),
        col(Incident.state) != IncidentState.CANCELLED,
    )
    return session.exec(statement).all()


def _incidents_with_open_ones() -> SelectOfScalar[int]:
    return select(FollowUp.incident_id).where(col(FollowUp.state).in_(UNFINISHED)).distinct()


def again(session: Session) -> Sequence[TimelineEntry]:
    """Return the entries "it happened again", and "it was not the same", of incidents with unfinished follow-ups."""
    statement = select(TimelineEntry).where(
        TimelineEntry.kind == EntryKind.HAPPENED_AGAIN, col(TimelineEntry.incident_id).in_(_incidents_with_open_ones())
    )
    return session.exec(statement.order_by(col(TimelineEntry.id))).all()


def service_ids(session: Session, incident_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the ids of the services that each incident affects; none for one that names none."""
    found: dict[int, set[int]] = {each: set() for each in incident_ids}
    for part in _parts(list(found)):
        statement = select(IncidentService).where(col(IncidentService.incident_id).in_(part))
        for each in session.exec(statement):
            found[each.incident_id].add(each.service_id)
    return {incident_id: frozenset(ids) for incident_id, ids in found.items()}


def service_names(session: Session, incident_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the names of the services that each incident affects, by name."""
    by_incident = service_ids(session, incident_ids)
    names = dict(session.exec(select(Service.id, Service.name)).all())
    return {incident_id: sorted(names[each] for each in ids) for incident_id, ids in by_incident.items()}


def causes(session: Session, incident_ids: Collection[int]) -> dict[int, str]:
    """Return the cause that each incident's document names; those without one are left out."""
    found: dict[int, str] = {}
    for part in _parts(list(incident_ids)):
        statement = select(RcaDocument.incident_id, RcaDocument.cause).where(
            col(RcaDocument.incident_id).in_(part), RcaDocument.cause != ""
        )
        found |= dict(session.exec(statement).all())
    return found


def causes_in_use(session: Session) -> Sequence[str]:
    """Return the causes that documents name."""
    statement = select(RcaDocument.cause).where(RcaDocument.cause != "").distinct()
    return session.exec(statement.order_by(col(RcaDocument.cause))).all()


def tickets(session: Session, ids: Collection[int]) -> dict[int, Ticket]:
    """Return the tickets with one of the ids."""
    found: dict[int, Ticket] = {}
    for part in _parts(list(ids)):
        found |= {each.id: each for each in session.exec(select(Ticket).where(col(Ticket.id).in_(part)))}
    return found


def keys_in_use(session: Session, keys: Collection[str]) -> set[str]:
    """Return which of the keys deliveries have already."""
    found: set[str] = set()
    for part in _parts(sorted(keys)):
        found |= set(session.exec(select(Delivery.key).where(col(Delivery.key).in_(part))))
    return found


def _parts(whole: list[Each]) -> Iterable[list[Each]]:
    return (whole[at : at + _MOST_ASKED] for at in range(0, len(whole), _MOST_ASKED))
