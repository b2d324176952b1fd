"""Customers: added, changed, retired and brought back, with the services they use."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from ims.errors import Refusal
from ims.model import Customer, CustomerDraft, Service
from ims.model.seen import Values
from ims.setup.access import only_administrators, taken_once
from ims.setup.changes import bring_together, fields
from ims.store import catalogue
from ims.store.work import Work

SHORTEST_INTERVAL = timedelta(minutes=5)


def add_customer(work: Work, draft: CustomerDraft, service_ids: Collection[int] = ()) -> Customer:
    """Add a customer and the services they use.

    Raises:
        Refusal: the name is taken, the interval is too short, or the actor may not change settings.
    """
    only_administrators(work)
    _check(work, draft, None)
    with taken_once(work, _taken(draft.name)):
        customer = work.add(Customer(**draft.model_dump()))
    _use(work, customer, service_ids)
    return customer


def change_customer(
    work: Work,
    customer_id: int,
    draft: CustomerDraft,
    service_ids: Collection[int] | None = None,
    *,
    seen: Values | None = None,
) -> Customer:
    """Change what is known of a customer; ``service_ids`` replaces the services they use unless it is ``None``.

    ``seen`` are the fields and services as the form that was filled in showed them.

    Raises:
        Conflict: somebody else changed the same field meanwhile; nothing is saved.
        Refusal: the name is taken, the interval is too short, or the actor may not change settings.
    """
    only_administrators(work)
    customer = work.locked(Customer, customer_id)
    used = frozenset(catalogue.service_ids_of_customer(work.session, customer_id))
    wanted = used if service_ids is None else frozenset(service_ids)
    mine = draft.model_dump() | {"service_ids": wanted}
    values = bring_together(work, customer, shown_customer(customer, used), mine, seen)
    _use(work, customer, values.pop("service_ids"))
    draft = CustomerDraft.model_validate(values)
    _check(work, draft, customer_id)
    with taken_once(work, _taken(draft.name)):
        customer.sqlmodel_update(draft.model_dump())
    return customer


def shown_customer(customer: Customer, service_ids: Collection[int]) -> dict[str, Any]:
    """Return the fields that a form of a customer shows."""
    return fields(customer, CustomerDraft.model_fields, service_ids=frozenset(service_ids))


def retire_customer(work: Work, customer_id: int) -> Customer:
    """Say that a customer is one no longer; what they were told stays on record.

    Raises:
        Refusal: an active incident affects them, or the actor may not change settings.
    """
    only_administrators(work)
    customer = work.get(Customer, customer_id)
    affected = catalogue.active_incidents_of_customer(work.session, customer_id)
    if affected:
        raise Refusal(f"{customer.name} is affected by INC-{affected[0]} and must be told; wait until that is over.")
    customer.active = False
    return customer


def restore_customer(work: Work, customer_id: int) -> Customer:
    """Bring a retired customer back.

    Raises:
        Forbidden: the actor may not change settings.
    """
    only_administrators(work)
    customer = work.get(Customer, customer_id)
    customer.active = True
    return customer


def _use(work: Work, customer: Customer, service_ids: Collection[int]) -> None:
    for service_id in service_ids:
        work.get(Service, service_id)
    catalogue.set_services_of_customer(work.session, customer.id, service_ids)


def _check(work: Work, draft: CustomerDraft, own_id: int | None) -> None:
    if draft.update_every is not None and draft.update_every < SHORTEST_INTERVAL:
        raise Refusal("Nobody can keep updates closer than five minutes apart; promise a longer interval.")
    for other in catalogue.customers(work.session, active_only=False):
        if other.name.casefold() == draft.name.casefold() and other.id != own_id:
            retired = "" if other.active else " They are retired: bring them back instead."
            raise Refusal(f"There is a customer “{other.name}” already; give another name.{retired}")


def _taken(name: str) -> str:
    return f"Somebody just added the customer “{name}”. Nothing was saved; look again."
