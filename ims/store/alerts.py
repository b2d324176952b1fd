"""Keeping alerts, each firing once, and following what their sender says of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, insert, select, update

from ims.model import Alert, AlertStatus, InboxMessage, Incident, TriageState

Item = TypeVar("Item")
Key = tuple[str, datetime]
CHUNK = 500  # two variables for each key: far below SQLite's limit of 32,766


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one message says of one alert. ``ends_at`` is ``None`` while it fires."""

    fingerprint: str
    starts_at: datetime
    status: AlertStatus
    ends_at: datetime | None
    name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    group_key: str = ""
    generator_url: str = ""

    @property
    def key(self) -> Key:
        """What makes it one firing of one alert."""
        return self.fingerprint, self.starts_at


@dataclass
class Kept:
    """What became of the sightings of a body: new messages, repeated ones, attached alerts that just resolved."""

    new: int = 0
    repeated: int = 0
    resolved: list[Alert] = field(default_factory=list)


def add_message(session: Session, message: InboxMessage) -> InboxMessage:
    """Insert a body and return it with its id, without the ORM's work for rows that will change."""
    values = message.model_dump(exclude={"id"})
    message.id = session.execute(insert(InboxMessage.__table__).values(values)).inserted_primary_key[0]  # type: ignore[attr-defined]
    return message


def messages_before(session: Session, moment: datetime, *, limit: int) -> Sequence[int]:
    """Return the ids of the oldest bodies that were received before a moment."""
    old = select(InboxMessage.id).where(col(InboxMessage.received_at) < moment)
    return session.exec(old.order_by(col(InboxMessage.received_at)).limit(limit)).all()


def remove_messages(session: Session, message_ids: Iterable[int]) -> None:
    """Remove bodies; those that somebody else removed meanwhile are passed over."""
    session.exec(delete(InboxMessage).where(col(InboxMessage.id).in_(message_ids)))


def keep(session: Session, sightings: Sequence[Sighting], received_at: datetime) -> Kept:
    """Keep each firing once, whoever else stores the same at the same time.

    New ones are inserted unless they are there; then what is left is merged into the rows that are there. Rows are
    taken in one order everywhere, so that two bodies with the same alerts wait for each other and never deadlock.
    """
    ordered = sorted(sightings, key=lambda sighting: sighting.key)
    first = {sighting.key: sighting for sighting in reversed(ordered)}
    inserted = _insert_absent(session, sorted(first.values(), key=lambda sighting: sighting.key), received_at)
    others = [each for each in ordered if each.key not in inserted or first[each.key] is not each]
    kept = Kept(new=len(inserted))
    if others:
        _lock_incidents(session, others)
        plain = _merge(kept, _rows(session, {each.key for each in others}), others, received_at)
        session.flush()
        _count_again(session, plain, received_at)
    return kept


def see(alert: Alert, sighting: Sighting, received_at: datetime) -> bool:
    """Merge a message into its alert; return whether it told anything new.

    A resolved alert stays resolved: a "firing" that arrives after it is late, because a re-fire has a new start.
    """
    alert.last_received_at = max(alert.last_received_at, received_at)
    if sighting.status is AlertStatus.RESOLVED:
        known, alert.resolved_received_at = alert.resolved_received_at, alert.resolved_received_at or received_at
        alert.status, alert.ends_at = AlertStatus.RESOLVED, sighting.ends_at or alert.ends_at or received_at
    else:
        known, alert.firing_received_at = alert.firing_received_at, alert.firing_received_at or received_at
    if sighting.annotations != alert.annotations and alert.status is sighting.status:
        alert.annotations = sighting.annotations
    alert.repeats += known is not None
    return known is None


def dismiss(session: Session, alert_ids: Iterable[int], reason: str, who: str) -> int:
    """Dismiss those of the alerts that wait; return how many did."""
    count = 0
    for chunk in _chunks(alert_ids, CHUNK):
        waiting = col(Alert.id).in_(chunk), col(Alert.triage) == TriageState.WAITING
        values = {"triage": TriageState.DISMISSED, "triage_reason": reason, "triaged_by": who}
        count += len(session.scalars(update(Alert).where(*waiting).values(values).returning(col(Alert.id))).all())
    return count


