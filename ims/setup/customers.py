"""Customers: added, changed, retired and brought back, with the services they use."""

from collections.abc import Collection
from datetime import timedelta

from ims.errors import Refusal
from ims.model import Customer, CustomerDraft, Service
from ims.setup.access import only_administrators, taken_once
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
    work: Work, customer_id: int, draft: CustomerDraft, service_ids: Collection[int] | None = None
) -> Customer:
    """Change what is known of a customer; ``service_ids`` replaces the services they use unless it is ``None``.

    Raises:
        Refusal: the name is taken, the interval is too short, or the actor may not change settings.
    """
    only_administrators(work)
    customer = work.get(Customer, customer_id)
    _check(work, draft, customer_id)
    with taken_once(work, _taken(draft.name)):
        customer.sqlmodel_update(draft.model_dump())
    if service_ids is not None:
        _use(work, customer, service_ids)
    return customer


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
