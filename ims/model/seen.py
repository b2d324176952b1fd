"""Two at once: what a writer saw, what is there now and what they want, brought together field by field."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from ims.errors import Clash, Conflict

Values = Mapping[str, Any]
Change = tuple[str, datetime | None]
MOST_QUOTED = 120  # letters of another's text in a sentence


def agreed(seen: Values, now: Values, mine: Values, who: Callable[[str], Change]) -> dict[str, Any]:
    """Return what is to be kept of a form that was opened on ``seen``.

    A field that the writer left as they saw it follows what is there now; so changes to different fields do not meet.
    Sets merge by what was added and taken away. ``who`` names who changed a field last, and when.

    Raises:
        Conflict: both changed a field, each to something else; nothing is decided for them.
    """
    clashes = [
        Clash(name, now[name], value, *who(name))
        for name, value in mine.items()
        if _clash(seen[name], now[name], value)
    ]
    if clashes:
        raise conflict(clashes)
    return {name: merge(seen[name], now[name], value) for name, value in mine.items()}


def conflict(clashes: Sequence[Clash]) -> Conflict:
    """Return the conflict of one field or several, in words."""
    said = " ".join(_sentence(clash) for clash in clashes)
    return Conflict(f"{said} Yours was not saved and is not lost: look at both, then choose.", clashes)


def _clash(seen: Any, now: Any, mine: Any) -> bool:
    return not isinstance(mine, frozenset) and mine not in (seen, now) and now != seen


def merge(seen: Any, now: Any, mine: Any) -> Any:
    """Return one field: the writer's where they changed it, else what is there now; a set takes the changes of both."""
    if isinstance(mine, frozenset):
        return (now | (mine - seen)) - (seen - mine)
    return now if mine == seen else mine


def _sentence(clash: Clash) -> str:
    when = f" at {clash.at:%H:%M} UTC" if clash.at else ""
    name = clash.name.replace("_", " ")
    return f"{clash.by} changed the {name} to “{_words(clash.theirs)}”{when}, after you had opened this."


def _words(value: Any) -> str:
    words = str(value.value if isinstance(value, Enum) else value) if value not in (None, "") else "nothing"
    return words if len(words) <= MOST_QUOTED else f"{words[:MOST_QUOTED]}…"
