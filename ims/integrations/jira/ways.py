"""Which way a ticket goes when its incident changes state. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from ims.integrations.jira.answers import Status, Transition
from ims.model import IncidentState

# The kinds of status that suit a state of the incident, the best first. They are the same on every site, whatever
# people call their statuses.
_SUITABLE: dict[str, tuple[str, ...]] = {
    IncidentState.OPEN: ("indeterminate", "new"),
    IncidentState.MITIGATED: ("indeterminate",),
    IncidentState.RESOLVED: ("done",),
    IncidentState.CLOSED: ("done",),
    IncidentState.CANCELLED: ("done",),
}


@dataclass(frozen=True)
class Aim:
    """Where a ticket should be for a ``state`` of its incident; ``status`` is empty where any suitable one will do."""

    state: str
    status: str

    def is_met_by(self, status: Status) -> bool:
        """Tell whether a ticket with this status has nowhere to go."""
        return _is_named(status, self.status) if self.status else self.is_suited_by(status)

    def is_suited_by(self, status: Status) -> bool:
        """Tell whether this kind of status suits the incident's state, though it may not be the one asked for."""
        return status.category.key in self._kinds

    def choose(self, here: Status, ways: Sequence[Transition]) -> Transition | None:
        """Return the way to the status; where there is none, to the kind that suits best, unless it is there."""
        named = next((way for way in ways if _is_named(way.to, self.status)), None)
        if named or self.is_suited_by(here):
            return named
        return next((way for kind in self._kinds for way in ways if way.to.category.key == kind), None)

    def resolution(self, offered: Sequence[str], wanted: str, dropped: Sequence[str]) -> str:
        """Return how the ticket ended, of what a way offers; empty where it offers nothing.

        A cancelled incident was ``dropped``; any other ended as ``wanted``, or in the first way that is not that.
        """
        drops = {name.casefold() for name in dropped}
        is_cancelled = self.state == IncidentState.CANCELLED
        suits = [name for name in offered if (name.casefold() in drops) is is_cancelled]
        named = [] if is_cancelled else [name for name in offered if name.casefold() == wanted.casefold()]
        return next(iter([*named, *suits, *offered]), "")

    def moved(self, ticket: str, here: Status, there: Status) -> str:
        """Say that the ticket went from here to there, and why not to where it should."""
        said = f"Moved {ticket} from {here.name} to {there.name}"
        missed = self.status and not _is_named(there, self.status)
        return f"{said}: there was no way to {self.status}." if missed else f"{said}."

    def no_way(self, ticket: str, here: Status, ways: Sequence[Transition]) -> str:
        """Say why the ticket cannot go there."""
        offered = ", ".join(way.to.name for way in ways) or "no way on"
        aim = self.status or f"a status that suits “{self.state}”"
        return f"{ticket} is in {here.name}, from where Jira offers {offered}, but not {aim}. Move it there by hand."

    @property
    def _kinds(self) -> Sequence[str]:
        return _SUITABLE.get(self.state, ())


def _is_named(status: Status, name: str) -> bool:
    return status.name.casefold() == name.casefold()
