"""Questions about alerts and the inbox, for the pages."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, Subquery, case, cast, func
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from ims.model import ACTIVE_STATES, Alert, AlertStatus, InboxMessage, InboxState, Incident, TriageState

UNREADABLE_FIRST_FOR = timedelta(days=7)


@dataclass(frozen=True)
class GroupKey:
    """What alerts of one group share: the rule, what it is about, how urgent its label calls it."""

    name: str
    service: str
    severity: str


@dataclass(frozen=True)
class Filter:
    """Which alerts are asked for; ``None`` or an empty text leaves that open."""

    status: AlertStatus | None = None
    triage: TriageState | None = None
    text: str = ""
    group: GroupKey | None = None

    def of(self, group: GroupKey) -> "Filter":
        """Return the same question about one group."""
        return replace(self, group=group)


@dataclass(frozen=True)
class Group:
    """A group of alerts, counted."""

    key: GroupKey
    count: int
    firing: int
    first_starts_at: datetime
    last_starts_at: datetime


@dataclass(frozen=True)
class Counts:
    """How much there is to decide."""

    waiting_firing: int = 0
    waiting_resolved: int = 0
    total: int = 0
    unreadable: int = 0


def counts(session: Session, now: datetime) -> Counts:
    """Count the alerts, the waiting ones, and the bodies of the last days that nobody could read."""
    statement = select(Alert.triage, Alert.status, func.count()).group_by(col(Alert.triage), col(Alert.status))
    by_state = {(triage, status): count for triage, status, count in session.exec(statement)}
    unreadable = select(func.count()).where(
        col(InboxMessage.state) == InboxState.UNREADABLE,
        col(InboxMessage.received_at) > now - UNREADABLE_FIRST_FOR,
    )
    return Counts(
        waiting_firing=by_state.get((TriageState.WAITING, AlertStatus.FIRING), 0),
        waiting_resolved=by_state.get((TriageState.WAITING, AlertStatus.RESOLVED), 0),
        total=sum(by_state.values()),
        unreadable=session.exec(unreadable).one(),
    )


def by_ids(session: Session, alert_ids: Iterable[int]) -> Sequence[Alert]:
    """Return alerts by their ids, firing first, then the newest."""
    statement = select(Alert).where(col(Alert.id).in_(set(alert_ids)))
    return session.exec(_in_order(statement)).all()


def groups(session: Session, which: Filter, *, offset: int = 0, limit: int = 20) -> list[Group]:
    """Return the groups of the alerts asked for: those that fire first, then by their newest alert."""
    wanted = _wanted(which)
    keys = (wanted.c.name, wanted.c.service, wanted.c.severity)
    firing = func.sum(case((wanted.c.status == AlertStatus.FIRING, 1), else_=0))
    last = func.max(wanted.c.starts_at)
    statement = (
        select(*keys, func.count(), firing, func.min(wanted.c.starts_at), last)  # type: ignore[call-overload]
        .group_by(*keys)
        .order_by(case((firing > 0, 0), else_=1), last.desc(), *keys)
    )
    rows = session.execute(statement.offset(offset).limit(limit))
    return [Group(GroupKey(*row[:3]), *row[3:]) for row in rows]


def count_groups(session: Session, which: Filter) -> int:
    """Return how many groups the alerts asked for make."""
    wanted = _wanted(which)
    distinct = select(wanted.c.name, wanted.c.service, wanted.c.severity).distinct().subquery()
    return session.scalar(select(func.count()).select_from(distinct)) or 0


def listed(session: Session, which: Filter, *, offset: int = 0, limit: int = 50) -> Sequence[Alert]:
    """Return the alerts asked for, firing first, then the newest."""
    return session.exec(_in_order(select(Alert).where(*_conditions(which))).offset(offset).limit(limit)).all()


def count(session: Session, which: Filter) -> int:
    """Return how many alerts are asked for."""
    return session.exec(select(func.count()).select_from(Alert).where(*_conditions(which))).one()


def seen_before(session: Session, which: Filter) -> dict[GroupKey, list[int]]:
    """Return, by group, the active incidents that hold an earlier firing of one of the alerts asked for."""
    earlier = aliased(Alert)
    statement = (
        select(Alert.name, _service(), _severity(), earlier.incident_id)
        .join(earlier, col(earlier.fingerprint) == col(Alert.fingerprint))
        .join(Incident, col(Incident.id) == col(earlier.incident_id))
        .where(*_conditions(which), col(Alert.incident_id).is_(None), col(Incident.state).in_(ACTIVE_STATES))
        .distinct()
    )
    found: dict[GroupKey, list[int]] = {}
    for name, service, severity, incident_id in session.execute(statement):
        found.setdefault(GroupKey(name, service, severity), []).append(incident_id)
    return found


def firings(session: Session, fingerprint: str, *, limit: int = 20) -> Sequence[Alert]:
    """Return the newest firings of one alert."""
    statement = select(Alert).where(Alert.fingerprint == fingerprint).order_by(col(Alert.starts_at).desc())
    return session.exec(statement.limit(limit)).all()


def messages(session: Session, now: datetime, *, offset: int = 0, limit: int = 10) -> Sequence[InboxMessage]:
    """Return bodies without their bytes, newest first, before them those of the last days that nobody could read."""
    fresh = now - UNREADABLE_FIRST_FOR
    urgent = (col(InboxMessage.state) == InboxState.UNREADABLE) & (col(InboxMessage.received_at) > fresh)
    statement = select(InboxMessage).options(defer(InboxMessage.body))  # type: ignore[arg-type]
    ordered = statement.order_by(case((urgent, 0), else_=1), col(InboxMessage.id).desc())
    return session.exec(ordered.offset(offset).limit(limit)).all()


def count_messages(session: Session) -> int:
    """Return how many bodies are kept."""
    return session.exec(select(func.count()).select_from(InboxMessage)).one()


def body(session: Session, message_id: int) -> bytes:
    """Return a body as it came, empty if there is none of that id."""
    return session.exec(select(InboxMessage.body).where(InboxMessage.id == message_id)).first() or b""


def _label(name: str) -> ColumnElement[str]:
    return func.nullif(col(Alert.labels)[name].as_string(), "")


def _service() -> ColumnElement[str]:
    return func.coalesce(_label("service"), _label("job"), _label("app"), "")


def _severity() -> ColumnElement[str]:
    return func.coalesce(_label("severity"), "")


def _conditions(which: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.status is not None:
        conditions.append(col(Alert.status) == which.status)
    if which.triage is not None:
        conditions.append(col(Alert.triage) == which.triage)
    if which.text.strip():
        conditions.append(_says(which.text.strip()))
    if which.group is not None:
        conditions.append(col(Alert.name) == which.group.name)
        conditions += [_service() == which.group.service, _severity() == which.group.severity]
    return conditions


def _says(text: str) -> ColumnElement[bool]:
    """Return whether the name, a label or an annotation holds a text; JSON columns keep it escaped."""
    escaped = json.dumps(text)[1:-1]
    written = (cast(col(Alert.labels), String), cast(col(Alert.annotations), String))
    return or_(
        col(Alert.name).icontains(text, autoescape=True),
        *(column.icontains(escaped, autoescape=True) for column in written),
    )


def _wanted(which: Filter) -> Subquery:
    """Return the alerts asked for with what groups them, computed once (PostgreSQL cannot group by a parameter)."""
    columns = (col(Alert.name), col(Alert.status), col(Alert.starts_at))
    labels = (_service().label("service"), _severity().label("severity"))
    return select(*columns, *labels).where(*_conditions(which)).subquery()  # type: ignore[no-any-return,call-overload]


def _in_order(statement: SelectOfScalar[Alert]) -> SelectOfScalar[Alert]:
    firing_first = case((col(Alert.status) == AlertStatus.FIRING, 0), else_=1)
    return statement.order_by(firing_first, col(Alert.starts_at).desc(), col(Alert.id).desc())
