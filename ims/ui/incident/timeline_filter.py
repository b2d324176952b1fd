"""Which entries of a timeline are looked at: pure, so that it can be tested without a page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ims.model import EntryKind, TimelineEntry


class Group(StrEnum):
    """What an entry is about, as people filter."""

    DECISIONS = "Decisions"
    TEAM = "Team"
    CUSTOMERS = "Customers"
    FINDINGS = "Findings"
    ALERTS = "Alerts"
    AFTERWARDS = "Afterwards"
    SYSTEM = "System"


_KINDS = {
    Group.DECISIONS: (
        EntryKind.DECLARED,
        EntryKind.ACKNOWLEDGED,
        EntryKind.ROLE_ASSIGNED,
        EntryKind.ROLES_CONFIRMED,
        EntryKind.IMPACT_SET,
        EntryKind.FREQUENCY_SET,
        EntryKind.SEVERITY_SET,
        EntryKind.SCOPE_CHANGED,
        EntryKind.HANDED_OVER,
        EntryKind.MITIGATED,
        EntryKind.RESOLVED,
        EntryKind.REOPENED,
        EntryKind.CLOSED,
        EntryKind.CANCELLED,
        EntryKind.STEP_DONE,
        EntryKind.STEP_WAIVED,
        EntryKind.DECISION_PROPOSED,
        EntryKind.DECIDED,
    ),
    Group.TEAM: (
        EntryKind.ASKED,
        EntryKind.ASK_ACKNOWLEDGED,
        EntryKind.ASK_SETTLED,
        EntryKind.CHANGE_MADE,
        EntryKind.CHANGE_SETTLED,
        EntryKind.RESPONDER_JOINED,
        EntryKind.RESPONDER_LEFT,
    ),
    Group.CUSTOMERS: (EntryKind.UPDATE_WRITTEN, EntryKind.UPDATE_DELIVERED, EntryKind.UPDATES_HELD),
    Group.FINDINGS: (
        EntryKind.NOTE,
        EntryKind.FINDING,
        EntryKind.REPLICATION,
        EntryKind.TEAM_INVOLVED,
        EntryKind.NO_TEAM_NEEDED,
    ),
    Group.ALERTS: (
        EntryKind.ALERT_ATTACHED,
        EntryKind.ALERT_RESOLVED,
        EntryKind.SILENCED,
        EntryKind.SILENCE_ENDED,
    ),
    Group.AFTERWARDS: (
        EntryKind.RCA_CREATED,
        EntryKind.RCA_READ,
        EntryKind.RCA_REFRESHED,
        EntryKind.RCA_IN_REVIEW,
        EntryKind.RCA_PUBLISHED,
        EntryKind.MEETING_PLANNED,
        EntryKind.MEETING_CALLED_OFF,
        EntryKind.MEETING_HELD,
        EntryKind.MEETING_WAIVED,
        EntryKind.FOLLOW_UP_ADDED,
        EntryKind.FOLLOW_UP_CHANGED,
        EntryKind.FOLLOW_UPS_FILED,
        EntryKind.FOLLOW_UP_CHECKED,
        EntryKind.HAPPENED_AGAIN,
    ),
}
_GROUP_OF = {kind: group for group, kinds in _KINDS.items() for kind in kinds}


def group_of(kind: EntryKind) -> Group:
    """Return the group of a kind of entry; what belongs to no other is the system's."""
    return _GROUP_OF.get(kind, Group.SYSTEM)


@dataclass(frozen=True)
class Wanted:
    """What to look at; what is empty leaves nothing out."""

    groups: Collection[str] = ()
    author: str | None = None
    text: str = ""

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.groups or self.author or self.text.strip())

    def takes(self, entry: TimelineEntry) -> bool:
        """Return whether an entry is looked at."""
        return (
            (not self.groups or group_of(entry.kind).value in self.groups)
            and (not self.author or entry.author == self.author)
            and self.text.strip().casefold() in entry.text.casefold()
        )


def select(entries: Sequence[TimelineEntry], wanted: Wanted, *, newest_first: bool) -> list[TimelineEntry]:
    """Return the entries to look at, in the order to read them; the entries come oldest first."""
    taken = [entry for entry in entries if wanted.takes(entry)]
    return taken[::-1] if newest_first else taken
