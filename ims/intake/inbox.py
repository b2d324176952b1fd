"""Taking a webhook body in: kept as it came, with the alerts that were read from it, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from ims.intake.alertmanager import Reading
from ims.model import Actor, Alert, EntryKind, EntrySource, InboxMessage, InboxState
from ims.store import alerts
from ims.store.work import Work

ALERTMANAGER = Actor("Alertmanager")
MOST_SINGLE_ENTRIES = 10


def receive(work: Work, body: bytes, reading: Reading) -> InboxMessage:
    """Keep a body and its alerts; tell each incident which of its alerts resolved.

    The body is read before the work begins, so that nobody waits for the database while it is.
    """
    kept = alerts.keep(work.session, reading.sightings, work.now)
    for incident_id, resolved in _by_incident(kept.resolved).items():
        tell_resolved(work, incident_id, resolved)
    message = InboxMessage(
        source="alertmanager",
        received_at=work.now,
        body=body,
        state=InboxState.READ if reading.readable else InboxState.UNREADABLE,
        problem=reading.problem,
        alerts_new=kept.new,
        alerts_repeated=kept.repeated,
    )
    return alerts.add_message(work.session, message)


def keep(work: Work, source: str, body: bytes, problem: str) -> InboxMessage:
    """Keep a body that holds no alerts, as it came."""
    state = InboxState.UNREADABLE if problem else InboxState.READ
    message = InboxMessage(source=source, received_at=work.now, body=body, state=state, problem=problem)
    return alerts.add_message(work.session, message)


def tell_resolved(work: Work, incident_id: int, resolved: Sequence[Alert]) -> None:
    """Write into the timeline that alerts of the incident resolved: one entry each, or one for a crowd."""
    incident = work.incident(incident_id)
    crowd = len(resolved) > MOST_SINGLE_ENTRIES
    for group in [resolved] if crowd else [[alert] for alert in resolved]:
        work.record(
            incident,
            EntryKind.ALERT_RESOLVED,
            _resolved_text(group),
            occurred_at=min(work.now, max(alert.ends_at or work.now for alert in group)),
            source=EntrySource.ALERTMANAGER,
            alert_ids=[alert.id for alert in group],
        )


def _by_incident(resolved: Sequence[Alert]) -> dict[int, list[Alert]]:
    groups: dict[int, list[Alert]] = defaultdict(list)
    for alert in resolved:
        if alert.incident_id is not None:
            groups[alert.incident_id].append(alert)
    return dict(sorted(groups.items()))


def _resolved_text(group: Sequence[Alert]) -> str:
    if len(group) == 1:
        return f"Alert {group[0].name} resolved"
    names = Counter(alert.name for alert in group).most_common(5)
    return f"{len(group)} alerts resolved: " + ", ".join(f"{name} ({count})" for name, count in names)
