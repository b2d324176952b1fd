"""Telling the customer: an update is written once and delivered to each customer by each way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ims.delivery.queue import enqueue
from ims.errors import Conflict, Refusal
from ims.model import (
    Customer,
    CustomerUpdate,
    CustomerUpdateDraft,
    Delivery,
    DeliveryState,
    EntryKind,
    Incident,
    IncidentState,
    Severity,
    UpdatePhase,
)
from ims.model.message import CustomerMail, CustomerPost, Message
from ims.sop.procedure import Procedure
from ims.sop.rules import ways_to_reach
from ims.store import deliveries, incidents
from ims.store.work import Work

CustomerMessage = CustomerPost | CustomerMail


@dataclass(frozen=True)
class Recipient:
    """One customer as the composer shows it: the ways to reach them, and the gaps."""

    customer: str
    slack_channel: str
    mail_to: list[str]
    mail_cc: list[str]
    gaps: list[str]


def recipient(customer: Customer) -> Recipient:
    """Return how a customer will be told."""
    manager = [customer.manager_email] if customer.manager_email else []
    return Recipient(
        customer.name,
        customer.slack_channel,
        list(customer.contacts),
        manager,
        customer.gaps(),
    )


def update_interval(procedure: Procedure, customers: Iterable[Customer], severity: Severity | None) -> timedelta:
    """Return how often customers hear: the procedure's interval for the severity, or a contract's shorter one."""
    contracts = [customer.update_every for customer in customers if customer.update_every]
    return min([procedure.update_interval(severity), *contracts])


def next_promise(
    procedure: Procedure, customers: Iterable[Customer], now: datetime, severity: Severity | None = None
) -> datetime:
    """Return when the next update is to be promised: one interval from now; see ``update_interval``."""
    return now + update_interval(procedure, customers, severity)


def thread_of(incident: Incident, updates: Sequence[CustomerUpdate], subject: str) -> str:
    """Return the subject that all mails of an incident share, so that they make one thread.

    It is the first update's, which somebody wrote for customers to read; ``subject`` where that is being written. The
    incident's title is the team's own, and may name what no customer is to know.
    """
    first = updates[0].subject if updates else subject
    return first if incident.key in first else f"{first} [{incident.key}]"


def messages(
    incident: Incident, number: int, subject: str, body: str, customer: Customer, *, thread: str
) -> list[CustomerMessage]:
    """Return exactly what a customer will get of an update: one message for each way to reach them.

    ``thread`` is the subject of the mails, see ``thread_of``.
    """
    made: list[CustomerMessage] = []
    if customer.slack_channel:
        made.append(
            CustomerPost(
                incident_key=incident.key,
                customer=customer.name,
                channel=customer.slack_channel,
                subject=subject,
                text=body,
            )
        )
    if customer.contacts:
        made.append(
            CustomerMail(
                incident_key=incident.key,
                customer=customer.name,
                to=customer.contacts,
                cc=[customer.manager_email] if customer.manager_email else [],
                subject=subject,
                text=body,
                thread=f"{incident.name_everywhere}:{customer.id}",
                thread_subject=thread,
                number=number,
            )
        )
    return made


def said(work: Work, incident: Incident, update: CustomerUpdate, customer: Customer) -> list[CustomerMessage]:
    """Return what a customer gets of an update that was written."""
    thread = thread_of(incident, incidents.updates(work.session, incident.id), update.subject)
    return messages(incident, update.number, update.subject, update.body, customer, thread=thread)


def phases_for(incident: Incident) -> list[UpdatePhase]:
    """Return the phases in which an incident can be told about: only *resolved* once it is over."""
    if incident.state is IncidentState.CANCELLED:
        return []
    return [phase for phase in UpdatePhase if (phase is UpdatePhase.RESOLVED) != incident.is_active]


def send_update(work: Work, incident_id: int, draft: CustomerUpdateDraft, *, number: int) -> CustomerUpdate:
    """Send an update to every affected customer, by Slack channel and by e-mail.

    ``number`` is which update of the incident the writer was writing; sending the same one again (a double click)
    returns the first, so no customer hears twice.

    Raises:
        Conflict: somebody else sent an update meanwhile.
        Refusal: nobody to tell or to reach, the promise is in the past or missing, or the phase does not fit.
    """
    incident = work.incident(incident_id)
    present = {update.number: update for update in incidents.updates(work.session, incident_id)}
    if number in present:
        return _same(present[number], draft)
    _check_number(number, len(present) + 1)
    _check(work, incident, draft)
    customers = _reachable(work, incident)
    promise = draft.next_update_at if incident.is_active else None
    update = work.add(
        CustomerUpdate(
            **draft.model_dump(exclude={"next_update_at"}),
            next_update_at=promise,
            incident_id=incident_id,
            number=number,
            written_at=work.now,
            author=work.actor.name,
            author_id=work.actor.person_id,
        )
    )
    for customer in customers:
        _deliver(work, incident, update, customer)
    incident.next_update_due_at = promise
    incident.updates_held_until, incident.updates_hold_reason = None, ""  # who hears is no longer asked to wait
    text = f"Customer update {update.number} ({draft.phase.value}): {draft.subject}"
    work.record(incident, EntryKind.UPDATE_WRITTEN, text, update_id=update.id, phase=draft.phase.value)
    return update


def ways_missed(asked_for: Sequence[Delivery], update: CustomerUpdate, customer: Customer) -> list[str]:
    """Return the kinds of message a customer could get of an update but has no delivery for."""
    asked = {(row.customer_id, row.kind) for row in asked_for if row.update_id == update.id}
    return [kind for kind in sorted(ways_to_reach(customer)) if (customer.id, kind) not in asked]


def readers_missed(asked_for: Sequence[Delivery], update: CustomerUpdate, customer: Customer) -> list[str]:
    """Return whom a customer names by now and an e-mail of the update that was sent has not gone to.

    Where none was sent yet there is nobody: the one that waits or is retried goes to all whom the customer names.
    """
    wanted = (update.id, customer.id, CustomerMail.kind)
    mails = [row for row in asked_for if (row.update_id, row.customer_id, row.kind) == wanted]
    if not any(row.state is DeliveryState.SENT for row in mails):
        return []
    asked = {reader for row in mails for reader in row.payload.get("only") or (*row.payload["to"], *row.payload["cc"])}
    return [reader for reader in (*customer.contacts, customer.manager_email) if reader and reader not in asked]


def send_to_missed(work: Work, update_id: int) -> int:
    """Send an update also where it did not go: to a customer, by a way, or to a person that was named later.

    Returns how many deliveries were added; repeating it adds none.

    Raises:
        Refusal: the update is not the newest, which is what customers need to read.
    """
    update = work.get(CustomerUpdate, update_id)
    incident = work.incident(update.incident_id)
    newest = incidents.updates(work.session, incident.id)[-1]
    if newest.id != update.id:
        raise Refusal(f"Update {newest.number} is newer; send that one.")
    asked_for = deliveries.of_update(work.session, update_id)
    for customer in incidents.customers_of(work.session, incident.id):
        _deliver(work, incident, update, customer)
        _deliver_to(work, incident, update, customer, readers_missed(asked_for, update, customer))
    return len(deliveries.of_update(work.session, update_id)) - len(asked_for)


def _same(present: CustomerUpdate, draft: CustomerUpdateDraft) -> CustomerUpdate:
    if (present.subject, present.body, present.phase) != (draft.subject, draft.body, draft.phase):
        raise Conflict(
            f"{present.author} sent update {present.number} while you were writing. Yours is not sent and not lost: "
            "read theirs, then send yours as the next."
        )
    return present


def _check_number(number: int, expected: int) -> None:
    if number != expected:
        raise Refusal(f"The next update of this incident is number {expected}, not {number}; look at it again.")


def _check(work: Work, incident: Incident, draft: CustomerUpdateDraft) -> None:
    if incident.state is IncidentState.CANCELLED:
        raise Refusal(f"{incident.key} is cancelled; reopen it to write to customers.")
    if draft.phase not in phases_for(incident):
        advice = (
            "resolve the incident before you tell customers that it is over"
            if incident.is_active
            else "tell customers that it is resolved, or reopen it"
        )
        raise Refusal(f"{incident.key} is {incident.state.value}: {advice}.")
    if not incident.is_active:
        return
    if draft.next_update_at is None:
        raise Refusal("Promise when the next update will come.")
    if draft.next_update_at <= work.now:
        raise Refusal("The next update is promised for a time that has passed; choose a later one.")


def _reachable(work: Work, incident: Incident) -> Sequence[Customer]:
    """Return the affected customers, of whom at least one can be told; else an update would only seem to be sent."""
    customers = incidents.customers_of(work.session, incident.id)
    if not customers:
        raise Refusal("No affected customer is named yet; add them to the incident first.")
    if not any(customer.slack_channel or customer.contacts for customer in customers):
        raise Refusal("No affected customer has a Slack channel or an e-mail contact; add one in the settings first.")
    return customers


def _deliver(work: Work, incident: Incident, update: CustomerUpdate, customer: Customer) -> None:
    """Ask for one delivery for each way the customer can be reached."""
    for message in said(work, incident, update, customer):
        _ask_for(work, update, customer, message)


def _deliver_to(
    work: Work, incident: Incident, update: CustomerUpdate, customer: Customer, readers: Sequence[str]
) -> None:
    """Ask for the e-mail for each of some readers alone, because the others of the customer have it already."""
    for message in said(work, incident, update, customer):
        for reader in readers if isinstance(message, CustomerMail) else ():
            _ask_for(work, update, customer, message.model_copy(update={"only": [reader]}), f":{reader}")


def _ask_for(work: Work, update: CustomerUpdate, customer: Customer, message: Message, whom: str = "") -> None:
    """Each way, and each reader who is told alone, keeps an order of its own."""
    enqueue(
        work,
        message,
        key=f"{message.kind}:{update.id}:{customer.id}{whom}",
        stream=f"{message.kind}:{update.incident_id}:{customer.id}{whom}",
        incident_id=update.incident_id,
        customer_id=customer.id,
        update_id=update.id,
    )
