"""Keeping alerts quiet that the response team knows of already, so that a new one is heard."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from ims.delivery.queue import enqueue, withdraw
from ims.errors import Refusal
from ims.model import Alert, EntryKind, Incident, IncidentState, Silence
from ims.model.message import SilenceEnd, SilenceRequest
from ims.response.wording import needed
from ims.store import silences
from ims.store.work import Work

# A silence that outlives the people who made it hides the next incident; after a day, somebody has to want it again.
LONGEST = timedelta(hours=24)
SAME_CLICK = timedelta(minutes=1)  # a silence that would end so little later is the same one, asked for twice
NAME = "alertname"


def common_labels(alerts: Iterable[Alert]) -> dict[str, str]:
    """Return the labels that all of some alerts have with the same value, the alert's name first."""
    sets = [set(alert.labels.items()) for alert in alerts]
    shared = set.intersection(*sets) if sets else set()
    return dict(sorted(shared, key=lambda label: (label[0] != NAME, label)))


def quieted(matchers: Mapping[str, str], alerts: Iterable[Alert]) -> Sequence[Alert]:
    """Return the alerts that a silence keeps quiet: those that have every label with exactly its value."""
    return [alert for alert in alerts if matchers.items() <= alert.labels.items()]


def silence(work: Work, incident_id: int, matchers: Mapping[str, str], *, for_: timedelta, reason: str) -> Silence:
    """Keep alerts with some labels quiet for a while. Asked for twice, by a double click, it is one silence.

    Raises:
        Refusal: the incident is over; no label or no reason is given; the time is none, or longer than a day.
    """
    incident = _unclosed(work, incident_id)
    why = needed(reason, "Say why these alerts may be silent")
    _check(matchers, for_)
    ends_at = work.now + for_
    for present in silences.of_incident(work.session, incident_id):
        if present.is_active(work.now) and present.matchers == matchers and present.ends_at + SAME_CLICK >= ends_at:
            return present
    made = work.add(
        Silence(
            incident_id=incident_id,
            matchers=dict(matchers),
            reason=why,
            author=work.actor.name,
            author_id=work.actor.person_id,
            created_at=work.now,
            starts_at=work.now,
            ends_at=ends_at,
        )
    )
    _ask(work, incident, made)
    day = f"{ends_at:%d %B} " if ends_at.date() != work.now.date() else ""
    text = f"Alerts silenced until {day}{ends_at:%H:%M} UTC: {labels_in_words(matchers)}. {why}"
    work.record(incident, EntryKind.SILENCED, text, silence_id=made.id, ends_at=ends_at.isoformat())
    return made


def end(work: Work, silence_id: int) -> Silence:
    """Let the alerts speak again before the silence's time; one that is over stays as it is."""
    present = work.get(Silence, silence_id)
    incident = work.incident(present.incident_id)
    work.session.refresh(present)  # whoever waited for the incident's lock sees what the other one did
    if not present.is_active(work.now):
        return present
    present.ended_at = work.now
    withdraw(work, stream_of(silence_id), "Ended before Alertmanager had it.")  # a retry would silence them again
    message = SilenceEnd(silence_id=silence_id, incident_key=incident.key, silence=present.reference)
    enqueue(work, message, key=ending(silence_id), stream=stream_of(silence_id), incident_id=present.incident_id)
    text = f"Silence ended early: {labels_in_words(present.matchers)}"
    work.record(incident, EntryKind.SILENCE_ENDED, text, silence_id=silence_id)
    return present


def labels_in_words(matchers: Mapping[str, str]) -> str:
    """Write labels as Alertmanager does."""
    return ", ".join(f"{name}={value}" for name, value in matchers.items())


def stream_of(silence_id: int) -> str:
    """Name what keeps the end of a silence behind its beginning; it is the key of the delivery that begins it, too."""
    return f"silence:{silence_id}"


def ending(silence_id: int) -> str:
    """Name the delivery that ends a silence early."""
    return f"silence_end:{silence_id}"


def _ask(work: Work, incident: Incident, made: Silence) -> None:
    message = SilenceRequest(
        silence_id=made.id,
        incident_key=incident.key,
        matchers=made.matchers,
        starts_at=made.starts_at.isoformat(),
        ends_at=made.ends_at.isoformat(),
        author=made.author,
        comment=f"{incident.key}: {made.reason}",
    )
    enqueue(work, message, key=stream_of(made.id), stream=stream_of(made.id), incident_id=incident.id)


def _check(matchers: Mapping[str, str], for_: timedelta) -> None:
    if not matchers:
        raise Refusal("Choose at least one label; without any, every alert would be silent.")
    if not all(name and value for name, value in matchers.items()):
        raise Refusal("A label without a value cannot be silenced; leave it out.")
    if not timedelta() < for_ <= LONGEST:
        raise Refusal(f"A silence lasts between a minute and {LONGEST // timedelta(hours=1)} hours.")


def _unclosed(work: Work, incident_id: int) -> Incident:
    incident = work.incident(incident_id)
    if incident.state in (IncidentState.CLOSED, IncidentState.CANCELLED):
        raise Refusal(f"{incident.key} is {incident.state.value}; reopen it first.")
    return incident
