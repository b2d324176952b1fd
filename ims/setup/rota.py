"""The rota: its order, hour and length of shifts, and the one-off changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ims.errors import Refusal
from ims.model import Person, Rota, RotaDraft, RotaOverride
from ims.model.seen import Values
from ims.setup.access import only_administrators, taken_once
from ims.setup.changes import bring_together, fields
from ims.store import catalogue
from ims.store.work import Work


def save_rota(work: Work, draft: RotaDraft, rota_id: int | None = None, *, seen: Values | None = None) -> Rota:
    """Make a rota, or change one; the order of ``member_ids`` is the order of turns.

    ``seen`` are the fields as the form that was filled in showed them.

    Raises:
        Conflict: somebody else changed the same field meanwhile; nothing is saved.
        Refusal: somebody in it is retired, the name is taken, or the actor may not change settings.
    """
    only_administrators(work)
    if rota_id:
        draft = _with_theirs(work, work.locked(Rota, rota_id), draft, seen)
    for person_id in draft.member_ids:
        _active(work, person_id)
    if len(set(draft.member_ids)) < len(draft.member_ids):
        raise Refusal("Somebody is in the order twice; name each person once.")
    with taken_once(work, f"There is a rota “{draft.name}” already; give another name."):
        rota = work.get(Rota, rota_id) if rota_id else work.add(Rota(**draft.model_dump(exclude={"member_ids"})))
        rota.sqlmodel_update(draft.model_dump(exclude={"member_ids"}))
        catalogue.set_rota_members(work.session, rota.id, draft.member_ids)
    return rota


def shown_rota(rota: Rota, member_ids: Sequence[int]) -> dict[str, Any]:
    """Return the fields that a form of a rota shows."""
    names = [name for name in RotaDraft.model_fields if name != "member_ids"]
    return fields(rota, names, member_ids=list(member_ids))


def _with_theirs(work: Work, rota: Rota, draft: RotaDraft, seen: Values | None) -> RotaDraft:
    now = shown_rota(rota, catalogue.rota_members(work.session, rota.id))
    return RotaDraft.model_validate(bring_together(work, rota, now, draft.model_dump(), seen))


def add_override(work: Work, rota_id: int, person_id: int, starts_at: datetime, ends_at: datetime) -> RotaOverride:
    """Let somebody be on call for a while, whatever the order says.

    Raises:
        Refusal: it ends before it starts or has passed, the person is retired, or the actor may not change settings.
    """
    only_administrators(work)
    _active(work, person_id)
    if ends_at <= starts_at:
        raise Refusal("The override ends before it starts; correct one of the two times.")
    if ends_at <= work.now:
        raise Refusal("The override is over already; choose a later end.")
    rota = work.get(Rota, rota_id)
    return work.add(RotaOverride(rota_id=rota.id, person_id=person_id, starts_at=starts_at, ends_at=ends_at))


def remove_override(work: Work, override_id: int) -> None:
    """Take a one-off change back; the order holds again. Repeating it changes nothing.

    Raises:
        Forbidden: the actor may not change settings.
    """
    only_administrators(work)
    override = work.session.get(RotaOverride, override_id)
    if override is not None:
        work.session.delete(override)


def _active(work: Work, person_id: int) -> None:
    person = work.get(Person, person_id)
    if not person.active:
        raise Refusal(f"{person.name} is retired; choose somebody else.")
