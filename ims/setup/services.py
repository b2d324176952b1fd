"""Services: added, renamed, retired and brought back."""

from typing import Any

from ims.errors import Refusal
from ims.model import Service, ServiceDraft
from ims.model.seen import Values
from ims.setup.access import only_administrators, taken_once
from ims.setup.changes import bring_together, fields
from ims.store import catalogue
from ims.store.work import Work


def add_service(work: Work, draft: ServiceDraft) -> Service:
    """Add a service.

    Raises:
        Refusal: the name is taken, or the actor may not change settings.
    """
    only_administrators(work)
    _refuse_taken(work, draft.name, None)
    with taken_once(work, _taken(draft.name)):
        return work.add(Service(**draft.model_dump()))


def change_service(work: Work, service_id: int, draft: ServiceDraft, *, seen: Values | None = None) -> Service:
    """Rename or describe a service. Alerts are matched with the new name from now on.

    ``seen`` are the fields as the form that was filled in showed them.

    Raises:
        Conflict: somebody else changed the same field meanwhile; nothing is saved.
        Refusal: the name is taken, or the actor may not change settings.
    """
    only_administrators(work)
    service = work.locked(Service, service_id)
    values = bring_together(work, service, shown_service(service), draft.model_dump(), seen)
    draft = ServiceDraft.model_validate(values)
    _refuse_taken(work, draft.name, service_id)
    with taken_once(work, _taken(draft.name)):
        service.sqlmodel_update(draft.model_dump())
    return service


def shown_service(service: Service) -> dict[str, Any]:
    """Return the fields that a form of a service shows."""
    return fields(service, ServiceDraft.model_fields)


def retire_service(work: Work, service_id: int) -> Service:
    """Say that a service is no longer run; its incidents keep its name.

    Raises:
        Refusal: an active incident affects it, or the actor may not change settings.
    """
    only_administrators(work)
    service = work.get(Service, service_id)
    affected = catalogue.active_incidents_of_service(work.session, service_id)
    if affected:
        raise Refusal(f"{service.name} is affected by INC-{affected[0]}; wait until that is over.")
    service.active = False
    return service


def restore_service(work: Work, service_id: int) -> Service:
    """Bring a retired service back.

    Raises:
        Forbidden: the actor may not change settings.
    """
    only_administrators(work)
    service = work.get(Service, service_id)
    service.active = True
    return service


def _refuse_taken(work: Work, name: str, own_id: int | None) -> None:
    """Refuse a name that is there, whatever its case: people would not tell the two apart."""
    for other in catalogue.services(work.session, active_only=False):
        if other.name.casefold() == name.casefold() and other.id != own_id:
            retired = "" if other.active else " It is retired: bring it back instead."
            raise Refusal(f"There is a service “{other.name}” already; give another name.{retired}")


def _taken(name: str) -> str:
    return f"Somebody just added the service “{name}”. Nothing was saved; look again."
