"""Telling the customer: an update is written once and delivered to each customer by each way."""

from dataclasses import dataclass
from datetime import datetime

from ims.delivery.queue import enqueue
from ims.errors import Refusal
from ims.model import (
    Customer,
    CustomerUpdate,
    CustomerUpdateDraft,
    EntryKind,
    Incident,
    IncidentState,
    UpdatePhase,
)
from ims.model.message import CustomerMail, CustomerPost
from ims.sop.procedure import Procedure
from ims.store import incidents
from ims.store.work import Work


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


def next_promise(procedure: Procedure, customers: list[Customer], now: datetime) -> datetime:
    """Return when the next update is to be promised: the hour of the procedure, or a contract's shorter interval."""
    intervals = [customer.update_every for customer in customers if customer.update_every]
    return now + min([procedure.customer_update_every, *intervals])


def send_update(work: Work, incident_id: int, draft: CustomerUpdateDraft, *, number: int) -> CustomerUpdate:
    """Send an update to every affected customer, by Slack channel and by e-mail.

    ``number`` is which update of the incident the writer was writing; sending the same one again (a double click)
    returns the first, so no customer hears twice.

    Raises:
        Refusal: nobody to tell, the promise is in the past or missing, the phase does not fit the state, or somebody
            else sent an update meanwhile.
    """
    incident = work.incident(incident_id)
    present = {update.number: update for update in incidents.updates(work.session, incident_id)}
    if number in present:
        return _same(present[number], draft)
    customers = incidents.customers_of(work.session, incident_id)
    if not customers:
        raise Refusal("No affected customer is named yet; add them to the incident first.")
    _check(work, incident, draft)
    update = work.add(
        CustomerUpdate(
            **draft.model_dump(),
            incident_id=incident_id,
            number=len(present) + 1,
            written_at=work.now,
            author=work.actor.name,
            author_id=work.actor.person_id,
        )
    )
    for customer in customers:
        _deliver(work, incident, update, customer)
    incident.next_update_due_at = draft.next_update_at if incident.is_active else None
    text = f"Customer update {update.number} ({draft.phase.value}): {draft.subject}"
    work.record(
        incident,
        EntryKind.UPDATE_WRITTEN,
        text,
        update_id=update.id,
        phase=draft.phase.value,
    )
    return update


def _same(present: CustomerUpdate, draft: CustomerUpdateDraft) -> CustomerUpdate:
    if (present.subject, present.body, present.phase) != (
        draft.subject,
        draft.body,
        draft.phase,
    ):
        raise Refusal(
            f"{present.author} sent update {present.number} while you were writing. Yours is not sent and not lost: "
            "read theirs, then send yours as the next."
        )
    return present


def _check(work: Work, incident: Incident, draft: CustomerUpdateDraft) -> None:
    if incident.state is IncidentState.CANCELLED:
        raise Refusal(f"{incident.key} is cancelled; reopen it to write to customers.")
    is_over = not incident.is_active
    if is_over != (draft.phase is UpdatePhase.RESOLVED):
        wanted = "a resolved update" if is_over else "resolve the incident before you tell customers that it is over"
        raise Refusal(f"{incident.key} is {incident.state.value}: {wanted}.")
    if is_over:
        return
    if draft.next_update_at is None:
        raise Refusal("Promise when the next update will come.")
    if draft.next_update_at <= work.now:
        raise Refusal("The next update is promised for a time that has passed; choose a later one.")


def _deliver(work: Work, incident: Incident, update: CustomerUpdate, customer: Customer) -> None:
    """Ask for one delivery for each way the customer can be reached; each way keeps its own order."""
    if customer.slack_channel:
        post = CustomerPost(
            incident_key=incident.key,
            customer=customer.name,
            channel=customer.slack_channel,
            subject=update.subject,
            text=update.body,
        )
        _ask(work, post, incident, update, customer)
    if customer.contacts:
        mail = CustomerMail(
            incident_key=incident.key,
            customer=customer.name,
            to=customer.contacts,
            cc=[customer.manager_email] if customer.manager_email else [],
            subject=update.subject,
            text=update.body,
        )
        _ask(work, mail, incident, update, customer)


def _ask(
    work: Work,
    message: CustomerPost | CustomerMail,
    incident: Incident,
    update: CustomerUpdate,
    customer: Customer,
) -> None:
    enqueue(
        work,
        message,
        key=f"{message.kind}:{update.id}:{customer.id}",
        stream=f"{message.kind}:{incident.id}:{customer.id}",
        incident_id=incident.id,
        customer_id=customer.id,
        update_id=update.id,
    )
