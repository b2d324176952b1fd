"""Saving a changed setting: brought together with what somebody else saved meanwhile, and written down."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

from ims.model import Customer, Person, Rota, Service, SettingChange
from ims.model.seen import Values, agreed
from ims.store import catalogue
from ims.store.work import Work

Row = Person | Service | Customer | Rota


def fields(row: Row, names: Iterable[str], **more: Any) -> dict[str, Any]:
    """Return the named fields of a row as they are now, and more that belongs to it but stands in other tables."""
    return {name: getattr(row, name) for name in names} | more


def bring_together(work: Work, row: Row, now: Values, mine: Values, seen: Values | None) -> dict[str, Any]:
    """Return what is to be saved of a form, and write down what that changes and who does it.

    Raises:
        Conflict: somebody else changed a field meanwhile that the writer changed too; nothing is saved.
    """
    noun, row_id = type(row).__name__, row.id
    values = dict(mine) if seen is None else agreed(seen, now, mine, lambda name: _who(work, noun, row_id, name))
    changes = {name: [_plain(now[name]), _plain(value)] for name, value in values.items() if now[name] != value}
    if changes:
        _write_down(work, noun, row_id, changes)
    return values


def _write_down(work: Work, noun: str, row_id: int, changes: Mapping[str, Any]) -> None:
    work.add(
        SettingChange(
            noun=noun,
            row_id=row_id,
            changed_at=work.now,
            author=work.actor.name,
            author_id=work.actor.person_id,
            changes=dict(changes),
        )
    )


def _who(work: Work, noun: str, row_id: int, name: str) -> tuple[str, datetime | None]:
    changes = catalogue.setting_changes(work.session, noun, row_id)
    last = next((change for change in changes if name in change.changes), None)
    return (last.author, last.changed_at) if last else ("Somebody", None)


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    return sorted(value) if isinstance(value, frozenset) else to_jsonable_python(value)