def _insert_absent(session: Session, sightings: Sequence[Sighting], received_at: datetime) -> set[Key]:
    """Insert the firings that are not there, many in a statement, and return the keys of those."""
    if not sightings:
        return set()
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = Alert.__table__  # type: ignore[attr-defined]
    statement = kind.insert(table).on_conflict_do_nothing(index_elements=["fingerprint", "starts_at"])
    returned = session.execute(
        statement.returning(table.c.fingerprint, table.c.starts_at),
        [_row(sighting, received_at) for sighting in sightings],
    )
    return {(fingerprint, starts_at) for fingerprint, starts_at in returned}


def _row(sighting: Sighting, received_at: datetime) -> dict[str, object]:
    resolved = sighting.status is AlertStatus.RESOLVED
    return {
        "source": "alertmanager",
        "fingerprint": sighting.fingerprint,
        "starts_at": sighting.starts_at,
        "ends_at": (sighting.ends_at or received_at) if resolved else None,
        "status": sighting.status,
        "name": sighting.name,
        "labels": sighting.labels,
        "annotations": sighting.annotations,
        "group_key": sighting.group_key,
        "generator_url": sighting.generator_url,
        "firing_received_at": None if resolved else received_at,
        "resolved_received_at": received_at if resolved else None,
        "last_received_at": received_at,
        "repeats": 0,
        "triage": TriageState.WAITING,
        "triage_reason": "",
        "triaged_by": "",
        "incident_id": None,
    }


def _lock_incidents(session: Session, sightings: Iterable[Sighting]) -> None:
    """Lock the incidents that will hear of a resolved alert, before the alerts, in the order that people's verbs do."""
    keys = [sighting.key for sighting in sightings if sighting.status is AlertStatus.RESOLVED]
    ids: set[int | None] = set()
    for chunk in _chunks(keys, CHUNK):
        ids.update(session.scalars(select(col(Alert.incident_id)).where(_is_one_of(chunk)).distinct()))
    statement = select(Incident.id).where(col(Incident.id).in_(ids - {None})).order_by(col(Incident.id))
    if ids - {None}:
        session.exec(statement.with_for_update()).all()


def _rows(session: Session, keys: Iterable[Key]) -> dict[Key, Alert]:
    """Return the rows of some keys, locked in one order."""
    found: dict[Key, Alert] = {}
    for chunk in _chunks(sorted(keys), CHUNK):
        statement = select(Alert).where(_is_one_of(chunk)).order_by(col(Alert.fingerprint), col(Alert.starts_at))
        locked = session.exec(statement.with_for_update().execution_options(populate_existing=True))
        found.update(((alert.fingerprint, alert.starts_at), alert) for alert in locked)
    return found


def _merge(kept: Kept, rows: dict[Key, Alert], sightings: Iterable[Sighting], received_at: datetime) -> set[int]:
    """Merge sightings into their rows; return the ids of those to be counted once more, with nothing else to write."""
    plain: set[int] = set()
    for sighting in sightings:
        alert = rows[sighting.key]
        if alert.id not in plain and _only_repeats(alert, sighting, received_at):
            plain.add(alert.id)
            kept.repeated += 1
        elif not see(alert, sighting, received_at):
            kept.repeated += 1
        else:
            kept.new += 1
            if sighting.status is AlertStatus.RESOLVED and alert.incident_id is not None:
                kept.resolved.append(alert)
    return plain


def _only_repeats(alert: Alert, sighting: Sighting, received_at: datetime) -> bool:
    resolved = sighting.status is AlertStatus.RESOLVED
    known = alert.resolved_received_at if resolved else alert.firing_received_at
    same = sighting.annotations == alert.annotations and (not resolved or sighting.ends_at in (None, alert.ends_at))
    return known is not None and same and alert.last_received_at <= received_at


def _count_again(session: Session, alert_ids: Iterable[int], received_at: datetime) -> None:
    """Count repeats, hundreds in a statement: most of what Alertmanager sends is repeated."""
    values = {"repeats": Alert.repeats + 1, "last_received_at": received_at}
    for chunk in _chunks(alert_ids, CHUNK):
        statement = update(Alert).where(col(Alert.id).in_(chunk)).values(values)
        session.exec(statement.execution_options(synchronize_session=False))


def _is_one_of(keys: Sequence[Key]):  # type: ignore[no-untyped-def]  # SQLAlchemy's own type is private
    return tuple_(col(Alert.fingerprint), col(Alert.starts_at)).in_(keys)


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
