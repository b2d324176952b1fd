"""Deciding what waiting alerts are: prefilling a declaration, dismissing with a reason, bringing back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from ims.errors import Refusal
from ims.model import Alert, Service, TriageState
from ims.model.types import LINE_LENGTH
from ims.store import alert_questions, alerts, catalogue
from ims.store.work import Work

SERVICE_LABELS = ("service", "job", "app")
MOST_LISTED = 20


@dataclass(frozen=True)
class Prefill:
    """What the declare page starts with; people decide, so ``affects_customers`` is not guessed."""

    title: str = ""
    summary: str = ""
    alert_ids: list[int] = field(default_factory=list)
    service_ids: list[int] = field(default_factory=list)
    customer_ids: list[int] = field(default_factory=list)
    began_at: datetime | None = None
    affects_customers: bool = False


def draft_from_alerts(session: Session, alert_ids: Iterable[int]) -> Prefill:
    """Prefill a declaration from the alerts that are there and still without an incident."""
    chosen = [alert for alert in alert_questions.by_ids(session, alert_ids) if alert.incident_id is None]
    if not chosen:
        return Prefill()
    service_ids = services_of(chosen, catalogue.services(session))
    return Prefill(
        title=title_of(chosen),
        summary=summary_of(chosen),
        alert_ids=[alert.id for alert in chosen],
        service_ids=service_ids,
        customer_ids=[customer.id for customer in catalogue.customers_of_services(session, service_ids)],
        began_at=min(alert.starts_at for alert in chosen),
    )


def service_name(labels: Mapping[str, str]) -> str:
    """Return what the labels say is affected, or an empty text."""
    return next((labels[name] for name in SERVICE_LABELS if labels.get(name)), "")


def services_of(chosen: Iterable[Alert], services: Sequence[Service]) -> list[int]:
    """Return the ids of the services that the labels name, whatever their case."""
    ids = {service.name.casefold(): service.id for service in services}
    named = {ids.get(alert.labels.get(label, "").casefold()) for alert in chosen for label in SERVICE_LABELS}
    return sorted(service_id for service_id in named if service_id is not None)


def title_of(chosen: Sequence[Alert]) -> str:
    """Make a title: the summary of a single alert, else the names of several and what they are about."""
    if len(chosen) == 1:
        text = what_it_says(chosen[0]) or chosen[0].name
    else:
        names = list(dict.fromkeys(alert.name for alert in chosen))
        text = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004
    about = list(dict.fromkeys(filter(None, (service_name(alert.labels) for alert in chosen))))
    missing = [name for name in about[:2] if name.casefold() not in text.casefold()]
    title = " ".join(f"{', '.join(missing)}: {text}".split() if missing else text.split())
    return title if len(title) <= LINE_LENGTH else title[: LINE_LENGTH - 1] + "…"


def summary_of(chosen: Sequence[Alert]) -> str:
    """List what is seen, one line for each alert."""
    lines = [_line(alert) for alert in chosen[:MOST_LISTED]]
    rest = len(chosen) - MOST_LISTED
    return "\n".join([*lines, f"and {rest} more alerts"] if rest > 0 else lines)


def what_it_says(alert: Alert) -> str:
    """Return the sentence that whoever wrote the alert rule meant for people, on one line."""
    text = alert.annotations.get("summary") or alert.annotations.get("description") or alert.annotations.get("message")
    return " ".join((text or "").split())


def dismiss(work: Work, alert_ids: Sequence[int], reason: str) -> int:
    """Decide that waiting alerts are no incident; return how many were waiting. Repeating it changes nothing.

    Raises:
        Refusal: no alert is chosen, or no reason is given.
    """
    if not alert_ids:
        raise Refusal("Choose the alerts to dismiss first.")
    text = reason.strip()
    if not text:
        raise Refusal("Say why this is no incident, so that the next person who sees the alert knows.")
    return alerts.dismiss(work.session, alert_ids, text[:LINE_LENGTH], work.actor.name)


def bring_back(work: Work, alert_id: int) -> Alert:
    """Let a dismissed alert wait again.

    Raises:
        Refusal: it is part of an incident.
    """
    alert = work.get(Alert, alert_id)
    if alert.triage is TriageState.ATTACHED:
        raise Refusal(f"The alert is part of INC-{alert.incident_id}; it was not dismissed.")
    alert.triage, alert.triage_reason, alert.triaged_by = TriageState.WAITING, "", ""
    return alert


def _line(alert: Alert) -> str:
    place = alert.labels.get("instance") or alert.labels.get("pod") or service_name(alert.labels)
    says = what_it_says(alert)
    return "– " + alert.name + (f" on {place}" if place else "") + (f": {says}" if says else "")
