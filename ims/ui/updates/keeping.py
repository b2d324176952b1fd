"""The unsent update, kept by the portal: what its writer wrote, and what it was based on."""

from datetime import datetime
from typing import Any

from ims.ui.drafts import Draft, Values
from ims.ui.session import acting_person
from ims.ui.updates.situation import Situation

FIELDS = ("number", "phase", "subject", "body", "filled", "promised")


def place(situation: Situation) -> Draft:
    """Return where the unsent update of whoever looks is kept."""
    return Draft(situation.incident.key, "update", acting_person())


def restored(values: Values) -> dict[str, Any]:
    """Return what was kept as the composer holds it; nothing where nothing was kept."""
    if not values:
        return {}
    promise = values.get("promise")
    return {name: values[name] for name in FIELDS} | {
        "filled": tuple(values["filled"]),
        "promise": datetime.fromisoformat(promise) if promise else None,
    }


def worth_keeping(held: dict[str, Any], *, is_touched: bool) -> dict[str, Any] | None:
    """Return what of the composer is to be kept: nothing while it holds only what a template said."""
    if not is_touched:
        return None
    promise: datetime | None = held["promise"]
    return {name: held[name] for name in FIELDS} | {"promise": promise.isoformat() if promise else None}
